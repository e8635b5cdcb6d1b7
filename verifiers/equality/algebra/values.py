"""Are two values equal? The cheapest sound rule decides: exact numbers, one canonical form, values at points, size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from verifiers.equality.algebra import magnitude, modulus
from verifiers.equality.algebra.canonical import canonical
from verifiers.equality.algebra.exact import exact
from verifiers.equality.algebra.expression import (
    SUM,
    Expression,
    add,
    fold,
    multiply,
    negative,
    number,
    power,
    substituted,
    symbol,
    unknowns,
    variables,
)
from verifiers.equality.algebra.numeric import USUAL, NoValueError, Point, UndefinedError, Value, agree
from verifiers.equality.algebra.series import bits
from verifiers.equality.algebra.syntax import read
from verifiers.equality.effort import SpentError, effort, spend
from verifiers.equality.errors import NotReadError, UnreadableError

_MOST_EFFORT = 80_000_000
"""Work of one rule."""
_SPREAD = tuple(
    map(Fraction, ("0.7390851332", "-1.3247179572", "2.6180339887", "0.2360679775", "3.7320508075", "-0.4142135623"))
)
_WHOLE = (Fraction(2), Fraction(3), Fraction(5))
"""Sums up to n have values at whole numbers only."""
_NEAR_ONE = (Fraction(91, 97), Fraction(-101, 97), Fraction(103, 97))
"""High powers are neither huge nor tiny near one."""
_PYTHAGOREAN = ((3, 4, 5), (5, 12, 13), (8, 15, 17))
_FAR = (Fraction(-5_000_003, 97), Fraction(500_009, 97), Fraction(1_000), Fraction(-77))
_ALL = (*_SPREAD, *_WHOLE, *_NEAR_ONE, *_FAR)
_STEPS = frozenset({"floor", "ceil", "abs", "min", "max", "mod"})
"""Operations that may differ at some points alone, so that all are asked."""
_LOG = frozenset({"log"})
_MOST_BITS = 400
"""Bits of a rational number beyond which it may agree with an irrational one by as many digits."""
_FEWEST, _ENOUGH = 3, 6
"""Points at which two expressions in variables must have been compared to be equal."""
_MOST_NODES = 400
"""Nodes of two expressions beyond which no canonical form is made: it compares each part with its neighbours."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether two answers are equal, and the rule that told."""

    equal: bool
    rule: str


Same = Callable[[str, str], Decision]
"""How the parts of two answers are compared."""


@lru_cache(maxsize=4096)
def read_once(text: str, side: Literal["gold", "answer"] = "answer") -> Expression:
    """Parse a normalised text; the candidates of a problem share what was read of its gold.

    Raises:
        UnreadableError: it is no expression.
    """
    try:
        return read(text)
    except NotReadError as err:
        raise UnreadableError(side) from err


def same_value(gold: Expression, given: Expression, tolerance: float | None) -> Decision | None:
    r"""Compare two expressions; None where no rule here can tell. A bare `\log` may be natural or common."""
    told = _same(gold, given, tolerance)
    if told and not told.equal and (_has(gold, _LOG) or _has(given, _LOG)):
        return _same(_common_log(gold), _common_log(given), tolerance)
    return told


def _same(gold: Expression, given: Expression, tolerance: float | None) -> Decision | None:
    gold, given = modulus.reduced(gold), modulus.reduced(given)
    left, right = _exact(gold), _exact(given)
    if left is not None and right is not None:
        close = left == right if tolerance is None else abs(left - right) <= tolerance
        return Decision(close, "exact numbers")
    nodes = _nodes(gold) + _nodes(given)
    spend(times=20 * nodes)
    if nodes < _MOST_NODES and canonical(gold) == canonical(given):
        return Decision(True, "one canonical form")
    for names in (("C", "c"), ("c", "C"), ("C", "C")):
        base, other = _without_constant(gold, names[0]), _without_constant(given, names[1])
        if base and other:
            return _differ_by_a_constant(base, other)
    with suppress(SpentError), effort(_MOST_EFFORT):
        told = _at_points(gold, given, tolerance)
        long = any(value is not None and bits(value) > _MOST_BITS for value in (left, right))
        if told and not (told.equal and long):
            return told
    return _huge(gold, given)


def _exact(root: Expression) -> Fraction | None:
    with suppress(SpentError), effort(_MOST_EFFORT):
        return exact(root)
    return None


def same_equation(gold: Sequence[Expression], given: Sequence[Expression]) -> Decision | None:
    """Compare two equations: the differences of their sides are equal up to a constant factor that is not zero."""
    left, right = (add(sides[0], negative(sides[1])) for sides in (gold, given))
    rule = "equations up to a factor"
    if unknowns(left) != unknowns(right):
        return Decision(False, "other unknowns")
    factors: list[Value] = []
    for _, (top, bottom) in _pairs(left, right):
        if USUAL.near(top, 0) != USUAL.near(bottom, 0):
            return Decision(False, rule)
        if USUAL.near(top, 0):
            continue
        factors.append(top / bottom)
        if not USUAL.near(factors[0], factors[-1], scale=0):
            return Decision(False, rule)
        if len(factors) == _ENOUGH:
            break
    return Decision(True, rule) if len(factors) > 1 else None


def _nodes(root: Expression) -> int:
    return fold(root, lambda _, parts: 1 + sum(parts))


def _has(root: Expression, operations: frozenset[str]) -> bool:
    return fold(root, lambda node, parts: node.operation in operations or any(parts))


def _common_log(root: Expression) -> Expression:
    names = {"log": "lg"}
    return fold(
        root,
        lambda node, parts: replace(node, operation=names.get(node.operation, node.operation), parts=tuple(parts)),
    )


def _points(names: frozenset[str]) -> Iterator[Point]:
    """Yield values of variables at which to compare: one empty point when there are none."""
    ordered = list(enumerate(sorted(names)))
    if not ordered:
        yield {}
        return
    for start in range(len(_SPREAD)):
        yield {name: _SPREAD[(start + 2 * index) % len(_SPREAD)] + index for index, name in ordered}
    for first in _ALL[len(_SPREAD) :]:
        yield {name: first + (index if first.denominator == 1 else Fraction(index, 97)) for index, name in ordered}


def _pairs(gold: Expression, given: Expression) -> Iterator[tuple[Point, tuple[Value, Value]]]:
    """Yield both values where both have one, and a real one unless they speak of i: answers keep to where they hold."""
    names = variables(gold) | variables(given)
    for point in _points(unknowns(gold) | unknowns(given)):
        try:
            pair = USUAL.value(gold, point), USUAL.value(given, point)
        except NoValueError:
            continue
        if not point or "i" in names or (USUAL.is_real(pair[0]) and USUAL.is_real(pair[1])):
            yield point, pair


def _on_the_circle(gold: Expression, given: Expression) -> Decision | None:
    """Compare where the variables are complex numbers of size one: their powers, however high, stay that size."""
    names = sorted(unknowns(gold) | unknowns(given))
    if not names or not _is_rational(gold) or not _is_rational(given):
        return None
    for a, b, c in _PYTHAGOREAN:
        at = add(number(Fraction(a, c)), multiply(number(Fraction(b, c)), symbol("i")))
        values = {name: power(at, number(index + 1)) for index, name in enumerate(names)}
        told = _at_points(substituted(gold, values), substituted(given, values), None)
        if told is None or not told.equal:
            return told
    return Decision(True, "values on the unit circle")


def _is_rational(root: Expression) -> bool:
    """Whether an expression is made of sums, products and whole powers alone."""
    return fold(
        root,
        lambda node, parts: (
            (
                node.operation in {"number", "symbol", "+", "*"}
                or (
                    node.operation == "^"
                    and node.parts[1].operation == "number"
                    and node.parts[1].value.denominator == 1
                )
            )
            and all(parts)
        ),
    )


def _at_points(gold: Expression, given: Expression, tolerance: float | None) -> Decision | None:
    if not unknowns(gold) | unknowns(given):
        return _constants(gold, given, tolerance)
    compared = 0
    enough = len(_ALL) if _has(gold, _STEPS) or _has(given, _STEPS) else _ENOUGH
    for point, pair in _pairs(gold, given):
        told = agree(gold, given, point, pair)
        if told is False and (tolerance is None or abs(pair[0] - pair[1]) > tolerance):
            return Decision(False, "values at a point")
        compared += told is not None
        if compared == enough:
            break
    if compared < _FEWEST:
        return _on_the_circle(gold, given)
    return Decision(True, f"values at {compared} points")


def _constants(gold: Expression, given: Expression, tolerance: float | None) -> Decision | None:
    values: list[Value] = []
    undefined = 0
    for side in (gold, given):
        try:
            values.append(USUAL.value(side, {}))
        except UndefinedError:
            undefined += 1
        except NoValueError:
            continue
    if undefined == 1:
        return Decision(False, "a division by zero")
    pair = (values[0], values[1]) if len(values) == len((gold, given)) else None
    told = agree(gold, given, {}, pair)
    if told is False and pair and tolerance is not None:
        told = bool(abs(pair[0] - pair[1]) <= tolerance)
    return None if told is None else Decision(told, "values to 75 digits")


def _without_constant(root: Expression, *names: str) -> Expression | None:
    """Return what stands before `+ C`; None where no constant of integration stands."""
    others = unknowns(root) - set(names)
    if root.operation != SUM or len(others) != 1 or not min(others).islower():
        return None
    terms = [term for term in root.parts if term.name not in names]
    return add(*terms) if len(terms) == len(root.parts) - 1 else None


def _differ_by_a_constant(gold: Expression, given: Expression) -> Decision | None:
    gaps: list[Value] = []
    for _, (left, right) in _pairs(gold, given):
        gaps.append(left - right)
        if not USUAL.near(gaps[0], gaps[-1], max(abs(left), abs(right))):
            return Decision(False, "antiderivatives")
        if len(gaps) == _ENOUGH:
            break
    return Decision(True, "antiderivatives") if len(gaps) >= _FEWEST else None


def _huge(gold: Expression, given: Expression) -> Decision | None:
    if not unknowns(gold) | unknowns(given) and magnitude.certainly_differ(gold, given):
        return Decision(False, "size")
    return Decision(False, "remainders") if modulus.certainly_differ(gold, given) else None
