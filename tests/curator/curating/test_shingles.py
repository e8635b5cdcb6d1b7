"""Runs of words as numbers: two texts share as many numbers as they share runs."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curator.curating.shingles import shingles

WORD = re.compile(r"[a-z0-9\x80-\u2e7f]+|[\u2e80-\U0010ffff]")
"""What a word is, said the slow way."""
TEXT = st.lists(
    st.sampled_from(["ab", "ba", "A", "b1", "é", "甲", "乙", "，", "𠀀", " ", "-", "\n", "\x00", "\ud800"]), max_size=40
)


def runs(text: str) -> set[tuple[str, ...]]:
    words = WORD.findall(text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def shared(one: str, other: str) -> int:
    return len(np.intersect1d(shingles(one), shingles(other)))


@given(TEXT.map("".join), TEXT.map("".join))
@example("xbc dey ghi", "ybc dex ghi")
@example("no", "")
def test_numbers_stand_for_runs_of_words(one: str, other: str) -> None:
    """As many distinct numbers as distinct runs, as many shared as shared; letters cannot change places unseen."""
    assert len(shingles(one)) == len(runs(one))
    assert shared(one, other) == len(runs(one) & runs(other))


def test_chinese_is_compared_by_characters() -> None:
    """One other character spares every run that does not hold it."""
    one, other = "先求出长方形的面积再除以二", "先求出长方形的周长再除以二"
    assert (len(shingles(one)), shared(one, other)) == (11, 7)


def test_english_is_compared_by_words() -> None:
    """Case, spaces and punctuation are no difference; another word is."""
    one = "So the total is 12, and then half."
    assert shared(one, "so THE total\n  is: 12 and - then (half)") == len(shingles(one)) == 6
    assert shared(one, "So the sum is 12, and then half.") == 3


@pytest.mark.parametrize("text", ["", "two words", "……"[:2], " .,; ", "一二"])
def test_a_text_too_short_has_no_run(text: str) -> None:
    """Nothing to compare is no fault."""
    assert len(shingles(text)) == 0


def test_a_loop_counts_once() -> None:
    """A phrase said a thousand times says no more than once around."""
    assert len(shingles("wait a moment " * 1000)) == 3
