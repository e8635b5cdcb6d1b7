"""Is this answer equal to that gold? One rule after the other, the cheapest sound one first.

Same text → plain numbers → normalised text → sets of real numbers → hedges → choices and words → lists, sets, tuples,
ratios, matrices, equations member by member → units → rational numbers → exact values, one canonical form, values at
points, size and remainders of huge numbers → sympy → math-verify.

Lists and sets are unordered, tuples are not, intervals keep their brackets, equations hold up to a factor, ratios up
to a common factor.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from verifiers.chosen import same_choice
from verifiers.equality.algebra.values import Decision
from verifiers.equality.cases import same_cases
from verifiers.equality.effort import SpentError, effort
from verifiers.equality.errors import TooLargeError, UnreadableError
from verifiers.equality.item import same_item
from verifiers.equality.lists import MOST_SIGNS, SIGN, items, same_items
from verifiers.equality.normalise import normalise, squeeze
from verifiers.equality.sets.inequalities import RELATION
from verifiers.equality.sets.real_sets import same_set
from verifiers.equality.words import HEDGE, same_words, worded

LONGEST = 100_000
"""Characters of gold and answer together that are read at all."""
MOST_EFFORT = 200_000_000
"""Work that one comparison may cost; see `effort`."""

_PLAIN = re.compile(r"[\s$]*([+-]?\d+(?:\.\d+)?)[\s$]*")
_CIRCLED = re.compile(r"(?:只有|仅有?|选择?)?((?:[①-⑳][,和与及 ]*)+|(?:\(\d{1,2}\)[,和与及 ]*){2,})(?:正确)?")
_ONE = re.compile(r"[①-⑳]|\(\d{1,2}\)")

_normalised = lru_cache(maxsize=4096)(normalise)
"""The candidates of a problem share their gold, and often their answer."""


def equal(gold: str, given: str, tolerance: float | None = None) -> bool:
    """Whether `given` answers `gold`; see `decide`."""
    return decide(gold, given, tolerance).equal


@lru_cache(maxsize=4096)
def decide(gold: str, given: str, tolerance: float | None = None) -> Decision:
    """Compare, and name the rule that told; answers that failed to be compared are not remembered.

    Args:
        gold: The right answer, LaTeX or plain, Chinese or English.
        given: The final answer of a candidate.
        tolerance: Largest absolute difference of two numbers that count as equal; None asks for exact equality.

    Raises:
        TooLargeError: deciding would evaluate something too large.
        UnreadableError: one of the two cannot be read.
    """
    if gold == given:
        return Decision(True, "same text")
    if (left := _PLAIN.fullmatch(gold)) and (right := _PLAIN.fullmatch(given)):
        gap = Decimal(left[1]) - Decimal(right[1]) if tolerance else None
        close = Decimal(left[1]) == Decimal(right[1]) if gap is None else abs(gap) <= Decimal(tolerance or 0)
        return Decision(close, "plain numbers")
    if len(gold) + len(given) > LONGEST:
        raise TooLargeError(f"gold and answer are longer than {LONGEST} characters")
    try:
        with effort(MOST_EFFORT):
            texts = _normalised(gold), _normalised(given)
            if sum(map(len, texts)) > LONGEST:
                raise TooLargeError(f"gold and answer are longer than {LONGEST} characters")
            return _compare(*texts, tolerance)
    except SpentError as err:
        raise TooLargeError("comparing the two costs more than it may") from err
    except RecursionError as err:
        raise TooLargeError("the answer is nested too deeply to be compared") from err


def _compare(gold: str, given: str, tolerance: float | None) -> Decision:
    if squeeze(gold) == squeeze(given):
        return Decision(True, "same text but for its dress")
    if (told := same_set(gold, given)) is not None:  # before hedges, for "not 0" and "at least 2" are sets
        return Decision(told, "sets of real numbers")
    if (told := same_choice(gold, given)) is not None:
        return Decision(told, "letters of options")
    if (numbered := _circled(gold)) is not None:
        chosen_numbers = _circled(given)
        if chosen_numbers is None:
            raise UnreadableError("answer")
        return Decision(numbered == chosen_numbers, "circled numbers")
    if (told := same_words(gold, given)) is not None:
        return Decision(told, "words")
    if (decision := same_cases(gold, given, lambda a, b: same_item(a, b, tolerance))) is not None:
        return decision
    if HEDGE.search(given) and not HEDGE.search(gold) and not worded(gold):
        return Decision(False, "a hedge leaves the value open")
    if len(SIGN.findall(given)) > MOST_SIGNS and not SIGN.search(gold):
        return Decision(False, "more values than the gold")
    values, others = items(gold), items(given)
    if len(values) != len(others) and RELATION.search(gold) and RELATION.search(given):
        raise UnreadableError("gold")  # conditions that could not be solved may be written in many ways
    return same_items(values, others, lambda a, b: same_item(a, b, tolerance))


def _circled(text: str) -> frozenset[int] | None:
    """Read ①③, ①、③, (1)(3) as the numbers of statements; a single (1) is a number."""
    found = _CIRCLED.fullmatch(text)
    if not found:
        return None
    return frozenset(
        int(unicodedata.numeric(one)) if len(one) == 1 else int(one[1:-1]) for one in _ONE.findall(found[1])
    )
