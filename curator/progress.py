"""What a run has done so far: plain counters that the display reads and the pipeline bumps."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from curator.judge.tally import Tally
from schemas.candidate import Candidate
from schemas.policy import Decision
from schemas.sampling_plan import StopReason

ENOUGH_TO_TELL = 16
"""Completions before a pace is worth telling."""


@dataclass(slots=True)
class Progress:
    """Counters of one command; all of this session, except `stored`, which earlier ones had left."""

    verb: str = "sampled"
    """What happens to candidates: sampled, or read from a file."""
    wanted: int = 0
    """Candidates asked for, over all problems."""
    stored: int = 0
    """Of those, how many the store already held."""
    elsewhere: int = 0
    """Of those, how many another process is sampling right now."""
    until: int | None = None
    """Accepted candidates that are enough for a problem; None where their number is fixed."""
    problems: int = 0
    """Problems asked for."""
    problems_elsewhere: int = 0
    """Of those, how many another process is sampling right now."""
    ended: Counter[StopReason] = field(default_factory=Counter)
    """Why problems need no more candidates → problems, those that earlier sessions ended included."""
    ended_before: int = 0
    """Of those, how many earlier sessions had ended."""
    budget_tokens: int | None = None
    spent_before: int = 0
    """Tokens of the budget that earlier sessions spent."""
    cut: int = 0
    """Streams that were cut."""
    sampled: int = 0
    failed: int = 0
    retries: int = 0
    in_flight: int = 0
    judging: int = 0
    completion_tokens: int = 0
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(decision, reason) → candidates."""
    judge: Tally = field(default_factory=Tally)
    failures: Counter[str] = field(default_factory=Counter)
    last_failure: str = ""
    """Message and hint of the latest one."""
    began: float = field(default_factory=time.monotonic)

    @property
    def owed(self) -> int:
        """Candidates still to come."""
        return max(0, self.wanted - self.stored - self.elsewhere - self.sampled - self.failed)

    @property
    def share(self) -> float:
        """How much of the work is done, from 0 to 1."""
        done, of = self.stored + self.sampled, self.wanted
        if self.adaptive:
            done, of = self.ended.total(), self.problems
        return min(1.0, done / of) if of else 1.0

    @property
    def elapsed_s(self) -> float:
        """Seconds since the command began to work."""
        return time.monotonic() - self.began

    def begin(self) -> None:
        """Start the clock anew: minutes in which a teacher was started are no part of the pace."""
        self.began = time.monotonic()

    def tokens_per_s(self) -> float:
        """Completion tokens a second, over the whole session."""
        return self.completion_tokens / max(self.elapsed_s, 1e-9)

    def count(self, decision: str) -> int:
        """How many candidates this session has accepted, rejected or left undecided."""
        return sum(number for (name, _), number in self.decisions.items() if name == decision)

    def add_candidate(self, candidate: Candidate) -> None:
        """Count a completion that arrived."""
        self.sampled += 1
        self.cut += candidate.finish_reason == "aborted"
        self.completion_tokens += candidate.completion_tokens or 0

    def add_decision(self, decision: Decision) -> None:
        """Count what became of one candidate."""
        self.decisions[decision.decision, decision.reason] += 1

    @property
    def left_open(self) -> int:
        """Problems that want more candidates than the budget's tokens paid for."""
        if self.budget_tokens is None:
            return 0
        return self.problems - self.problems_elsewhere - self.ended.total() + self.ended["budget"]

    @property
    def adaptive(self) -> bool:
        """Whether nobody knows how many candidates there will be."""
        return self.until is not None or self.budget_tokens is not None

    def eta_s(self) -> float | None:
        """Seconds until the work is done, at the pace so far; None while too few came to tell.

        Where the number of candidates is open, it goes by problems that were ended, or by tokens that are left,
        whichever is done first.
        """
        if self.sampled < ENOUGH_TO_TELL:
            return None
        if not self.adaptive:
            return self.owed * self.elapsed_s / self.sampled
        found = []
        if ended := self.ended.total() - self.ended_before:
            left = self.problems - self.problems_elsewhere - self.ended.total()
            found.append(max(0, left) * self.elapsed_s / ended)
        if self.budget_tokens is not None and self.completion_tokens:
            tokens = self.budget_tokens - self.spent_before - self.completion_tokens
            found.append(max(0, tokens) / self.tokens_per_s())
        return min(found, default=None)

    def accepted_per_million(self) -> float | None:
        """Accepted traces per million completion tokens of this session; None before the first token."""
        return 1e6 * self.count("accepted") / self.completion_tokens if self.completion_tokens else None

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {
            "wanted": self.wanted,
            "stored_before": self.stored,
            "sampled_elsewhere": self.elsewhere,
            "sampled": self.sampled,
            "failed": self.failed,
            "retries": self.retries,
            "cut": self.cut,
            "problems_ended": dict(self.ended),
            "problems_left_open": self.left_open,
            "completion_tokens": self.completion_tokens,
            "judge": self.judge.as_json(),
            "elapsed_s": round(self.elapsed_s, 2),
        }
