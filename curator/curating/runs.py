"""Runs of words as numbers, and an index that tells which rows of benchmarks have a run."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator.curating.shingles import hash_runs
from curator.curating.wording import tokens

RUN = 8
"""Words of a run; in Chinese, characters."""
STOCK = 3
"""Runs that more rows than this have, or more problems than this, are stock."""
VARIED = 5
"""Distinct words that a run must have to be more than a drawing or a list."""

Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]
_LAST = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text and their runs, in order.

    Hashes are those of this process, and have 64 bits: once in about 10^19 pairs two runs pass for the same.
    """

    words: Sequence[str]
    runs: Hashes
    """The run that begins at each word, but for the last `RUN - 1`."""

    @classmethod
    def of(cls, text: str) -> Words:
        """Split a text."""
        words = tokens(text)
        return cls(words, _runs(words))

    def whole(self) -> int:
        """Return a number that equal texts have in common."""
        return hash(tuple(self.words))

    def shapes(self) -> Hashes:
        """Return the runs with all numbers alike."""
        return _runs(["0" if word[0].isdigit() else word for word in self.words])

    def dull(self) -> Mask:
        """Tell which runs say the same few words again and again (`+ + + +`, `0 1 0 0`)."""
        latest: dict[str, int] = {}
        before = np.empty(len(self.words), np.int64)
        for at, word in enumerate(self.words):
            before[at] = latest.get(word, -1)
            latest[word] = at
        begins = np.arange(len(self.runs))
        distinct = sum((before[at : at + len(begins)] < begins for at in range(RUN)), np.zeros(len(begins), np.int64))
        return distinct < VARIED

    def covered(self, chosen: Mask) -> int:
        """Count the words that the chosen runs cover."""
        return int(np.count_nonzero(np.convolve(chosen, np.ones(RUN, np.uint8)))) if len(chosen) else 0

    def longest(self, chosen: Mask) -> Sequence[str]:
        """Return the most words that chosen runs cover without a gap."""
        edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False))
        begins, ends = edges[::2], edges[1::2]
        at = int(np.argmax(ends - begins))
        return self.words[begins[at] : ends[at] + RUN - 1]


def _runs(words: Sequence[str]) -> Hashes:
    return hash_runs(np.fromiter(map(hash, words), np.int64, len(words)).view(np.uint64), RUN)


class Index:
    """Which rows have a run, and how many problems.

    Args:
        runs: The distinct runs of each row, row after row.
        owners: The row of each.
    """

    def __init__(self, runs: array[int], owners: array[int]) -> None:
        # the last entry is no run: with it every look-up ends inside
        entries = np.append(np.frombuffer(runs, np.uint64), _LAST)
        order = np.argsort(entries, kind="stable")
        self._owners = np.append(np.frombuffer(owners, np.uint32), np.uint32(0))[order]
        self._runs, self._starts, self._in_rows = np.unique(entries[order], return_index=True, return_counts=True)
        self._in_problems = np.zeros(len(self._runs), np.uint32)
        self._own = np.bincount(self._owners[np.repeat(self._in_rows, self._in_rows) <= STOCK])

    def _find(self, runs: Hashes) -> tuple[NDArray[np.intp], Mask]:
        """Look runs up: the place of each, and whether it is there."""
        places = np.searchsorted(self._runs, runs)
        return places, self._runs[places] == runs

    def count(self, runs: Hashes) -> None:
        """Note that one more problem has these runs."""
        places, known = self._find(np.unique(runs))
        self._in_problems[places[known]] += np.uint32(1)

    def stock(self, runs: Hashes) -> tuple[Mask, Mask]:
        """Tell which runs too many rows have, and which too many rows or problems have."""
        places, known = self._find(runs)
        rows = known & (self._in_rows[places] > STOCK)
        return rows, rows | (known & (self._in_problems[places] > STOCK))

    def rows(self, runs: Hashes, share: float, most: int) -> list[int]:
        """Name the rows, `most` at most, that share most runs which are not stock among rows; the best first.

        Left out are those with too few for `share` of the shorter text, however the runs lie.
        """
        places, known = self._find(np.unique(runs))
        stock = known & (self._in_rows[places] > STOCK)
        places = places[known & ~stock]
        if not len(places):
            return []
        nth = np.arange(STOCK)
        owners = (self._starts[places, None] + nth)[nth < self._in_rows[places, None]]
        rows, counts = np.unique(self._owners[owners], return_counts=True)
        shorter = np.minimum(self._own[rows], np.count_nonzero(~stock))
        enough = counts * RUN >= share * (shorter + RUN - 1)
        rows, counts = rows[enough], counts[enough]
        best: list[int] = rows[np.argsort(-counts, kind="stable")][:most].tolist()
        return best
