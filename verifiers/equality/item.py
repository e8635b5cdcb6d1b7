"""Are two single values equal? Units first, then rational numbers, then structure, then expressions, sympy last."""

from __future__ import annotations

import importlib
import re
from fractions import Fraction
from typing import Any, Literal

from verifiers.equality.algebra.expression import substituted, symbol, unknowns
from verifiers.equality.algebra.guard import MOST_CHARACTERS, refuse_too_large
from verifiers.equality.algebra.syntax import is_ours
from verifiers.equality.algebra.tokens import LONG_WORD
from verifiers.equality.algebra.values import Decision, read_once, same_equation, same_value
from verifiers.equality.effort import spend
from verifiers.equality.errors import TooLargeError, UnreadableError
from verifiers.equality.lists import COMMA, SET, is_name, items, right_side, same_items, sides
from verifiers.equality.matrices import same_matrix
from verifiers.equality.normalise import split_top, squeeze
from verifiers.equality.quantities.rational import rational
from verifiers.equality.quantities.unit_names import DEGREE
from verifiers.equality.quantities.units import split_unit
from verifiers.equality.relations import same_relation
from verifiers.equality.sets.inequalities import RELATION
from verifiers.equality.sets.real_sets import same_set

_COLON = re.compile(r":|比")
_POINT = re.compile(r"([A-Z]'?) ?(?=\()")
_BASE = re.compile(r"\(?([0-9A-Fa-f]+)\)? ?_ ?(?:\{ ?\(?(\w+)\)? ?\}|(\d+))")
_BRACKETED = re.compile(r"(\(|\[)(.*)(\)|\])", re.DOTALL)
_APPLIED = re.compile(r"([A-Za-z]) ?\( ?([A-Za-z]) ?\)")
_NAMED_IN_WORDS = re.compile(r"[\u4e00-\u9fff]+")
_MANY_DECIMALS = re.compile(r"\.\d{12}")
"""Digits that math-verify may round away."""
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{3,}[,.]?\s+[A-Za-z]{2,}[,.]?\s+[A-Za-z]{2,}|[\u4e00-\u9fff]{4,}")

Side = Literal["gold", "answer"]


def same_item(gold: str, given: str, tolerance: float | None) -> Decision:
    """Compare two normalised values.

    Raises:
        TooLargeError: deciding would evaluate something too large.
        UnreadableError: one of the two cannot be read.
    """
    if squeeze(gold) == squeeze(given):
        return Decision(True, "same text")
    spend(times=100 + len(gold) + len(given))
    left_sides, right_sides = sides(gold), sides(given)
    names = left_sides[0], right_sides[0]
    in_words = all(map(_NAMED_IN_WORDS.fullmatch, names)) and "=" in gold and "=" in given
    if in_words and names[0] != names[1]:
        return Decision(False, "values of other things")
    gold, given = _without_names(gold, left_sides, given, right_sides)
    (value, unit), (found, other) = split_unit(gold), split_unit(given)
    if unit and other and unit != other:
        return Decision(False, f"another unit: {other}, not {unit}")
    if unit == other or DEGREE not in {unit, other} or r"\pi" not in value + found:  # radians are not short of a unit
        gold, given = value, found
    left, right = rational(gold), rational(given)
    if left is not None and right is not None:
        return Decision(left == right if tolerance is None else abs(left - right) <= tolerance, "rational numbers")
    if RELATION.search(gold) and (region := same_set(gold, given)) is not None:
        return Decision(region, "sets of real numbers")
    for form in (_same_base, _same_ratio, _same_nested_set, _same_tuple):
        told = form(gold, given, tolerance)
        if told is not None:
            return told
    for compare in (same_matrix, same_relation):
        told = compare(gold, given, lambda a, b: same_item(a, b, tolerance))
        if told is not None:
            return told
    is_equation = len(sides(gold)) > 1
    if is_equation != (len(sides(given)) > 1):
        return Decision(False, "an equation and a value")
    told = _same_sides(gold, given) if is_equation else _same_expressions(gold, given, tolerance)
    return told or _by_libraries(gold, given, tolerance)


def _without_names(gold: str, left: list[str], given: str, right: list[str]) -> tuple[str, str]:
    """Drop `x =` where it does not tell two unknowns apart; a chain of equal numbers is its last one."""
    chain = [side for side in right if not is_name(side)]
    if len(left) == 1 and len(chain) > 1:
        return gold, chain[-1] if _is_one_value(chain, named=len(chain) < len(right)) else given
    if len(left) != len(right) or squeeze(left[0]) == squeeze(right[0]):
        return right_side(gold), right_side(given)
    return gold, given


def _is_one_value(chain: list[str], *, named: bool) -> bool:
    """Whether no two numbers in `6618 - 5070 = 1548` differ; after a name, sides may hold unknowns."""
    try:
        read = [read_once(split_unit(side)[0]) for side in chain]
    except UnreadableError:
        return False
    numbers = [side for side in read if not unknowns(side)]
    if not named and len(numbers) < len(read):
        return False
    told = [same_value(numbers[-1], side, None) for side in numbers[:-1]] if numbers else []
    return all(one is not None and one.equal for one in told)


def _same_base(gold: str, given: str, _: float | None) -> Decision | None:
    left, right = _BASE.fullmatch(gold), _BASE.fullmatch(given)
    if not left or _base(left) is None:
        return Decision(False, "digits and base") if right and right[1].isdigit() and _base(right) else None
    equal = right is not None and (left[1].upper(), _base(left)) == (right[1].upper(), _base(right))
    return Decision(equal, "digits and base")


def _base(found: re.Match[str]) -> object:
    return rational(found[2] or found[3])


def _same_ratio(gold: str, given: str, tolerance: float | None) -> Decision | None:
    left, right = (split_top(text, _COLON) for text in (gold, given))
    if len(left) < 2:
        return None
    if len(left) != len(right):
        return Decision(False, "a ratio of other length")
    numbers, others = ([rational(part) for part in parts] for parts in (left, right))
    known, found = ([number for number in parts if number is not None] for parts in (numbers, others))
    if len(known) == len(found) == len(left):
        pairs = list(zip(known, found, strict=True))
        a, b = next((pair for pair in pairs if pair[0]), (Fraction(0), Fraction(0)))
        return Decision(b != 0 and all(one * b == other * a for one, other in pairs), "a ratio up to a factor")
    crossed = [(rf"({a})\cdot({right[0]})", rf"({b})\cdot({left[0]})") for a, b in zip(left, right, strict=True)]
    equal = all(same_item(a, b, tolerance).equal for a, b in zip(left, right, strict=True)) or (
        not same_item(right[0], "0", None).equal and all(same_item(a, b, None).equal for a, b in crossed)
    )
    return Decision(equal, "a ratio up to a factor")


def _same_nested_set(gold: str, given: str, tolerance: float | None) -> Decision | None:
    left, right = SET.fullmatch(gold), SET.fullmatch(given)
    if not left and not right:
        return None
    if not left or not right:
        return Decision(False, "a set and no set")
    return same_items(items(gold), items(given), lambda a, b: same_item(a, b, tolerance))


def _same_tuple(gold: str, given: str, tolerance: float | None) -> Decision | None:
    """Compare (a, b) and intervals member by member, brackets included."""
    name, other = _POINT.match(gold), _POINT.match(given)
    if name and other and name[1] != other[1]:
        return Decision(False, "points of other names")
    left, right = (_bracketed(_POINT.sub("", text)) for text in (gold, given))
    members = split_top(left[2], COMMA) if left else []
    if not left or len(members) < 2:
        return Decision(False, "a tuple and no tuple") if right and len(split_top(right[2], COMMA)) > 1 else None
    others = split_top(right[2], COMMA) if right else []
    rule = f"a tuple of {len(members)}"
    if not right or (left[1], left[3]) != (right[1], right[3]) or len(members) != len(others):
        return Decision(False, f"{rule}: other brackets or length")
    return Decision(all(same_item(a, b, tolerance).equal for a, b in zip(members, others, strict=True)), rule)


def _bracketed(text: str) -> re.Match[str] | None:
    """Part brackets from what they hold, where the first is closed by the last."""
    found = _BRACKETED.fullmatch(text)
    depth = 0
    for index, sign in enumerate(text if found else ""):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and index < len(text) - 1:
            return None
    return found


def _same_sides(gold: str, given: str) -> Decision | None:
    """Compare two equations; None where they cannot be read."""
    left, right = sides(gold), sides(given)
    if len(left) != len(right):
        return Decision(False, "chains of other length")
    if len(left) != 2:
        return None
    try:
        return _same_equations(left, right)
    except UnreadableError:
        return None


def _same_equations(left: list[str], right: list[str]) -> Decision | None:
    """Compare the sides of two equations; where both define one function, its argument may have any name."""
    of, other = _APPLIED.fullmatch(left[0]), _APPLIED.fullmatch(right[0])
    if (of and right[0] == "y") or (other and left[0] == "y"):
        return same_value(read_once(left[1], "gold"), read_once(right[1]), None)
    if of and other:
        mine, theirs = read_once(left[1], "gold"), substituted(read_once(right[1]), {other[2]: symbol(of[2])})
        return Decision(False, "other functions") if of[1] != other[1] else same_value(mine, theirs, None)
    return same_equation([read_once(side, "gold") for side in left], [read_once(side) for side in right])


def _same_expressions(gold: str, given: str, tolerance: float | None) -> Decision | None:
    try:
        left, right = read_once(gold, "gold"), read_once(given)
    except UnreadableError:
        return None
    told = same_value(left, right, tolerance)
    if told is None:
        raise TooLargeError("neither size nor remainders nor a hundred digits tell the two values apart")
    return told


def _by_libraries(gold: str, given: str, tolerance: float | None) -> Decision:
    """Ask sympy, and math-verify what sympy's reader cannot read; prose is for neither."""
    texts: tuple[tuple[str, Side], ...] = ((gold, "gold"), (given, "answer"))
    for text, side in texts:
        if _is_prose(text) or not _is_closed(text) or (len(text) > MOST_CHARACTERS and is_ours(text)):
            raise UnreadableError(side)
        refuse_too_large(text)
    try:
        if len(sides(gold)) > 1:
            return Decision(bool(_late("symbolic").same_equation(gold, given)), "sympy")
        return Decision(bool(_late("symbolic").same_value(gold, given, tolerance)), "sympy")
    except UnreadableError:
        if not _MANY_DECIMALS.search(gold + given) and _late("second_reader").says_equal(gold, given):
            return Decision(True, "math-verify")
        raise


def _is_prose(text: str) -> bool:
    return bool(_PROSE.search(text) or LONG_WORD.search(text)) or not text.isascii()


def _is_closed(text: str) -> bool:
    return text.count("{") == text.count("}") and sum(map(text.count, "([")) == sum(map(text.count, ")]"))


def _late(module: str) -> Any:
    """Load a library only where it is needed: the process that only names verifiers never pays for it."""
    return importlib.import_module(f"verifiers.equality.algebra.{module}")
