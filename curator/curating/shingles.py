"""What a trace says, as a set of numbers: one for each run of words in it, so that traces compare fast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WORDS = 3
"""Words in a run: a phrase in English, about one and a half words in Chinese."""
Shingles = NDArray[np.uint64]
"""Distinct and sorted."""

_CJK = 0x2E80
"""From here on every character is a word of its own: Han, kana, hangul and their punctuation."""
_WHOLE = 64
"""Characters of a word that count with their place; of a longer one, the rest count without."""
_BETWEEN, _LETTER, _CHARACTER = 0, 1, 2
_KINDS = np.full(_CJK + 1, _LETTER, np.uint8)
_KINDS[:0x80] = [chr(code).isalnum() for code in range(0x80)]
_KINDS[_CJK] = _CHARACTER
_POWERS = np.cumprod(np.full(_WHOLE, 0x9E3779B97F4A7C15, np.uint64))
_NEXT = np.uint64(0xC2B2AE3D27D4EB4F)
"""None of `_POWERS`: with one of those, letters could change places between words unseen."""


def shingles(text: str) -> Shingles:
    """Return the runs of `WORDS` words that stand in `text`, hashed; a run that stands twice counts once.

    A word is a run of letters and digits, whatever their case, or one Chinese, Japanese or Korean character. ASCII
    punctuation only parts words. A text of fewer words has no run.

    Not covered: spellings of one thing (full-width digits, LaTeX) are different words here, and what is neither ASCII
    nor CJK counts as a letter. Two runs with one hash are taken for the same, once in about 10^19 pairs.
    """
    return np.unique(hash_runs(_words(text), WORDS))


def hash_runs(words: NDArray[np.uint64], length: int) -> NDArray[np.uint64]:
    """Hash every `length` words that follow each other, in order; fewer words have no run."""
    count = max(len(words) - length + 1, 0)
    runs = np.zeros(count, np.uint64)
    for at in range(length):
        runs = runs * _NEXT + words[at : at + count]
    return runs


def _words(text: str) -> Shingles:
    """Hash each word of a text, in order: the sum of its characters, each times a power that its place gives it."""
    codes = np.frombuffer(text.lower().encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _KINDS[np.minimum(codes, _CJK)]
    inside = np.zeros(len(codes), bool)
    inside[1:] = (kinds[1:] == _LETTER) & (kinds[:-1] == _LETTER)
    begins = (kinds != _BETWEEN) & ~inside
    heads = np.flatnonzero(begins)
    if not len(heads):
        return np.empty(0, np.uint64)
    places = np.arange(len(codes))
    places -= np.maximum.accumulate(np.where(begins, places, 0))
    values = codes * _POWERS[np.minimum(places, _WHOLE - 1)] * (kinds != _BETWEEN)
    hashed: Shingles = np.add.reduceat(values, heads)
    return hashed
