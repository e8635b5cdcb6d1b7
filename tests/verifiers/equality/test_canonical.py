"""One spelling of an expression: whatever order it was written in, and never another value."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifiers.equality.algebra.canonical import canonical
from verifiers.equality.algebra.numeric import USUAL, NoValueError
from verifiers.equality.algebra.syntax import read
from verifiers.equality.errors import NotReadError

ONE = [
    ("a+b+c", "c+a+b"),
    ("xy", "yx"),
    ("2(x+1)", "2x+2"),
    ("x+x", "2x"),
    ("x^2x^3", "x^5"),
    (r"\frac{x}{y}", "x/y"),
    (r"\sqrt{12}", r"2\sqrt{3}"),
    (r"\frac{1}{\sqrt{2}}", r"\frac{\sqrt{2}}{2}"),
    ("2^{1000000000000}", "4^{500000000000}"),
    ("9^{9^{9^9}}", r"3^{2\cdot 9^{9^9}}"),
    ("6^n", r"2^n\cdot 3^n"),
    ("e^{x+1}", r"e\cdot e^x"),
    ("1000000!/999999!", "1000000"),
    ("-(a-b)", "b-a"),
    (r"\sin(x+y)", r"\sin(y+x)"),
    ("0x", r"0\cdot x"),
]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_order_and_dress_make_no_difference(one: str, other: str) -> None:
    """Both texts have one canonical form."""
    assert canonical(read(one)) == canonical(read(other))


OTHER = [
    ("a-b", "b-a"),
    (r"\frac{0}{0}", "0"),
    (r"\sqrt{x^2}", "x"),
    ("x^{y^z}", "(x^y)^z"),
    (r"\sin(xy)", r"\sin(x)y"),
]


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_may_differ_keeps_forms_of_its_own(one: str, other: str) -> None:
    """Undefined values, even roots and towers are not simplified away."""
    assert canonical(read(one)) != canonical(read(other))


LEAVES = st.sampled_from(["x", "y", "2", "3", "12", r"\pi", "n!", r"\frac{1}{3}"])
EXPONENTS = st.sampled_from(["2", "-1", "3", r"\frac{1}{2}", "x"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from("+-*/"), part).map(lambda found: "({}{}{})".format(*found)),
        st.tuples(part, st.sampled_from(["2", "-1", "3", r"\frac{1}{2}", "x"])).map(
            lambda found: "({})^{{{}}}".format(*found)
        ),
        part.map(lambda found: rf"\sqrt{{{found}}}"),
    ),
    max_leaves=6,
)
POINT = {"x": Fraction(7, 5), "y": Fraction(11, 3), "n": Fraction(4)}


@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_the_canonical_form_has_the_value_of_the_expression_and_is_its_own(text: str) -> None:
    """No rule changes a value; nothing is left to rewrite in what was rewritten."""
    expression = read(text)
    form = canonical(expression)
    assert canonical(form) == form
    try:
        assert USUAL.near(USUAL.value(expression, POINT), USUAL.value(form, POINT))
    except NoValueError:
        return


@given(st.text(alphabet="xy123+-*/^(){}!", max_size=25))
@settings(max_examples=200, deadline=None)
def test_whatever_can_be_read_has_a_canonical_form(text: str) -> None:
    """No expression makes it fail."""
    try:
        canonical(read(text))
    except NotReadError:
        return
