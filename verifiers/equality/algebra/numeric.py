"""Values at points, to a hundred digits: two expressions that differ anywhere are different.

Agreement is proof only where nothing was absorbed: a sum that swallowed a term, as 10^200 + 1 does, has no value here.
What nearly cancels is worked out again with more digits: a true zero shrinks with them, a small number stays.

Not covered: identities that hold only at the sampled points; relative differences below 75 digits.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from mpmath import MPContext

from verifiers.equality.algebra.expression import CONSTANTS, SERIES, Expression, fold
from verifiers.equality.effort import spend

Value = Any
"""An mpmath number, real or complex; the library has no types."""
Point = Mapping[str, Fraction]
"""What variables stand for."""

_LARGEST = 10_000
"""Binary exponent beyond which a value is huge, and no matter for floating point."""
_MOST_TERMS = 20_000
_OPERATION = 3_000
"""Effort of one operation on a hundred digits."""


class NoValueError(ArithmeticError):
    """An expression has no finite value at a point, or none that the digits can hold."""


class UndefinedError(NoValueError):
    """An expression divides by zero."""


class Arithmetic:
    """Evaluates expressions to a number of decimal digits."""

    def __init__(self, digits: int) -> None:
        self.mp = MPContext()  # of its own: precision is state, and several threads may evaluate
        self.mp.dps = digits
        self.small = self.mp.mpf(10) ** (25 - digits)
        """Relative difference of two values that are one."""
        self._absorbed = self.mp.mpf(10) ** (30 - digits)
        self._operations = self._table()

    def value(self, root: Expression, point: Point) -> Value:
        """Evaluate an expression.

        Raises:
            NoValueError: there is no finite value, or one too large or too uncertain for the digits.
        """
        try:
            found = fold(root, partial(self._combine, {name: self._number(at) for name, at in point.items()}))
        except ZeroDivisionError as err:
            raise UndefinedError from err
        except (ValueError, OverflowError, TypeError, NotImplementedError) as err:
            raise NoValueError from err
        if not self.mp.isfinite(found) or self._exponent(found) > _LARGEST:
            raise NoValueError
        return found

    def near(self, left: Value, right: Value, scale: Value = 1) -> bool:
        """Whether two values agree as far as their digits go, beside others of size `scale`."""
        return bool(abs(left - right) <= self.small * max(abs(left), abs(right), scale))

    def is_real(self, value: Value) -> bool:
        """Whether a value has no imaginary part but what rounding leaves."""
        return bool(abs(self.mp.im(value)) <= self.small * max(abs(value), 1))

    def _combine(self, point: Mapping[str, Value], node: Expression, parts: Sequence[Value]) -> Value:
        spend()
        if node.operation == "number":
            return self._number(node.value)
        if node.operation == "symbol":
            return point[node.name] if node.name in point else self._constant(node.name)
        spend(_OPERATION, 1 + len(parts) // 8)
        if node.operation in SERIES:
            return self._series(node, parts, point)
        rule = self._operations.get(node.operation)
        found = self._unknown(node.name, parts) if rule is None else rule(*parts)
        if self._exponent(found) > _LARGEST:
            raise NoValueError
        return found

    def _number(self, value: Fraction) -> Value:
        return self.mp.mpf(value.numerator) / value.denominator

    def _constant(self, name: str) -> Value:
        if name not in CONSTANTS:
            raise NoValueError
        return {"pi": self.mp.pi, "e": self.mp.e, "i": self.mp.j}[name] * 1

    def _exponent(self, value: Value) -> float:
        """Return the larger binary exponent of the parts of a value, positive or negative."""
        return max((abs(self.mp.mag(part)) for part in (self.mp.re(value), self.mp.im(value)) if part), default=0)

    def _add(self, *terms: Value) -> Value:
        largest = max(map(abs, terms))
        if any(term and abs(term) < largest * self._absorbed for term in terms):
            raise NoValueError
        return self.mp.fsum(terms)

    def _power(self, base: Value, exponent: Value) -> Value:
        if base == 0:
            if self.mp.re(exponent) <= 0:
                raise UndefinedError
            return base
        if abs(exponent * self.mp.log(abs(base), 2)) > 2 * _LARGEST:
            raise NoValueError
        return self.mp.power(base, exponent)

    def _root(self, value: Value, degree: Value) -> Value:
        odd = self.mp.im(degree) == 0 and degree % 2 == 1
        if odd and self.is_real(value) and self.mp.re(value) < 0:
            return -self.mp.root(-self.mp.re(value), int(degree))
        return self._power(value, 1 / degree)

    def _series(self, node: Expression, bounds: Sequence[Value], point: Mapping[str, Value]) -> Value:
        body = node.body
        assert body

        def at(value: Value) -> Value:
            return fold(body, partial(self._combine, {**point, node.name: value}))

        low, high = bounds
        if node.operation == "integral":
            return self.mp.quad(at, [low, high])
        if low != int(low) or high != int(high) or not -1 <= high - low <= _MOST_TERMS:
            raise NoValueError
        terms = [at(self.mp.mpf(value)) for value in range(int(low), int(high) + 1)]
        return self.mp.fsum(terms) if node.operation == "sum" else self.mp.fprod(terms)

    def _unknown(self, name: str, values: Sequence[Value]) -> Value:
        """Give an unknown function some value that depends on its name and arguments alone."""
        seed = self.mp.mpf(zlib.crc32(name.encode()) % 9973) / 1000
        return self.mp.fsum(self.mp.cos(seed * (index + 1) + value) for index, value in enumerate(values)) + seed

    def _real(self, operation: Callable[..., Value]) -> Callable[..., Value]:
        """Apply an operation that only real numbers have."""
        return lambda *values: operation(*map(self.mp.re, values)) if all(map(self.is_real, values)) else _refuse()

    def _determinant(self, *cells: Value) -> Value:
        size = math.isqrt(len(cells))
        spend(times=4 * size**3)
        return self.mp.det(self.mp.matrix([list(cells[at : at + size]) for at in range(0, len(cells), size)]))

    def _kept(self, operation: Callable[..., Value], least: int, most: int) -> Callable[..., Value]:
        """Apply a function that swallows what is too small or too large: cos 10^-60 is not 1, tanh 100 neither."""
        low, high = self.mp.mpf(10) ** -least, self.mp.mpf(10) ** most
        return lambda value: operation(value) if value == 0 or low < abs(value) < high else _refuse()

    def _table(self) -> Mapping[str, Callable[..., Value]]:
        mp = self.mp
        least = (mp.dps - 30) // 2
        plain = {name: getattr(mp, name) for name in ("sin", "cos", "tan", "cot", "sec", "csc")}
        inverse = {f"arc{name}": getattr(mp, f"a{name}") for name in ("sin", "cos", "tan", "cot")}
        steep = {name: self._kept(getattr(mp, name), least, 1) for name in ("sinh", "cosh", "tanh")}
        return {
            **{name: self._kept(rule, least, least) for name, rule in {**plain, **inverse}.items()},
            **steep,
            "+": self._add,
            "*": lambda *factors: mp.fprod(factors),
            "^": self._power,
            "root": self._root,
            "abs": abs,
            "conjugate": mp.conj,
            "det": self._determinant,
            "floor": self._real(mp.floor),
            "ceil": self._real(mp.ceil),
            "min": self._real(min),
            "max": self._real(max),
            "mod": self._real(lambda value, divisor: value - divisor * mp.floor(value / divisor)),
            "!": _small(mp.factorial),
            "!!": _small(mp.fac2),
            "binom": _small(mp.binomial),
            "permutations": _small(mp.ff),
            "ln": mp.ln,
            "log": mp.ln,
            "lg": mp.log10,
            "log_base": lambda value, base: mp.ln(value) / mp.ln(base),
            "exp": lambda value: self._power(mp.e * 1, value),
        }


def _refuse() -> Value:
    raise NoValueError


def _small(operation: Callable[..., Value]) -> Callable[..., Value]:
    """Apply an operation whose cost grows with its arguments."""
    return lambda *values: operation(*values) if max(map(abs, values)) < _LARGEST // 10 else _refuse()


USUAL = Arithmetic(100)
_MORE = Arithmetic(220)
_SHRINKS = _MORE.mp.mpf(10) ** -60
"""By how much a difference that is only rounding shrinks with the digits of `_MORE`."""


def agree(gold: Expression, given: Expression, point: Point, values: tuple[Value, Value] | None) -> bool | None:
    """Whether two expressions have one value at a point; None where two hundred digits do not tell.

    `values` are what the usual digits found there, if they found something.
    """
    if values and not USUAL.near(*values):
        return False
    if values and point and USUAL.near(*values, scale=0):
        return True
    try:
        left, right = _MORE.value(gold, point), _MORE.value(given, point)
    except NoValueError:
        return None
    if _MORE.near(left, right, scale=0):
        return True
    if not _MORE.near(left, right):
        return False
    return True if values and abs(left - right) <= abs(values[0] - values[1]) * _SHRINKS else None


def constant(root: Expression) -> Value | None:
    """Return the real value of an expression without variables; None when it has none."""
    try:
        value = USUAL.value(root, {})
    except NoValueError:
        return None
    return USUAL.mp.re(value) if USUAL.is_real(value) else None
