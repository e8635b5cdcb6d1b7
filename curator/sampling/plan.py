"""One run as configured, and one candidate of it that is to be asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from curator.prompts import Templates
from curator.sampling.stopping import StopRule, Tally, wanted_now
from curator.teacher.retry import RetryPolicy
from schemas.candidate import Message, Run, SamplingParameters
from schemas.policy import PolicyRule
from schemas.problem import Problem
from verifiers.watch import Watch


@dataclass(frozen=True, slots=True)
class Plan:
    """One run as configured."""

    run: Run
    sampling: SamplingParameters
    templates: Templates
    few_shot: bool
    stop: StopRule
    concurrency: int
    """Requests in flight at once, over all endpoints."""
    retry: RetryPolicy
    rules: Sequence[PolicyRule]
    budget_tokens: int | None = None
    """Completion tokens of the whole run, earlier commands included; None is no limit."""
    cut: bool = False
    """Whether streams are cut that nothing can save."""


@dataclass(slots=True)
class Course:
    """How far the sampling of one problem has come; about 500 bytes, its text is held elsewhere."""

    problem_id: str
    free: list[int]
    """Sample indices that are neither stored nor asked for, the next one last."""
    tally: Tally = Tally()  # noqa: RUF009  frozen
    in_flight: int = 0
    """Candidates that are asked for, or wait for their verdicts."""
    received: int = 0
    tokens: int = 0
    """Completion tokens of those received."""
    given_up: bool = False
    """Whether a request failed for good: the rest is owed next time."""
    ended: bool = False
    stopped: tuple[str, int | None] | None = None
    """Why the store has it as stopped, and how many accepted ones were enough then."""
    stamp: int = 0
    """Tells the newest place in a queue from outdated ones."""

    def wants(self, rule: StopRule) -> int:
        """Return how many candidates to ask for now."""
        return 0 if self.given_up or self.ended else min(len(self.free), wanted_now(rule, self.tally, self.in_flight))


class Opened(NamedTuple):
    """A problem whose text is at hand."""

    course: Course
    problem: Problem
    messages: list[Message]
    id_of: Callable[[int], str]
    """Names a candidate by its sample index."""
    watch: Callable[[], Watch] | None
    """Makes what tells a lost stream; None cuts none."""


class Owed(NamedTuple):
    """One candidate to ask for."""

    id: str
    of: Opened
    sample_index: int
    began: float
    """When a budget reserved its tokens; 0 without one."""
