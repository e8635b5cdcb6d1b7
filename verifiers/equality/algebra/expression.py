"""Expressions as trees, and the one way to walk them: without recursion, for answers nest a thousand levels deep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

T = TypeVar("T")

NUMBER, SYMBOL, SUM, PRODUCT, POWER = "number", "symbol", "+", "*", "^"
CONSTANTS = frozenset({"pi", "e", "i"})
"""Symbols that are no variables."""
SERIES = frozenset({"sum", "prod", "integral"})
"""Operations over a bound variable: `parts` are its bounds, `body` is what it runs through."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A leaf (`number`, `symbol`), an operation on parts, or a series over a bound variable."""

    operation: str
    parts: tuple[Expression, ...] = ()
    value: Fraction = Fraction(0)
    """Of a number."""
    name: str = ""
    """Of a symbol, of an unknown function, or of a bound variable."""
    body: Expression | None = None
    """Of a series."""


def number(value: Fraction | int) -> Expression:
    """Make an exact number."""
    return Expression(NUMBER, value=Fraction(value))


def symbol(name: str) -> Expression:
    """Make a variable or a constant."""
    return Expression(SYMBOL, name=name)


def add(*terms: Expression) -> Expression:
    """Make a sum; of one term, that term."""
    return terms[0] if len(terms) == 1 else Expression(SUM, terms)


def multiply(*factors: Expression) -> Expression:
    """Make a product; of one factor, that factor."""
    return factors[0] if len(factors) == 1 else Expression(PRODUCT, factors)


def power(base: Expression, exponent: Expression) -> Expression:
    """Make a power."""
    return Expression(POWER, (base, exponent))


def negative(of: Expression) -> Expression:
    """Turn a sign."""
    return number(-of.value) if of.operation == NUMBER else multiply(number(-1), of)


def inverse(of: Expression) -> Expression:
    """Make one over an expression."""
    return power(of, number(-1))


def call(function: str, *arguments: Expression) -> Expression:
    """Apply a function."""
    return Expression(function, arguments)


def fold(root: Expression, combine: Callable[[Expression, Sequence[T]], T]) -> T:
    """Give each node, parts first, the results of its parts; return the root's. The body of a series is not walked."""
    todo: list[tuple[Expression, bool]] = [(root, False)]
    done: list[T] = []
    while todo:
        node, ready = todo.pop()
        if not node.parts:
            done.append(combine(node, ()))
        elif ready:
            first = len(done) - len(node.parts)
            done[first:] = [combine(node, done[first:])]
        else:
            todo.append((node, True))
            todo.extend((part, False) for part in reversed(node.parts))
    return done[0]


def variables(root: Expression) -> frozenset[str]:
    """Return the names of all symbols that are not bound, constants included; those of unknown functions too."""

    def names(node: Expression, parts: Sequence[frozenset[str]]) -> frozenset[str]:
        if node.operation == SYMBOL:
            return frozenset({node.name})
        inside = variables(node.body) - {node.name} if node.body else frozenset[str]()
        return inside.union(*parts)

    return fold(root, names)


def unknowns(root: Expression) -> frozenset[str]:
    """Return the names of variables."""
    return variables(root) - CONSTANTS


def substituted(root: Expression, values: Mapping[str, Expression]) -> Expression:
    """Return an expression with something else in place of variables."""

    def combine(node: Expression, parts: Sequence[Expression]) -> Expression:
        if node.operation == SYMBOL:
            return values.get(node.name, node)
        inside = {name: value for name, value in values.items() if name != node.name}
        return replace(node, parts=tuple(parts), body=node.body and substituted(node.body, inside))

    return fold(root, combine)
