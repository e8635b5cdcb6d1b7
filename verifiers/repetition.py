"""Does the text run in circles?

Two measures. A loop is a phrase that follows itself, word for word, again and again. The share of repeated text counts
whatever stands in `PASSAGE` words that stood so before, wherever that was: so it also finds long passages that come
back in another order, or each time with another number in them. Words are words of spaced scripts, single characters
of Chinese and Japanese, numbers, and signs.
Not covered: repetition with a number or a word that changes within every `PASSAGE` words (enumerations, tables, long
sums and code have that too), and white space.
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
from verifiers.base import shorten
from verifiers.settings import RepetitionSettings, VerifierSettings

PASSAGE = 24
"""Words that are repeated text when they recur in the same order; a multiple of `_ALIKE`."""
_ALIKE = 6
"""Words that must recur before a period is suspected."""
_SILENT, _REGULAR = 2, 20
"""A loop of digits and signs needs so many times the least characters; the second where it goes over several lines, as
a grid does, or is one word, as a border or a decimal is."""
_LONG = 5
"""A text needs this many times a loop's least characters before its share of repetition means anything."""
_WIDE = 3
"""Characters that one of Chinese or Japanese counts for: it says about as much."""
_QUOTED = 60

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_IS_WIDE = re.compile(f"[{_CJK}]")
_TOKEN = re.compile(rf"[{_CJK}]|[^\W\d_{_CJK}]{{1,16}}|\d{{1,16}}|=+|[^\w\s]|_")
"""A word; sixteen letters or digits at most, so that one that never ends is seen to repeat itself."""
_SAYS = re.compile(rf"[{_CJK}]|[^\W\d_]{{2}}|(?<!=)=(?!=)")
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
    """Rejects a trace with a loop, or with reasoning that is mostly repetition; the score is that share.

    In an answer, only loops count: lists of moves, rows of a grid and the like are asked for.
    """

    name = "repetition"
    version = "2"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Judge reasoning and answer, each by itself."""
        trace = parse(candidate.content, candidate.reasoning)
        reasoning, answer = (_Words.of(text or "") for text in (trace.reasoning, trace.answer))
        share, first = _repeated_share(reasoning)
        for where, words in (("reasoning", reasoning), ("answer", answer)):
            if loop := _find_loop(words, settings.repetition):
                phrase = shorten(words.text[loop.start : loop.start + loop.period], _QUOTED)
                detail = f"{phrase!r} is said {loop.times:.0f} times in a row, {where} {loop.start}–{loop.end}"
                return Judgement(Outcome.REJECT, Reason.REPETITION, detail, extracted=phrase, score=share)
        if share > settings.repetition.share and reasoning.sizes[-1] >= _LONG * settings.repetition.characters:
            begins = reasoning.spans()[first][0]
            detail = f"{share:.0%} of the reasoning repeats what it said before, first at reasoning {begins}"
            return Judgement(Outcome.REJECT, Reason.REPETITION, detail, score=share)
        return Judgement(Outcome.ACCEPT, Reason.OK, score=share)


def find_loop(text: str, settings: RepetitionSettings = RepetitionSettings()) -> Loop | None:  # noqa: B008  frozen
    """Return the longest loop of `text`, None when there is none; linear in time."""
    return _find_loop(_Words.of(text), settings)


def repeated_share(text: str) -> Repeated:
    """Measure the passages of `text` that recur and hold a word or an equation; linear in time."""
    words = _Words.of(text)
    share, first = _repeated_share(words)
    return Repeated(share, words.spans()[first][0] if share else len(text))


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text; equal words have equal numbers."""

    text: str
    numbers: list[int]
    alike: list[int]
    """For each word, a hash of the `_ALIKE` words that begin with it."""
    sizes: list[int]
    """Characters before each word, and of all words; white space left out."""
    says: list[int]
    """Words that say something before each word, and of all."""

    @classmethod
    def of(cls, text: str) -> _Words:
        words = _TOKEN.findall(text)
        known: dict[str, int] = {}
        numbers = [known.setdefault(word, len(known)) for word in words]
        sizes = {word: _WIDE if _IS_WIDE.match(word) else len(word) for word in known}
        says = {word: bool(_SAYS.match(word)) for word in sizes}
        totals = (list(accumulate(map(each.__getitem__, words), initial=0)) for each in (sizes, says))
        return cls(text, numbers, list(_hashes(numbers, _ALIKE)), *totals)

    def spans(self) -> list[tuple[int, int]]:
        return [match.span() for match in _TOKEN.finditer(self.text)]


def _hashes(numbers: Sequence[int], size: int, step: int = 1) -> Iterator[int]:
    """Yield, for each place, a hash of every `step`-th of the `size` numbers from there; equal in every process."""
    return map(hash, zip(*(numbers[skip:] for skip in range(0, size, step)), strict=False))


def _find_loop(words: _Words, settings: RepetitionSettings) -> Loop | None:
    runs = [run for run in _runs(words.numbers, words.alike) if _counts(words, *run, settings)]
    if not runs:
        return None
    spans = words.spans()
    loops = (
        Loop(spans[first][0], spans[last][1], spans[first + period][0] - spans[first][0], (last + 1 - first) / period)
        for first, last, period in runs
        if not _is_regular(words.text[spans[first][0] : spans[last][1]], settings)
    )
    return max(loops, key=lambda one: one.end - one.start, default=None)


def _is_regular(text: str, settings: RepetitionSettings) -> bool:
    """Whether a loop is a grid, a border or a decimal, and no longer than those may be."""
    words = text.split()
    is_short = sum(map(len, words)) < _REGULAR * settings.characters
    return is_short and (len(words) == 1 or "\n" in text) and not _SAYS.search(text)


def _counts(words: _Words, first: int, last: int, period: int, settings: RepetitionSettings) -> bool:
    repeated = words.sizes[last + 1] - words.sizes[first + period]
    if words.says[first + period] == words.says[first]:
        return repeated >= _SILENT * settings.characters
    times = (last + 1 - first) / period
    return repeated >= settings.characters and repeated * times >= settings.characters * settings.times


def _runs(words: Sequence[int], alike: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last, period) of stretches of at least two passes in which each word equals the one a period ago.

    A period is suspected where `_ALIKE` words in a row were seen before, and held for as long as it fits.
    """
    seen: dict[int, int] = {}
    period = first = done = 0
    for here, tail in enumerate(alike, start=_ALIKE - 1):
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


def _repeated_share(words: _Words) -> tuple[float, int]:
    """Return the share, and the first word that repeats."""
    sizes, says = words.sizes, words.says
    seen: set[int] = set()
    first = repeated = done = 0
    for here, passage in enumerate(_hashes(words.alike, PASSAGE - _ALIKE + 1, _ALIKE)):
        if passage not in seen:
            seen.add(passage)
        elif says[end := here + PASSAGE] > says[here]:
            first = first or here
            repeated += sizes[end] - sizes[max(here, done)]
            done = end
    return repeated / max(1, sizes[-1]), first
