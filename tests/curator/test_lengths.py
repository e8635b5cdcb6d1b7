"""Lengths are told by quantiles that some trace really has, and by a histogram that loses none."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from curator.lengths import QUANTILES, Lengths, half_doublings

COUNTS = st.dictionaries(st.integers(0, 200_000), st.integers(1, 50), min_size=1)


def test_quantiles_of_a_few_traces() -> None:
    """Each is a length that occurs: ten traces of 10, 20, … 100 tokens."""
    lengths = Lengths(Counter(range(10, 101, 10)))
    expected = {"p10": 10, "p25": 30, "median": 50, "p75": 80, "p90": 90, "longest": 100}
    assert lengths.as_json() == {"candidates": 10, **expected}


@given(COUNTS)
def test_a_quantile_is_the_shortest_that_covers_its_share(counts) -> None:
    """At least so many traces stay within it, and fewer within any shorter one."""
    lengths = Lengths(counts)
    for percent in QUANTILES.values():
        found = lengths.quantile(percent)
        within = sum(number for tokens, number in counts.items() if tokens <= found)
        shorter = sum(number for tokens, number in counts.items() if tokens < found)
        assert found in counts
        assert shorter * 100 < percent * lengths.total <= within * 100


@given(st.integers(1, 10**9))
def test_a_bin_holds_what_its_edges_say(tokens: int) -> None:
    """Edges are powers of the square root of two, without rounding."""
    at = half_doublings(tokens)
    assert 2**at <= tokens**2 < 2 ** (at + 1)


@given(COUNTS)
def test_the_histogram_loses_no_trace(counts) -> None:
    """Empty traces are in the first bin."""
    assert Lengths(counts).histogram().total() == sum(counts.values())


def test_without_traces_nothing_is_claimed() -> None:
    """No length, rather than a length of zero."""
    lengths = Lengths({})
    assert (lengths.total, lengths.quantile(50), lengths.histogram()) == (0, None, Counter())
