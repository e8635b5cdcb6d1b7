"""One endpoint as its latest tries show it: how much it takes, whether to ask it, how often it fails.

How much: requests in flight are limited (AIMD). Each round of successes raises the limit by one, or by less after it
was found. Refusals (429, 503) lower it when they go with load: of the latest tries sent with as much in flight,
most were refused. A refusal among tries that get through is that request's bad luck and lowers nothing.

Whether to ask: when nothing gets through any more it is set aside, for as long as it asks or for growing pauses; then
one request at a time tries it, and a success restores it.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from curator.teacher.base import Teacher, TeacherError

BAD_LUCK = 1e-6
"""An endpoint is set aside when its failures in a row are less likely than this among those that it had before."""
USUAL = (0.1, 0.8)
"""Least and most that its usual share of failures is taken for: 6 in a row are always few, 62 always many."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 120.0
"""Pauses double up to this; only an endpoint that asks for more is left alone longer."""
PROBE_EVERY_S = 2.0
"""A try that has been in flight for this long is a good sign, and another one may join it."""
TAKEN = 10
"""What has been in flight so many times as long as a refusal takes was not refused."""
HELD_S = 0.15
"""A place that was refused stays empty for so long: a server may learn late that a reply was read to its end."""
PATIENCE_S = 45.0
"""Nothing but failures for so long, and it is given up."""
PATIENCE_REFUSED_S = 3600.0
"""The same for refusals, which are its way of asking to wait; how long it asks to wait counts."""
REMEMBERED = 64
"""Latest tries that may show what goes with load."""
ENOUGH = 8
"""Refusals among them before the limit is lowered."""
CALM = 8
"""Rounds without lowering after which the limit grows twice as fast, up to one a round; lowering halves its growth."""
LEAST_GROWTH = 1 / 8
_FADING = 1 - 1 / 256
"""What a try weighs in the share of failures once the next one is in."""


@dataclass(slots=True, eq=False)
class Try:
    """One request at one endpoint."""

    began: float
    beside: int
    """Others in flight when it was sent."""
    refused: bool = False


class Endpoint:
    """One teacher and what its tries have shown.

    Args:
        teacher: To be asked.
        ceiling: Most requests in flight, and the limit to begin with.
    """

    def __init__(self, teacher: Teacher, ceiling: int) -> None:
        self.teacher = teacher
        self.checked = False
        self.lost: TeacherError | None = None
        """Why it will never be asked again."""
        self.limit = float(ceiling)
        self.sent = 0
        self.held = 0
        """Places that a refusal keeps empty for a moment."""
        self.pause_s = 0.0
        """How long it was set aside last; 0 while it is in order."""
        self.given_up: TeacherError | None = None
        """Why there is no more waiting for it, unless it comes back."""
        self._ceiling = ceiling
        self._growth = 1.0
        """By how much a round of successes raises the limit."""
        self._before: float | None = None
        """The limit before it was lowered, while nothing sent since has got through."""
        self._in_flight: dict[Try, None] = {}
        """The oldest first."""
        self._recent: deque[Try] = deque(maxlen=REMEMBERED)
        self._lowered_at = self._aside_at = self._due = self._last_sent = float("-inf")
        self._failing_since: float | None = None
        self._in_a_row = 0
        self._usual = 0.0
        """Share of failures before those in a row."""
        self._refusing = False
        self._tries = self._failures = 0.0

    @property
    def in_flight(self) -> int:
        """Requests that have begun and not ended."""
        return len(self._in_flight)

    @property
    def failing(self) -> float:
        """Share of the latest tries that failed, refusals not counted; a half while nothing is known."""
        return (self._failures + 1) / (self._tries + 2)

    @property
    def load(self) -> float:
        """How busy it would be with one more request, for what it takes."""
        return (self.in_flight + 1) / self.limit

    @property
    def opens_at(self) -> float:
        """When it may be asked again; long ago while it is in order."""
        if not self.pause_s:
            return float("-inf")
        probed = self._last_sent > self._aside_at
        return self._last_sent + PROBE_EVERY_S if probed else self._due

    def open(self, now: float) -> bool:
        """Whether one more request may be sent."""
        return self.lost is None and self.in_flight + self.held + 1 <= self.limit and now >= self.opens_at

    def begin(self, now: float) -> Try:
        """Count a request that is being sent; `end` must follow."""
        attempt = Try(now, self.in_flight)
        self._recent.append(attempt)
        self._last_sent = now
        self._in_flight[attempt] = None
        self.sent += 1
        return attempt

    def end(self, attempt: Try) -> None:
        """Count a request that is over, whatever came of it."""
        del self._in_flight[attempt]
        self.held += attempt.refused

    def succeeded(self, attempt: Try) -> None:
        """Learn from a reply."""
        self._count(failed=0)
        if attempt.began > self._lowered_at:
            self._before = None
        if self.limit < self._ceiling:
            self.limit = min(self._ceiling, self.limit + self._growth / self.limit)
            self._growth = min(1.0, self._growth * 2 ** (1 / (CALM * self.limit)))
        self.alive(attempt)

    def alive(self, attempt: Try) -> None:
        """Take it back; only a refusal outlasts what was sent before it."""
        if self._refusing and attempt.began <= self._aside_at:
            return
        self._in_a_row, self.pause_s = 0, 0.0
        self._failing_since = self.given_up = None
        self._refusing = False

    def failed(self, attempt: Try, fault: TeacherError, now: float) -> None:
        """Learn from a failure that another try may mend, and tell it how usual it is; call before `end`."""
        if not self._in_a_row:
            self._usual = min(max(self.failing, USUAL[0]), USUAL[1])
        attempt.refused = fault.reason == "rate_limited"
        if not attempt.refused:
            self._count(failed=1)
        fault.failing = 1.0 if attempt.refused else self.failing
        if attempt.began <= self._aside_at:
            return  # sent before anything was known
        if attempt.refused and attempt.began > self._lowered_at:
            self._lower_if_overloaded(attempt, now)
        self._in_a_row += 1
        if self._failing_since is None:
            self._failing_since = now
        if self.pause_s or (self._usual**self._in_a_row < BAD_LUCK and not self._full(attempt, now)):
            self.set_aside(fault, now)

    def set_aside(self, fault: TeacherError, now: float) -> None:
        """Leave it alone for a while, longer each time; give it up when that was in vain for long."""
        self._refusing = fault.reason == "rate_limited"
        asked, probed = fault.retry_after or 0.0, bool(self.pause_s)
        if self._refusing and probed and self.in_flight > 1:
            self.limit = min(self.limit, self.in_flight - 1)  # all that it holds: a try alone was too much
        elif self._before is not None:
            self.limit, self._growth = self._before, 1.0  # it was about to close, not full
        self.pause_s = max(FIRST_PAUSE_S, asked or min(2 * self.pause_s, LONGEST_PAUSE_S))
        self._aside_at = now
        self._due = now + self.pause_s * random.uniform(1, 1.25)  # noqa: S311
        since = now if self._failing_since is None else self._failing_since
        patience = PATIENCE_REFUSED_S if self._refusing else PATIENCE_S
        if (probed or asked >= patience) and now + asked - since >= patience:
            self.given_up = fault

    def _full(self, attempt: Try, now: float) -> bool:
        """Tell a server that refuses because it is busy with others from one that is closed."""
        oldest = next(iter(self._in_flight))
        return attempt.refused and now - oldest.began > TAKEN * (now - attempt.began)

    def _lower_if_overloaded(self, attempt: Try, now: float) -> None:
        """Lower the limit if most tries beside as many are refused; what was sent before counts no more."""
        alike = [other for other in self._recent if other.beside >= attempt.beside]
        refused = sum(other.refused for other in alike)
        if refused >= ENOUGH and 3 * refused >= 2 * len(alike):
            self._before = self._before or self.limit
            self.limit = max(1.0, self.limit / 2, self.in_flight - 1)
            self._lowered_at = now
            self._growth = max(LEAST_GROWTH, self._growth / 2)
            self._recent.clear()

    def _count(self, *, failed: int) -> None:
        self._tries = self._tries * _FADING + 1
        self._failures = self._failures * _FADING + failed
