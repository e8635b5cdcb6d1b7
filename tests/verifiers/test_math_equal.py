"""Equality of mathematical answers, case by case; the table is `tests/cases/math_equal.tsv`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifiers.guard import TooLargeError, UnreadableError
from verifiers.math_equal import equal

TABLE = Path(__file__).parents[1] / "cases" / "math_equal.tsv"
CASES = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
NUMBERS = st.integers(-50, 50).map(str) | st.fractions(max_denominator=20).map(str)


@pytest.mark.parametrize(("gold", "answer", "outcome", "why"), CASES, ids=[f"{c[3]}: {c[1]}" for c in CASES])
def test_table(gold: str, answer: str, outcome: str, why: str) -> None:
    """Each row of the table holds."""
    assert equal(gold, answer) is (outcome == "accept"), why


@pytest.mark.parametrize("gold", sorted({case[0] for case in CASES}))
def test_every_gold_answers_itself(gold: str) -> None:
    """`curator check` can trust that a gold passes its own verifier."""
    assert equal(gold, gold)


@given(st.lists(NUMBERS, min_size=1, max_size=4, unique=True), st.randoms())
@settings(max_examples=40)
def test_solutions_come_in_any_order(values: list[str], random: object) -> None:
    """A shuffled list of solutions is the same answer; a shorter one is not."""
    shuffled = list(reversed(values))
    assert equal(", ".join(values), " 或 ".join(shuffled))
    assert len(values) == 1 or not equal(", ".join(values), shuffled[0])


@given(NUMBERS, NUMBERS)
@settings(max_examples=60)
def test_equality_has_no_direction(left: str, right: str) -> None:
    """For numbers it does not matter which side is the gold."""
    assert equal(left, right) == equal(right, left)


@given(st.text(alphabet=r"0123456789\frac{}()[]^_+-=<>,x或 %", max_size=14))
@settings(max_examples=80, deadline=None)
def test_noise_never_breaks(text: str) -> None:
    """Any short text is equal, different, unreadable or too large; nothing else is raised."""
    with contextlib.suppress(UnreadableError, TooLargeError):
        assert equal("7", text) in {True, False}


def test_tolerance_is_for_numbers_that_ask_for_it() -> None:
    """A problem with a tolerance takes an approximation, another does not."""
    assert equal("3.14", "3.1416", 0.01)
    assert equal(r"\pi", "3.1416", 0.01)
    assert not equal("3.14", "3.2", 0.01)
    assert not equal(r"\pi", "3.1416")


@pytest.mark.parametrize(
    "bomb",
    [r"9^{9^{9^9}}", r"10^{10^{12}}", r"(10^{9})!", "((50!)!)!", r"\binom{10^{12}}{7}", r"\sum_{k=1}^{10^{9}} k^k",
     "(" * 90 + "x" + ")" * 90, "+".join(["x"] * 3_000), r"10^{-10^{12}}", r"\frac{1}{(10^8)!}"],
)  # fmt: skip
def test_bombs_are_refused_not_rejected(bomb: str) -> None:
    """What is too large to evaluate is neither right nor wrong, and is recognised at once."""
    with pytest.raises(TooLargeError):
        equal("7", bomb)


@pytest.mark.parametrize(("gold", "answer", "side"), [(r"\frac{1}{", "7", "gold"), ("7", r"\frac{1}{", "answer")])
def test_unreadable_side_is_named(gold: str, answer: str, side: str) -> None:
    """A broken gold is the problem's fault, a broken answer the candidate's."""
    with pytest.raises(UnreadableError) as caught:
        equal(gold, answer)
    assert caught.value.text == side
