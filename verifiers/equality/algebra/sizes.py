"""How large a huge number is: bounds on it, as towers of tens, when its digits can never be written down.

A positive number is T(level, x) or one over it, with T(0, x) = x and T(n, x) = 10^T(n-1, x), and x between two bounds.
Not covered: differences of two numbers of about one size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mpmath import MPContext

MP = MPContext()
MP.dps = 60
_SLACK = MP.mpf(10) ** -40
"""Relative width added to what is rounded."""
TOP = MP.mpf(10) ** 1000
"""From here on a number stands on the next level."""
_TWO = MP.log10(2)


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


def measured(value: Any) -> Size:
    """Bound a value that floating point could hold."""
    if value is None:
        raise UnknownSizeError
    if value == 0:
        return Size(0, MP.mpf(0), MP.mpf(0))
    size_, sign = abs(MP.mpf(value)), 1 if value > 0 else -1
    inverted = size_ < 1
    return placed(Size(0, *wide(1 / size_ if inverted else size_), inverted, sign))


def wide(value: Any) -> tuple[Any, Any]:
    """Bound what was rounded."""
    return value * (1 - _SLACK), value * (1 + _SLACK)


def placed(of: Size) -> Size:
    """Move a number to the level where it belongs: 1000 to 10^1000 above the first."""
    while of.low >= TOP:
        of = replace(of, level=of.level + 1, low=MP.log10(of.low) * (1 - _SLACK), high=MP.log10(of.high) * (1 + _SLACK))
    while of.level and of.high < 1000:
        of = replace(of, level=of.level - 1, low=MP.power(10, of.low), high=MP.power(10, of.high))
    return of


def is_one(of: Size) -> bool:
    """Whether a number may be one."""
    return of.level == 0 and of.low <= 1 + 2 * _SLACK


def _larger(one: Size, other: Size) -> Size:
    return one if (one.level, one.high) >= (other.level, other.high) else other


def _plus(one: Size, other: Size) -> Size:
    """Add two positive numbers of at least 1."""
    if one.level == other.level == 0:
        return placed(Size(0, one.low + other.low, one.high + other.high))
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
        return replace(placed(found), sign=sign)
    apart = most.low - least.high if most.level == least.level else most.low
    if apart < (_TWO if most.level == 1 else most.low * _SLACK):
        raise UnknownSizeError
    low = most.low - _TWO if most.level == 1 else most.low * (1 - _SLACK)
    return replace(most, low=low, sign=sign)


def log10(of: Size) -> Size:
    """Return the logarithm of an absolute value."""
    if of.level:
        found = Size(of.level - 1, of.low, of.high)
    elif of.low <= 1 + 2 * _SLACK:
        return Size(0, MP.mpf(0), MP.mpf(0))
    else:
        low, high = (MP.log10(end) for end in (of.low, of.high))
        found = Size(0, low, high) if low >= 1 else Size(0, 1 / high, 1 / low, inverted=True)
    return replace(found, sign=-1 if of.inverted else 1)


def exp10(of: Size) -> Size:
    """Return ten to a signed power."""
    if of.inverted or (of.level == 0 and of.high < 1000):
        low, high = (1 / of.high, 1 / of.low) if of.inverted else (of.low, of.high)
        if of.level:
            low, high = MP.mpf(0), _SLACK
        found = Size(0, MP.power(10, low) * (1 - _SLACK), MP.power(10, high) * (1 + _SLACK))
    else:
        found = placed(Size(of.level + 1, of.low, of.high))
    return replace(found, inverted=of.sign < 0)


def signed_sum(terms: Sequence[Size]) -> Size:
    """Add numbers of any sign and size; those below one only bound the rest."""
    total = {1: None, -1: None}
    zero = Size(0, MP.mpf(0), MP.mpf(0))
    for term in terms:
        whole = replace(term, sign=1)
        if term.inverted:
            whole = Size(0, 1 / term.high if not term.level else MP.mpf(0), 1 / term.low if not term.level else _SLACK)
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
    if of.low > 1 - MP.mpf(10) ** -30:
        return of
    if of.low <= 0 or of.high > 1:
        raise UnknownSizeError
    return Size(0, 1 / of.high, 1 / of.low, inverted=True)


def product(factors: Sequence[Size]) -> Size:
    """Multiply numbers of any sign."""
    sign = 1
    for factor in factors:
        sign *= factor.sign
        if factor.level == 0 and factor.high == 0:
            return factor
    return replace(exp10(signed_sum([log10(factor) for factor in factors])), sign=sign)


def power(parts: Sequence[Size]) -> Size:
    """Raise a positive number to a power."""
    base, exponent = parts
    if base.sign < 0:
        raise UnknownSizeError
    logarithm = log10(base)
    if logarithm.level == 0 and logarithm.high == 0:
        if is_one(base) and base.low < 1 < base.high and exponent.level == 0:
            return replace(base, low=MP.mpf(1), high=MP.mpf(1) + _SLACK)
        raise UnknownSizeError
    return exp10(product([logarithm, exponent]))
