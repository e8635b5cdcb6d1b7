"""Numbers that nobody can write down: told apart by size and remainders, never worked out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifiers.equality.algebra import magnitude, modulus
from verifiers.equality.algebra.syntax import read

SIZES = [
    ("9^{9^{9^9}}", "5"),
    ("9^{9^{9^9}}", "9^{9^{9^8}}"),
    ("10^{10^{10}}", "10^{10^9}"),
    ("10^{-10^{12}}", "5"),
    (r"\frac{1}{(10^8)!}", "10^{-9}"),
    ("(10^{12})!", "(10^{12}+1)!"),
    ("((100!)!)!", "(100!)!"),
    (r"\binom{10^{12}}{5\cdot 10^{11}}", "10^{100}"),
    (r"\log_2(9^{9^{9^9}})", "5"),
    (r"\sum_{k=1}^{10^9}k^k", "10^6"),
    (r"\prod_{k=1}^{10^{10}}(k^2+1)", "5"),
    (r"\sqrt{10^{10^{10}}}", "10^{10^{9}}"),
    ("-10^{10^{10}}", "10^{10^{10}}"),
    ("2^{10^{12}}-3^{10^{12}}", "2^{10^{12}}"),
    ("e^{10^{10}}", "10^{10^{10}}"),
    ("10^{10^{10^{10^{10^{10}}}}}", "10^{10^{10^{10^{10}}}}"),
]


@pytest.mark.parametrize(("one", "other"), SIZES)
def test_different_sizes_tell_numbers_apart(one: str, other: str) -> None:
    """In either order, and never a number from itself."""
    left, right = read(one), read(other)
    assert magnitude.certainly_differ(left, right)
    assert magnitude.certainly_differ(right, left)
    assert not magnitude.certainly_differ(left, left)


NEIGHBOURS = [
    ("10^{10^{10}}", "10^{10^{10}}+1"),
    ("10^{10^{10^{10}}}", "10^{10^{10^{10}}}+7"),
    ("(10^9)!", "(10^9)!+1"),
    ("7^{7^{7^7}}", "7^{7^{7^7}}-2"),
    ("2^{10^{20}}-1", "2^{10^{20}}+1"),
    ("x^{1000000000}-1", "x^{1000000000}+1"),
    (r"\binom{10^{12}}{3}", r"\binom{10^{12}}{3}+1"),
]


@pytest.mark.parametrize(("one", "other"), NEIGHBOURS)
def test_remainders_tell_neighbours_apart(one: str, other: str) -> None:
    """Size cannot; a remainder by some prime can."""
    assert modulus.certainly_differ(read(one), read(other))
    assert not modulus.certainly_differ(read(one), read(one))


UNKNOWN = [r"\sin 10^{10^{10}}", "e^{10^{10}}-1", r"\frac{1}{0}", r"\sqrt{10^{10^{10}}}+1"]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_has_no_remainder_is_not_different_by_it(text: str) -> None:
    """No rule guesses."""
    assert not modulus.certainly_differ(read(text), read("2^{10^{12}}"))


def test_the_size_of_a_difference_of_two_huge_numbers_is_not_known() -> None:
    """What cancels may leave anything."""
    assert not magnitude.certainly_differ(read("10^{10^{10^{10}}}-10^{10^{10^{10}}}"), read("5"))


NUMBERS = st.recursive(
    st.integers(1, 12).map(str),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from(["+", r"\cdot "]), part).map(lambda found: "({}{}{})".format(*found)),
        st.tuples(part, part).map(lambda found: "({})^{{{}}}".format(*found)),
    ),
    max_leaves=5,
)


@given(NUMBERS)
@settings(max_examples=200, deadline=None)
def test_a_number_never_differs_from_its_other_spelling(text: str) -> None:
    """Towers of any height: half of twice the number, and the square root of its square, are the number."""
    number = read(text)
    for spelling in (rf"\frac{{2\cdot({text})}}{{2}}", rf"\sqrt{{({text})^2}}", f"({text})^{{1}}+0"):
        assert not magnitude.certainly_differ(number, read(spelling))
        assert not modulus.certainly_differ(number, read(spelling))
