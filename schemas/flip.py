"""A decision that came out differently when a candidate was judged again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.policy import DecisionName


@dataclass(frozen=True, slots=True)
class Flip:
    """One append-only row: what was decided before, and what new verdicts or a new policy made of it."""

    candidate_id: str
    problem_id: str
    run_id: str
    old_decision: DecisionName
    old_reason: str
    decision: DecisionName
    reason: str
    decided_by: str
    """The verifier that decided; `policy` for an acceptance."""
    created_at: datetime
