"""How large a huge number is: bounds on it, as towers of tens, when its digits can never be written down.

A positive number is T(level, x) or one over it, with T(0, x) = x and T(n, x) = 10^T(n-1, x), and x between two bounds.
Two numbers whose bounds do not overlap are different: that is all that is ever concluded.
Not covered: differences of two numbers of about one size, and functions other than powers, roots, factorials,
binomials, logarithms, sums, products and series of positive terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from mpmath import MPContext

from verifiers.equality.algebra.exact import exact
from verifiers.equality.algebra.expression import SERIES, Expression, fold, number, substituted
from verifiers.equality.algebra.numeric import constant
from verifiers.equality.effort import spend

_MP = MPContext()
_MP.dps = 60
_SLACK = _MP.mpf(10) ** -40
"""Relative width added to what is rounded."""
_TOP = _MP.mpf(10) ** 1000
"""From here on a number stands on the next level."""
_TWO = _MP.log10(2)


class UnknownSizeError(ArithmeticError):
    """The size of an expression cannot be bounded."""


@dataclass(frozen=True, slots=True)
class Size:
    """Bounds of a number's absolute value, and its sign."""

    level: int
    low: Any
    high: Any
    """mpmath numbers, at least 1 but on level 0 of a zero."""
    inverted: bool = False
    """Whether it is one over that."""
    sign: int = 1


def certainly_differ(left: Expression, right: Expression) -> bool:
    """Whether two expressions without variables have different sizes or signs; False where that cannot be told."""
    try:
        one, other = size(left), size(right)
    except (UnknownSizeError, ArithmeticError, ValueError):
        return False
    if (one.sign, one.inverted) != (other.sign, other.inverted):
        return not (_is_one(one) and _is_one(other) and one.sign == other.sign)
    return one.level != other.level or one.low > other.high or other.low > one.high


def size(root: Expression) -> Size:
    """Bound an expression without variables.

    Raises:
        UnknownSizeError: it cannot be bounded.
    """
    return fold(root, _combine)


def _combine(node: Expression, parts: Sequence[Size]) -> Size:
    spend(times=20)
    if node.operation in {"number", "symbol"}:
        return _measured(constant(node))
    if node.operation in SERIES:
        return _series(node)
    rule = _RULES.get(node.operation)
    if all(part.level == 0 and part.high < _TOP for part in parts):
        value = constant(node)
        if value is not None:
            return _measured(value)
    if rule is None:
        raise UnknownSizeError
    return rule(parts)


def _measured(value: Any) -> Size:
    """Bound a value that floating point could hold."""
    if value is None:
        raise UnknownSizeError
    if value == 0:
        return Size(0, _MP.mpf(0), _MP.mpf(0))
    size_, sign = abs(_MP.mpf(value)), 1 if value > 0 else -1
    inverted = size_ < 1
    return _placed(Size(0, *_wide(1 / size_ if inverted else size_), inverted, sign))


def _wide(value: Any) -> tuple[Any, Any]:
    return value * (1 - _SLACK), value * (1 + _SLACK)


def _placed(of: Size) -> Size:
    """Move a number to the level where it belongs: 1000 to 10^1000 above the first."""
    while of.low >= _TOP:
        of = replace(
            of, level=of.level + 1, low=_MP.log10(of.low) * (1 - _SLACK), high=_MP.log10(of.high) * (1 + _SLACK)
        )
    while of.level and of.high < 1000:
        of = replace(of, level=of.level - 1, low=_MP.power(10, of.low), high=_MP.power(10, of.high))
    return of


def _is_one(of: Size) -> bool:
    return of.level == 0 and of.low <= 1 + 2 * _SLACK


def _larger(one: Size, other: Size) -> Size:
    return one if (one.level, one.high) >= (other.level, other.high) else other


def _plus(one: Size, other: Size) -> Size:
    """Add two positive numbers of at least 1."""
    if one.level == other.level == 0:
        return _placed(Size(0, one.low + other.low, one.high + other.high))
    most = _larger(one, other)
    if most.level == 1:
        return replace(most, high=most.high + _TWO)
    return replace(most, high=most.high * (1 + _SLACK))


def _minus(one: Size, other: Size) -> Size:
    """Subtract two numbers of at least 1, as far as it is plain which is larger."""
    most = _larger(one, other)
    least = other if most is one else one
    sign = 1 if most is one else -1
    if most.level == least.level == 0:
        low, high = most.low - least.high, most.high - least.low
        if low <= 0:
            raise UnknownSizeError
        found = Size(0, low, high) if low >= 1 else Size(0, 1 / high, 1 / low, inverted=True)
        if low < 1 < high:
            raise UnknownSizeError
        return replace(_placed(found), sign=sign)
    apart = most.low - least.high if most.level == least.level else most.low
    if apart < (_TWO if most.level == 1 else most.low * _SLACK):
        raise UnknownSizeError
    low = most.low - _TWO if most.level == 1 else most.low * (1 - _SLACK)
    return replace(most, low=low, sign=sign)


def _log10(of: Size) -> Size:
    """Return the logarithm of an absolute value."""
    if of.level:
        found = Size(of.level - 1, of.low, of.high)
    elif of.low <= 1 + 2 * _SLACK:
        return Size(0, _MP.mpf(0), _MP.mpf(0))
    else:
        low, high = (_MP.log10(end) for end in (of.low, of.high))
        found = Size(0, low, high) if low >= 1 else Size(0, 1 / high, 1 / low, inverted=True)
    return replace(found, sign=-1 if of.inverted else 1)


def _exp10(of: Size) -> Size:
    """Return ten to a signed power."""
    if of.inverted or (of.level == 0 and of.high < 1000):
        low, high = (1 / of.high, 1 / of.low) if of.inverted else (of.low, of.high)
        if of.level:
            low, high = _MP.mpf(0), _SLACK
        found = Size(0, _MP.power(10, low) * (1 - _SLACK), _MP.power(10, high) * (1 + _SLACK))
    else:
        found = _placed(Size(of.level + 1, of.low, of.high))
    return replace(found, inverted=of.sign < 0)


def _signed_sum(terms: Sequence[Size]) -> Size:
    """Add numbers of any sign and size; those below one only bound the rest."""
    total = {1: None, -1: None}
    zero = Size(0, _MP.mpf(0), _MP.mpf(0))
    for term in terms:
        whole = replace(term, sign=1)
        if term.inverted:
            whole = Size(0, 1 / term.high if not term.level else _MP.mpf(0), 1 / term.low if not term.level else _SLACK)
        before: Size | None = total[term.sign]
        total[term.sign] = whole if before is None else _plus(before, whole)  # type: ignore[assignment]
    one, other = total[1] or zero, total[-1] or zero
    if other.high == 0 and other.level == 0:
        return _normal(one)
    if one.high == 0 and one.level == 0:
        return replace(_normal(other), sign=-1)
    return _minus(one, other)


def _normal(of: Size) -> Size:
    """Turn a positive number below one over."""
    if of.level or of.low >= 1 or of.high == 0:
        return of
    if of.low > 1 - _MP.mpf(10) ** -30:
        return of
    if of.low <= 0 or of.high > 1:
        raise UnknownSizeError
    return Size(0, 1 / of.high, 1 / of.low, inverted=True)


def _product(factors: Sequence[Size]) -> Size:
    sign = 1
    for factor in factors:
        sign *= factor.sign
        if factor.level == 0 and factor.high == 0:
            return factor
    return replace(_exp10(_signed_sum([_log10(factor) for factor in factors])), sign=sign)


def _power(parts: Sequence[Size]) -> Size:
    base, exponent = parts
    if base.sign < 0:
        raise UnknownSizeError
    logarithm = _log10(base)
    if logarithm.level == 0 and logarithm.high == 0:
        if _is_one(base) and base.low < 1 < base.high and exponent.level == 0:
            return replace(base, low=_MP.mpf(1), high=_MP.mpf(1) + _SLACK)
        raise UnknownSizeError
    return _exp10(_product([logarithm, exponent]))


def _factorial(parts: Sequence[Size]) -> Size:
    (of,) = parts
    if of.sign < 0 or of.inverted:
        raise UnknownSizeError
    if of.level == 0:
        low, high = (_MP.loggamma(end + 1) / _MP.ln(10) for end in (of.low, of.high))
        return _exp10(Size(0, *(_wide(low)[0], _wide(high)[1]))) if low >= 1 else _measured(_MP.factorial(of.low))
    logarithm = _log10(of)  # log10 n! lies between n(log10 n - 1) and n log10 n
    less = _signed_sum([logarithm, replace(_measured(1), sign=-1)])
    least, most = _product([of, less]), _product([of, logarithm])
    if least.level != most.level:
        raise UnknownSizeError
    return _exp10(replace(least, high=most.high))


def _binomial(parts: Sequence[Size]) -> Size:
    whole, part = parts
    if whole.level or part.level or whole.inverted or part.inverted:
        raise UnknownSizeError
    n, k = (_MP.nint(each.low) for each in parts)
    found = (_MP.loggamma(n + 1) - _MP.loggamma(k + 1) - _MP.loggamma(n - k + 1)) / _MP.ln(10)
    if found < 1:
        raise UnknownSizeError
    slack = _MP.mpf(10) ** -20
    return _exp10(Size(0, found * (1 - slack), found * (1 + slack)))


def _logarithm(parts: Sequence[Size], base: Expression | None) -> Size:
    of = _log10(parts[0])
    below = _log10(parts[1]) if len(parts) > 1 else _log10(size(base)) if base else _measured(1)
    if parts[0].sign < 0:
        raise UnknownSizeError
    return _product([of, replace(below, inverted=not below.inverted)])


def _series(node: Expression) -> Size:
    """Bound a sum or product of growing terms: by the last one from below, by as many of it from above."""
    body = node.body
    first, last = (exact(part) for part in node.parts)
    if node.operation == "integral" or body is None or not _grows(body):
        raise UnknownSizeError
    if first is None or last is None or not 1 <= first <= last:
        raise UnknownSizeError
    greatest = size(substituted(body, {node.name: number(last)}))
    count = size(number(last - first + 1))
    high = _product([greatest, count]) if node.operation == "sum" else _exp10(_product([_log10(greatest), count]))
    while greatest.level < high.level:
        greatest = Size(greatest.level + 1, _MP.log10(greatest.low), _MP.log10(greatest.high))
    return replace(greatest, high=high.high)


def _grows(body: Expression) -> bool:
    """Whether an expression is made of sums, products, powers and factorials of positive numbers alone."""

    def combine(node: Expression, parts: Sequence[bool]) -> bool:
        if node.operation == "number":
            return node.value >= 1
        return node.operation in {"symbol", "+", "*", "^", "!"} and all(parts)

    return fold(body, combine)


_RULES: Mapping[str, Callable[[Sequence[Size]], Size]] = {
    "+": _signed_sum,
    "*": _product,
    "^": _power,
    "root": lambda parts: _power([parts[0], replace(parts[1], inverted=not parts[1].inverted)]),
    "abs": lambda parts: replace(parts[0], sign=1),
    "floor": lambda parts: parts[0] if parts[0].level else _product([]),
    "!": _factorial,
    "binom": _binomial,
    "ln": partial(_logarithm, base=Expression("symbol", name="e")),
    "log": partial(_logarithm, base=Expression("symbol", name="e")),
    "lg": partial(_logarithm, base=None),
    "log_base": partial(_logarithm, base=None),
    "exp": lambda parts: _power([_measured(_MP.e * 1), parts[0]]),
}
