"""Equality of mathematical answers, case by case; the tables are `tests/cases/math_*.tsv`."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifiers.equality.decide import equal
from verifiers.equality.errors import TooLargeError, UnreadableError

TABLES = Path(__file__).parents[2] / "cases"


def rows_of(table: str) -> list[list[str]]:
    """Read a table of gold, answer, outcome and why."""
    lines = (TABLES / table).read_text("utf-8").split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


CASES = rows_of("math_equal.tsv")
BY_KIND = [(language, row) for language in ("english", "chinese") for row in rows_of(f"math_{language}.tsv")]
NUMBERS = st.integers(-50, 50).map(str) | st.fractions(max_denominator=20).map(str)


@pytest.mark.parametrize(("gold", "answer", "outcome", "why"), CASES, ids=[f"{c[3]}: {c[1]}" for c in CASES])
def test_table(gold: str, answer: str, outcome: str, why: str) -> None:
    """Each row of the table holds."""
    assert outcome_of(gold, answer) == outcome, why


def outcome_of(gold: str, answer: str) -> str:
    """Say in the table's words what comes of a comparison."""
    try:
        return "accept" if equal(gold, answer) else "reject"
    except TooLargeError:
        return "too large"
    except UnreadableError:
        return "unreadable"


@pytest.mark.parametrize(("language", "kind"), sorted({(language, row[3]) for language, row in BY_KIND}))
def test_each_kind_of_answer_in_both_languages(language: str, kind: str) -> None:
    """Golds and answers as data sets and models write them: what is right is accepted, and nothing else."""
    rows = [row for of, row in BY_KIND if of == language and row[3] == kind]
    assert [row for row in rows if (outcome_of(row[0], row[1]) == "accept") != (row[2] == "accept")] == []


@pytest.mark.parametrize("gold", sorted({case[0] for case in CASES}))
def test_every_gold_answers_itself(gold: str) -> None:
    """`curator check` can trust that a gold passes its own verifier, also with the dress that models add."""
    assert equal(gold, gold)
    assert equal(gold, rf"\( {gold} \).")


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=500))
@settings(max_examples=60)
def test_a_rational_is_itself_in_every_spelling(value: Fraction) -> None:
    """Plain, LaTeX, unreduced, mixed and Chinese fractions are one number, and its neighbours are others."""
    sign, (top, bottom) = "-" if value < 0 else "", abs(value).as_integer_ratio()
    spellings = [
        f"{sign}{top}/{bottom}", rf"{sign}\frac{{{top}}}{{{bottom}}}", rf"\dfrac{{{sign}{3 * top}}}{{{3 * bottom}}}",
        rf"{sign}{top // bottom}\frac{{{top % bottom}}}{{{bottom}}}", f"{'负' if sign else ''}{bottom}分之{top}",
    ]  # fmt: skip
    assert all(equal(left, right) for left in spellings for right in spellings)
    assert not equal(spellings[0], str(value + Fraction(1, 500**2)))


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=3, allow_nan=False))
@settings(max_examples=60)
def test_a_decimal_is_itself_in_every_spelling(value: Decimal) -> None:
    """Trailing zeros, separators, full-width digits and percent change nothing; one more in the last place does."""
    plain = f"{value:f}"
    wide = plain.translate({ord(sign): chr(ord(sign) + 0xFEE0) for sign in "0123456789.-"})
    percent = f"{value * 100:f}\\%"
    assert all(equal(plain, other) for other in (plain + "00", f"{value:,f}", wide, percent))
    assert not equal(plain, str(Fraction(plain) + Fraction(1, 1000)))


EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "y", "2", "7", r"\pi", r"\sqrt{3}"]),
    lambda part: st.tuples(part, st.sampled_from("+-*"), part).map(lambda found: "({}{}{})".format(*found)),
    max_leaves=4,
)


@given(EXPRESSIONS, EXPRESSIONS)
@settings(max_examples=40, deadline=None)
def test_expressions_obey_algebra(left: str, right: str) -> None:
    """A sum may be turned around and a factor spelled twice; adding one is always another value."""
    assert equal(f"{left}+{right}", f"{right}+{left}")
    assert equal(f"2*{left}", f"{left}+{left}")
    assert not equal(left, f"{left}+1")


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


ATOMS = st.sampled_from(
    ["1", "-2", r"\frac{1}{3}", r"\sqrt{2}", "x", "2y", r"\pi", "0.5", "x^2", r"\sin x", "10^{10^{10}}", "n!"]
)
SIMPLE = st.lists(ATOMS, min_size=1, max_size=3).map("+".join)
WRITTEN = st.one_of(
    SIMPLE,
    st.lists(SIMPLE, min_size=2, max_size=4, unique=True).map(lambda parts: rf"\{{{','.join(parts)}\}}"),
    st.lists(SIMPLE, min_size=2, max_size=3).map(lambda parts: f"({','.join(parts)})"),
    st.tuples(st.sampled_from("(["), st.integers(-5, 0), st.integers(1, 5), st.sampled_from(")]")).map(
        lambda parts: "{}{},{}{}".format(*parts)
    ),
)
EQUATIONS = st.tuples(SIMPLE, SIMPLE).map("=".join)


@given(st.one_of(WRITTEN, EQUATIONS))
@settings(max_examples=120, deadline=None)
def test_equality_is_reflexive(text: str) -> None:
    """Every expression, set, tuple, interval and equation is itself, also where spelling alone does not show it."""
    assert equal(text, text)
    assert equal(text, rf"$\displaystyle {text.replace('+', ' + ').replace(',', ' , ')}$.")


@given(st.one_of(st.tuples(WRITTEN, WRITTEN), st.tuples(EQUATIONS, EQUATIONS)))
@settings(max_examples=150, deadline=None)
def test_equality_is_symmetric(pair: tuple[str, str]) -> None:
    """Neither side is special, and what cannot be told cannot be told either way."""
    one, other = pair
    assert (outcome_of(one, other) == "accept") == (outcome_of(other, one) == "accept")


@given(st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_two_texts_are_compared(gold: str, answer: str) -> None:
    """Whatever a data set or a model writes, in any script, only the two errors are raised."""
    assert outcome_of(gold, answer) in {"accept", "reject", "unreadable", "too large"}


def test_tolerance_is_for_numbers_that_ask_for_it() -> None:
    """A problem with a tolerance takes an approximation, another does not."""
    assert equal("3.14", "3.1416", 0.01)
    assert equal(r"\pi", "3.1416", 0.01)
    assert not equal("3.14", "3.2", 0.01)
    assert not equal(r"\pi", "3.1416")


@pytest.mark.parametrize(
    "bomb",
    ["9^{9^{9^9}}", "10^{10^{12}}", "(10^{9})!", "((50!)!)!", r"\binom{10^{12}}{7}",
     "(" * 90 + "x" + ")" * 90, "+".join(["x"] * 3_000), "10^{-10^{12}}", r"\frac{1}{(10^8)!}"],
)  # fmt: skip
def test_bombs_are_decided_without_being_evaluated(bomb: str) -> None:
    """Size, remainders and structure tell what nobody could work out: it is not 7, and it is itself."""
    assert not equal("7", bomb)
    assert not equal(f"{bomb}+1", bomb)
    assert equal(f"0+{bomb}", f"1\\cdot({bomb})")


@pytest.mark.parametrize("bomb", [r"\sum_{k=1}^{10^{9}} k^k", r"\sin(10^{10^{10}})", r"\log_2(9^{9^{9^9}})"])
def test_what_no_rule_can_tell_is_refused_not_rejected(bomb: str) -> None:
    """A huge number that has no remainders, and the next one: neither right nor wrong."""
    assert equal(f"0+{bomb}", f"1\\cdot({bomb})")
    with pytest.raises(TooLargeError):
        equal(f"{bomb}+1", bomb)


@pytest.mark.parametrize(("gold", "answer", "side"), [(r"\frac{1}{", "7", "gold"), ("7", r"\frac{1}{", "answer")])
def test_unreadable_side_is_named(gold: str, answer: str, side: str) -> None:
    """A broken gold is the problem's fault, a broken answer the candidate's."""
    with pytest.raises(UnreadableError) as caught:
        equal(gold, answer)
    assert caught.value.text == side
