"""How long traces are: quantiles, and a histogram that scales to what the lengths are."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from curator.lengths import Lengths

QUANTILES = (5, 25, 50, 75, 95, 99)
"""In percent."""
BINS = 30
WIDE = 12
"""From this ratio of the longest to the shortest on, the axis is logarithmic."""
LABELS = 12
"""Most that stand side by side."""
_STEPS = (1, 2, 5)


class Length(NamedTuple):
    """How many traces are that long."""

    tokens: int
    traces: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Lengths of some traces, in tokens of the completion."""

    traces: int
    total: int
    shortest: int
    quantiles: Sequence[int]
    """One per `QUANTILES`: the smallest length that this share of the traces does not exceed."""
    longest: int

    @property
    def mean(self) -> int:
        """Mean length, rounded."""
        return round(self.total / self.traces)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin, in shares of the plot's width and height."""

    left: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One labelled place on an axis, as a share of its length."""

    place: float
    value: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """A plot of lengths, ready to be drawn."""

    bars: Sequence[Bar]
    tokens: Sequence[Mark]
    traces: Sequence[Mark]
    median: Mark
    growing: bool
    """Whether the axis of tokens is logarithmic."""


def summarise(lengths: Iterable[Length]) -> Summary:
    """Sum lengths up; there must be at least one.

    Args:
        lengths: Shorter ones first.
    """
    known = list(lengths)
    counted = Lengths(dict(known))
    quantiles = [counted.quantile(percent) or 0 for percent in QUANTILES]
    total = sum(one.tokens * one.traces for one in known)
    return Summary(counted.total, total, known[0].tokens, quantiles, known[-1].tokens)


def histogram(lengths: Sequence[Length]) -> Histogram:
    """Sort lengths, shorter ones first, into bins of equal width on the axis that is drawn."""
    low, high = max(1, lengths[0].tokens), max(1, lengths[-1].tokens) + 1
    growing = high / low >= WIDE
    scale: Callable[[float], float] = math.log if growing else float
    edges = _edges(low, high, growing=growing)
    counts = [0] * (len(edges) - 1)
    for one in lengths:
        counts[bisect_right(edges, max(1, one.tokens)) - 1] += one.traces
    ticks = _round_values(max(counts))
    top = ticks[-1]

    def place(tokens: float) -> float:
        return (scale(tokens) - scale(low)) / (scale(high) - scale(low))

    bars = [
        Bar(place(left), place(right) - place(left), count / top)
        for left, right, count in zip(edges, edges[1:], counts, strict=False)
    ]
    middle = summarise(lengths).quantiles[QUANTILES.index(50)]
    marks = _powers(low, high) if growing else [value for value in _round_values(high) if low <= value <= high]
    return Histogram(
        bars,
        [Mark(place(value), value) for value in marks],
        [Mark(value / top, value) for value in ticks],
        Mark(place(max(1, middle)), middle),
        growing,
    )


def _edges(low: int, high: int, *, growing: bool) -> list[int]:
    """Cut [low, high) into at most `BINS` bins of whole tokens."""
    shares = [number / BINS for number in range(BINS + 1)]
    exact = [low * (high / low) ** share if growing else low + (high - low) * share for share in shares]
    return sorted({low, *map(round, exact[1:-1]), high})


def _round_values(most: int) -> list[int]:
    """Choose round values from 0 to at least `most`, four to seven of them when `most` allows."""
    power: int = 10 ** max(0, len(str(most)) - 2)
    step = next(step * scale for scale in (power, power * 10) for step in _STEPS if most <= 6 * step * scale)
    return list(range(0, most + step, step))


def _powers(low: int, high: int) -> list[int]:
    """List 1, 2 and 5 times the powers of ten within a range; the powers alone where that is too many to label."""
    powers = [10**power for power in range(len(str(high)))]
    found = [step * power for power in powers for step in _STEPS if low <= step * power <= high]
    return found if len(found) <= LABELS else [power for power in powers if low <= power <= high]
