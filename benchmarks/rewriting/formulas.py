r"""Formulas, equations and numbers in a base written in other ways, and others that they are not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from benchmarks.rewriting.parts import Based, Equation, number
from benchmarks.rewriting.spelling import terms

_EXPONENT = re.compile(r"(?<=[a-z)])\^\s*(?:\{(\d)\}|(\d))")
_LITERAL = re.compile(r"(?<![\d_.^])(?<!_\{)(?<!\^\{)[1-9]\d*(?![\d.])")
_SURD = re.compile(r"(-?)(\d*)\s*(?:\\sqrt\{(\d+)\}|(\\pi))")
_NAME = re.compile(r"[a-zA-Z](?:_\{?\w\}?)?|f\(x\)")


def same_based(gold: Based) -> Iterator[tuple[str, str]]:
    """Yield names and texts of the same digits in the same base."""
    yield from (("base", each) for each in (f"{gold.digits}_{{{gold.base}}}", f"({gold.digits})_{{{gold.base}}}"))


def other_based(gold: Based) -> Iterator[tuple[str, str]]:
    """Yield names and texts of other numbers."""
    yield "another base", f"{gold.digits}_{{{gold.base + 1}}}"
    yield "digit changed", f"{'2' if gold.digits[0] == '1' else '1'}{gold.digits[1:]}_{{{gold.base}}}"


def same_expression(text: str) -> Iterator[tuple[str, str]]:
    """Yield names and texts of the same value."""
    first, *rest = terms(text)
    if rest and first:
        moved = first if first[0] in "+-" else f"+{first}"
        yield "terms reordered", " ".join([*reversed(rest), moved]).removeprefix("+")
    yield "large fractions", text.replace(r"\frac", r"\dfrac")
    yield "halved twice", f"\\frac{{2({text})}}{{2}}"
    yield "sized brackets", f"\\left({text}\\right)"
    yield "one less one", f"{text} + 1 - 1"
    yield "negated twice", f"-(-({text}))"
    if surd := _SURD.fullmatch(text):
        sign, factor, root, _ = surd.groups()
        if root and factor:
            yield "factor under the root", f"{sign}\\sqrt{{{int(factor) ** 2 * int(root)}}}"
        elif root:
            yield "factor before the root", f"{sign}\\frac{{\\sqrt{{{4 * int(root)}}}}}{{2}}"


def other_expression(text: str) -> Iterator[tuple[str, str]]:
    """Yield names and texts of other values; the gold's is taken not to be zero."""
    yield "one more", f"{text} + 1"
    yield "sign flipped", f"-({text})"
    yield "doubled", f"2({text})"
    first, *rest = terms(text)
    if rest and first:
        flipped = ("-" if rest[0][0] == "+" else "+") + rest[0][1:]
        yield "inner sign flipped", " ".join([first, flipped, *rest[1:]])
    yield from _literals(text)
    if surd := _SURD.fullmatch(text):
        value = float(f"{surd[1]}{surd[2] or 1}") * (math.sqrt(int(surd[3])) if surd[3] else math.pi)
        yield from (("rounded", f"{value:.{places}f}") for places in (2, 5))


def same_equation(gold: Equation) -> Iterator[tuple[str, str]]:
    """Yield names and texts that hold where the gold does; no equation is made of one that is solved."""
    left, right = gold.left, gold.right
    yield "sides swapped", f"{right} = {left}"
    if not (solved := _NAME.fullmatch(left) and number(right)):
        yield "one side", f"{left} - ({right}) = 0"
        yield "doubled", f"2({left}) = 2({right})"
    if _NAME.fullmatch(left) and left not in right and (left != "y" or solved):
        yield "name dropped", right


def other_equation(gold: Equation) -> Iterator[tuple[str, str]]:
    """Yield names and texts that hold elsewhere."""
    left, right = gold.left, gold.right
    yield "one more", f"{left} = {right} + 1"
    if right != "0":
        yield "sign flipped", f"{left} = -({right})"
    if "_" not in left:
        yield from ((name, f"{left} = {each}") for name, each in _literals(right))


def _literals(text: str) -> Iterator[tuple[str, str]]:
    """Change one number or one exponent; not beside subscripts, where digits are names."""
    if "_" in text:
        return
    for found in list(_LITERAL.finditer(text))[-1:]:
        yield "number changed", f"{text[: found.start()]}{int(found[0]) + 1}{text[found.end() :]}"
    for found in list(_EXPONENT.finditer(text))[:1]:
        yield "exponent changed", f"{text[: found.start()]}^{int(found[1] or found[2]) + 1}{text[found.end() :]}"
