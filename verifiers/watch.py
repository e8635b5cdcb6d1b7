"""Is a stream that still runs already lost?

A cut cannot be undone, so it takes more to cut a stream than to reject a trace: every `BLOCK` characters each of four
tripwires takes a cheap look at what is new, and what one of them suspects must be confirmed by the verdict's own
detector on the whole text so far, with bounds that are looser than the verdict's (`verifiers.doom`).
How a text is split into pieces makes no difference.

Not covered: what a verdict finds in texts shorter than a block; endings, which are the verdicts' alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.problem import Problem
from schemas.verdict import Reason
from verifiers.doom import Alarm, Drift, Malformed, Overlong, Runaway, Seen
from verifiers.settings import VerifierSettings

BLOCK = 512
"""Characters between two looks at a stream."""


@dataclass(frozen=True, slots=True)
class Doom:
    """Why nothing that may still come could save a stream."""

    reason: Reason
    detail: str
    at: int
    """Characters, reasoning and content together, after which it was known."""


@dataclass(slots=True)
class _Channel:
    """One of a stream's two texts: what was looked at, and the pieces since."""

    read: str = ""
    pieces: list[str] = field(default_factory=list)
    waiting: int = 0


class Watch:
    """Watches one stream for loops, another language, a format that can no longer be right, and too great a length.

    A look costs microseconds. A suspicion that the verdict's detector does not share is not looked into again before
    the stream has grown by the alarm's `patience`.
    """

    def __init__(self, problem: Problem, settings: VerifierSettings) -> None:
        self._reasoning, self._content = _Channel(), _Channel()
        self._problem = problem
        alarms = (Runaway(settings), Malformed(settings), Overlong(problem, settings), Drift(problem, settings))
        self._alarms: list[tuple[Alarm, int]] = [(alarm, 0) for alarm in alarms]

    def feed(self, piece: str, *, reasoning: bool = False) -> Doom | None:
        """Take one piece of the stream's text, of the reasoning field or the content; say whether the stream is lost.

        Most pieces are only kept. Whoever goes on after a doom may be told another.
        """
        channel = self._reasoning if reasoning else self._content
        channel.pieces.append(piece)
        channel.waiting += len(piece)
        return self._read(channel) if channel.waiting >= BLOCK else None

    def _read(self, channel: _Channel) -> Doom | None:
        text = "".join(channel.pieces)
        whole = len(text) - len(text) % BLOCK
        channel.pieces, channel.waiting = [text[whole:]], len(text) - whole
        for start in range(0, whole, BLOCK):
            channel.read += text[start : start + BLOCK]
            if doom := self._look(channel):
                return doom
        return None

    def _look(self, channel: _Channel) -> Doom | None:
        other = self._content if channel is self._reasoning else self._reasoning
        beside = other.read + "".join(other.pieces)
        in_reasoning = channel is self._reasoning
        seen = Seen(self._problem, channel.read, channel.read[-BLOCK:], beside, in_reasoning)
        size = len(seen.text) + len(beside)
        for place, (alarm, rests_until) in enumerate(self._alarms):
            if not alarm.suspects(seen) or size < rests_until:
                continue
            if judged := alarm.confirm(seen):
                return Doom(judged.reason, judged.detail, size)
            self._alarms[place] = (alarm, int(size * alarm.patience))
        return None
