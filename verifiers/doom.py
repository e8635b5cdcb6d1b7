"""Proofs that a stream is lost, by the verdicts' own detectors.

Each holds the text to more than its verifier does. What it proves, the verifier also rejects in the end, whatever
follows; of a loop or a drift: if it goes on, or the reasoning ends where it is. None takes 50 ms for a trace of 32,768
tokens, for the sampler waits meanwhile: of a loop or a drift only the end of the text is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from schemas.candidate import Candidate
from schemas.trace import THINK_CLOSE, parse
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.base import shorten
from verifiers.format import Format
from verifiers.language import Language
from verifiers.length import Length
from verifiers.mixing.scripts import count_letters
from verifiers.repetition import find_loop
from verifiers.settings import VerifierSettings
from verifiers.tripwires import FARTHEST, FOREIGN_LETTERS, SLACK, TAGS, Seen, loop_bounds, most_tokens

_OPEN = frozenset({Reason.OK, Reason.SEVERAL_BOXES, Reason.CONTRADICTED_BOX})
"""What `format` may say of an ending although another ending would be well-formed."""
_LAST_WORD = 40
"""Characters at the end that may be half a word, and so no part of the loop yet."""
_QUOTED = 60
_READ = 8_192
"""Characters at the end in which a drift must be found."""
_RECENT, _SHARE = 1_024, 0.25
"""Least share of foreign letters in the very last characters."""
_FENCES = ("```", "~~~")
_CLOSERS = "\n```\n~~~\n\\]\\)$$"
"""Ends whatever code or formula may be open: what stands in it is no language."""

Proof = Callable[[Seen, VerifierSettings], Judgement | None]


def prove_loop(seen: Seen, settings: VerifierSettings) -> Judgement | None:
    """Find a loop, of twice the passes and twice the length that reject, that reaches the end of what is judged."""
    ending = _candidate(seen)
    trace = parse(ending.content, ending.reasoning)
    part = (trace.answer or trace.reasoning or "")[-3 * FARTHEST :]
    loop = find_loop(part, loop_bounds(settings))
    if loop is None or loop.end < len(part) - _LAST_WORD:
        return None
    phrase = shorten(part[loop.start : loop.start + loop.period], _QUOTED)
    detail = f"{phrase!r} is said {loop.times:.0f} times in a row, and goes on"
    return Judgement(Outcome.REJECT, Reason.REPETITION, detail, extracted=phrase)


def prove_malformed(seen: Seen, settings: VerifierSettings) -> Judgement | None:
    """Try every ending that closes what may be open: one that is no fault saves the stream.

    Not covered: a token of a template where a mark of code stands somewhere, for it may yet become code.
    """
    faults: list[Judgement] = []
    for ending in _endings(seen):
        judged = Format().check(seen.problem, ending, settings)
        if judged.reason is Reason.LEAKED_TEMPLATE and "`" not in seen.text and "~" not in seen.text:
            faults = [judged]  # in every other ending, too
            break
        if judged.reason in _OPEN or judged.reason is Reason.LEAKED_TEMPLATE:
            return None
        faults.append(judged)
    told = faults[-1] if faults[0].reason in (Reason.UNCLOSED_THINK, Reason.UNCLOSED_ANSWER) else faults[0]
    return replace(told, detail=f"whatever follows, {told.detail}")


def prove_overlong(seen: Seen, settings: VerifierSettings) -> Judgement | None:
    """Estimate the tokens as the verdict does: more, by half, than the domain allows."""
    judged = Length().check(seen.problem, _candidate(seen), settings)
    return judged if (judged.score or 0) > SLACK * most_tokens(seen.problem, settings) else None


def prove_drift(seen: Seen, settings: VerifierSettings) -> Judgement | None:
    """Find hundreds of foreign letters at the end of the reasoning, and much of them at its very end.

    Not covered: languages that share a script other than Latin; policies that allow a share of foreign text.
    """
    if not seen.in_reasoning and THINK_CLOSE in seen.text:
        return None
    if not _foreign(seen, settings, _last(seen.text, _RECENT), _SHARE):
        return None
    read = _last(seen.text, _READ)
    least = FOREIGN_LETTERS / max(1, count_letters(read))
    return _foreign(seen, settings, read + _CLOSERS, least) and _foreign(seen, settings, read, least)


PROOFS: Mapping[str, Proof] = {
    "repetition": prove_loop,
    "format": prove_malformed,
    "length": prove_overlong,
    "language": prove_drift,
}
"""By the verifier that would reject."""


def _candidate(seen: Seen, more: str = "") -> Candidate:
    """Make what a verifier would be shown if the text ended here, with `more` after it."""
    text = seen.text + more
    reasoning, content = (text, seen.beside) if seen.in_reasoning else (seen.beside or None, text)
    return _trace(reasoning, content)


def _trace(reasoning: str | None, content: str) -> Candidate:
    return Candidate("", "", "", 0, reasoning, content, "reasoning" if reasoning else "inline", "stop", "")


def _endings(seen: Seen) -> Iterator[Candidate]:
    if seen.in_reasoning:
        yield _candidate(replace(seen, beside="x"), "x")
        return
    rests = (TAGS[first:] for first in range(len(TAGS), 0, -1))
    for rest in rests:
        yield _candidate(seen, "x".join(("", *rest, "")))


def _last(text: str, characters: int) -> str:
    """Return the end of a text; code that was open where it begins stays code."""
    start = max(0, len(text) - characters)
    opened = (f"{fence}\n" for fence in _FENCES if text.count(fence, 0, start) % 2)
    return "".join(opened) + text[start:]


def _foreign(seen: Seen, settings: VerifierSettings, reasoning: str, share: float) -> Judgement | None:
    judged = Language().check(seen.problem, _trace(reasoning, ""), settings)
    return judged if judged.outcome is Outcome.REJECT and (judged.score or 0) >= share else None
