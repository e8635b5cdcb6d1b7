"""How long traces are, in tokens: quantiles and a histogram, from how many there are of each length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

QUANTILES = {"p10": 10, "p25": 25, "median": 50, "p75": 75, "p90": 90, "longest": 100}
"""Name → percent."""


class Lengths:
    """Some traces, by their length."""

    def __init__(self, counts: Mapping[int, int]) -> None:
        """Take how many traces there are of each length in tokens."""
        self._counts = sorted(counts.items())
        self.total = sum(counts.values())
        """Traces whose length is known."""

    def quantile(self, percent: int) -> int | None:
        """Return the shortest length that at least `percent` of the traces stay within; None without traces."""
        seen = 0
        for tokens, number in self._counts:
            seen += number
            if seen * 100 >= percent * self.total:
                return tokens
        return None

    def quantiles(self) -> dict[str, int | None]:
        """Return each of `QUANTILES`."""
        return {name: self.quantile(percent) for name, percent in QUANTILES.items()}

    def histogram(self) -> Counter[int]:
        """Count by doublings, in half steps: a trace of n tokens is in bin `half_doublings(n)`."""
        bins: Counter[int] = Counter()
        for tokens, number in self._counts:
            bins[half_doublings(tokens)] += number
        return bins

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {"candidates": self.total, **self.quantiles()}


def half_doublings(tokens: int) -> int:
    """Return the largest n with 2^(n/2) ≤ `tokens`, exactly; 0 for no tokens."""
    return (max(1, tokens) ** 2).bit_length() - 1
