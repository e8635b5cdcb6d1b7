"""Which problems of a collection are one problem, word for word or nearly.

Texts are compared as `curator.curating.wording` reads them, without the number that a list gives them. Two are near
copies when

- at least `THRESHOLD` of the word triples that either has are in both (Jaccard). Triples reach over the ends of a text,
  so every word counts alike: a changed word leaves a near copy from 15 words on, and never in a shorter text. `WITHIN`
  is enough where one of them stands whole in the other, with a sentence more;
- they have the same numbers and signs in the same order, number words included: "Tom has 3 apples" and "Tom has 4
  apples" are two problems, else a templated set would shrink to one row. Drawings out of signs must be equal;
- they are not two fillings of one template. Triples that `STOCK` texts have are stock phrases; where two texts differ
  by words of their own on both sides, not by one's own words in place of a stock phrase, these words decide. So
  copies of one problem that differ in nothing but a name all stay when there are `STOCK` of them.

Not covered: paraphrase, translation, sentences with numbers or options in another order, 3 against three, the same
problem with other numbers, a copy inside a text of twice its length, how often a word is said in a row. Long problems
that differ in one decisive word (inside, outside) are near copies here, and so are fillings of a template that few
texts have. Pairs are proposed by `curator.curating.minhash`: of those that share little more than `WITHIN` one in eight
is overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from curator.curating.hashed_text import SHINGLE, Text, Vocabulary
from curator.curating.minhash import Hashes, Index, buckets

THRESHOLD = 0.7
"""Least share of common triples: that much is left of a problem of 33 words when an instruction of 12 is added."""
STOCK = 10
"""A triple that so many different texts have is a stock phrase."""
WITHIN, LEAST = 0.5, 17
"""Least share where the whole of one text stands in the other, and has `LEAST` triples: a sentence was added."""
_SHOWN, _SHOWN_CHARACTERS = 12, 80
"""What a person is shown at most of what two texts share; it is looked for in their first `_SEARCHED` words."""
_SEARCHED = 64
_CHINESE_GAP = re.compile(r"(?<=[\u3040-\u9fff]) | (?=[\u3040-\u9fff])")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A problem that repeats one that is kept."""

    problem_id: str
    kept: str
    exact: bool
    """Whether the two read the same word for word; spelling and punctuation may differ."""
    overlap: float
    """Share of common word triples, 0 to 1."""
    detail: str
    """A few words that both have."""


class Repeats:
    """The problems of a collection, as hashes.

    Args:
        texts: The different texts.
        problems: For each problem's id the place of its text.
        vocabulary: The words of the texts.
    """

    def __init__(self, texts: Sequence[Text], problems: Mapping[str, int], vocabulary: Vocabulary) -> None:
        self._texts, self._problems, self._vocabulary = texts, problems, vocabulary
        self._triples = [text.triples() for text in texts]
        self._stock = _stock(self._triples)
        self._buckets = buckets(self._triples, [text.kind for text in texts])

    def drops(self, order: Sequence[str]) -> list[Repeat]:
        """List the problems to leave out, when of two that repeat each other the earlier in `order` is kept.

        A problem is left out only for one that is kept, never for one that is itself left out. `order` may name some
        of the problems only; the list has its order.
        """
        keeps: dict[int, tuple[int, float]] = {}
        kept: dict[int, str] = {}
        index = Index(self._buckets)
        found = []
        for problem_id in order:
            text = self._problems[problem_id]
            if text not in keeps:
                keeps[text] = self._nearest(text, index.like(text))
            keeper, overlap = keeps[text]
            if keeper in kept:
                detail = self._common_words(text, keeper)
                found.append(Repeat(problem_id, kept[keeper], keeper == text, overlap, detail))
            else:
                kept[text] = problem_id
                index.add(text)
        return found

    def groups(self) -> dict[str, str]:
        """Name the group of each problem that has repeats, after the problem of the group that came first.

        Near copies of near copies are one group, so that what stays together by groups has no near copy elsewhere.
        """
        above = list(range(len(self._texts)))
        index = Index(self._buckets)
        for text in range(len(above)):
            for other in index.like(text):
                if _top(above, text) != _top(above, other) and self._overlap(text, other):
                    above[_top(above, text)] = _top(above, other)
            index.add(text)
        groups: dict[int, list[str]] = {}
        for problem_id, text in self._problems.items():
            groups.setdefault(_top(above, text), []).append(problem_id)
        return {problem_id: group[0] for group in groups.values() if len(group) > 1 for problem_id in group}

    def _nearest(self, text: int, others: Sequence[int]) -> tuple[int, float]:
        """Find the text that this one is nearest to; itself where none is near."""
        overlaps = [(self._overlap(text, other), -other) for other in others]
        overlap, other = max(overlaps, default=(0.0, 0))
        return (-other, overlap) if overlap else (text, 1.0)

    def _overlap(self, one: int, other: int) -> float:
        """Compute the share of common triples; 0 for texts that are not near copies."""
        a, b = self._triples[one], self._triples[other]
        in_b, in_a = _among(a, b), _among(b, a)
        common = int(in_b.sum())
        share = common / (len(a) + len(b) - common)
        within = _stands_within(min(len(a), len(b)), max(len(a), len(b)), common)
        least = WITHIN if within else THRESHOLD
        if share < least:
            return 0.0
        own_a, own_b = ~_among(a, self._stock), ~_among(b, self._stock)
        own_common = int((own_a & in_b).sum())
        own_apart = int((own_a & ~in_b).sum() + (own_b & ~in_a).sum())
        stock_apart = len(a) + len(b) - 2 * common - own_apart
        alike = own_common >= least * (own_common + own_apart)
        return share if alike or own_apart <= stock_apart + SHINGLE else 0.0

    def _common_words(self, one: int, other: int) -> str:
        """Spell the longest run of words that both texts have near their beginning."""
        a, b = (self._texts[text].words[:_SEARCHED] for text in (one, other))
        if one != other:
            run = SequenceMatcher(None, a, b, autojunk=False).find_longest_match()
            a = a[run.a : run.a + run.size]
        words = " ".join(self._vocabulary.spell(a[:_SHOWN]))
        return _CHINESE_GAP.sub("", words)[:_SHOWN_CHARACTERS]


def find(problems: Iterable[tuple[str, str]]) -> Repeats:
    """Read problems, each an id of its own and a prompt, to find those that repeat others.

    About 4 kB are held for each different text of 300 characters, and no prompt.
    """
    texts: list[Text] = []
    places: dict[bytes, int] = {}
    by_problem: dict[str, int] = {}
    vocabulary = Vocabulary()
    for problem_id, prompt in problems:
        text = vocabulary.read(prompt)
        place = by_problem[problem_id] = places.setdefault(text.digest(), len(texts))
        if place == len(texts):
            texts.append(text)
    return Repeats(texts, by_problem, vocabulary)


def _stands_within(shorter: int, longer: int, common: int) -> bool:
    """Tell by the counts of triples whether a text stands whole in one that has a sentence more.

    There it lacks the triples that reach over its ends. Where both have one length, a word was changed instead.
    """
    ends = 2 * (SHINGLE - 1)
    return shorter >= LEAST and longer - shorter > SHINGLE and common >= shorter - ends


def _among(some: Hashes, others: Hashes) -> NDArray[np.bool_]:
    """Tell which of some hashes are among the others; those are sorted and at least one."""
    places = np.searchsorted(others, some)
    places[places == len(others)] = 0
    found: NDArray[np.bool_] = others[places] == some
    return found


def _stock(triples: Sequence[Hashes]) -> Hashes:
    """Find the triples that `STOCK` texts have, and one that is none, so that there always is one; sorted."""
    every = np.concatenate([*triples, np.empty(0, np.uint64)])
    every.sort()
    return np.append(np.unique(every[STOCK - 1 :][every[STOCK - 1 :] == every[: 1 - STOCK]]), np.uint64(2**64 - 1))


def _top(above: list[int], one: int) -> int:
    """Follow a text to the one that stands for its group, and shorten the way."""
    while above[one] != one:
        above[one] = above[above[one]]
        one = above[one]
    return one
