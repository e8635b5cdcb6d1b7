r"""What a gold is made of, as far as its spelling tells without doubt; `benchmarks.rewriting.rewrite` builds on these.

This reads far less than the verifier does, and shares none of its code: what it cannot be sure of is `Opaque`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from benchmarks.rewriting.spelling import TORN, is_formula, split, tidy

_INTEGER = r"\d{1,3}(?:,\d{3})+|\d+"
_FRACTION = r"\\[dt]?frac\s*(?:\{\s*(?P<top>\d+)\s*\}|(?P<t>\d))\s*(?:\{\s*(?P<bottom>\d+)\s*\}|(?P<b>\d))"
_DECIMAL = rf"(?P<decimal>\d*\.\d+|{_INTEGER})(?:e(?P<ten>-?\d{{1,2}}))?"
_NUMBER = re.compile(rf"(?P<sign>[+-]?)\s*(?:{_FRACTION}|(?P<over>\d+)/(?P<under>\d+)|{_DECIMAL})")
_UNITS = (
    ("%", re.compile(r"\s*\\?%")),
    ("degrees", re.compile(r"\s*(?:\^\s*\{?\s*\\circ\s*\}?|°|\\text\s*\{\s*degrees\s*\})")),
    ("cents", re.compile(r"\s*\\text\s*\{\s*cents\s*\}")),
)
_BRACKETED = re.compile(r"([(\[])(.*)([)\]])", re.DOTALL)
_BASE = re.compile(r"(\d+)_\{?(\d{1,2})\}?")
_INFINITE = re.compile(r"[+-]?\s*\\infty")
_AT_MOST = re.compile(r"[a-z]\s*\\leqslant\s*(-?\d+)")


@dataclass(frozen=True, slots=True)
class Number:
    """A rational number, with a unit or without."""

    value: Fraction
    unit: str = ""
    """`%`, `degrees`, `cents`, `dollars`, or the LaTeX of another one."""


@dataclass(frozen=True, slots=True)
class Based:
    """Digits in a base."""

    digits: str
    base: int


@dataclass(frozen=True, slots=True)
class Expression:
    """One formula without relation: surds, polynomials, functions."""

    text: str


@dataclass(frozen=True, slots=True)
class Equation:
    """Two formulas with an equals sign between them."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Values in any order: solutions, a set."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tupled:
    """Values in their order; two in round brackets may as well be an open interval."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """What is certainly an interval, because an end is infinite or the brackets differ."""

    opened: str
    low: str
    high: str
    closed: str


@dataclass(frozen=True, slots=True)
class Union:
    """Parts between cup signs."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A vector of one column."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbered:
    """Statements chosen by their numbers, as in (2)(3)."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """An option."""

    letter: str


@dataclass(frozen=True, slots=True)
class Word:
    """A name or another word."""

    word: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """What nothing is said about."""


Parts = (
    Number | Based | Expression | Equation | Listed | Tupled | Interval | Union | Column | Numbered | Letter | Word
    | Opaque
)  # fmt: skip


def parts(gold: str) -> Parts:
    """Take a gold apart."""
    if torn := _torn(gold.strip()):
        return torn
    text = tidy(gold)
    for read in (number, _based, _word, _numbered, _column, _interval, _bracketed, _listed, _equation):
        if (found := read(text)) is not None:
            return found
    return Expression(text) if is_formula(text) else Opaque()


def number(text: str) -> Number | None:
    """Read a number with the units that golds have; a dollar sign before it is one."""
    bare = re.sub(r"^\\\$\s*", "", text)
    found = _NUMBER.match(bare)
    value = _value(found) if found else None
    if not found or value is None:
        return None
    rest = bare[found.end() :]
    if not rest:
        return Number(value, "dollars" if bare != text else "")
    unit = next((name for name, spelled in _UNITS if spelled.fullmatch(rest)), None)
    return Number(value, unit) if unit and bare == text else None


def _value(found: re.Match[str]) -> Fraction | None:
    top, bottom = found["top"] or found["t"] or found["over"], found["bottom"] or found["b"] or found["under"]
    if bottom and not int(bottom):
        return None
    value = Fraction(int(top), int(bottom)) if top else Fraction(found["decimal"].replace(",", ""))
    value *= Fraction(10) ** int(found["ten"] or 0)
    return -value if found["sign"] == "-" else value


def _torn(gold: str) -> Number | None:
    torn = TORN.fullmatch(gold)
    found = number(torn["number"]) if torn else None
    return Number(found.value, tidy(gold)[len(torn["number"]) :].strip()) if torn and found else None


def _based(text: str) -> Based | None:
    found = _BASE.fullmatch(text)
    return Based(found[1], int(found[2])) if found else None


def _word(text: str) -> Letter | Word | None:
    found = re.fullmatch(r"\\text\s*\{\s*(.*?)\s*\}|([A-Z])", text)
    inner = (found[1] or found[2]).strip("()") if found else ""
    if re.fullmatch("[A-Z]", inner):
        return Letter(inner)
    return Word(inner) if re.fullmatch("[A-Za-z]{3,}", inner) else None


def _numbered(text: str) -> Numbered | None:
    return Numbered(tuple(re.findall(r"\((\d)\)", text))) if re.fullmatch(r"(?:\(\d\)){2,}", text) else None


def _column(text: str) -> Column | None:
    found = re.fullmatch(r"\\begin\{pmatrix\}(.*)\\end\{pmatrix\}", text)
    rows = tuple(row.strip() for row in found[1].split(r"\\")) if found else ()
    return Column(rows) if rows and all(map(number, rows)) else None


def _interval(text: str) -> Interval | Union | None:
    if found := _AT_MOST.fullmatch(text):
        return Interval("(", r"-\infty", found[1], "]")
    pieces = [piece.strip() for piece in text.split(r"\cup")]
    if len(pieces) > 1:
        return Union(tuple(pieces)) if all(map(_BRACKETED.fullmatch, pieces)) else None
    found = _BRACKETED.fullmatch(text)
    ends = split(found[2]) if found else ()
    if not found or len(ends) != 2 or not all(_INFINITE.fullmatch(end) or is_formula(end) for end in ends):
        return None
    certain = found[1] + found[3] in ("(]", "[)") or r"\infty" in text
    return Interval(found[1], *ends, found[3]) if certain else None


def _bracketed(text: str) -> Listed | Tupled | None:
    if found := re.fullmatch(r"\\\{(.*)\\\}", text):
        return Listed(split(found[1]))
    found = re.fullmatch(r"\((.*)\)", text)
    items = split(found[1]) if found else ()
    return Tupled(items) if len(items) > 1 and all(map(is_formula, items)) else None


def _listed(text: str) -> Listed | None:
    before, both, after = text.partition(r"\pm")
    if both:
        items: tuple[str, ...] = (f"{before}+{after}".strip(), f"{before}-{after}".strip())
    else:
        items = split(text.replace("和", ","))
    return Listed(items) if len(items) > 1 and all(map(is_formula, items)) else None


def _equation(text: str) -> Equation | None:
    sides = [side.strip() for side in text.split("=")]
    return Equation(*sides) if len(sides) == 2 and all(map(is_formula, sides)) else None
