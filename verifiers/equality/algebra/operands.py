r"""What a command takes after it: fractions, roots, binomials, functions, and series with their bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from verifiers.equality.algebra.expression import Expression, call, inverse, multiply, number, power, symbol, variables
from verifiers.equality.algebra.tokens import BARS, CLOSER, FUNCTIONS, GROUPS, INVERSES
from verifiers.equality.errors import NotReadError

if TYPE_CHECKING:
    from verifiers.equality.algebra.syntax import Reader


def fraction(reader: Reader) -> Expression:
    r"""Read what follows `\frac`; `\frac{dy}{dx}` is one name."""
    begin = reader.here
    top, bottom = part(reader), part(reader)
    if _is_differential(top) and _is_differential(bottom):
        if not top.parts or top.operation == "^":
            raise NotReadError  # who is differentiated stands behind it
        return symbol("".join(sign for _, sign in reader.tokens[begin : reader.here]))
    return Expression("*", (top, inverse(bottom)))


def _is_differential(side: Expression) -> bool:
    first = side.parts[0] if side.parts else side
    return (first.parts[0] if first.parts else first).name in {"d", "partial"}


def part(reader: Reader) -> Expression:
    r"""Read an argument of a command: a group, or one sign (`\frac12` is a half)."""
    if reader.next == "{":
        return reader.group()
    if reader.kind == "number" and len(reader.next) > 1:
        digits = reader.next
        reader.tokens[reader.here : reader.here + 1] = [("number", digits[0]), ("number", digits[1:])]
        reader.here += 1
        return number(Fraction(digits[0]))
    return reader.atom()


def _root(reader: Reader) -> Expression:
    degree = number(2)
    if reader.take("["):
        degree = reader.sum()
        reader.expect("]")
    return call("root", reader.group() if reader.next == "(" else part(reader), degree)


def _plain_root(reader: Reader) -> Expression:
    """Read what stands after √: a group, a whole number, or one sign."""
    return call("root", reader.group() if reader.next in GROUPS else reader.atom(), number(2))


def _binomial(reader: Reader) -> Expression:
    return call("binom", part(reader), part(reader))


def mixed(reader: Reader, whole: Expression) -> Expression:
    r"""Read `2\frac{1}{2}`: a whole number that touches a proper fraction of two numbers is added to it."""
    begin = reader.here
    if whole.value.denominator != 1 or not reader.take(r"\frac"):
        return whole
    found = fraction(reader)
    if found.operation != "*":
        reader.here = begin
        return whole
    top, bottom = found.parts[0], found.parts[1].parts[0]
    whole_numbers = top.operation == bottom.operation == "number" and top.value.denominator == bottom.value.denominator
    if whole_numbers == 1 and 0 <= top.value < bottom.value:
        return number(whole.value + top.value / bottom.value)
    reader.here = begin
    return whole


def marked(reader: Reader, mark: str) -> Expression:
    """Read a letter or segment with a mark; a bar over a complex number conjugates it."""
    begin = reader.here
    name = reader.raw()
    if mark in BARS and "i" in name:
        reader.here = begin
        return call("conjugate", part(reader))
    return symbol(mark + name)


def chosen(reader: Reader, name: str) -> Expression | None:
    """Read C_5^2, C^2_5 and, for numbers, A_5^2 and P_5^2; None for another use of the letter."""
    scripts: dict[str, Expression] = {}
    while reader.next in {"_", "^"} and reader.next not in scripts:
        mark = reader.next
        reader.here += 1
        try:
            scripts[mark] = reader.script()
        except NotReadError:
            return None
    if len(scripts) < 2:
        return None
    whole, few = scripts["_"], scripts["^"]
    if name == "C":
        return call("binom", whole, few)
    numbers = whole.operation == few.operation == "number"
    return call("permutations", whole, few) if numbers and 1 < few.value <= whole.value else None


def function(reader: Reader, name: str) -> Expression:
    r"""Read `\sin^2 x`, `\log_2 8`, `\max(1, 2)` after their name."""
    base, exponent = None, None
    while reader.next in {"_", "^"}:
        if reader.take("_"):
            base = reader.script()
        else:
            reader.here += 1
            exponent = reader.script()
    if exponent and exponent.value == -1 and name in INVERSES:
        name, exponent = INVERSES[name], None
    arguments = reader.arguments() if reader.next in GROUPS | {r"\{"} else [_argument(reader)]
    found = call("log_base", arguments[0], base) if base and name == "log" else call(name, *arguments)
    return power(found, exponent) if exponent else found


def _argument(reader: Reader) -> Expression:
    """Read an argument without brackets: touching factors, up to the next function; one with pi takes a slash along."""
    factors = [reader.signed_factor()]
    while reader.begins_factor() and reader.next.removeprefix("\\") not in FUNCTIONS:
        if reader.next in CLOSER and any(factor.operation != "number" for factor in factors):
            break  # \\sin 2(x+1) takes the brackets, \\sin x(x+1) does not
        factors.append(reader.factor())
    if reader.next == "/" and any("pi" in (each.name, *(of.name for of in each.parts)) for each in factors):
        reader.here += 1
        factors.append(inverse(reader.factor()))
    return multiply(*factors)


def _series(reader: Reader) -> Expression:
    r"""Read `\sum_{k=1}^{n} k`, whose body ends at the next plus or minus."""
    operation = reader.tokens[reader.here - 1][1][1:]
    bounds: dict[str, Expression] = {}
    bound = ""
    for _ in range(2):
        mark = reader.next
        reader.here += 1
        if mark == "_" and reader.take("{"):
            bound = reader.next
            reader.here += 1
            reader.expect("=")
            bounds["_"] = reader.sum()
            reader.expect("}")
        elif mark == "^":
            bounds["^"] = reader.script()
    if len(bounds) < 2 or not bound.isalpha() or _is_infinite(bounds):
        raise NotReadError
    return Expression(operation, (bounds["_"], bounds["^"]), name=bound, body=reader.product())


def _integral(reader: Reader) -> Expression:
    """Read an integral between bounds, up to the letter that follows d."""
    bounds: dict[str, Expression] = {}
    while reader.next in {"_", "^"}:
        mark = reader.next
        reader.here += 1
        bounds[mark] = reader.script()
    end = _differential(reader)
    if len(bounds) < 2 or _is_infinite(bounds):
        raise NotReadError
    rest, bound = reader.tokens[end + 2 :], reader.tokens[end + 1][1]
    reader.tokens = reader.tokens[:end]
    body = reader.sum() if reader.here < end else number(1)
    reader.expect_end()
    reader.tokens += rest
    return Expression("integral", (bounds["_"], bounds["^"]), name=bound, body=body)


def _is_infinite(bounds: Mapping[str, Expression]) -> bool:
    return any("infty" in variables(bound) for bound in bounds.values())


def _differential(reader: Reader) -> int:
    """Return where `dx` stands outside brackets."""
    depth = 0
    for at in range(reader.here, len(reader.tokens) - 1):
        sign, after = reader.tokens[at][1], reader.tokens[at + 1][1]
        depth += (sign in "({[") - (sign in ")}]")
        if sign == "d" and depth == 0 and after.isalpha() and len(after) == 1:
            return at
    raise NotReadError


OPERANDS: Mapping[str, Callable[[Reader], Expression]] = {
    r"\frac": fraction,
    r"\sqrt": _root,
    r"\surd": _plain_root,
    r"\binom": _binomial,
    r"\sum": _series,
    r"\prod": _series,
    r"\int": _integral,
    r"\pi": lambda _: symbol("pi"),
}
"""By the command that begins them."""
