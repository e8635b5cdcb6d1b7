"""Four cheap suspicions that a stream is lost, each to be proved by `verifiers.doom` before anything is cut.

A tripwire looks at the newest block of a stream in a few microseconds. It may be wrong; it is not slow.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

from schemas.problem import Problem
from schemas.trace import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, THINK_OPEN
from schemas.verdict import Reason
from verifiers.mixing.frequent import FREQUENT, frequent_hits
from verifiers.mixing.scripts import SCRIPTS, script
from verifiers.settings import LengthBounds, RepetitionSettings, VerifierSettings

FARTHEST = 8_192
"""Characters of the longest loop that is noticed."""
FOREIGN_LETTERS = 300
"""Fewest foreign letters by which reasoning went over to another language."""
SLACK = 1.5
"""How many times the most tokens a text may be long: they are estimated."""
TAGS = (THINK_OPEN, THINK_CLOSE, ANSWER_OPEN, ANSWER_CLOSE)


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


class Tripwire(Protocol):
    """Suspects one kind of loss."""

    verifier: str
    """Whose verdict it would be; also names the proof."""
    cut: Reason
    """Why the stream is cut, once the loss is proved."""
    patience: float
    """Growth of the stream before it is asked again after it was wrong."""

    def suspects(self, seen: Seen) -> bool:
        """Whether the newest block is worth a closer look."""
        ...


def loop_bounds(settings: VerifierSettings) -> RepetitionSettings:
    """Ask for twice the passes and twice the length that reject."""
    own = settings.repetition
    return replace(own, times=2 * own.times, characters=2 * own.characters)


def most_tokens(problem: Problem, settings: VerifierSettings) -> int:
    """Return the most tokens that the problem's domain allows."""
    bounds: LengthBounds = getattr(settings.length, problem.domain)
    return bounds.max_tokens


class Runaway:
    """A loop in which the text still is."""

    verifier, cut, patience = "repetition", Reason.CUT_LOOP, 1.5
    _TAIL = 24
    _CANDIDATES = 4
    _SPACED, _DENSE = 1.25, 0.35
    """Characters, white space included, in one of the bounds': of English, and of Chinese."""

    def __init__(self, problem: Problem, settings: VerifierSettings) -> None:
        self._bounds = loop_bounds(settings)

    def suspects(self, seen: Seen) -> bool:
        """Look for the last characters before themselves, and whether that distance holds for long."""
        text, end = seen.text, len(seen.text)
        tail, found = text[-self._TAIL :], end - self._TAIL
        for _ in range(self._CANDIDATES):
            found = text.rfind(tail, max(0, end - FARTHEST), found + self._TAIL - 1)
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


class Malformed:
    """A tag that does not stand where it is expected next, or what may be a token of a template."""

    verifier, cut, patience = "format", Reason.CUT_FORMAT, 1.25
    _TAG_ENDS = ("think>", "answer>")
    _TOKEN_ENDS = ("|>", "｜>", "INST]", "_of_turn>", "</s>", "<eos>")
    _REACH = max(map(len, TAGS))
    """Characters before a block that may belong to a tag in it."""
    _TAG = re.compile("|".join(TAGS))

    def __init__(self, problem: Problem, settings: VerifierSettings) -> None:
        """Nothing about it can be set."""

    def suspects(self, seen: Seen) -> bool:
        """Look for them in the block."""
        newest = seen.text[-len(seen.block) - self._REACH :]
        if ">" not in newest and "INST]" not in newest:
            return False
        if any(end in newest for end in self._TOKEN_ENDS):
            return True
        return any(end in newest for end in self._TAG_ENDS) and not self._in_order(seen)

    def _in_order(self, seen: Seen) -> bool:
        """Whether the tags so far are the first ones of a well-formed trace."""
        tags = self._TAG.findall(seen.text)
        if seen.in_reasoning:
            return not tags
        done = 2 if seen.beside else 0 if seen.text.lstrip().startswith(THINK_OPEN) else 1
        return tags == list(TAGS[done : done + len(tags)])


class Overlong:
    """More bytes than the tokens could have that the domain allows."""

    verifier, cut, patience = "length", Reason.CUT_BUDGET, 1.25
    _BYTES = 3.0
    """Bytes of UTF-8 in a token, at least: about four in English prose, and in Chinese."""

    def __init__(self, problem: Problem, settings: VerifierSettings) -> None:
        self._most = self._BYTES * SLACK * most_tokens(problem, settings)
        self._bytes = 0

    def suspects(self, seen: Seen) -> bool:
        """Count bytes."""
        self._bytes += len(seen.block) if seen.block.isascii() else len(seen.block.encode("utf-8", "surrogatepass"))
        return self._bytes >= self._most


class Drift:
    """Letters of another script, or frequent words of another language in Latin script."""

    verifier, cut, patience = "language", Reason.CUT_LANGUAGE, 2.0
    _SCRIPT_LETTERS = 64
    """Letters of other scripts that raise suspicion of a block."""
    _WORDS = 6
    """Different frequent words of another language, more than of the own, that raise suspicion of a block."""

    def __init__(self, problem: Problem, settings: VerifierSettings) -> None:
        self._language = problem.language.lower().replace("_", "-").partition("-")[0]
        self._own = SCRIPTS.get(self._language, frozenset()) | {"LATIN", ""}
        self._watching = self._language in SCRIPTS and settings.language.foreign_share == 0
        self._own_words, self._other_words = _frequent(self._language)
        self._suspected = 0

    def suspects(self, seen: Seen) -> bool:
        """Add up the letters of suspicious blocks of the reasoning; twice as many as must be proved are enough."""
        if not self._watching or THINK_CLOSE in seen.block or not (seen.in_reasoning or not seen.beside):
            return False
        letters = self._of_other_scripts(seen.block) + self._of_other_languages(seen.block)
        self._suspected += letters
        return letters > 0 and self._suspected >= 2 * FOREIGN_LETTERS

    def _of_other_scripts(self, block: str) -> int:
        if block.isascii():
            return 0
        foreign = sum(map(block.count, [char for char in set(block) if script(char) not in self._own]))
        return foreign if foreign >= self._SCRIPT_LETTERS else 0

    def _of_other_languages(self, block: str) -> int:
        words = set(block.lower().split())
        others = words & self._other_words
        least = max(self._WORDS, len(words & self._own_words) + 1)
        if len(others) < least:
            return 0
        hits = frequent_hits(others)
        del hits[self._language]
        return sum(map(len, block.split())) if max(hits.values()) >= least else 0


@cache
def _frequent(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the frequent words of a language, and those of all others, which may be its own too."""
    own = frozenset(FREQUENT.get(language, "").split())
    return own, frozenset(word for code, words in FREQUENT.items() if code != language for word in words.split())


TRIPWIRES = (Runaway, Malformed, Overlong, Drift)
