"""Sizes of expressions: two numbers whose bounds do not overlap are different, and that is all that is concluded.

Covered: sums, products, powers, roots, factorials, binomials, logarithms, and series of growing terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from verifiers.equality.algebra.exact import exact
from verifiers.equality.algebra.expression import SERIES, Expression, fold, number, substituted
from verifiers.equality.algebra.numeric import constant
from verifiers.equality.algebra.sizes import (
    MP,
    TOP,
    Size,
    UnknownSizeError,
    exp10,
    is_one,
    log10,
    measured,
    power,
    product,
    signed_sum,
    wide,
)
from verifiers.equality.effort import spend


def certainly_differ(left: Expression, right: Expression) -> bool:
    """Whether two expressions without variables have different sizes or signs; False where that cannot be told."""
    try:
        one, other = size(left), size(right)
    except (UnknownSizeError, ArithmeticError, ValueError):
        return False
    if (one.sign, one.inverted) != (other.sign, other.inverted):
        return not (is_one(one) and is_one(other) and one.sign == other.sign)
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
        return measured(constant(node))
    if node.operation in SERIES:
        return _series(node)
    rule = _RULES.get(node.operation)
    if all(part.level == 0 and part.high < TOP for part in parts):
        value = constant(node)
        if value is not None:
            return measured(value)
    if rule is None:
        raise UnknownSizeError
    return rule(parts)


def _factorial(parts: Sequence[Size]) -> Size:
    (of,) = parts
    if of.sign < 0 or of.inverted:
        raise UnknownSizeError
    if of.level == 0:
        low, high = (MP.loggamma(end + 1) / MP.ln(10) for end in (of.low, of.high))
        return exp10(Size(0, *(wide(low)[0], wide(high)[1]))) if low >= 1 else measured(MP.factorial(of.low))
    logarithm = log10(of)  # log10 n! lies between n(log10 n - 1) and n log10 n
    less = signed_sum([logarithm, replace(measured(1), sign=-1)])
    least, most = product([of, less]), product([of, logarithm])
    if least.level != most.level:
        raise UnknownSizeError
    return exp10(replace(least, high=most.high))


def _binomial(parts: Sequence[Size]) -> Size:
    whole, part = parts
    if whole.level or part.level or whole.inverted or part.inverted:
        raise UnknownSizeError
    n, k = (MP.nint(each.low) for each in parts)
    found = (MP.loggamma(n + 1) - MP.loggamma(k + 1) - MP.loggamma(n - k + 1)) / MP.ln(10)
    if found < 1:
        raise UnknownSizeError
    slack = MP.mpf(10) ** -20
    return exp10(Size(0, found * (1 - slack), found * (1 + slack)))


def _logarithm(parts: Sequence[Size], base: Expression | None) -> Size:
    of = log10(parts[0])
    below = log10(parts[1]) if len(parts) > 1 else log10(size(base)) if base else measured(1)
    if parts[0].sign < 0:
        raise UnknownSizeError
    return product([of, replace(below, inverted=not below.inverted)])


def _floor(parts: Sequence[Size]) -> Size:
    if not parts[0].level:
        raise UnknownSizeError
    return parts[0]


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
    high = product([greatest, count]) if node.operation == "sum" else exp10(product([log10(greatest), count]))
    while greatest.level < high.level:
        greatest = Size(greatest.level + 1, MP.log10(greatest.low), MP.log10(greatest.high))
    return replace(greatest, high=high.high)


def _grows(body: Expression) -> bool:
    """Whether an expression is made of sums, products, powers and factorials of positive numbers alone."""

    def combine(node: Expression, parts: Sequence[bool]) -> bool:
        if node.operation == "number":
            return node.value >= 1
        return node.operation in {"symbol", "+", "*", "^", "!"} and all(parts)

    return fold(body, combine)


_RULES: Mapping[str, Callable[[Sequence[Size]], Size]] = {
    "+": signed_sum,
    "*": product,
    "^": power,
    "root": lambda parts: power([parts[0], replace(parts[1], inverted=not parts[1].inverted)]),
    "abs": lambda parts: replace(parts[0], sign=1),
    "floor": _floor,
    "!": _factorial,
    "binom": _binomial,
    "ln": partial(_logarithm, base=Expression("symbol", name="e")),
    "log": partial(_logarithm, base=Expression("symbol", name="e")),
    "lg": partial(_logarithm, base=None),
    "log_base": partial(_logarithm, base=None),
    "exp": lambda parts: power([measured(MP.e * 1), parts[0]]),
}
