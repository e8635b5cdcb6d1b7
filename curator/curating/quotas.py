"""Whole numbers in given shares."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor


def apportion(total: int, weights: Mapping[str, Fraction | int]) -> dict[str, int]:
    """Divide `total` in proportion to `weights`, by the largest remainder; equal remainders go by name.

    Args:
        total: 0 or more.
        weights: More than 0 in sum, exact so that a third of 300 is 100.

    Returns:
        By name, less than one away from the exact share; together `total`.
    """
    whole = sum(weights.values(), start=Fraction())
    exact = {name: total * weight / whole for name, weight in weights.items()}
    given = {name: floor(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (given[name] - exact[name], name))
    for name in by_remainder[: total - sum(given.values())]:
        given[name] += 1
    return given
