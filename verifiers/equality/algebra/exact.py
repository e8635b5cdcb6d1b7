"""Exact values: rational arithmetic, as long as the numbers stay small enough to be worked out.

Limits: a value of more than `MOST_BITS` bits is not worked out, but left to `verifiers.equality.huge`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from fractions import Fraction

from verifiers.equality.algebra.expression import SERIES, Expression, fold
from verifiers.equality.algebra.series import balanced, bits, series_value
from verifiers.equality.effort import spend

MOST_BITS = 4_000_000
"""Bits of the largest number worked out; 2^1000000 and 100000! are within."""
MOST_FACTORIAL = 200_000
MOST_TERMS = 2_000
"""Degree of a root, and size of a double factorial or logarithm, that are worked out."""
MOST_LOGARITHM = 64
"""Denominator of a rational logarithm."""

_NOTHING: Mapping[str, Fraction] = {}


def exact(root: Expression, bound: Mapping[str, Fraction] = _NOTHING) -> Fraction | None:
    """Return the rational value of an expression without variables; None when it has none, or a huge one."""

    def combine(node: Expression, parts: Sequence[Fraction | None]) -> Fraction | None:
        if node.operation == "number":
            return node.value
        if node.operation == "symbol":
            return bound.get(node.name)
        values = [part for part in parts if part is not None]
        if len(values) < len(parts):
            return None
        if node.operation in SERIES:
            body = node.body
            assert body
            return series_value(node, values, lambda at: exact(body, {**bound, node.name: at}))
        spend(sum(map(bits, values)), len(values))
        return _apply(node.operation, values)

    return fold(root, combine)


def _apply(operation: str, values: Sequence[Fraction]) -> Fraction | None:
    if operation == "+":
        return balanced(operator.add, values)
    if operation == "*":
        return balanced(operator.mul, values) if sum(map(bits, values)) < MOST_BITS else None
    if operation == "^":
        return _power(values[0], values[1])
    if operation == "root":
        return _power(values[0], 1 / values[1]) if values[1] > 0 else None
    if operation == "abs":
        return abs(values[0])
    if operation == "mod":
        return values[0] % values[1] if values[1] else None
    if operation in {"min", "max"}:
        return min(values) if operation == "min" else max(values)
    if operation == "log_base":
        return _logarithm(values[0], values[1])
    if operation in {"ln", "log", "lg"}:
        return Fraction(0) if values[0] == 1 else _logarithm(values[0], Fraction(10)) if operation == "lg" else None
    if operation == "det":
        return determinant(values)
    if operation in {"floor", "ceil"}:
        return Fraction(math.floor(values[0]) if operation == "floor" else math.ceil(values[0]))
    if any(value.denominator != 1 for value in values):
        return None
    return _of_integers(operation, [value.numerator for value in values])


def determinant(cells: Sequence[Fraction]) -> Fraction:
    """Return the determinant of a square matrix, given row by row (Gauss)."""
    size = math.isqrt(len(cells))
    rows = [list(cells[start : start + size]) for start in range(0, len(cells), size)]
    result = Fraction(1)
    for at in range(size):
        pivot = next((row for row in range(at, size) if rows[row][at]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != at:
            rows[at], rows[pivot], result = rows[pivot], rows[at], -result
        result *= rows[at][at]
        for row in rows[at + 1 :]:
            factor = row[at] / rows[at][at]
            spend(bits(factor), size)
            row[at:] = [a - factor * b for a, b in zip(row[at:], rows[at][at:], strict=True)]
    return result


def _of_integers(operation: str, values: Sequence[int]) -> Fraction | None:
    first, last = values[0], values[-1]
    if operation == "!" and 0 <= first <= MOST_FACTORIAL:
        spend(first * first.bit_length())
        return Fraction(math.factorial(first))
    if operation == "!!" and 0 <= first <= MOST_TERMS:
        return Fraction(math.prod(range(first, 0, -2)))
    if operation in {"binom", "permutations"} and min(values) >= 0 and first.bit_length() * last < MOST_BITS:
        spend(first.bit_length() * last)
        choose = min(last, first - last) if operation == "binom" and last <= first else last
        return Fraction(math.comb(first, choose) if operation == "binom" else math.perm(first, last))
    if operation in {"gcd", "lcm"}:
        total = sum(value.bit_length() for value in values)
        spend(total, len(values))
        return Fraction(math.gcd(*values) if operation == "gcd" else math.lcm(*values))
    return None


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator != 1:
        root = nth_root(base, exponent.denominator)
        return None if root is None else _power(root, Fraction(exponent.numerator))
    if base in {0, 1} and exponent > 0:
        return base
    if base == -1:
        return Fraction(-1 if exponent.numerator % 2 else 1)
    if base == 0 or bits(base) * abs(exponent) > MOST_BITS:
        return None
    spend(int(math.log2(max(abs(base.numerator), base.denominator)) * abs(exponent)))
    return Fraction(base**exponent.numerator)


def nth_root(value: Fraction, degree: int) -> Fraction | None:
    """Return the rational root, None when there is none; odd roots of negative numbers are negative."""
    if value < 0:
        root = nth_root(-value, degree) if degree % 2 else None
        return None if root is None else -root
    if degree > MOST_TERMS:
        return value if value in {0, 1} else None
    top, bottom = _integer_root(value.numerator, degree), _integer_root(value.denominator, degree)
    return None if top is None or bottom is None else Fraction(top, bottom)


def _integer_root(value: int, degree: int) -> int | None:
    if degree == 2:
        root = math.isqrt(value)
        return root if root * root == value else None
    if value.bit_length() > MOST_TERMS:
        return None
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
    return low if low**degree == value else None


def _logarithm(value: Fraction, base: Fraction) -> Fraction | None:
    """Return the rational logarithm: guessed from its approximation, then proved by powers."""
    if value <= 0 or base <= 0 or base == 1:
        return None
    ratio = _natural_log(value) / _natural_log(base)
    if not abs(ratio) < MOST_TERMS:
        return None
    guess = Fraction(ratio).limit_denominator(MOST_LOGARITHM)
    if bits(base) * abs(guess.numerator) + bits(value) * guess.denominator > MOST_BITS:
        return None
    return guess if base**guess.numerator == value**guess.denominator else None


def _natural_log(value: Fraction) -> float:
    return math.log(value.numerator) - math.log(value.denominator)
