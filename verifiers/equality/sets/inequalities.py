r"""Inequalities of one variable, `-1 < 2x+1 \le 5` or `|x-1| < 2`, solved exactly.

Covered: chains in either direction whose sides are linear or quadratic in the variable, and absolute values of linear
sides; other letters stand for numbers that the caller gives.
Not covered: polynomials of higher degree, and fractions; irrational ends are told apart by 60 digits.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from verifiers.equality.algebra.exact import exact
from verifiers.equality.algebra.expression import (
    Expression,
    add,
    call,
    negative,
    number,
    substituted,
    symbol,
    unknowns,
    variables,
)
from verifiers.equality.algebra.numeric import USUAL, NoValueError, Point, Value
from verifiers.equality.algebra.series import polynomial_degree
from verifiers.equality.algebra.syntax import read
from verifiers.equality.errors import NotReadError
from verifiers.equality.normalise import squeeze
from verifiers.equality.quantities.rational import rational
from verifiers.equality.sets.real_line import EMPTY, REALS, Real, RealSet, interval, points

RELATION = re.compile(r"\\(?:le|ge|ne)(?![A-Za-z])|<|>")
_FLIPPED = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le", r"\ne": r"\ne"}
_INFINITY = re.compile(
    r"\+?(?:\\infty|\\infin|infinity|oo|正?无穷大?)|(?P<minus>-(?:\\infty|\\infin|infinity|oo|无穷大?)|负无穷大?)"
)
_PROSE = re.compile(r"(?<![\\A-Za-z])(?!sqrt|arc)[A-Za-z]{4,}")
_APPLIED = re.compile(r"[A-Za-z]\([a-z]\)")
_MOST_SIGNS = 20
_SUBJECTS = "xyzt"
_BITS, _SURE_BITS = 240, 200
"""Of an irrational number, to reckon with and in the end."""
_FINE = 2**128
"""A denominator beyond this betrays an irrational number."""
_TINY = 2.0**-_SURE_BITS
"""An irrational number smaller than this may be what rounding left of zero."""

_Line = tuple[Fraction, Fraction]
"""Slope, and value at zero."""


class Condition(NamedTuple):
    """What an inequality says, and of whom; of nobody named when `name` is None."""

    name: str | None
    solutions: RealSet


def formula(text: str) -> Expression | None:
    """Parse a formula; None when it is none. An unknown function of a letter, `f(x)` alone, is a variable."""
    value = rational(text)
    if value is not None:
        return number(value)
    if _APPLIED.fullmatch(text):
        return symbol(text)
    try:
        return None if _PROSE.search(text) else read(text)
    except NotReadError:
        return None


def constant(root: Expression, bound: Point) -> Fraction | None:
    """Return the real value of an expression; None when it has none, or a letter in it is not bound."""
    if unknowns(root) - bound.keys():
        return None
    value = exact(root, bound)
    if value is not None:
        return value
    try:
        near = USUAL.value(root, bound)
    except NoValueError:
        return None
    return _kept(near.real) if USUAL.is_real(near) and abs(near.real) > _TINY else None


def end(text: str, bound: Point) -> Real | None:
    """Read an end of an interval: a real number or an infinity."""
    if found := _INFINITY.fullmatch(squeeze(text)):
        return -math.inf if found["minus"] else math.inf
    root = formula(text)
    value = None if root is None else constant(root, bound)
    return None if value is None else _settled(value)


def solve(text: str, bound: Point, subject: str | None = None) -> Condition | None:
    r"""Solve a chain of inequalities; None when it is none or is not linear.

    Args:
        text: `2 < x \le 3`; with an empty first side, as in `> 2`, it speaks of `subject`.
        bound: What the other letters stand for.
        subject: Whom a chain without a variable speaks of.
    """
    signs = RELATION.findall(text)
    if not 0 < len(signs) <= _MOST_SIGNS:
        return None
    first, *others = (side.strip() for side in RELATION.split(text))
    sides = [formula(side) for side in [first or subject or "x", *others]]
    if None in sides:
        return None
    known = [side for side in sides if side]
    name = _subject(frozenset().union(*map(unknowns, known)))
    if name is None:
        return None
    free = {letter: value for letter, value in bound.items() if letter != name}
    solutions = REALS
    for (left, right), sign in zip(pairwise(known), signs, strict=True):
        some = _pair(left, sign, right, name, free)
        if some is None:
            return None
        solutions &= some
    return Condition(name if first or subject else None, solutions)


def _subject(found: frozenset[str]) -> str | None:
    """Choose whom an inequality speaks of: x, y, z, t, else the last letter of the alphabet."""
    return min(found, key=lambda name: (f"{_SUBJECTS}{name}".index(name), -ord(name[0]), name), default=None)


def _pair(left: Expression, sign: str, right: Expression, name: str, bound: Point) -> RealSet | None:
    if right.operation == "abs":
        left, sign, right = right, _FLIPPED[sign], left
    if left.operation == "abs" and name in variables(left):
        within, limit = _line(left.parts[0], name, bound), constant(right, bound)
        if within is None or limit is None:
            return None
        above, below = _half_line(within, sign, limit), _half_line(within, _FLIPPED[sign], -limit)
        return above | below if sign in {">", r"\ge"} else above & below
    line, other = _line(left, name, bound), _line(right, name, bound)
    if line is None or other is None:
        return _between_roots(add(left, negative(right)), sign, name, bound)
    return _half_line((line[0] - other[0], line[1] - other[1]), sign, Fraction(0))


def _between_roots(root: Expression, sign: str, name: str, bound: Point) -> RealSet | None:
    """Solve `a x^2 + b x + c sign 0`; None for what is no such polynomial."""
    if polynomial_degree(root, name) != 2:
        return None
    values = [constant(substituted(root, {name: number(at)}), bound) for at in (0, 1, -1)]
    if None in values:
        return None
    c, above, below = (value or Fraction(0) for value in values)
    a, b = (above + below) / 2 - c, (above - below) / 2
    if a == 0:
        return _half_line((b, c), sign, Fraction(0))
    sign = _FLIPPED[sign] if a < 0 else sign
    square = (b / a) ** 2 - 4 * c / a
    if square < 0:
        return REALS if sign in {">", r"\ge", r"\ne"} else EMPTY
    size = constant(call("root", number(square), number(2)), {}) or Fraction(0)
    low, high = (_settled((turn * size - b / a) / 2) for turn in (-1, 1))
    if sign == r"\ne":
        return REALS - points([low, high])
    closed = sign in {r"\le", ">"}
    inside = interval(low, high, low_in=closed, high_in=closed)
    return inside if sign in {"<", r"\le"} else REALS - inside


def _half_line(line: _Line, sign: str, limit: Fraction) -> RealSet:
    """Solve `slope * x + start sign limit`."""
    slope, start = line
    if slope == 0:
        holds = {"<": start < limit, ">": start > limit, r"\le": start <= limit, r"\ge": start >= limit}
        return REALS if holds.get(sign, start != limit) else EMPTY
    value, sign = _settled((limit - start) / slope), sign if slope > 0 else _FLIPPED[sign]
    if sign == r"\ne":
        return REALS - points([value])
    if sign in {"<", r"\le"}:
        return interval(-math.inf, value, high_in=sign == r"\le")
    return interval(value, math.inf, low_in=sign == r"\ge")


def _line(root: Expression, name: str, bound: Point) -> _Line | None:
    """See an expression as a line; None when it is none."""
    if root.operation == "symbol" and root.name == name:
        return Fraction(1), Fraction(0)
    if name not in variables(root):
        value = constant(root, bound)
        return None if value is None else (Fraction(0), value)
    if root.operation not in {"+", "*"}:
        return None
    lines = [line for part in root.parts if (line := _line(part, name, bound))]
    if len(lines) < len(root.parts):
        return None
    if root.operation == "+":
        return sum((line[0] for line in lines), Fraction(0)), sum((line[1] for line in lines), Fraction(0))
    (slope, start), *others = sorted(lines, reverse=True, key=lambda line: line[0] != 0)
    factor = math.prod((value for _, value in others), start=Fraction(1))
    return None if any(bent for bent, _ in others) else (slope * factor, start * factor)


def _kept(value: Value) -> Fraction:
    """Take over the digits of an irrational number."""
    shift: int = _BITS - USUAL.mp.mag(value)
    return Fraction(int(USUAL.mp.nint(USUAL.mp.ldexp(value, shift)))) / Fraction(2) ** shift


def _settled(value: Fraction) -> Fraction:
    """Drop the digits in which two ways to the same irrational number may differ."""
    if value.denominator <= _FINE:
        return value
    size = abs(value.numerator).bit_length() - value.denominator.bit_length()
    shift = _SURE_BITS - size + (abs(value) < Fraction(2) ** size)
    return Fraction(round(value * Fraction(2) ** shift)) / Fraction(2) ** shift
