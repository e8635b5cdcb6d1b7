"""Sets of real numbers are one set in every notation; the table is `tests/cases/math_sets.tsv`."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import assert_linear
from verifiers.equality.decide import equal
from verifiers.equality.normalise import normalise
from verifiers.equality.sets.real_line import EMPTY, REALS, RealSet, interval, points
from verifiers.equality.sets.real_sets import LONGEST, same_set

TABLE = Path(__file__).parents[2] / "cases" / "math_sets.tsv"
CASES = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def same(gold: str, answer: str) -> bool | None:
    """Compare as the verifier does: normalised first."""
    return same_set(normalise(gold), normalise(answer))


@pytest.mark.parametrize(("gold", "answer", "outcome", "why"), CASES, ids=[f"{c[3]}: {c[1]}" for c in CASES])
def test_table(gold: str, answer: str, outcome: str, why: str) -> None:
    """Each row of the table holds, and never is its opposite told the other way round."""
    assert equal(gold, answer) == (outcome == "accept"), why
    assert same(answer, gold) in {outcome == "accept", None}


LOW, HIGH = st.integers(-9, 0), st.integers(1, 9)


@given(LOW, HIGH, st.booleans(), st.booleans())
@settings(max_examples=16, deadline=None)
def test_an_interval_is_itself_in_every_notation(low: int, high: int, low_in: bool, high_in: bool) -> None:
    """Interval, chain in both directions, absolute value, builder, Chinese and English name one set."""
    opening, closing = "(["[low_in], ")]"[high_in]
    chain = f"{low} {'≤' if low_in else '<'} x {'≤' if high_in else '<'} {high}"
    texts = [
        chain, rf"\{{x\mid {chain}\}}", rf"x\in\left{opening}{low},{high}\right{closing}",
        f"{high} {'≥' if high_in else '>'} x {'≥' if low_in else '>'} {low}",
        f"x{'大于等于' if low_in else '大于'}{low}且{'不大于' if high_in else '小于'}{high}",
        f"x is {'at least' if low_in else 'greater than'} {low} and x {'<=' if high_in else '<'} {high}",
    ]  # fmt: skip
    assert all(same(left, right) for left in texts for right in [*texts, f"{opening}{low},{high}{closing}"])
    flipped = f"{'[('[low_in]}{low},{high}{closing}"
    assert not any(same(left, flipped) for left in texts)


@given(LOW, HIGH, st.sampled_from(["<", ">", r"\le", r"\ge"]))
@settings(max_examples=30, deadline=None)
def test_a_linear_inequality_is_its_solution(slope: int, value: int, sign: str) -> None:
    """A negative slope turns the sign; moving the end, or forgetting to turn, gives another set."""
    slope -= 1
    turned = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}[sign]
    text = rf"{slope}x + 5 {sign} {slope * value + 5}"
    assert same(text, f"x {turned} {value}")
    assert not same(text, f"x {sign} {value}")
    assert not same(text, f"x {turned} {value + 1}")


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=4, unique=True))
@settings(max_examples=12, deadline=None)
def test_holes_are_holes_in_every_notation(holes: list[int]) -> None:
    """The line without some numbers is a difference, a list of exceptions, conditions, or a union of what is left."""
    listed, cuts = ", ".join(map(str, holes)), [r"-\infty", *map(str, sorted(holes)), r"\infty"]
    texts = [
        rf"\mathbb{{R}}\setminus\{{{listed}\}}", f"all real numbers except {listed}", f"除{listed}以外的所有实数",
        f"x ≠ {listed}", " and ".join(f"x ≠ {hole}" for hole in holes), " 且 ".join(f"x≠{hole}" for hole in holes),
        r"\cup".join(f"({low},{high})" for low, high in pairwise(cuts)),
    ]  # fmt: skip
    assert all(same(left, right) for left in texts for right in texts)
    assert not any(same(text, rf"\mathbb{{R}}\setminus\{{{listed}, 10\}}") for text in texts)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("(1,2)", "(2,1)"), (r"\{1,2\}", "1, 2"), ("x=1,y=2", "(1,2)"), ("5", "x>5"), ("(a,2a)", "(a,a+a)"), ("", "(0,1)"),
     (r"x=k\pi, k\in\mathbb{Z}", r"k\pi"), ("x>1, y>2", "x>1, y>2"), ("x^2+y^2<1", "(0,1)"), ("(a,b)", r"\{a,b\}"),
     (r"x \in \mathbb{Z}", r"\mathbb{Z}"), (r"\{x\in\mathbb{Z} | x>2\}", "x>2"), (r"\{x\in N | x<2\}", r"\{1\}")],
)  # fmt: skip
def test_what_may_be_no_set_is_left_to_others(gold: str, answer: str) -> None:
    """Points, lists, families over the integers and sets in the plane are none of our business."""
    assert same(gold, answer) is None


@given(st.sampled_from("abkm"), st.integers(2, 5))
@settings(max_examples=20, deadline=None)
def test_letters_stand_for_any_number(letter: str, factor: int) -> None:
    """Ends that are equal expressions are one end; another factor or letter is another end."""
    gold = f"[{letter}, {factor}{letter})"
    assert same(gold, rf"{letter} \le x < {letter} + {factor - 1}{letter}")
    assert not same(gold, f"[{letter}, {factor + 1}{letter})")
    assert not same(gold, f"[c, {factor}c)")


GRID = st.integers(-8, 8).map(lambda number: Fraction(number, 2))
SAMPLES = [Fraction(number, 4) for number in range(-20, 21)]
PIECES = st.builds(
    lambda low, high, low_in, high_in: interval(low, high, low_in=low_in, high_in=high_in),
    GRID, GRID, st.booleans(), st.booleans(),
)  # fmt: skip
HALVES = GRID.map(lambda end: interval(-math.inf, end)) | GRID.map(lambda end: interval(end, math.inf, low_in=True))
SETS = st.lists(PIECES | HALVES | GRID.map(lambda end: points([end])), max_size=4).map(
    lambda parts: reduce(RealSet.__or__, parts, EMPTY)
)


@given(SETS, SETS)
def test_sets_obey_their_algebra(left: RealSet, right: RealSet) -> None:
    """Each operation holds number by number, de Morgan's law too; sets are equal when their members are."""
    for value in SAMPLES:
        assert (value in left | right) == (value in left or value in right)
        assert (value in left & right) == (value in left and value in right)
        assert (value in left - right) == (value in left and value not in right)
    assert REALS - (left | right) == (REALS - left) & (REALS - right)
    assert left | left == left & left == REALS - (REALS - left) == left
    assert (left == right) == all((value in left) == (value in right) for value in SAMPLES)


@given(
    st.text(alphabet=r"()[]{}\<>=|,:;xyae0123. +-/^大于且或不R", max_size=25), st.sampled_from([c[0] for c in CASES])
)
@settings(max_examples=150, deadline=None)
def test_noise_is_no_set_and_breaks_nothing(text: str, gold: str) -> None:
    """Whatever is written, the answer is yes, no or cannot tell, and the same in both directions if it is told."""
    forth, back = same_set(gold, text), same_set(text, gold)
    assert forth == back or None in {forth, back}
    assert same_set(text, text) in {True, None}


@pytest.mark.parametrize(
    "piece",
    ["(", "[(", "x:", "x|", r"\{x|", r"x\in ", "x=", r"(1,2)\cup ", "x<", "x>1 or ", "(x>1 or ", "-", "2(", "|x",
     "1,", "即", "except 1, ", "大于", r"\ne 1,", r"\setminus", "x(x<"],
)  # fmt: skip
def test_time_grows_with_the_text(piece: str) -> None:
    """Neither nesting nor repetition makes a text expensive, up to the length that is read at all."""
    assert_linear(lambda text: same_set("x>2", text), piece, LONGEST)
