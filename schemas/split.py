"""A split: which candidates a dataset is made of, by what recipe, and what was left out on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")
DropReason = Literal["exact_duplicate", "near_duplicate", "contaminated"]


@dataclass(frozen=True, slots=True)
class Split:
    """One named split as it was made; its members are rows of their own."""

    name: str
    recipe: Mapping[str, Any]
    """What was asked for: the same recipe over the same decisions gives the same members."""
    report: Sequence[Mapping[str, Any]]
    """What each step kept and dropped (`curator.curating.steps.Step`), in order."""
    fingerprint: str
    """Hash of the members and their parts."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SplitDrop:
    """A problem that a step left out of a split, and what it was found to repeat."""

    split: str
    reason: DropReason
    problem_id: str
    match: str
    """The problem that was kept instead, or the benchmark's row as FILE#ROW, rows counted from 1."""
    overlap: float
    """Share of the texts that is the same, 0 to 1."""
    detail: str
    """A few words that both have, for a person to look at."""
