r"""Lists, tuples, columns, intervals and chosen statements written in other ways, and others that they are not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from benchmarks.rewriting.numbers import spelled
from benchmarks.rewriting.parts import Column, Interval, Listed, Numbered, Tupled, Union, number

ELSE = "7919"
"""A number that hardly any gold holds."""

_SIGNS = {"(": "<", ")": "<", "[": r"\le", "]": r"\le"}

Group = Listed | Tupled | Column | Union | Numbered


def same_group(gold: Group) -> Iterator[tuple[str, str]]:
    """Yield names and texts of the same members, in another order where that does not matter."""
    items, backwards = gold.items, gold.items[::-1]
    match gold:
        case Listed():
            yield "reordered", ", ".join(backwards)
            yield "set", f"\\{{{', '.join(items)}\\}}"
            yield "and", r" \text{ and } ".join(items)
            yield "Chinese commas", "、".join(items)
            yield "Chinese and", f"{'，'.join(items[:-1])}和{items[-1]}"
        case Tupled():
            yield "sized brackets", f"\\left( {' , '.join(items)} \\right)"
            yield "full-width brackets", f"（{'，'.join(items)}）"
        case Column():
            yield "square brackets", _column("bmatrix", items)
            yield "brackets", f"\\left({_column('matrix', items)}\\right)"
        case Union():
            yield "reordered", r" \cup ".join(backwards)
        case Numbered():
            yield "reordered", "".join(f"({item})" for item in backwards)
            yield "circled", "".join(chr(ord("①") + int(item) - 1) for item in items)


def other_group(gold: Group) -> Iterator[tuple[str, str]]:
    """Yield names and texts of other members, or of the same in another order where that matters."""
    items = gold.items
    match gold:
        case Listed():
            yield "one added", ", ".join((*items, ELSE))
            yield from (("one dropped", ", ".join(rest)) for rest in (items[1:], items[:-1]))
            yield "one changed", ", ".join((*items[:-1], ELSE))
        case Tupled():
            yield from (("swapped", f"({', '.join(each)})") for each in _swaps(items))
            yield from (("member changed", f"({', '.join(each)})") for each in _changes(items))
            yield "one more member", f"({', '.join((*items, ELSE))})"
        case Column():
            yield from (("swapped", _column("pmatrix", each)) for each in _swaps(items))
            yield from (("member changed", _column("pmatrix", each)) for each in _changes(items))
        case Union():
            yield from (("one dropped", item) for item in items)
            yield "intersection", r" \cap ".join(items)
        case Numbered():
            yield "one dropped", "".join(f"({item})" for item in items[:-1])
            yield "one added", "".join(f"({item})" for item in (*items, "7"))


def same_interval(gold: Interval) -> Iterator[tuple[str, str]]:
    """Yield names and texts of the same interval."""
    low, high, opened, closed = gold.low, gold.high, gold.opened, gold.closed
    yield "sized brackets", f"\\left{opened} {low} , {high} \\right{closed}"
    lower = "" if "infty" in low else f"{low} {_SIGNS[opened]} "
    upper = "" if "infty" in high else f" {_SIGNS[closed]} {high}"
    yield "inequality", f"{lower}x{upper}"
    yield "element", f"x \\in {opened}{low}, {high}{closed}"
    if high == r"\infty":
        yield "signed infinity", f"{opened}{low}, +{high}{closed}"


def other_interval(gold: Interval) -> Iterator[tuple[str, str]]:
    """Yield names and texts of other intervals, and of an end alone."""
    low, high, opened, closed = gold.low, gold.high, gold.opened, gold.closed
    if "infty" not in low:
        yield "bracket flipped", f"{'[' if opened == '(' else '('}{low}, {high}{closed}"
        yield "end changed", f"{opened}{low} - 1, {high}{closed}"
    if "infty" not in high:
        yield "bracket flipped", f"{opened}{low}, {high}{')' if closed == ']' else ']'}"
        yield "end changed", f"{opened}{low}, {high} + 1{closed}"
    yield "an end alone", low if "infty" not in low else high


def _swaps(items: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Swap neighbours that certainly differ, because at least one is a number and the other is not the same one."""
    for at, (one, other) in enumerate(pairwise(items)):
        if number(one) != number(other):
            yield (*items[:at], other, one, *items[at + 2 :])


def _changes(items: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Raise each member that is a number by one."""
    for at, item in enumerate(items):
        if found := number(item):
            yield (*items[:at], spelled(found.value + 1), *items[at + 1 :])


def _column(environment: str, items: tuple[str, ...]) -> str:
    rows = r" \\ ".join(items)
    return f"\\begin{{{environment}}} {rows} \\end{{{environment}}}"
