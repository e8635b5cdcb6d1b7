r"""Sets of real numbers, compared: (1,2] and `1 < x \le 2`, `\mathbb{R}\setminus\{0\}` and x不等于0 are the same.

Covered: what `verifiers.equality.sets.set_notation` reads; letters as ends, `(a, 2a)`, are tried at several values.
Not covered: families over the integers, sets in the plane, conditions that are not linear. `(1,2)` alone may be a
point as well: it counts as an interval only beside a text that can be nothing but a set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate

from verifiers.equality.algebra.numeric import Point
from verifiers.equality.normalise import split_top
from verifiers.equality.sets.real_line import EMPTY
from verifiers.equality.sets.set_notation import Reading, read
from verifiers.equality.sets.set_words import in_signs

_MANY_DECIMALS = re.compile(r"\.\d{30}")
"""Digits by which a decimal could pass for an irrational end."""
LONGEST = 3_000
"""Characters of a text that may be a set."""
_MOST_NESTING = 20
_MOST_LETTERS = 4

_MARK = re.compile(
    r"[<>\[\]|]|\\(?:le|ge|ne|cup|cap|in|infty|mathbb|emptyset|setminus|backslash|notin|ldots)(?![A-Za-z])|^R$"
    r"|[Rr]eal|实数|[Ee]mpty|空集|大于|小于|等于|不[为是能]|超过|至少|至多|最多|无解|正数|负数"
    r"|[Nn]o solution|than\b|except|cannot|at (?:least|most)"
)
"""What shows that a text may be a set, and nothing else."""
_POSSIBLE = re.compile(r"=|\\\{|\([^()]*,")
_RESTATED = re.compile(r"[,;]? ?(?:即|也就是|\bi\.e\.|\bthat is\b)[,:]? ?")
_OUTWARD = re.compile(r"([(\[\]])([^()\[\],]+),([^()\[\],]+)([)\[\]])")
_LETTER = re.compile(
    r"\\(alpha|beta|theta|lambda|mu|omega)(?![a-z])|\\[A-Za-z]+(?:\{[A-Z]\})?|\b(?:or|and)\b|([A-Za-z])"
)


def same_set(gold: str, given: str) -> bool | None:
    """Compare two normalised texts as sets of real numbers.

    Returns:
        None when the gold is no such set, or when neither text says that it is one; False also when only the gold is.
    """
    if _MANY_DECIMALS.search(gold + given):
        return None
    marked = _MARK.search(gold)
    if not (marked or (_MARK.search(given) and _POSSIBLE.search(gold))) or not (_short(gold) and _short(given)):
        return None
    left, right = _prepared(gold), _prepared(given)
    expected = _agreed(left)
    if expected is None:
        return _same_for_all_letters(left, right)
    found = _agreed(right)
    if found is None:
        return False if expected.marked and not expected.solutions.finite else None
    return _same(expected, found)


def _short(text: str) -> bool:
    depths = accumulate((sign in "([{") - (sign in ")]}") for sign in text)
    return len(text) <= LONGEST and max(depths, default=0) <= _MOST_NESTING


def _agreed(text: str) -> Reading | None:
    """Read a set that may be said twice, `x > 2, i.e. (2,∞)`; None when the two are not one."""
    told = [read(part, {}) for part in split_top(text, _RESTATED)]
    sets = {each.solutions if each else None for each in told}
    return told[0] if len(sets) == 1 else None


def _same(expected: Reading, found: Reading) -> bool | None:
    if not (expected.marked or found.marked):
        return None
    if expected.name and found.name and expected.name != found.name:
        return False
    return expected.solutions == found.solutions


def _same_for_all_letters(gold: str, given: str) -> bool | None:
    """Compare sets whose ends hold letters, at several values of these; None when that cannot tell."""
    found_names = (greek or latin for text in (gold, given) for greek, latin in _LETTER.findall(text))
    names = sorted({name for name in found_names if name})
    if not 0 < len(names) <= _MOST_LETTERS:
        return None
    told, seen = True, EMPTY
    for bound in _samples(names):
        expected, found = read(gold, bound), read(given, bound)
        if expected is None or found is None:
            return None
        same = _same(expected, found)
        if same is None:
            return None
        told, seen = told and same, seen | expected.solutions
    return None if seen == EMPTY else told


def _samples(names: Sequence[str]) -> Iterator[Point]:
    """Give letters values of either sign, rising and falling with the alphabet."""
    for start, step in ((3, 5), (31, -7), (-2, -9), (-41, 6)):
        yield {name: Fraction(start + step * index, 7) for index, name in enumerate(names)}


def _prepared(text: str) -> str:
    """Write words as signs and ]1,2[ as (1,2)."""
    return _OUTWARD.sub(_inward, in_signs(text))


def _inward(found: re.Match[str]) -> str:
    return f"{'(' if found[1] == ']' else found[1]}{found[2]},{found[3]}{')' if found[4] == '[' else found[4]}"
