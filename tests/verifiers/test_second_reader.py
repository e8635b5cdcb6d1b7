r"""math-verify speaks where our own reader is silent, and only its 'equal' counts."""

from __future__ import annotations

import pytest

from verifiers.math_equal import UnreadableError, equal
from verifiers.second_reader import says_equal

GOLD = r"F_n = \sum_{k=0}^{n-1} F_k F_{n-k-1}"


def test_it_reads_what_we_cannot() -> None:
    """A recurrence with a sum is beyond our reader, not beyond math-verify."""
    swapped = r"F_n = \sum_{k=0}^{n-1} F_{n-k-1} F_k"
    with pytest.raises(UnreadableError):
        equal(GOLD, swapped)
    assert says_equal(GOLD, swapped)
    assert not says_equal(GOLD, r"F_n = \sum_{k=0}^{n-2} F_k F_{n-k-2}")


def test_units_are_not_its_business() -> None:
    """math-verify drops units, so it is not asked where there are some."""
    assert not says_equal(r"15\text{ cm}^2", r"15\text{ cm}^3")


@pytest.mark.parametrize("text", ["", "the cat sat", "\\frac{", "天气很好"])
def test_what_nobody_can_read_is_never_equal(text: str) -> None:
    """Two unreadable texts are not equal for being unreadable, and nothing is raised."""
    assert not says_equal("42", text)
