"""Sums, products and integrals with exact bounds: term by term, or as polynomials in closed form."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction

from verifiers.equality.algebra.expression import SERIES, Expression, fold
from verifiers.equality.effort import spend

MOST_TERMS = 10_000
"""Terms of a sum or product that are worked out one by one."""
MOST_DEGREE = 30
"""Degree of a polynomial that is summed or integrated in closed form."""

Evaluate = Callable[[Fraction], Fraction | None]
"""The value of a body where its variable has a value; None when that is not rational."""
Points = Sequence[tuple[Fraction, Fraction]]


def series_value(node: Expression, bounds: Sequence[Fraction], body: Evaluate) -> Fraction | None:
    """Return the value of a sum, product or integral; None when it is none of those worked out here."""
    assert node.body
    degree = polynomial_degree(node.body, node.name)
    closed = degree is not None and degree <= MOST_DEGREE
    if node.operation == "integral":
        return _integral(bounds, _points(body, 0, degree)) if degree is not None and closed else _power(node, bounds)
    if any(bound.denominator != 1 for bound in bounds):
        return None
    first, last = (bound.numerator for bound in bounds)
    if last - first < MOST_TERMS:
        terms = [value for _, value in _points(body, first, last - first)]
        if not terms and last < first:
            return Fraction(node.operation == "prod")
        if len(terms) < last - first + 1:
            return None
        return balanced(operator.add, terms) if node.operation == "sum" else balanced(operator.mul, terms)
    if node.operation == "prod" or degree is None or not closed:
        return None
    sums: list[tuple[Fraction, Fraction]] = []
    for at, value in _points(body, first, degree + 1):
        sums.append((at, value + (sums[-1][1] if sums else 0)))
    return _interpolated(sums, Fraction(last)) if len(sums) == degree + 2 else None


def balanced(combine: Callable[[Fraction, Fraction], Fraction], values: Sequence[Fraction]) -> Fraction:
    """Add or multiply fractions half by half, so that they stay small as long as they can; there is at least one."""
    if len(values) == 1:
        return values[0]
    middle = len(values) // 2
    left, right = balanced(combine, values[:middle]), balanced(combine, values[middle:])
    spend(bits(left) + bits(right))
    return combine(left, right)


def bits(value: Fraction) -> int:
    """Return the length of a fraction's numbers."""
    return value.numerator.bit_length() + value.denominator.bit_length()


def _points(body: Evaluate, first: int, more: int) -> list[tuple[Fraction, Fraction]]:
    """Evaluate at `first` and at `more` whole numbers after it, up to the first that has no value."""
    points: list[tuple[Fraction, Fraction]] = []
    for at in map(Fraction, range(first, first + more + 1)):
        value = body(at)
        if value is None:
            break
        points.append((at, value))
    return points


def _power(node: Expression, bounds: Sequence[Fraction]) -> Fraction | None:
    """Integrate a power of the variable, of any degree, from 0 to 1."""
    body = node.body
    if not body or body.operation != "^" or body.parts[0].name != node.name or list(bounds) != [0, 1]:
        return None
    degree = body.parts[1]
    return 1 / (degree.value + 1) if degree.operation == "number" and degree.value > -1 else None


def _integral(bounds: Sequence[Fraction], points: Points) -> Fraction | None:
    """Integrate the polynomial through `points` (Lagrange): exactly, for it is the integrand."""
    spend(max(bits(bound) for bound in bounds) * len(points), len(points))
    total = Fraction(0)
    for at, value in points:
        basis, scale = [Fraction(1)], Fraction(1)
        for other, _ in points:
            if other != at:
                basis = [a - other * b for a, b in zip([Fraction(0), *basis], [*basis, Fraction(0)], strict=True)]
                scale *= at - other
        areas = (c * (bounds[1] ** k - bounds[0] ** k) / k for k, c in enumerate(basis, start=1))
        total += value * sum(areas, Fraction(0)) / scale
    return total if points else None


def _interpolated(points: Points, at: Fraction) -> Fraction:
    """Return the value at `at` of the polynomial through `points` (Lagrange)."""
    spend(bits(at) * len(points), len(points))
    total = Fraction(0)
    for here, value in points:
        others = [there for there, _ in points if there != here]
        total += value * math.prod(((at - there) / (here - there) for there in others), start=Fraction(1))
    return total


def polynomial_degree(root: Expression, name: str) -> int | None:
    """Bound the degree of an expression in one variable; None when it is no polynomial in it."""

    def combine(node: Expression, degrees: Sequence[int | None]) -> int | None:
        if node.operation in {"number", "symbol"}:
            return int(node.name == name)
        known = [degree for degree in degrees if degree is not None]
        if len(known) < len(degrees) or node.operation in SERIES:
            return None
        if not any(known):
            return 0
        if node.operation in {"+", "*"}:
            return max(known) if node.operation == "+" else sum(known)
        exponent = node.parts[-1]
        if node.operation != "^" or exponent.operation != "number" or known[1]:
            return None
        natural = exponent.value >= 0 and exponent.value.denominator == 1
        return known[0] * exponent.value.numerator if natural else None

    return fold(root, combine)
