"""Answers in words, with units, times and hedges; the table is `tests/cases/math_words.tsv`."""

from __future__ import annotations

import contextlib
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import assert_linear
from verifiers.equality.decide import equal
from verifiers.equality.errors import TooLargeError, UnreadableError
from verifiers.equality.quantities.times import MONTHS, same_time
from verifiers.equality.synonyms import MEANING
from verifiers.equality.words import HEDGE, same_words, worded

TABLE = Path(__file__).parents[2] / "cases" / "math_words.tsv"
CASES = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize(("gold", "answer", "outcome", "why"), CASES, ids=[f"{c[3]}: {c[1]}" for c in CASES])
def test_table(gold: str, answer: str, outcome: str, why: str) -> None:
    """Each row of the table holds."""
    with contextlib.suppress(TooLargeError, UnreadableError):
        assert equal(gold, answer) == (outcome == "accept"), why
        return
    assert outcome == "reject", why  # what cannot be read is not accepted


@pytest.mark.parametrize("gold", sorted({case[0] for case in CASES}))
def test_every_gold_answers_itself(gold: str) -> None:
    """A gold passes its own verifier, also as inline mathematics and with a full stop."""
    assert equal(gold, rf"\( {gold} \).")


@given(st.sampled_from(sorted(MEANING)), st.sampled_from(sorted(MEANING)))
@settings(max_examples=300)
def test_words_are_one_only_by_their_meaning(left: str, right: str) -> None:
    """Words of one line are one answer, in either direction; words of two lines never are."""
    assert same_words(left, right) == same_words(right, left) == (MEANING[left] == MEANING[right])


def test_no_word_stands_in_two_lines() -> None:
    """A word has one meaning: the later line would silently win."""
    lines = {meaning: {word for word, other in MEANING.items() if other == meaning} for meaning in MEANING.values()}
    assert len(lines) == max(MEANING.values()) + 1
    assert not any(left & right for left, right in combinations(lines.values(), 2))


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_is_itself_in_every_spelling(hour: int, minute: int) -> None:
    """Twelve and twenty-four hours, English and Chinese are one time; a minute later is another."""
    half, part, twelve = "pm" if hour > 11 else "am", "下午" if hour > 11 else "凌晨", hour % 12 or 12
    spellings = [
        f"{twelve}:{minute:02} {half}", f"{twelve}:{minute:02} {half[0]}.m", f"{part}{twelve}点{minute}分",
        f"{part}{twelve}:{minute:02}", f"{part}{twelve}时{minute}分",
    ]  # fmt: skip
    assert all(same_time(left, right) for left in spellings for right in spellings)
    assert same_time(spellings[0], f"{twelve}:{(minute + 1) % 60:02} {half}") is False


@given(st.integers(1, 12), st.integers(1, 28), st.integers(1900, 2099))
def test_a_date_is_itself_in_every_spelling(month: int, day: int, year: int) -> None:
    """Order, language and a missing year change nothing; the next day is another."""
    name = MONTHS[month - 1].title()
    spellings = [
        f"{name} {day}", f"{day} {name}", f"{name[:3]}. {day}", f"{month}月{day}日", f"{year}年{month}月{day}号",
        f"{name} {day}, {year}", f"{year}-{month:02}-{day:02}",
    ]  # fmt: skip
    assert all(same_time(left, right) for left in spellings for right in spellings)
    assert same_time(spellings[0], f"{name} {day + 1}") is False


@pytest.mark.parametrize(
    ("gold", "answer"), [("3:30", "1:10"), ("2:3", "4:6"), ("5", "noon"), ("12", "12点"), ("5", "x")]
)
def test_a_ratio_is_no_time(gold: str, answer: str) -> None:
    """Where nothing says that it is a time, times are silent."""
    assert same_time(gold, answer) is None


@pytest.mark.parametrize("text", ["5", r"\frac{1}{2}", "12种不同的方法", r"0.333\ldots", "公约数5", "iff", "note"])
def test_a_plain_answer_is_no_hedge(text: str) -> None:
    """Words that merely hold a hedge's letters leave nothing open."""
    assert not HEDGE.search(text)


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=150)
def test_any_two_texts_are_compared(gold: str, answer: str) -> None:
    """No text whatever makes it raise."""
    assert same_words(gold, answer) in {True, False, None}
    assert worded(gold) in {True, False}


@pytest.mark.parametrize(
    "piece", ["a ", "是", "and ", "not ", "3:", "五点", "5 \\ldots", "the ", "约", "若", "...", "12"]
)
def test_a_long_text_is_compared_in_linear_time(piece: str) -> None:
    """Hostile repetition costs no more than its length."""
    assert_linear(lambda text: (same_words(text, text + "x"), HEDGE.search(text)), piece, 20_000)
