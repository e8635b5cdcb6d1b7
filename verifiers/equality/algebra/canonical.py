"""One spelling of an expression, whatever order it was written in: equal spellings are equal values.

Numbers are worked out while they are small, sums and products flattened, like terms and equal bases collected, powers
of whole numbers written with prime bases. Nothing is multiplied out, so the spelling never grows. A power of a power
or of a product is merged only where the exponents are whole or the bases positive.
Not covered: identities that need more than that, such as (x+1)^2 = x^2+2x+1; values at points decide those.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from verifiers.equality.algebra.exact import exact
from verifiers.equality.algebra.expression import SERIES, Expression, add, fold, multiply, number, power
from verifiers.equality.algebra.series import bits

_SMALL_BITS = 20_000
"""Bits of a number that is worked out here."""
_FEW = 64
"""Factors between two factorials that are worked out."""
_LARGEST_BASE = 10**6
"""Base of a power that is taken apart into primes."""

_ONE = number(1)


def canonical(root: Expression) -> Expression:
    """Return the one spelling of an expression."""
    return fold(root, _combine)


def _combine(node: Expression, parts: Sequence[Expression]) -> Expression:
    if node.operation in {"number", "symbol"}:
        return node
    if node.operation == "root":
        return (
            _power(parts[0], Expression("number", value=1 / parts[1].value))
            if _is_even(parts[1])
            else _kept(node, parts)
        )
    if node.operation in {"+", "*", "^"}:
        return _power(*parts) if node.operation == "^" else _sum(parts) if node.operation == "+" else _product(parts)
    return _kept(node, parts)


def _kept(node: Expression, parts: Sequence[Expression]) -> Expression:
    kept = Expression(node.operation, tuple(parts), node.value, node.name, node.body and canonical(node.body))
    if node.operation in SERIES or not all(part.operation == "number" for part in parts):
        return kept
    value = exact(kept) if all(bits(part.value) < 64 and abs(part.value) < 1000 for part in parts) else None
    return kept if value is None else number(value)


def _is_even(degree: Expression) -> bool:
    return degree.operation == "number" and degree.value > 0 and degree.value % 2 == 0


def _sum(parts: Sequence[Expression]) -> Expression:
    """Collect like terms; their order follows their spelling."""
    like: dict[Expression, Fraction] = {}
    for part in parts:
        for term in part.parts if part.operation == "+" else (part,):
            factor, rest = _coefficient(term)
            like[rest] = like.get(rest, Fraction(0)) + factor
    terms = [_scaled(factor, rest) for rest, factor in _ordered(like.items()) if factor]
    return add(*terms) if terms else number(0)


def _coefficient(term: Expression) -> tuple[Fraction, Expression]:
    if term.operation == "number":
        return term.value, _ONE
    if term.operation == "*" and term.parts[0].operation == "number":
        return term.parts[0].value, multiply(*term.parts[1:])
    return Fraction(1), term


def _scaled(factor: Fraction, rest: Expression) -> Expression:
    if rest == _ONE:
        return number(factor)
    if factor == 1:
        return rest
    return multiply(number(factor), *(rest.parts if rest.operation == "*" else (rest,)))


def _product(parts: Sequence[Expression]) -> Expression:
    """Collect equal bases; the exponents of each are added up."""
    factor, exponents = Fraction(1), dict[Expression, list[Expression]]()
    for part in parts:
        for each in part.parts if part.operation == "*" else (part,):
            if each.operation == "number" and bits(factor) + bits(each.value) < _SMALL_BITS:
                factor *= each.value
                continue
            base, exponent = each.parts if each.operation == "^" else (each, _ONE)
            exponents.setdefault(base, []).append(exponent)
    if not factor and not exponents:
        return number(0)
    factor *= _cancelled(exponents)
    powers: list[Expression] = []
    for base, found in exponents.items():
        whole = found[0] if len(found) == 1 else _sum(found)
        if whole == number(0):
            continue
        merged = power(base, whole) if len(found) == 1 else _power(base, whole)
        simple, rest = _coefficient(base if whole == _ONE else merged)
        factor, powers = factor * simple, powers if rest == _ONE else [*powers, rest]
    if len(powers) == 1 and powers[0].operation == "+" and factor != 1:  # 2(x+1) is 2x+2
        return _sum([_product([number(factor), term]) for term in powers[0].parts])
    return _multiplied(*_absorbed(factor, powers))


def _multiplied(factor: Fraction, powers: Sequence[Expression]) -> Expression:
    ordered = sorted(powers, key=_key)
    return multiply(number(factor), *ordered) if factor != 1 or not ordered else multiply(*ordered)


def _absorbed(factor: Fraction, powers: Sequence[Expression]) -> tuple[Fraction, list[Expression]]:
    """Move a prime from the number into its power, if that is huge or unknown: 2·2^{n-1} is 2^n."""
    kept: list[Expression] = []
    for each in powers:
        base, exponent = each.parts if each.operation == "^" else (each, _ONE)
        if base.operation != "number" or (exponent.operation == "number" and 0 <= exponent.value < 1):
            kept.append(each)
            continue
        times = 0
        while base.value.denominator == 1 and base.value > 1 and factor.numerator % base.value == 0:
            factor, times = factor / base.value, times + 1
        kept.append(power(base, _sum([exponent, number(times)])) if times else each)
    return factor, kept


def _cancelled(exponents: dict[Expression, list[Expression]]) -> Fraction:
    """Write each factorial as the next smaller one times what lies between, if little does: 1000! / 999! is 1000."""
    factor = Fraction(1)
    factorials = sorted(
        (each for each in exponents if each.operation == "!" and _is_whole(each.parts[0])),
        key=lambda each: each.parts[0].value,
        reverse=True,
    )
    for large, small in pairwise(factorials):
        high, low, times = large.parts[0].value, small.parts[0].value, exponents[large]
        if high - low <= _FEW and all(map(_is_whole, times)):
            between = Fraction(math.prod(range(int(low) + 1, int(high) + 1)))
            factor *= between ** sum(each.value.numerator for each in times)
            exponents[small] += exponents.pop(large)
    return factor


def _power(base: Expression, exponent: Expression) -> Expression:
    if exponent == _ONE:
        return base
    if exponent.operation == "number":
        if exponent.value == 0 and base.operation == "number" and base.value:
            return _ONE
        if base.operation == "number" and abs(exponent.value) * bits(base.value) < _SMALL_BITS:
            value = exact(power(base, exponent))
            if value is not None:
                return number(value)
        if base.operation == "*" and exponent.value.denominator == 1:
            return _product([_power(each, exponent) for each in base.parts])
    if base.operation == "^" and (_is_whole(exponent) or _is_positive(base.parts[0])) and _is_real(base.parts[1]):
        return _power(base.parts[0], _product([base.parts[1], exponent]))
    if base.operation == "number" and base.value > 0:
        primes = _factors(base.value)
        if primes:
            return _of_primes({number(prime): _product([number(times), exponent]) for prime, times in primes.items()})
    return power(base, exponent)


def _of_primes(powers: Mapping[Expression, Expression]) -> Expression:
    """Multiply powers of primes; of a fractional exponent only what is below one stays: 1/√2 is √2/2."""
    factor, kept = Fraction(1), list[Expression]()
    for prime, exponent in powers.items():
        whole = math.floor(exponent.value) if exponent.operation == "number" else 0
        if abs(whole) * bits(prime.value) >= _SMALL_BITS:
            whole = 0
        factor *= prime.value**whole
        rest = number(exponent.value - whole) if whole else exponent
        kept += [] if rest == number(0) else [power(prime, rest) if rest != _ONE else prime]
    return _multiplied(factor, kept)


def _is_whole(exponent: Expression) -> bool:
    return exponent.operation == "number" and exponent.value.denominator == 1


def _is_positive(base: Expression) -> bool:
    return base.operation == "number" and base.value > 0


def _is_real(exponent: Expression) -> bool:
    return exponent.operation == "number" or "i" not in {exponent.name, *(part.name for part in exponent.parts)}


def _factors(value: Fraction) -> dict[int, int]:
    """Return primes and their exponents; nothing for numbers too large to be taken apart."""
    if max(value.numerator, value.denominator) > _LARGEST_BASE**2:
        return {}
    above, below = (_primes(part) for part in (value.numerator, value.denominator))
    return {prime: above[prime] - below[prime] for prime in above | below}


def _primes(rest: int) -> Counter[int]:
    found: Counter[int] = Counter()
    divisor = 2
    while divisor * divisor <= rest:
        while rest % divisor == 0:
            rest //= divisor
            found[divisor] += 1
        divisor += 1
    return found + Counter({rest: 1} if rest > 1 else {})


def _ordered(items: Iterable[tuple[Expression, Fraction]]) -> list[tuple[Expression, Fraction]]:
    return sorted(items, key=lambda item: _key(item[0]))


def _key(of: Expression) -> str:
    return fold(of, _spelling)


def _spelling(node: Expression, parts: Sequence[str]) -> str:
    value = f"{node.value.numerator:x}/{node.value.denominator:x}" if node.operation == "number" else ""
    return f"{node.operation}({node.name}{value}{','.join(parts)}{_key(node.body) if node.body else ''})"
