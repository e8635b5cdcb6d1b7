"""What a verifier is, and the few judgements that several of them give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import parse
from schemas.verdict import Judgement, Outcome, Reason

if TYPE_CHECKING:
    from verifiers.settings import VerifierSettings

QUOTED = 500
"""Most characters of an answer that a verdict repeats."""


class Verifier(Protocol):
    """Judges one aspect of a candidate. It returns; `verifiers.run` catches, times and attributes."""

    @property
    def name(self) -> str:
        """What verdicts, policies and settings call it."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same input could be judged differently."""
        ...

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Judge `candidate` as a completion of `problem`; knows nothing of the other verifiers."""
        ...


def answer_text(candidate: Candidate) -> str | None:
    """Return the text that follows the reasoning; None when there is none, also for an unclosed think."""
    return parse(candidate.content, candidate.reasoning).answer


def quote(text: str | None) -> str | None:
    """Shorten what a verdict repeats to `QUOTED` characters, and replace what UTF-8 cannot write."""
    if text is None:
        return None
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


def shorten(text: str, most: int) -> str:
    """Put a text on one line of at most `most` characters."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1] + "…"


def no_gold() -> Judgement:
    """Abstain because the problem comes without an answer."""
    return Judgement(Outcome.ABSTAIN, Reason.NO_GOLD, "the problem has no known answer")


def no_answer(gold: str) -> Judgement:
    """Reject a candidate that never gives an answer."""
    return Judgement(Outcome.REJECT, Reason.NO_ANSWER, "no final answer was found", expected=gold)


def compared(equal: bool, extracted: str, gold: str) -> Judgement:
    """Accept an answer that equals the gold, reject another."""
    if equal:
        return Judgement(Outcome.ACCEPT, Reason.OK, extracted=extracted, expected=gold)
    return Judgement(
        Outcome.REJECT, Reason.WRONG_ANSWER, "the answer differs from the gold", extracted=extracted, expected=gold
    )
