"""Which problems are benchmark problems: copies, whole or in parts, found by the runs of words that they share.

A problem matches a row

- when the shorter of the two has no run of its own: a copy, whatever is written around it, or a part of one;
- when they share `SHARE` of the shorter one, and no shared phrase has another number in it: half a row inside a longer
  text, a copy with some words changed.

Phrases that more than `STOCK` rows have (instructions, templates) are stock and count for nothing; those that more
than `STOCK` problems have count only where the shorter text is found whole. Equal texts match whatever they say.

Source: runs of 13 words are the evidence of contamination in GPT-3's paper, of 8 in Open-R1.

Not covered: paraphrases, translations, traditional against simplified characters; a copy with another number, which
is taken for another problem of the same template; halves of rows of fewer than about 24 words, and of rows whose half
more than `STOCK` rows share; drawings whose signs are no words. A phrase that only one row and few problems have makes
a match, if it is long: the second sentence of two exercises of one book.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from curator.curating.runs import RUN, Index, Mask, Words
from curator.escape import one_line

SHARE = 0.4
"""How much of the shorter text is to be shared where both have runs of their own: half a row, less the cut."""
LEAST = 10
"""Words that are to be shared there; fewer are a phrase (`一个长方形的长是`)."""
COMPARED = 5
"""Rows that a problem is compared with: those which share most runs with it."""
SHOWN = 80
"""Characters of a match's `detail`."""
_CJK = "\u2e80"


@dataclass(frozen=True, slots=True)
class Match:
    """Which row of a benchmark a problem is."""

    benchmark: str
    """`FILE#ROW`."""
    overlap: float
    """How much of the shorter text they share, stock phrases aside: 0 to 1."""
    detail: str
    """The longest run of words that they share, in its normal spelling; at most `SHOWN` characters."""


class _Row(NamedTuple):
    name: str
    text: str


class Benchmarks:
    """The rows of benchmarks, to be found by what they share with a problem.

    Add every benchmark, show all problems, then match. Held are the rows' texts, and about 50 bytes for each of their
    words; of the problems shown, one number each.
    """

    def __init__(self) -> None:
        self.short = 0
        """Rows of fewer than `RUN` words: only a problem of the same words matches them."""
        self._rows: list[_Row] = []
        self._whole: dict[int, int] = {}
        self._runs, self._owners = array("Q"), array("I")
        self._index: Index | None = None

    def add(self, name: str, rows: Iterable[tuple[str, str]]) -> None:
        """Take in a benchmark: place and text of each row. A text that is there already adds nothing."""
        for place, text in rows:
            words = Words.of(text)
            row = self._whole.setdefault(words.whole(), len(self._rows))
            if row == len(self._rows):
                self._rows.append(_Row(f"{name}#{place}", text))
                self.short += len(words.words) < RUN
                runs = np.unique(words.runs)
                self._runs.frombytes(runs.tobytes())
                self._owners.extend([row] * len(runs))
        self._index = None

    def show(self, prompts: Iterable[str]) -> None:
        """Learn from the problems at hand which phrases are stock; equal texts count once."""
        index, seen = self._ready(), set()
        for words in map(Words.of, prompts):
            if words.whole() not in seen:
                seen.add(words.whole())
                index.count(words.runs)

    def match(self, prompt: str) -> Match | None:
        """Find the row that a problem is; of several the one that shares most with it."""
        words = Words.of(prompt)
        row = self._whole.get(words.whole())
        if row is not None:
            return Match(self._rows[row].name, 1.0, _readable(words.words))
        index = self._ready()
        rows = [self._rows[row] for row in index.rows(words.runs, SHARE, COMPARED)]
        if not rows:
            return None
        problem = _Compared.of(words, index)
        matches = (_match(problem, _Compared.of(Words.of(row.text), index), row.name) for row in rows)
        return max(filter(None, matches), key=lambda match: match.overlap, default=None)

    def _ready(self) -> Index:
        if self._index is None:
            self._index = Index(self._runs, self._owners)
        return self._index


@dataclass(frozen=True, slots=True)
class _Compared:
    """One of two texts that are compared: which of its runs too few rows, and too few problems, have to be stock."""

    words: Words
    own_in_rows: Mask
    own: Mask

    @classmethod
    def of(cls, words: Words, index: Index) -> _Compared:
        in_rows, anywhere = index.stock(words.runs)
        varied = ~words.dull()
        return cls(words, varied & ~in_rows, varied & ~anywhere)

    def shared(self, other: _Compared) -> Mask:
        return np.isin(self.words.runs, other.words.runs)

    def within(self, other: _Compared, shared: Mask) -> bool:
        """Tell whether this text, or all of it that is no stock phrase, is a part of the other."""
        # as text, since a part may begin and end within a word
        whole = " ".join(self.words.words) in " ".join(other.words.words)
        return whole or bool(self.own_in_rows.any() and shared[self.own_in_rows].all())


def _match(problem: _Compared, row: _Compared, name: str) -> Match | None:
    in_row, in_problem = problem.shared(row), row.shared(problem)
    overlap = 1.0
    if not (problem.within(row, in_row) or row.within(problem, in_problem)):
        overlap = _share(problem, row, in_row, in_problem)
        if overlap < SHARE or _renumbered(problem.words, row.words, in_row):
            return None
    return Match(name, overlap, _readable(problem.words.longest(in_row)))


def _share(problem: _Compared, row: _Compared, in_row: Mask, in_problem: Mask) -> float:
    """Tell how much of the shorter text is shared, stock phrases aside; 0 when it is less than `LEAST` words."""
    shared = min(problem.words.covered(in_row & problem.own), row.words.covered(in_problem & row.own))
    shorter = min(problem.words.covered(problem.own), row.words.covered(row.own))
    return shared / shorter if shared >= LEAST else 0.0


def _renumbered(problem: Words, row: Words, in_row: Mask) -> bool:
    """Tell whether a phrase of the row stands in the problem with another number."""
    # 1 and 12 are not told apart: a copy may be cut within a number
    places = {shape: at for at, shape in enumerate(row.shapes().tolist())}
    shapes = ((at, places.get(shape)) for at, shape in enumerate(problem.shapes().tolist()) if not in_row[at])
    return any(
        not (mine.startswith(other) or mine.endswith(other) or other.startswith(mine) or other.endswith(mine))
        for at, place in shapes
        if place is not None
        for mine, other in zip(problem.words[at : at + RUN], row.words[place : place + RUN], strict=True)
    )


def _readable(words: Sequence[str]) -> str:
    """Join words, with spaces where they are written with spaces."""
    joined = [word if max(word, before) >= _CJK else f" {word}" for before, word in pairwise(words)]
    return one_line("".join([*words[:1], *joined]), SHOWN)
