"""Subsets of the real line, and their algebra.

A set is kept as the cuts at which one passes into it or out of it, from left to right; so two sets are equal exactly
when their cuts are, and every operation is one sweep over the cuts of both.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

Real = Fraction | float
"""A number; a float only for the two infinities."""


class Cut(NamedTuple):
    """A place between numbers: just below `value`, or just above it."""

    value: Real
    above: bool


@dataclass(frozen=True, slots=True)
class RealSet:
    """A union of finitely many intervals and points."""

    cuts: tuple[Cut, ...]

    def __contains__(self, value: Fraction) -> bool:
        """Whether a number belongs to the set."""
        return bisect_right(self.cuts, Cut(value, above=False)) % 2 == 1

    def __or__(self, other: RealSet) -> RealSet:
        """Unite two sets."""
        return self._swept(other, lambda mine, theirs: mine or theirs)

    def __and__(self, other: RealSet) -> RealSet:
        """Intersect two sets."""
        return self._swept(other, lambda mine, theirs: mine and theirs)

    def __sub__(self, other: RealSet) -> RealSet:
        """Take out what is in another set."""
        return self._swept(other, lambda mine, theirs: mine and not theirs)

    @property
    def finite(self) -> bool:
        """Whether the set is a few points, or none."""
        return all(into.value == out.value for into, out in self._stretches())

    def integers(self, most: int) -> RealSet | None:
        """Keep the integers only; None when there are more than `most`."""
        kept: list[int] = []
        for into, out in self._stretches():
            if not isinstance(into.value, Fraction) or not isinstance(out.value, Fraction):
                return None
            if out.value - into.value > most:
                return None
            kept += [n for n in range(math.floor(into.value), math.ceil(out.value) + 1) if Fraction(n) in self]
        return None if len(kept) > most else points(map(Fraction, kept))

    def _stretches(self) -> list[tuple[Cut, Cut]]:
        return list(pairwise(self.cuts))[::2]

    def _swept(self, other: RealSet, keep: Callable[[bool, bool], bool]) -> RealSet:
        mine, theirs = set(self.cuts), set(other.cuts)
        in_mine = in_theirs = inside = False
        cuts = []
        for cut in sorted(mine | theirs):
            in_mine, in_theirs = in_mine ^ (cut in mine), in_theirs ^ (cut in theirs)
            if keep(in_mine, in_theirs) != inside:
                inside = not inside
                cuts.append(cut)
        return RealSet(tuple(cuts))


def interval(low: Real, high: Real, *, low_in: bool = False, high_in: bool = False) -> RealSet:
    """Build an interval, open where nothing else is said; it is empty when its ends leave nothing between them."""
    into, out = Cut(low, not low_in), Cut(high, high_in)
    return RealSet((into, out)) if into < out else EMPTY


def points(values: Iterable[Fraction]) -> RealSet:
    """Build a finite set."""
    return RealSet(tuple(Cut(value, above) for value in sorted(set(values)) for above in (False, True)))


EMPTY = RealSet(())
REALS = interval(-math.inf, math.inf)
