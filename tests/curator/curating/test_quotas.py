"""Whole numbers in given shares: the rule behind mixes and test parts."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from curator.curating.quotas import apportion


def test_the_largest_remainders_get_what_is_left() -> None:
    """Of ten in 5 : 3 : 1 (5.6, 3.3, 1.1) the one left over goes to the first."""
    assert apportion(10, {"c": 1, "b": 3, "a": 5}) == {"c": 1, "b": 3, "a": 6}


def test_equal_remainders_go_by_name() -> None:
    """What order the parts came in decides nothing."""
    assert apportion(2, {"b": 1, "c": 1, "a": 1}) == apportion(2, {"a": 1, "b": 1, "c": 1}) == {"a": 1, "b": 1, "c": 0}


@given(st.integers(0, 10_000), st.dictionaries(st.text(), st.fractions(Fraction(1, 99), 99), min_size=1))
def test_shares_are_kept_within_one(total: int, weights: dict[str, Fraction]) -> None:
    """Everything is given out, and nobody is a whole one off."""
    given_out = apportion(total, weights)
    assert sum(given_out.values()) == total
    whole = sum(weights.values())
    assert all(abs(given_out[name] - total * weight / whole) < 1 for name, weight in weights.items())
