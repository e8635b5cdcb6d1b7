"""Does the text run in circles?

Two measures. A loop is a phrase that follows itself, word for word, many times. The share of repeated text counts
whatever stands in `PASSAGE` words that stood so before, wherever that was. Words are words of spaced scripts, single
characters of Chinese and Japanese, numbers, and signs. Lines that differ by a number are no loop, however alike they
are: enumerations, tables, long sums and code stay what they are.
Not covered: repetition with a number or a word that changes within every `PASSAGE` words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import parse
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.settings import RepetitionSettings, VerifierSettings

PASSAGE = 24
"""Words that are repeated text when they recur in the same order."""
_ALIKE = 6
"""Words that must recur before a period is suspected."""
_LONG = 5
"""A loop with this many times the least characters needs half the times."""
_QUOTED = 60
_BASE, _PRIME = 1_000_003, (1 << 61) - 1

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W\d_{_CJK}]+|\d+|[^\w\s]|_")
_SAYS = re.compile(rf"[{_CJK}]|[^\W\d_]{{2}}|= ?[^\s=]")
"""A word or an equation. Digits and signs without any are a grid, a table's border, a decimal."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A phrase that follows itself, by character offsets."""

    start: int
    """Where the phrase stands first."""
    end: int
    """Where its last pass ends, which may be incomplete."""
    period: int
    """Characters of the first pass, spaces included."""
    times: float
    """Passes; not whole when the last one is incomplete."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """How much of a text was said before."""

    share: float
    """Share of the characters, spaces left out, in repeated passages; their first occurrence is none."""
    start: int
    """Where the first repetition begins; the text's end when there is none."""


class Repetition:
    """Rejects a trace with a loop, or one that is mostly repetition; the score is the share of repeated text."""

    name = "repetition"
    version = "1"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Judge reasoning and answer, each by itself; the score is that of the worse one."""
        trace = parse(candidate.content, candidate.reasoning)
        texts = {"reasoning": trace.reasoning or "", "answer": trace.answer or ""}
        words = {where: _Words.of(text) for where, text in texts.items()}
        repeated = {where: _repeated_share(text, words[where]) for where, text in texts.items()}
        worst = max(repeated, key=lambda where: repeated[where].share)
        score = repeated[worst].share
        for where, text in texts.items():
            if loop := _find_loop(text, words[where], settings.repetition):
                phrase = _shorten(text[loop.start : loop.start + loop.period])
                detail = f"{phrase!r} is said {loop.times:.0f} times in a row, {where} {loop.start}–{loop.end}"
                return Judgement(Outcome.REJECT, Reason.REPETITION, detail, extracted=phrase, score=score)
        if score > settings.repetition.share and len(texts[worst]) >= _LONG * settings.repetition.characters:
            detail = f"{score:.0%} of the {worst} repeats what it said before, first at {worst} {repeated[worst].start}"
            return Judgement(Outcome.REJECT, Reason.REPETITION, detail, score=score)
        return Judgement(Outcome.ACCEPT, Reason.OK, score=score)


def find_loop(text: str, settings: RepetitionSettings = RepetitionSettings()) -> Loop | None:  # noqa: B008  frozen
    """Return the longest loop of `text`, None when there is none; linear in time."""
    return _find_loop(text, _Words.of(text), settings)


def _find_loop(text: str, words: _Words, settings: RepetitionSettings) -> Loop | None:
    loops = (words.loop(*run) for run in _runs(words.numbers))
    return max(
        (one for one in loops if _counts(text, one, settings)), key=lambda one: one.end - one.start, default=None
    )


def repeated_share(text: str) -> Repeated:
    """Measure the passages of `text` that recur and hold a word or an equation; linear in time."""
    return _repeated_share(text, _Words.of(text))


def _repeated_share(text: str, words: _Words) -> Repeated:
    lengths = list(accumulate((end - start for start, end in zip(words.starts, words.ends, strict=True)), initial=0))
    said = list(accumulate((bool(_SAYS.match(text, start)) for start in words.starts), initial=0))
    seen: set[int] = set()
    characters = begins = done = 0
    for here, passage in enumerate(_hashes(words.numbers, PASSAGE)):
        end = here + PASSAGE
        if passage in seen and said[end] > said[here]:
            begins = begins if characters else words.starts[here]
            characters += lengths[end] - lengths[max(here, done)]
            done = end
        seen.add(passage)
    return Repeated(characters / max(1, lengths[-1]), begins if characters else len(text))


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text: equal words have equal numbers, the same in every process."""

    numbers: list[int]
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> _Words:
        known: dict[str, int] = {}
        words = cls([], [], [])
        for match in _TOKEN.finditer(text):
            words.numbers.append(known.setdefault(match.group(), len(known)))
            words.starts.append(match.start())
            words.ends.append(match.end())
        return words

    def loop(self, first: int, last: int, period: int) -> Loop:
        start = self.starts[first]
        return Loop(start, self.ends[last], self.starts[first + period] - start, (last + 1 - first) / period)


def _hashes(words: Sequence[int], size: int) -> Iterator[int]:
    """Yield a hash of every `size` words in a row, each made from the one before."""
    drop = pow(_BASE, size, _PRIME)
    value = 0
    for here, word in enumerate(words):
        value = value * _BASE + word + 1
        if here >= size:
            value -= (words[here - size] + 1) * drop
        value %= _PRIME
        if here >= size - 1:
            yield value


def _runs(words: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last, period) of stretches of at least two passes in which each word equals the one a period ago.

    A period is suspected where `_ALIKE` words in a row were seen before, and held for as long as it fits.
    """
    seen: dict[int, int] = {}
    period = first = done = 0
    for here, tail in enumerate(_hashes(words, _ALIKE), start=_ALIKE - 1):
        if period and words[here] != words[here - period]:
            if here - first >= 2 * period:
                yield first, here - 1, period
                done = here
            period = 0
        if not period and tail in seen:
            period = here - seen[tail]
            first = _begin(words, seen[tail], period, done)
        seen[tail] = here
    if period and len(words) - first >= 2 * period:
        yield first, len(words) - 1, period


def _begin(words: Sequence[int], before: int, period: int, least: int) -> int:
    """Return where the words began to be those of a period later, going back from `before`."""
    first = before + 1
    while first > least and words[first - 1] == words[first - 1 + period]:
        first -= 1
    return first


def _counts(text: str, loop: Loop, settings: RepetitionSettings) -> bool:
    repeated = loop.end - loop.start - loop.period
    least = settings.times / 2 if repeated >= _LONG * settings.characters else settings.times
    says = _SAYS.search(text, loop.start, loop.start + loop.period)
    return bool(says) and loop.times >= least and repeated >= settings.characters


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
