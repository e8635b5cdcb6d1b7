"""Are two mathematical answers equal? Structure first, here; values last, in `verifiers.equality.symbolic`.

Lists and sets are unordered, tuples are not, intervals keep their brackets, equations hold up to a factor, ratios up
to a common factor. Cheap readings go first: most pairs are decided by spelling or as rational numbers.
"""

from __future__ import annotations

import importlib
import re
from functools import lru_cache
from typing import Any

from verifiers.choice import letters
from verifiers.equality.errors import TooLargeError
from verifiers.equality.guard import refuse_too_large
from verifiers.equality.normalise import normalise, split_top, squeeze
from verifiers.equality.rational import rational
from verifiers.equality.units import DEGREE, split_unit
from verifiers.equality.words import HEDGE, RELATION, same_words, worded

LONGEST = 10_000
"""Characters of gold and answer together that are read at all."""

_COMMA = re.compile(r"[,;]")
_LIST = re.compile(r"[,;]|或者?|以及|和|及|与|\\?\b(?:and|or)\b")
_COLON = re.compile(r":|比")
_POINT = re.compile(r"([A-Z]'?) ?(?=\()")
_NAME = re.compile(
    r"(?:\\angle ?)?\\?[A-Za-z]+(?: ?_ ?(?:\{\w+\}|\w))?'?(?: ?\([A-Za-z0-9, ]*\))?"
    r"|[\u4e00-\u9fff]{1,6}|\([A-Za-z](?: ?, ?[A-Za-z])+\)"
)
_EQUALS = re.compile(r"(?<![<>!\\])=")
_SUBSCRIPT = re.compile(r"(?<=^[A-Za-z])_(?:\{\d\}|\d)(?= ?=)")
_BASE = re.compile(r"\(?([0-9A-Fa-f]+)\)? ?_ ?(?:\{ ?(\d+) ?\}|(\d+))")
_CIRCLED = re.compile(r"[①-⑳, ]+")
_BRACKETED = re.compile(r"([(\[])(.*)([)\]])", re.DOTALL)
_SET = re.compile(r"\\\{(.*)\\\}", re.DOTALL)


@lru_cache(maxsize=4096)
def equal(gold: str, given: str, tolerance: float | None = None) -> bool:
    """Whether `given` answers `gold`; answers that failed to be compared are not remembered.

    Args:
        gold: The right answer, LaTeX or plain, Chinese or English.
        given: The final answer of a candidate.
        tolerance: Largest absolute difference of two numbers that count as equal; None asks for exact equality.

    Raises:
        TooLargeError: deciding would evaluate something too large.
        UnreadableError: one of the two cannot be read.
    """
    if gold == given:
        return True
    if len(gold) + len(given) > LONGEST:
        raise TooLargeError(f"gold and answer are longer than {LONGEST} characters")
    left, right = normalise(gold), normalise(given)
    if squeeze(left) == squeeze(right):
        return True
    if HEDGE.search(right) and not HEDGE.search(left) and not worded(left):
        return False
    return _compare(left, right, tolerance)


def _compare(gold: str, given: str, tolerance: float | None) -> bool:
    if (chosen := letters(gold)) is not None and (named := letters(given)) is not None:
        return chosen == named
    if _CIRCLED.fullmatch(gold) and _CIRCLED.fullmatch(given):
        return set(gold) - set(", ") == set(given) - set(", ")
    if (told := same_words(gold, given)) is not None:
        return told
    if RELATION.search(gold) or RELATION.search(given):
        refuse_too_large(gold)
        refuse_too_large(given)
        told = _symbolic().same_set(gold, given)
        if told is not None:
            return bool(told)
    return _same_items(_items(gold), _items(given), tolerance)


def _items(text: str) -> list[str]:
    r"""List the values of a text: elements of a set, members of a list, both signs of `\pm`; usually just one."""
    if found := _SET.fullmatch(text):
        text = found[1]
    if rational(split_unit(text)[0]) is not None:
        return [text]
    found_parts = [both for part in split_top(text, _LIST) for both in _both_signs(part)] or [text]
    parts = list({squeeze(part): part for part in found_parts}.values())
    names = [_EQUALS.split(part)[0].strip() for part in parts]
    if len(parts) > 1 and _NAME.fullmatch(names[0]) and "=" in parts[0] and not any("=" in part for part in parts[1:]):
        return [parts[0], *(f"{names[0]}={part}" for part in parts[1:])]  # x = 1, 2 means x = 1 or x = 2
    return parts


def _both_signs(text: str) -> list[str]:
    if text.count(r"\pm") != 1:
        return [text]
    return [text.replace(r"\pm", sign).replace("=+", "=").removeprefix("+").strip() for sign in ("+", "-")]


def _same_items(gold: list[str], given: list[str], tolerance: float | None) -> bool:
    """Match two unordered lists one to one; repeated members count once."""
    if len(gold) == len(given) == 1:
        return _same_item(gold[0], given[0], tolerance)
    named, bare = (any("=" in item for item in items) for items in (gold, given))
    if named != bare:
        gold, given = [_right_side(item) for item in gold], [_right_side(item) for item in given]
    if len(gold) != len(given):
        return False
    left = list(given) if any("_" in item for item in gold) else [_SUBSCRIPT.sub("", item) for item in given]
    for item in gold:
        match = next((other for other in left if _same_item(item, other, tolerance)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _right_side(text: str) -> str:
    """Drop `x =` before a value."""
    sides = [side.strip() for side in _EQUALS.split(text)]
    return sides[-1] if len(sides) > 1 and _NAME.fullmatch(sides[0]) else text


def _same_item(gold: str, given: str, tolerance: float | None) -> bool:
    if squeeze(gold) == squeeze(given):
        return True
    left_sides, right_sides = _EQUALS.split(gold), _EQUALS.split(given)
    if len(left_sides) != len(right_sides) or squeeze(left_sides[0]) == squeeze(right_sides[0]):
        gold, given = _right_side(gold), _right_side(given)
    (value, unit), (found, other) = split_unit(gold), split_unit(given)
    if unit and other and unit != other:
        return False
    if unit == other or DEGREE not in {unit, other} or r"\pi" not in value + found:  # radians are not short of a unit
        gold, given = value, found
    left, right = rational(gold), rational(given)
    if left is not None and right is not None:
        return left == right if tolerance is None else abs(float(left - right)) <= tolerance
    for form in (_same_base, _same_ratio, _same_tuple):
        told = form(gold, given, tolerance)
        if told is not None:
            return told
    refuse_too_large(gold)
    refuse_too_large(given)
    if bool(_EQUALS.search(gold)) != bool(_EQUALS.search(given)):
        return False
    if _EQUALS.search(gold):
        return bool(_symbolic().same_equation(gold, given))
    return bool(_symbolic().same_value(gold, given, tolerance))


def _same_base(gold: str, given: str, _: float | None) -> bool | None:
    left, right = _BASE.fullmatch(gold), _BASE.fullmatch(given)
    if not left:
        return None
    return right is not None and (left[1].upper(), left[2] or left[3]) == (right[1].upper(), right[2] or right[3])


def _same_ratio(gold: str, given: str, tolerance: float | None) -> bool | None:
    left, right = (split_top(text, _COLON) for text in (gold, given))
    if len(left) < 2:
        return None
    if len(left) != len(right):
        return False
    numbers, others = [rational(part) for part in left], [rational(part) for part in right]
    if None in numbers or None in others or 0 in numbers:
        crossed = [(rf"({a})\cdot({right[0]})", rf"({b})\cdot({left[0]})") for a, b in zip(left, right, strict=True)]
        return all(_same_item(a, b, tolerance) for a, b in zip(left, right, strict=True)) or (
            0 not in numbers + others and all(_same_item(a, b, None) for a, b in crossed)
        )
    factor = (others[0] or 0) / (numbers[0] or 1)
    return all((a or 0) * factor == b for a, b in zip(numbers, others, strict=True))


def _same_tuple(gold: str, given: str, tolerance: float | None) -> bool | None:
    """Compare (a, b) and intervals member by member, brackets included."""
    name, other = _POINT.match(gold), _POINT.match(given)
    if name and other and name[1] != other[1]:
        return False
    left, right = (_BRACKETED.fullmatch(_POINT.sub("", text)) for text in (gold, given))
    members = split_top(left[2], _COMMA) if left else []
    if not left or len(members) < 2:
        return False if right and len(split_top(right[2], _COMMA)) > 1 else None
    others = split_top(right[2], _COMMA) if right else []
    if not right or (left[1], left[3]) != (right[1], right[3]) or len(members) != len(others):
        return False
    return all(_same_item(a, b, tolerance) for a, b in zip(members, others, strict=True))


def _symbolic() -> Any:
    """Load sympy only where it is needed: the process that only names verifiers never pays for it."""
    return importlib.import_module("verifiers.equality.symbolic")
