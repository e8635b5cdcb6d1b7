"""Exact values: worked out while they are small, and left alone when they are not."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.equality.algebra.exact import exact, nth_root
from verifiers.equality.algebra.syntax import read


def value(text: str) -> Fraction | None:
    """Return what a text is worth."""
    return exact(read(text))


def test_rational_arithmetic_stays_exact() -> None:
    """No digit is lost: a sum of thirds is 1, and a hair more than 1 is not 1."""
    assert value(r"\frac{1}{3}+\frac{1}{3}+\frac{1}{3}") == 1
    assert value("1+10^{-400}") != 1


@pytest.mark.parametrize(
    "text",
    [
        r"\sqrt{2}",
        r"\pi",
        "x",
        r"\sin 1",
        r"\frac{1}{0}",
        "0^{-1}",
        r"\log_2 3",
        r"\lg 2",
        r"\sqrt{-4}",
        "(1/2)!",
        r"\sum_{k=1}^{9}\sin k",
    ],
)
def test_what_is_not_rational_has_no_exact_value(text: str) -> None:
    """Irrational, undefined and unknown are one: not for this rule."""
    assert value(text) is None


def test_large_numbers_are_worked_out_to_their_last_digit() -> None:
    """2^1000000, 5000! and a binomial of 100000 are numbers like others."""
    assert value("2^{1000000}-4^{500000}") == 0
    assert value("5000!") == math.factorial(5000)
    assert value(r"\binom{100000}{99998}") == 4_999_950_000


@pytest.mark.parametrize(
    "text",
    [
        "9^{9^{9^9}}",
        "(10^9)!",
        "((100!)!)!",
        r"\binom{10^{12}}{5\cdot 10^{11}}",
        r"\sum_{k=1}^{10^9}k^k",
        "2^{10^{12}}",
    ],
)
def test_huge_numbers_are_left_to_others(text: str) -> None:
    """What would fill the memory is not even begun."""
    assert value(text) is None


def test_powers_of_one_and_minus_one_are_never_huge() -> None:
    """Only the parity of the exponent counts."""
    assert value("(-1)^{10^{50}+1}") == -1
    assert value("1^{10^{50}}") == 1


def test_sums_and_integrals_of_polynomials_have_closed_forms() -> None:
    """A billion terms, or a degree of a hundred thousand, are no work."""
    assert value(r"\sum_{k=1}^{10^9}k") == Fraction(10**9 * (10**9 + 1), 2)
    assert value(r"\sum_{k=1}^{1000000}(2k-1)") == 10**12
    assert value(r"\int_0^1 x^{100000}dx") == Fraction(1, 100001)


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=1000), st.integers(1, 9))
def test_roots_undo_powers(base: Fraction, degree: int) -> None:
    """The n-th root of an n-th power is its base, up to the sign of even ones; one more has no rational root."""
    root = nth_root(base**degree, degree)
    assert root == (base if degree % 2 else abs(base))
    assert degree == 1 or base == 0 or nth_root(2 * base**degree, degree) is None


@given(st.fractions(min_value=2, max_value=50, max_denominator=20), st.integers(-8, 8), st.integers(1, 6))
def test_logarithms_undo_powers(base: Fraction, top: int, bottom: int) -> None:
    """The logarithm of b^p to the base b^q is p/q."""
    number, of = (rf"(\frac{{{power.numerator}}}{{{power.denominator}}})" for power in (base**top, base**bottom))
    assert value(rf"\log_{{{of}}}{number}") == Fraction(top, bottom)
