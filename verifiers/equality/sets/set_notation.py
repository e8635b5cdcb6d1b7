r"""One set of real numbers, as people write it: (1,2], `x > 2`, {x | x ≠ 1}, `\mathbb{R}\setminus\{0\}`.

Covered: intervals, inequalities that `verifiers.equality.sets.inequalities` solves, builders, unions, intersections,
differences, finite sets, names of sets. Words were made signs before, by `verifiers.equality.sets.set_words`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

from verifiers.equality.algebra.numeric import Point
from verifiers.equality.normalise import split_top
from verifiers.equality.sets.inequalities import RELATION, end, solve
from verifiers.equality.sets.listed_numbers import MOST, NAME, numbers
from verifiers.equality.sets.real_line import EMPTY, REALS, Real, RealSet, interval, points
from verifiers.equality.sets.set_words import EMPTY_NAME, NAMED

_BUILDER = re.compile(
    rf"(?P<brace>\\?\{{ ?)?(?P<name>{NAME})(?: ?\\in ?(?P<domain>[^|:]+?))? ?[|:] ?(?P<condition>.+?)"
    r"(?(brace) ?\\?\})",
    re.DOTALL,
)
_POSITIVE_INTEGERS = re.compile(r"\\mathbb ?\{[ZN]\} ?[\^_] ?\{? ?[+*] ?\}?")
_INTEGERS = re.compile(r"\\mathbb ?\{[ZN]\}|[ZN]")
_VALUES = re.compile(rf"(?P<name>{NAME})? ?(?P<sign>=|\\ne(?![A-Za-z])) ?(?P<list>.+)", re.DOTALL)
_MEMBER = re.compile(rf"({NAME}) ?(\\(?:in|notin|not ?\\in)(?![A-Za-z])|=) ?(.+)", re.DOTALL)
_OR = re.compile(r"\bor\b")
_AND = re.compile(r"\band\b")
_OPERATION = re.compile(r"\\(?:big)?cup(?![A-Za-z])|\\setminus(?![A-Za-z])")
_CAP = re.compile(r"\\(?:big)?cap(?![A-Za-z])")
_COMMA = re.compile(r"[,;]")
_ASIDE = re.compile(r"[,;](?!(?<=\d,)\d{3}(?!\d))")
"""A comma between conditions, not one within a number."""
_INTERVAL = re.compile(r"([(\[])(.*)([)\]])", re.DOTALL)
_BRACES = re.compile(r"\\\{(.*)\\\}|\{(.*)\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a text."""

    solutions: RealSet
    name: str | None = None
    """Whom it speaks of, where it says so."""
    marked: bool = True
    """Whether the text can be nothing but a set; `(1,2)` may be a point, `x = 1` a value."""
    condition: bool = False
    """Whether the text is a statement about a number rather than a set."""


def read(text: str, bound: Point, subject: str | None = None) -> Reading | None:
    r"""Read a set, the loosest connective first; None when the text is none.

    Args:
        text: In signs, `x > 2 or x = 1`; `or` and `and` are the only words.
        bound: What letters stand for.
        subject: Whom a condition speaks of that names nobody, as `> 2` after `x < 1 or`.
    """
    text = text.strip()
    if told := (_builder(text, bound) if subject is None else None) or _values(text, bound, subject):
        return told
    for separator, combine in ((_OR, _any_of), (_AND, _all_of), (_ASIDE, _listed)):
        parts = split_top(text, separator)
        if len(parts) > 1:
            each = _each(parts, bound, subject)
            return combine(each) if each else None
    return _member(text, bound) or _operations(text, bound) or _chain(text, bound, subject)


def _each(parts: Sequence[str], bound: Point, subject: str | None) -> list[Reading] | None:
    """Read parts that speak of the same number; a later one need not name it again."""
    found: list[Reading] = []
    for part in parts:
        told = read(part, bound, subject)
        if told is None and found and r"\ne" in parts[len(found) - 1]:
            told = _values(rf"\ne {part}", bound, subject)  # the rest of `x \ne 1, 2`
        if told is None or (told.name and subject and told.name != subject):
            return None
        subject = told.name or subject
        found.append(replace(told, name=subject))
    return found


def _any_of(parts: Sequence[Reading]) -> Reading:
    return _joined(parts, reduce(RealSet.__or__, (part.solutions for part in parts)))


def _all_of(parts: Sequence[Reading]) -> Reading:
    """Meet every condition; sets that are enumerated, as (1,2) and (3,4), are united."""
    if not parts[-1].condition:
        return _any_of(parts)
    return _joined(parts, reduce(RealSet.__and__, (part.solutions for part in parts)))


def _listed(parts: Sequence[Reading]) -> Reading:
    """Read a comma as "and"; as "or" where no number could meet all: `x < 1, x > 3`."""
    met = _all_of(parts)
    return met if met.solutions != EMPTY else _any_of(parts)


def _joined(parts: Sequence[Reading], solutions: RealSet) -> Reading:
    marked, condition = any(part.marked for part in parts), any(part.condition for part in parts)
    return Reading(solutions, parts[-1].name, marked, condition)


def _builder(text: str, bound: Point) -> Reading | None:
    found = _BUILDER.fullmatch(text)
    name = _plain(found["name"]) if found else None
    told = read(found["condition"], bound, name) if found else None
    if not found or not told or told.name != name or not told.condition:
        return None
    within = (found["domain"] or "R").strip()
    if _INTEGERS.fullmatch(within) or _POSITIVE_INTEGERS.fullmatch(within):
        return _whole(told.solutions, within)
    domain = read(within, bound)
    return Reading(told.solutions & domain.solutions) if domain else None


def _whole(solutions: RealSet, domain: str) -> Reading | None:
    """Keep the integers; None when they have no end, or when all hangs on whether 0 is a natural number."""
    if _POSITIVE_INTEGERS.fullmatch(domain):
        solutions &= interval(Fraction(0), math.inf)
    elif "N" in domain:
        if Fraction(0) in solutions:
            return None
        solutions &= interval(Fraction(0), math.inf)
    kept = solutions.integers(MOST)
    return Reading(kept) if kept else None


def _values(text: str, bound: Point, subject: str | None) -> Reading | None:
    r"""Read `x = 1, 2` and `x \ne 1, 2`."""
    found = _VALUES.fullmatch(text)
    if not found or "=" in found["list"] or RELATION.search(found["list"]):
        return None
    whole = end(found["list"], bound)  # 1,000 is one number here
    values = [whole] if isinstance(whole, Fraction) else numbers(found["list"], bound)
    if values is None or not (found["name"] or found["sign"] != "="):
        return None
    equal = found["sign"] == "="
    solutions = points(values) if equal else REALS - points(values)
    return Reading(solutions, _plain(found["name"] or "") or subject, marked=not equal, condition=True)


def _member(text: str, bound: Point) -> Reading | None:
    r"""Read `x \in [1,2]`; also `D = [1,2]`, which says nothing of who is a member."""
    found = _MEMBER.fullmatch(text)
    if not found:
        return None
    name, sign, inner = found.groups()
    told = (_builder(inner, bound) if inner.startswith(("{", r"\{")) else None) or _operations(inner, bound)
    if told is None or sign == "=":
        return told
    return Reading(told.solutions if sign == r"\in" else REALS - told.solutions, _plain(name), condition=True)


def _operations(text: str, bound: Point) -> Reading | None:
    """Unite and subtract from left to right, intersect before that."""
    parts = split_top(text, _OPERATION)
    if len(parts) < 2:
        return _intersection(text, bound)
    here, solutions = 0, EMPTY
    for part in parts:
        begin = text.index(part, here)
        told = _builder(part, bound) or _intersection(part, bound) or _chain(part, bound, None)
        if told is None:
            return None
        taken = r"\setminus" in text[here:begin]
        solutions, here = (solutions - told.solutions if taken else solutions | told.solutions), begin + len(part)
    return Reading(solutions)


def _intersection(text: str, bound: Point) -> Reading | None:
    parts = split_top(text, _CAP)
    if len(parts) < 2:
        return _one(text, bound)
    each = [_builder(part, bound) or _one(part, bound) for part in parts]
    known = [told.solutions for told in each if told]
    return Reading(reduce(RealSet.__and__, known)) if len(known) == len(parts) else None


def _one(text: str, bound: Point) -> Reading | None:
    """Read one operand: a name, an interval, a finite set, or a set in brackets."""
    if EMPTY_NAME.fullmatch(text):
        return Reading(EMPTY)
    if meaning := next((meaning for pattern, meaning in NAMED if pattern.fullmatch(text)), None):
        told = read(meaning, {})
        return replace(told, condition=False) if told else None
    found = _INTERVAL.fullmatch(text)
    ends = split_top(found[2], _COMMA) if found else []
    if found and len(ends) == 2:
        return _interval(found[1], end(ends[0], bound), end(ends[1], bound), found[3], lettered=bool(bound))
    if found and found[1] + found[3] == "()":
        return read(found[2], bound)
    found = _BRACES.fullmatch(text)
    values = numbers(found[1] or found[2] or "", bound) if found else None
    return Reading(points(values), marked=r"\ldots" in text) if values else None


def _interval(opening: str, low: Real | None, high: Real | None, closing: str, *, lettered: bool) -> Reading | None:
    """Build an interval; ends that are known must stand in order, and infinity never belongs to it."""
    if low is None or high is None or (low == -math.inf and opening == "[") or (high == math.inf and closing == "]"):
        return None
    solutions = interval(low, high, low_in=opening == "[", high_in=closing == "]")
    if solutions == EMPTY and not lettered:
        return None
    return Reading(solutions, marked=opening + closing != "()" or low == -math.inf or high == math.inf)


def _chain(text: str, bound: Point, subject: str | None) -> Reading | None:
    found = solve(text, bound, subject)
    return Reading(found.solutions, found.name, condition=True) if found else None


def _plain(name: str) -> str:
    return re.sub(r"[\\{} ]", "", name)
