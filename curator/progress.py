"""What a run has done so far: plain counters that the display reads and the pipeline bumps."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from curator.judge.tally import Tally
from schemas.candidate import Candidate
from schemas.policy import Decision

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
        self.completion_tokens += candidate.completion_tokens or 0

    def add_decision(self, decision: Decision) -> None:
        """Count what became of one candidate."""
        self.decisions[decision.decision, decision.reason] += 1

    def eta_s(self) -> float | None:
        """Seconds until the last candidate, at the pace so far; None while too few came to tell."""
        return self.owed * self.elapsed_s / self.sampled if self.sampled >= ENOUGH_TO_TELL else None

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
            "completion_tokens": self.completion_tokens,
            "judge": self.judge.as_json(),
            "elapsed_s": round(self.elapsed_s, 2),
        }
