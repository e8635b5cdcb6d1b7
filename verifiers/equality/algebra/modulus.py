"""Remainders of huge numbers: two whole numbers, or fractions, that leave different remainders are different.

A residue modulo a prime is worked out from the expression, the exponents modulo the prime less one (Fermat), and so
on up a tower of powers. Not covered: anything but sums, products, quotients, powers, factorials, binomials of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from verifiers.equality.algebra.exact import exact
from verifiers.equality.algebra.expression import Expression, fold, number, substituted, unknowns
from verifiers.equality.effort import spend

_PRIMES = (2, 3, 5, 7, 10_007, 1_000_003)
_LARGE = 64
"""A power with an exponent from here on is as if it had that exponent plus any whole number of periods."""
_LARGEST_DIVISOR = 10**9
_MOST_FACTORS = 1_000_000
_MOST_BINOMIAL = 20_000
"""Prime up to which single binomial coefficients are worked out."""


class NoResidueError(ArithmeticError):
    """An expression has no remainder that could be worked out."""


def certainly_differ(left: Expression, right: Expression) -> bool:
    """Whether some remainder of the two differs, at some whole values of variables; False where that cannot be told."""
    names = sorted(unknowns(left) | unknowns(right))
    values = {name: number(2 + index) for index, name in enumerate(names)}
    one, other = (substituted(side, values) for side in (left, right))
    for prime in _PRIMES:
        try:
            if _of(one, prime) != _of(other, prime):
                return True
        except (NoResidueError, ValueError, RecursionError):
            continue
    return False


def reduced(root: Expression) -> Expression:
    """Work out remainders of numbers too large to be worked out themselves: 7^{10^20} mod 10 is 1."""

    def combine(node: Expression, parts: Sequence[Expression]) -> Expression:
        node = replace(node, parts=tuple(parts))
        divisor = exact(parts[1]) if node.operation == "mod" else None
        if divisor is None or divisor.denominator != 1 or not 0 < divisor <= _LARGEST_DIVISOR:
            return node
        try:
            return number(_of(parts[0], divisor.numerator)) if exact(parts[0]) is None else node
        except (NoResidueError, ValueError, RecursionError):
            return node

    return fold(root, combine)


def _of(node: Expression, modulus: int) -> int:
    spend(times=5)
    if modulus == 1:
        return 0
    if node.operation == "number":
        return node.value.numerator * pow(node.value.denominator, -1, modulus) % modulus
    if node.operation == "+":
        return sum(_of(part, modulus) for part in node.parts) % modulus
    if node.operation == "*":
        return math.prod(_of(part, modulus) for part in node.parts) % modulus
    if node.operation == "^":
        return _power(node, modulus)
    if node.operation == "!":
        return _factorial(node.parts[0], modulus)
    if node.operation == "binom":
        return _binomial(node, modulus)
    raise NoResidueError


def _power(node: Expression, modulus: int) -> int:
    base, exponent = node.parts
    known = exact(exponent)
    if known is not None and known.denominator == 1:
        return pow(_of(base, modulus), known.numerator, modulus)
    if known is not None or not _is_natural(exponent):
        raise NoResidueError
    # a^e depends, for e of at least log2(m), on e modulo Euler's phi(m) alone; e is huge, or it would be known
    period = _phi(modulus)
    return pow(_of(base, modulus), _of(exponent, period) + period * _LARGE, modulus)


def _is_natural(root: Expression) -> bool:
    """Whether an expression is a positive whole number by its making."""

    def combine(node: Expression, parts: Sequence[bool]) -> bool:
        if node.operation == "number":
            return node.value.denominator == 1 and node.value > 0
        return node.operation in {"+", "*", "^", "!"} and all(parts)

    return fold(root, combine)


def _phi(modulus: int) -> int:
    found, rest, divisor = modulus, modulus, 2
    while divisor * divisor <= rest:
        if rest % divisor == 0:
            found -= found // divisor
            while rest % divisor == 0:
                rest //= divisor
        divisor += 1
    return found - found // rest if rest > 1 else found


def _factorial(of: Expression, modulus: int) -> int:
    known = exact(of)
    if known is None:
        if _is_natural(of):
            return 0  # huge, so it has every small factor
        raise NoResidueError
    if known.denominator != 1 or known < 0 or min(known.numerator, modulus) > _MOST_FACTORS:
        raise NoResidueError
    if known >= modulus:
        return 0
    result = 1
    for factor in range(2, known.numerator + 1):
        result = result * factor % modulus
    return result


def _binomial(node: Expression, prime: int) -> int:
    """Use Lucas' theorem, which holds for primes."""
    whole, part = (_natural(of) for of in node.parts)
    if prime not in _PRIMES or prime > _MOST_BINOMIAL:
        raise NoResidueError
    result = 1
    while part:
        result = result * math.comb(whole % prime, part % prime) % prime
        whole, part = whole // prime, part // prime
    return result


def _natural(of: Expression) -> int:
    value = exact(of)
    if value is None or value.denominator != 1 or value < 0:
        raise NoResidueError
    return value.numerator
