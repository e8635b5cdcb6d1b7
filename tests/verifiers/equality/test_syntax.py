"""Reading notation: what a text means, told by its value, and what is none of it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import assert_linear
from verifiers.equality.algebra.exact import exact
from verifiers.equality.algebra.expression import unknowns, variables
from verifiers.equality.algebra.numeric import USUAL, constant
from verifiers.equality.algebra.syntax import read
from verifiers.equality.errors import NotReadError

EXACT = {
    r"2\frac{1}{2}": Fraction(5, 2),
    r"2\frac{3}{2}": 3,
    r"\frac12": Fraction(1, 2),
    r"\frac{1}{2}\frac{1}{3}": Fraction(1, 6),
    r"\frac123": Fraction(3, 2),
    r"1,234.5": Fraction(2469, 2),
    r"0.1\overline{6}": Fraction(1, 6),
    r"-2^2": -4,
    r"2^{-1}": Fraction(1, 2),
    r"2^-1": Fraction(1, 2),
    r"2^10": 1024,
    r"2^{3^2}": 512,
    r"\sqrt[3]{-8}": -2,
    r"\sqrt 9": 3,
    r"\sqrt16": 6,
    r"\surd 16": 4,
    r"8^{2/3}": 4,
    r"5!": 120,
    r"6!!": 48,
    r"C_5^2": 10,
    r"C^2_5": 10,
    r"\binom{5}{2}": 10,
    r"A_5^2": 20,
    r"|3-|2-7||": 2,
    r"2|-3|": 6,
    r"\lfloor -3.5\rfloor+\lceil 1.2\rceil": -2,
    r"\log_2 8": 3,
    r"\log_{4}8": Fraction(3, 2),
    r"\lg 100": 2,
    r"\sum_{k=1}^{10}k^2": 385,
    r"\sum_{k=1}^{10}k+1": 56,
    r"\prod_{k=1}^{5} k": 120,
    r"\int_0^1 x^2 dx": Fraction(1, 3),
    r"\int_{-1}^{2}(x^3-2x)\,dx".replace(r"\,", " "): Fraction(3, 4),
    r"\max(2, 7, 5)": 7,
    r"\gcd(12, 18)": 6,
    r"50%": Fraction(1, 2),
    r"1/2\times 4": 2,
    r"6/2(1+2)": 9,
    r"2 \cdot -3": -6,
    "((((7))))": 7,
}


@pytest.mark.parametrize(("text", "value"), EXACT.items(), ids=EXACT)
def test_notation_has_one_value(text: str, value: Fraction | int) -> None:
    """What models write is read as mathematicians read it."""
    assert exact(read(text)) == value


REAL = {
    r"\sin 30^\circ": "0.5",
    r"\sin\frac{\pi}{6}": "0.5",
    r"\cos\pi/3": "0.5",
    r"\sin^2 30^\circ": "0.25",
    r"\sin^{-1} 0.5 \cdot 6": "3.14159265358979323846",
    r"\ln e^2": "2",
    r"\sin \frac{\pi}{2} \cos 0": "1",
    r"e^{0}": "1",
}


@pytest.mark.parametrize(("text", "value"), REAL.items(), ids=REAL)
def test_functions_take_the_argument_that_is_meant(text: str, value: str) -> None:
    """Arguments without brackets end where a reader ends them."""
    found = constant(read(text))
    assert found is not None
    assert abs(found - USUAL.mp.mpf(value)) < 1e-15


SAME = [
    ("1/2x", r"\frac{1}{2}x"),
    ("1/xy", r"\frac{1}{xy}"),
    (r"\sin 2x\cos x", r"\sin(2x)\cdot\cos(x)"),
    (r"x(x+1)", r"x^2+x"),
    (r"\overline{2+3i}", "2-3i"),
    (r"\sqrt x y", r"y\sqrt{x}"),
    (r"2\pi r", r"r\pi 2"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_notations_of_one_expression(one: str, other: str) -> None:
    """At a point, both have one value."""
    point = {name: Fraction(7, 5) + index for index, name in enumerate("rxy")}
    assert USUAL.near(*(USUAL.value(read(text), point) for text in (one, other)))


def test_names_are_told_apart() -> None:
    """Indices and marks make names; f(x) is no product, x(y) is one; a bound variable is nobody's."""
    assert unknowns(read(r"x_1+x_{12}+\vec{a}+\alpha'")) == {"x_1", "x_12", r"\vec" + "a", "alpha'"}
    assert variables(read("f(x)")) == {"x"}
    assert variables(read("r(x)")) == {"r", "x"}
    assert variables(read(r"\sum_{k=1}^{n}k")) == {"n"}


NOT_READ = [
    "",
    "2 3",
    "x=1",
    "1<2",
    r"\lim_{x\to 0}x",
    "(1",
    "1)",
    "{2",
    r"\frac{1}",
    "1,2",
    "苹果",
    r"\pm 2",
    "2^",
    "|x",
    "answers",
]


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_no_expression_is_refused(text: str) -> None:
    """A relation, a list, half a formula or a word is none."""
    with pytest.raises(NotReadError):
        read(text)


@given(st.text(alphabet=r"0123x\{}()[]|^_+-*/!%.,frac sqrtdintsum\lgoe=", max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_the_reader_fail(text: str) -> None:
    """Any text is an expression or is refused."""
    try:
        read(text)
    except NotReadError:
        return


def test_reading_takes_time_in_proportion() -> None:
    """Long sums, nested brackets and unclosed ones cost no more per sign than short ones."""
    for piece in ("x+1+", "(x+1)", r"\frac{1}{2}+", "((((((((", "|x|", "x^"):
        assert_linear(_try, piece, 20_000)


def _try(text: str) -> None:
    try:
        read(text)
    except NotReadError:
        return
