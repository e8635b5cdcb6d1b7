"""A budget of completion tokens: what is in flight is reserved before anything else is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable

from curator.sampling.plan import Course
from curator.sampling.stopping import expected_rate

PRIOR = 2
"""Candidates of a problem that say as much of its length as the run's mean does."""
GROWTH = 0.5
"""Candidates in flight per received one, while the longest possible ones might pass the budget: the first that come
are the short ones, and say little."""


class Budget:
    """Knows what is spent, and what the candidates in flight will probably cost.

    Whatever still runs is expected to take a mean length more than it has taken so far: the long ones are those that
    are still there.

    Not covered: tokens of tries that failed, which no teacher tells; and lengths, which nobody knows before. The last
    candidates in flight decide by how much the budget is passed.

    Args:
        tokens: Completion tokens of the whole run.
        longest: Most tokens of one completion.
        spent: Tokens of the run's stored candidates.
        received: How many these are.
        clock: Seconds.
    """

    def __init__(
        self, tokens: int, longest: int, spent: int, received: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tokens = tokens
        self._longest = longest
        self._spent = spent
        self._received = received
        self._clock = clock
        self.in_flight = 0
        """Candidates that are asked for and have not come."""
        self._begun = 0.0
        """When the candidates in flight began, added up."""
        self._timed_tokens, self._timed_s = 0, 0.0
        """Of the candidates that were waited for here."""

    def reserve(self) -> float:
        """Count a candidate that is asked for; return when."""
        now = self._clock()
        self.in_flight += 1
        self._begun += now
        return now

    def settle(self, began: float, tokens: int | None) -> None:
        """Count the tokens of one that came, or None for one that failed; `began` is what `reserve` returned."""
        self.in_flight -= 1
        self._begun = self._begun - began if self.in_flight else 0.0  # no rounding error outlives those in flight
        if tokens is not None:
            self._spent += tokens
            self._received += 1
            self._timed_tokens += tokens
            self._timed_s += self._clock() - began

    def expects(self, course: Course) -> float:
        """Return the expected tokens of a problem's next candidate: its own mean, shrunk to the run's."""
        return (course.tokens + PRIOR * self._mean) / (course.received + PRIOR)

    def value(self, course: Course) -> float:
        """Return the accepted candidates per token that are expected of a problem's next one."""
        rate = expected_rate(course.tally.accepted, course.tally.tries)
        return rate / max(self.expects(course), 1.0)

    def has_room(self, course: Course) -> bool:
        """Whether one more candidate of this problem fits beside what is in flight."""
        if self._spent + (self.in_flight + 1) * self._longest <= self._tokens:
            return True
        if not self._received:  # nobody knows yet how long completions are: one is asked for to tell
            return not self.in_flight and self._spent < self._tokens
        if self.in_flight >= max(1, GROWTH * self._received):
            return False
        return self._spent + self._reserved() + self.expects(course) <= self._tokens

    def _reserved(self) -> float:
        """Estimate the tokens of the candidates in flight: those so far, and a mean length more of each."""
        ages = self.in_flight * self._clock() - self._begun
        rate = self._timed_tokens / self._timed_s if self._timed_s > 0 else 0.0
        return self.in_flight * self._mean + ages * rate

    @property
    def _mean(self) -> float:
        return self._spent / self._received if self._received else float(self._longest)
