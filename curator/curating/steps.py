"""What the steps of `curator curate` hand to each other: a pool of candidates, and what each step did to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

POOL: Mapping[str, type[pl.DataType]] = {
    "candidate_id": pl.String,
    "problem_id": pl.String,
    "domain": pl.String,
    "language": pl.String,
    "source": pl.String,
    "tokens": pl.Int64,
}
"""Columns of a pool, one row per candidate, in the order in which they were stored; only `source` may be null.
`tokens` are those of the completion, estimated from its length where the teacher did not say."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step kept and dropped, and why."""

    name: str
    candidates: int
    """Kept."""
    dropped: int
    """Candidates that it dropped."""
    problems: int
    """Problems that still have a candidate."""
    notes: Sequence[str] = ()
    """Why, one line each."""

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return asdict(self)


def step(name: str, before: pl.DataFrame, after: pl.DataFrame, notes: Sequence[str] = ()) -> Step:
    """Count what a step did."""
    return Step(name, after.height, before.height - after.height, after["problem_id"].n_unique(), tuple(notes))


def draw(seed: int, *names: str) -> bytes:
    """Draw a seeded sort key: a shuffle that is the same on every machine and does not hang on the order of rows."""
    return hashlib.blake2b("\0".join((str(seed), *names)).encode(), digest_size=8).digest()
