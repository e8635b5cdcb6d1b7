"""How many candidates a command wanted per problem, and why it stopped asking about one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

StopReason = Literal["solved", "max_n", "hopeless", "trivial", "unjudgeable", "budget"]
"""Enough accepted; as many as allowed; none of many accepted; all of many accepted; nobody can judge its candidates;
the tokens were spent."""


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """What one command wanted of a run; append-only, the newest one holds."""

    run_id: str
    max_n: int
    """Most candidates per problem."""
    until: int | None
    """Accepted candidates that are enough; None wants `max_n`."""
    give_up_below: float
    enough_above: float
    budget_tokens: int | None
    """Completion tokens of the run, earlier commands included; None is no limit."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run asks no more about a problem; a later command may replace it."""

    run_id: str
    problem_id: str
    reason: StopReason
    until: int | None
    """Accepted candidates that were enough then."""
    created_at: datetime
