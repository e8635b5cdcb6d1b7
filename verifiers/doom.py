"""Four ways in which a stream can be lost: each a cheap suspicion, and a proof by the verdict's own detector.

`suspects` looks at the newest block in microseconds. `confirm` asks the verifier about the whole text so far, and holds
the text to more than it does. What it confirms, the verifier also rejects in the end, whatever follows; of a loop or a
drift: if it goes on, or the reasoning ends where it is.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, THINK_OPEN
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.format import Format
from verifiers.language import Language
from verifiers.length import Length
from verifiers.mixing.frequent import frequent_hits
from verifiers.mixing.scripts import SCRIPTS, count_letters, script
from verifiers.repetition import Repetition, find_loop
from verifiers.settings import LengthBounds, VerifierSettings

_OPEN = frozenset({Reason.OK, Reason.SEVERAL_BOXES, Reason.CONTRADICTED_BOX})
"""What `format` may say of an ending although another ending would be well-formed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is of a stream."""

    problem: Problem
    text: str
    """The reasoning field or the content, whichever the newest block belongs to."""
    block: str
    """The newest characters of `text`."""
    beside: str
    """The other one of the two."""
    in_reasoning: bool
    """Whether `text` is the reasoning field."""

    def candidate(self, more: str = "") -> Candidate:
        """Make what a verifier would be shown if the text ended here, with `more` after it."""
        text = self.text + more
        reasoning, content = (text, self.beside) if self.in_reasoning else (self.beside or None, text)
        return Candidate("", "", "", 0, reasoning, content, "reasoning" if reasoning else "inline", "stop", "")


class Alarm(Protocol):
    """Finds one kind of loss."""

    patience: float
    """Growth of the stream before it is asked again after it was wrong."""

    def suspects(self, seen: Seen) -> bool:
        """Whether the newest block is worth a closer look."""
        ...

    def confirm(self, seen: Seen) -> Judgement | None:
        """Return the verifier's judgement when it rejects, and by enough; None otherwise."""
        ...


class Runaway:
    """A loop, of twice the passes and twice the length that reject, in which the text still is."""

    patience = 1.5
    _TAIL = 24
    _FARTHEST = 16_384
    """Characters of the longest period that is noticed."""
    _CANDIDATES = 4
    _SPACED, _DENSE = 1.25, 0.35
    """Characters, white space included, in one of the bounds': of English, and of Chinese."""
    _LAST_WORD = 40
    """Characters at the end that may be half a word, and so no part of the loop yet."""

    def __init__(self, settings: VerifierSettings) -> None:
        own = settings.repetition
        self._settings = settings
        self._bounds = replace(own, times=2 * own.times, characters=2 * own.characters)

    def suspects(self, seen: Seen) -> bool:
        """Look for the last characters before themselves, and whether that distance holds for long."""
        text, end = seen.text, len(seen.text)
        tail, found = text[-self._TAIL :], end - self._TAIL
        for _ in range(self._CANDIDATES):
            found = text.rfind(tail, max(0, end - self._FARTHEST), found + self._TAIL - 1)
            if found < 0:
                return False
            period = end - self._TAIL - found
            least = self._least(period, ascii_only=tail.isascii())
            if end >= least + period and text[-least:] == text[-least - period : -period]:
                return True
        return False

    def _least(self, period: int, *, ascii_only: bool) -> int:
        """Return about how many characters must equal those of a period before to make a loop of the bounds."""
        characters = self._bounds.characters * (self._SPACED if ascii_only else self._DENSE)
        enough = period / 2 * (math.sqrt(1 + 4 * characters * self._bounds.times / period) - 1)
        return int(max(period, characters, enough))

    def confirm(self, seen: Seen) -> Judgement | None:
        """Believe a loop that reaches the end of the text."""
        loop = find_loop(seen.text, self._bounds)
        if loop is None or loop.end < len(seen.text) - self._LAST_WORD:
            return None
        return _rejected(Repetition().check(seen.problem, seen.candidate(), self._settings))


class Malformed:
    """Tags that no ending puts in order, and template tokens that no ending makes code."""

    patience = 1.25
    _MARKS = ("think>", "answer>", "|>", "｜>", "INST]", "_of_turn>", "</s>", "<eos>")
    _TAGS = (THINK_OPEN, THINK_CLOSE, ANSWER_OPEN, ANSWER_CLOSE)

    def __init__(self, settings: VerifierSettings) -> None:
        self._settings = settings
        self._marked = False

    def suspects(self, seen: Seen) -> bool:
        """Look for a tag or a token since the last proof was sought."""
        newest = seen.text[-len(seen.block) - max(map(len, self._MARKS)) :]
        self._marked = self._marked or any(mark in newest for mark in self._MARKS)
        return self._marked

    def confirm(self, seen: Seen) -> Judgement | None:
        """Try every ending that closes what may be open: one that is no fault saves the stream."""
        self._marked = False
        may_be_code = "`" in seen.text or "~" in seen.text
        faults = []
        for ending in self._endings(seen):
            judged = Format().check(seen.problem, ending, self._settings)
            if judged.reason in _OPEN or (judged.reason is Reason.LEAKED_TEMPLATE and may_be_code):
                return None
            faults.append(judged)
        told = faults[-1] if faults[0].reason in (Reason.UNCLOSED_THINK, Reason.UNCLOSED_ANSWER) else faults[0]
        return replace(told, detail=f"whatever follows, {told.detail}")

    def _endings(self, seen: Seen) -> Iterator[Candidate]:
        if seen.in_reasoning:
            yield replace(seen, beside="x").candidate("x")
            return
        rests = (self._TAGS[first:] for first in range(len(self._TAGS), 0, -1))
        for rest in rests:
            yield seen.candidate("x".join(("", *rest, "")))


class Overlong:
    """More tokens, by half, than the domain allows: they are estimated from the text."""

    patience = 1.25
    _SLACK = 1.5
    _BYTES = 3.0
    """Bytes of UTF-8 in a token, at least: about four in English prose, and in Chinese."""

    def __init__(self, problem: Problem, settings: VerifierSettings) -> None:
        bounds: LengthBounds = getattr(settings.length, problem.domain)
        self._settings = settings
        self._most = bounds.max_tokens * self._SLACK
        self._bytes = 0

    def suspects(self, seen: Seen) -> bool:
        """Count bytes."""
        self._bytes += len(seen.block) if seen.block.isascii() else len(seen.block.encode("utf-8", "surrogatepass"))
        return self._bytes >= self._BYTES * self._most

    def confirm(self, seen: Seen) -> Judgement | None:
        """Count as the verdict does."""
        judged = Length().check(seen.problem, seen.candidate(), self._settings)
        return _rejected(judged) if (judged.score or 0) > self._most else None


class Drift:
    """Reasoning that went over to another language: hundreds of letters, and much of what came last.

    Not covered: languages that share a script other than Latin; policies that allow a share of foreign text.
    """

    patience = 2.0
    _WINDOW = 1_024
    _LETTERS = 300
    """Fewest foreign letters of the whole text; twice as many are suspected before the first proof is sought."""
    _SHARE = 0.25
    """Least share of them in the last `_WINDOW` characters."""
    _SCRIPT_LETTERS = 64
    """Letters of other scripts that raise suspicion of a block."""
    _WORDS = 6
    """Different frequent words of another language, more than of the own, that raise suspicion of a block."""
    _WORD = re.compile(r"[^\W\d_]+")
    _CLOSERS = "\n```\n~~~\n\\]\\)$$"
    """Ends whatever code or formula may be open: what stands in it is no language."""

    def __init__(self, problem: Problem, settings: VerifierSettings) -> None:
        language = problem.language.lower().replace("_", "-").partition("-")[0]
        self._settings = settings
        self._language = language
        self._own = SCRIPTS.get(language, frozenset()) - {"LATIN"}
        self._watching = language in SCRIPTS and settings.language.foreign_share == 0
        self._suspected = 0

    def suspects(self, seen: Seen) -> bool:
        """Add up letters of other scripts, and of blocks with frequent words of another language in Latin script."""
        if not self._watching or THINK_CLOSE in seen.block or not (seen.in_reasoning or not seen.beside):
            return False
        letters = self._of_other_scripts(seen.block) + self._of_other_languages(seen.block)
        self._suspected += letters
        return letters > 0 and self._suspected >= 2 * self._LETTERS

    def _of_other_scripts(self, block: str) -> int:
        if block.isascii():
            return 0
        scripts = Counter(map(script, block))
        foreign = scripts.total() - scripts[""] - scripts["LATIN"] - sum(scripts[own] for own in self._own)
        return foreign if foreign >= self._SCRIPT_LETTERS else 0

    def _of_other_languages(self, block: str) -> int:
        words = self._WORD.findall(block.lower())
        hits = frequent_hits(words)
        own = hits.pop(self._language, 0)
        return sum(map(len, words)) if max(hits.values(), default=0) >= max(self._WORDS, own + 1) else 0

    def confirm(self, seen: Seen) -> Judgement | None:
        """Ask about the last of the text, then about all of it, also in case that open code is closed later."""
        if not seen.in_reasoning and THINK_CLOSE in seen.text:
            return None
        recent = replace(seen, text=seen.text[-self._WINDOW :], beside="", in_reasoning=True)
        if not self._foreign(recent, self._SHARE, ""):
            return None
        least = self._LETTERS / max(1, count_letters(seen.text))
        return self._foreign(seen, least, self._CLOSERS) and self._foreign(seen, least, "")

    def _foreign(self, seen: Seen, share: float, more: str) -> Judgement | None:
        judged = Language().check(seen.problem, seen.candidate(more), self._settings)
        return _rejected(judged) if (judged.score or 0) >= share else None


def _rejected(judged: Judgement) -> Judgement | None:
    return judged if judged.outcome is Outcome.REJECT else None
