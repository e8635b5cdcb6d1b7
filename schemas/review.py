"""A person's decision about one candidate; it outranks every verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ReviewOutcome = Literal["accept", "reject", "withdraw"]
"""`withdraw` takes an earlier decision back: the verdicts decide again."""


@dataclass(frozen=True, slots=True)
class Review:
    """One append-only row; the latest review of a candidate counts."""

    candidate_id: str
    reviewer: str
    outcome: ReviewOutcome
    note: str
    """Why, in the reviewer's words; may be empty."""
    created_at: datetime
