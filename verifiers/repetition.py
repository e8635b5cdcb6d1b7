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
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate, chain, count, repeat
from operator import gt

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
_NEVER = (sys.maxsize, sys.maxsize)

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_IS_WIDE = re.compile(f"[{_CJK}]")
_TOKEN = re.compile(rf"[{_CJK}]|[^\W\d_{_CJK}]{{1,16}}|\d{{1,16}}|=+|[^\w\s]|_")
"""A word; sixteen letters or digits at most, so that one that never ends is seen to repeat itself."""
_PIECE = re.compile(r"\S+")
_PASSAGES = re.compile(rb"\x01{%d,}" % (PASSAGE - _ALIKE + 1))
"""Where every word begins `_ALIKE` that recur, for so long that a passage may."""
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
            begins = reasoning.start(first)
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
    return Repeated(share, words.start(first) if share else len(text))


@dataclass(frozen=True)
class _Words:
    """The words of a text; equal words have equal numbers. What only repetition needs is made when it is asked for."""

    text: str
    numbers: list[int]
    known: list[str]
    """The word of each number."""
    alike: list[int]
    """For each word, a hash of the `_ALIKE` words that begin with it."""
    recurs: bytes
    """For each of these hashes, whether another place has it too."""

    @classmethod
    def of(cls, text: str) -> _Words:
        known = defaultdict[str, int](count().__next__)
        read = cache(lambda piece: [known[word] for word in _TOKEN.findall(piece)])
        numbers = list(chain.from_iterable(map(read, text.split())))  # white space ends every word
        alike = list(_hashes(numbers, _ALIKE))
        recurs = bytes(map(gt, map(Counter(alike).__getitem__, alike), repeat(1)))
        return cls(text, numbers, list(known), alike, recurs)

    @cached_property
    def sizes(self) -> list[int]:
        """Characters before each word, and of all words; white space left out, one of Chinese is `_WIDE`."""
        return self._before([_WIDE if _IS_WIDE.match(word) else len(word) for word in self.known])

    @cached_property
    def says(self) -> list[int]:
        """Words that say something before each word, and of all."""
        return self._before([bool(_SAYS.match(word)) for word in self.known])

    @cached_property
    def runs(self) -> list[tuple[int, int, int]]:
        """(first, last, period) of the stretches in which words equal those of a period ago."""
        return list(_runs(self))

    @cached_property
    def loops(self) -> list[tuple[int, int]]:
        """(begin, until) of passages that all repeat those of a period ago and say something."""
        found = ((first + period, last + 2 - PASSAGE, period) for first, last, period in self.runs)
        return [(begin, until) for begin, until, period in found if until > begin and self._all_say(begin, period)]

    def _all_say(self, begin: int, period: int) -> bool:
        says = self.says[begin : begin + period + PASSAGE]
        return all(map(gt, says[PASSAGE:], says))

    @cached_property
    def _lengths(self) -> list[int]:
        return self._before([len(word) for word in self.known])

    @cached_property
    def _pieces(self) -> tuple[list[int], list[int]]:
        """Where the text goes on after white space, and how many characters that are none it has up to there."""
        starts = [piece.start() for piece in _PIECE.finditer(self.text)]
        return starts, list(accumulate(map(len, _PIECE.findall(self.text)), initial=0))

    def _before(self, each: Sequence[int]) -> list[int]:
        return list(accumulate(map(each.__getitem__, self.numbers), initial=0))

    def start(self, word: int) -> int:
        """Return where a word begins in the text."""
        return self._offset(self._lengths[word])

    def end(self, word: int) -> int:
        """Return where a word ends in the text."""
        return self._offset(self._lengths[word + 1] - 1) + 1

    def _offset(self, character: int) -> int:
        starts, before = self._pieces
        piece = bisect_right(before, character) - 1
        return starts[piece] + character - before[piece]


def _hashes(numbers: Sequence[int], size: int, step: int = 1) -> Iterator[int]:
    """Yield, for each place, a hash of every `step`-th of the `size` numbers from there; equal in every process."""
    return map(hash, zip(*(numbers[skip:] for skip in range(0, size, step)), strict=False))


def _find_loop(words: _Words, settings: RepetitionSettings) -> Loop | None:
    loops = (
        Loop(start := words.start(first), words.end(last), words.start(first + period) - start, passes)
        for first, last, period in words.runs
        if _counts(words, first, last, period, settings)
        for passes in [(last + 1 - first) / period]
    )
    told = (one for one in loops if not _is_regular(words.text[one.start : one.end], settings))
    return max(told, key=lambda one: one.end - one.start, default=None)


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


def _runs(words: _Words) -> Iterator[tuple[int, int, int]]:
    """Yield (first, last, period) of stretches of at least two passes in which each word equals the one a period ago.

    A period is suspected where `_ALIKE` words in a row were seen before, and held for as long as it fits.
    """
    numbers, alike = words.numbers, words.alike
    seen: dict[int, int] = {}
    done = begin = 0
    while (begin := words.recurs.find(1, begin)) >= 0:
        here, tail = begin + _ALIKE - 1, alike[begin]
        held = here + 1
        if tail in seen:
            period = here - seen[tail]
            first = _begin(numbers, seen[tail], period, done)
            held = _end(numbers, held, period)
            if held - first >= 2 * period:
                yield first, held - 1, period
                done = held
        until = held - _ALIKE + 1
        seen.update(zip(alike[begin:until], range(here, held), strict=True))
        begin = until


def _begin(words: Sequence[int], before: int, period: int, least: int) -> int:
    """Return where the words began to be those of a period later, going back from `before`."""
    first = min(before + 1, max(least, before + 1 - _ALIKE))  # so many are known to be alike
    while first > least and words[first - 1] == words[first - 1 + period]:
        first -= 1
    return first


def _end(words: Sequence[int], here: int, period: int) -> int:
    """Return the first place from `here` on whose word is not that of a period ago; looks grow, and then shrink."""
    size = 1
    while words[here : here + size] == words[here - period : here - period + size]:
        here, size = here + size, 2 * size
    while size := size // 2:
        if words[here : here + size] == words[here - period : here - period + size]:
            here += size
    return here


def _repeated_share(words: _Words) -> tuple[float, int]:
    """Return the share, and the first word that repeats."""
    seen: set[int] = set()
    first = repeated = done = 0
    for begin, until, is_loop in _passages(words):
        sizes, says = words.sizes, words.says
        if is_loop:
            end = until - 1 + PASSAGE
            first = first or begin
            repeated += sizes[end] - sizes[max(done, begin)]
            done = end
            continue
        passages = _hashes(words.alike[begin : until + PASSAGE - _ALIKE], PASSAGE - _ALIKE + 1, _ALIKE)
        for here, passage in enumerate(passages, start=begin):
            if passage not in seen:
                seen.add(passage)
            elif says[end := here + PASSAGE] > says[here]:
                first = first or here
                repeated += sizes[end] - sizes[done if done > here else here]
                done = end
    return repeated / words.sizes[-1] if repeated else 0.0, first


def _passages(words: _Words) -> Iterator[tuple[int, int, bool]]:
    """Yield (begin, until, is_loop) of where passages begin that may recur; those of a loop's later passes all do."""
    loops = iter(words.loops)
    begin, until = next(loops, _NEVER)
    for stretch in _PASSAGES.finditer(words.recurs):
        here, last = stretch.start(), stretch.end() - PASSAGE + _ALIKE
        while here < last:
            while until <= here:
                begin, until = next(loops, _NEVER)
            is_loop = begin <= here
            end = min(last, until if is_loop else begin)
            yield here, end, is_loop
            here = end
