"""Is a stream that still runs already lost?

A cut cannot be undone, so it takes more to cut a stream than to reject a trace: every `BLOCK` characters four cheap
tripwires look at what is new (`verifiers.tripwires`), and what one of them suspects must be proved by the verdict's own
detector, within bounds that are looser than the verdict's (`verifiers.doom`).
How a text is split into pieces makes no difference.

Not covered: what a verdict finds in texts shorter than a block; endings, which are the verdicts' alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.settings import VerifierSettings
from verifiers.tripwires import TRIPWIRES, Overlong, Seen, Tripwire, most_tokens

if TYPE_CHECKING:
    from verifiers.doom import Proof

BLOCK = 512
"""Characters between two looks at a stream."""
WATCHED = frozenset(tripwire.verifier for tripwire in TRIPWIRES)
"""The verifiers whose rejection can be foreseen."""
COUNTED_SLACK = 1.05
"""How many times the most tokens a stream may count before it is cut for them."""


@dataclass(frozen=True, slots=True)
class Doom:
    """Why nothing that may still come could save a stream."""

    cut: Reason
    """One of `schemas.verdict.CUTS`."""
    reason: Reason
    """What the verifier would reject it for."""
    detail: str
    at: int
    """Characters, reasoning and content together, after which it was known."""

    @property
    def abort_reason(self) -> str:
        """What is stored of a stream that was cut for it; `verifiers.run` reads it back."""
        return f"{self.cut}: {self.detail}"


@dataclass(slots=True)
class _Channel:
    """One of a stream's two texts: what was looked at, and the pieces since."""

    read: str = ""
    pieces: list[str] = field(default_factory=list)
    waiting: int = 0


@dataclass(slots=True)
class _Alarm:
    """A tripwire, and when what it suspects is looked into."""

    tripwire: Tripwire
    suspected: bool = False
    rests_until: float = 0
    """Characters that the stream must have before the next proof is sought."""


class Watch:
    """Watches one stream for loops, another language, a format that can no longer be right, and too great a length.

    A look costs microseconds. A suspicion that cannot be proved is not looked into again before the stream has grown by
    the tripwire's `patience`.

    Args:
        problem: What the stream answers.
        settings: What the verdicts go by.
        verifiers: Those whose rejection may cut; only these are foreseen.
    """

    def __init__(self, problem: Problem, settings: VerifierSettings, verifiers: Collection[str] = WATCHED) -> None:
        self._reasoning, self._content = _Channel(), _Channel()
        self._problem, self._settings = problem, settings
        self._alarms = [_Alarm(make(problem, settings)) for make in TRIPWIRES if make.verifier in verifiers]
        counted = COUNTED_SLACK * most_tokens(problem, settings)
        self._most_tokens = counted if Overlong.verifier in verifiers else float("inf")

    def feed(self, piece: str, *, reasoning: bool = False) -> Doom | None:
        """Take one piece of the stream's text, of the reasoning field or the content; say whether the stream is lost.

        Most pieces are only kept. Whoever goes on after a doom may be told another.
        """
        channel = self._reasoning if reasoning else self._content
        channel.pieces.append(piece)
        channel.waiting += len(piece)
        return self._read(channel) if channel.waiting >= BLOCK else None

    def tokens(self, at_least: int) -> Doom | None:
        """Take a count of completion tokens that the server vouches for; it can only grow."""
        if at_least <= self._most_tokens:
            return None
        most = most_tokens(self._problem, self._settings)
        size = sum(len(one.read) + one.waiting for one in (self._reasoning, self._content))
        return Doom(Overlong.cut, Reason.TOO_LONG, f"{at_least} tokens, and not at its end; the most is {most}", size)

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
        in_reasoning = channel is self._reasoning
        other = self._content if in_reasoning else self._reasoning
        seen = Seen(
            self._problem, channel.read, channel.read[-BLOCK:], other.read + "".join(other.pieces), in_reasoning
        )
        size = len(seen.text) + len(seen.beside)
        for alarm in self._alarms:
            alarm.suspected |= alarm.tripwire.suspects(seen)
            if alarm.suspected and size >= alarm.rests_until:
                if judged := self._prove(alarm.tripwire, seen):
                    return Doom(alarm.tripwire.cut, judged.reason, judged.detail, size)
                alarm.suspected, alarm.rests_until = False, size * alarm.tripwire.patience
        return None

    def _prove(self, tripwire: Tripwire, seen: Seen) -> Judgement | None:
        """Load the verifiers only where something is suspected."""
        proofs: Mapping[str, Proof] = importlib.import_module("verifiers.doom").PROOFS
        judged = proofs[tripwire.verifier](seen, self._settings)
        return judged if judged is not None and judged.outcome is Outcome.REJECT else None
