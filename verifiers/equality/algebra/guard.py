"""What stops mathematics before it starts: texts that nobody can read, and values too large to evaluate.

Covered: numeric powers, towers, factorials, binomials, sums and products of many terms, deep nesting, long texts.
Not covered: an innocent-looking expression that sympy is slow with; the worker's limits end that.
"""

from __future__ import annotations

import math
import re

from verifiers.equality.errors import TooLargeError

MOST_CHARACTERS = 500
MOST_NESTING = 60
MOST_DIGITS = 400_000
"""Decimal digits of the largest power that is evaluated."""
MOST_FACTORIAL = 5_000
MOST_TERMS = 2_000

_INTEGER = re.compile(r"\(*(\d+)\)*")
_FACTORIAL = re.compile(r"(\d*)(\)|\}|!)? ?!")
_BINOMIAL = re.compile(r"\\[dt]?binom ?\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_SERIES = re.compile(r"\\(?:sum|prod)\b[^^]{0,80}\^ ?(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\d)")
_POWER = re.compile(r"(\d[\d.,]*|[)}]) ?\^ ?(?=(\{|-?\d+|.))")
_LONG_NUMBER = re.compile(r"\d{5}|\^.*\^|\d ?\^ ?\{? ?\d")
_LETTERS = re.compile(r"[a-zA-Z]")
_TIMES = re.compile(r"\\times|\\cdot|\*")


def refuse_too_large(text: str) -> None:
    """Raise TooLargeError for a normalised text whose evaluation could take all time or memory."""
    if len(text) > MOST_CHARACTERS:
        raise TooLargeError(f"the expression is longer than {MOST_CHARACTERS} characters")
    if _nesting(text) > MOST_NESTING:
        raise TooLargeError(f"the expression is nested deeper than {MOST_NESTING} levels")
    for found in _FACTORIAL.finditer(text):
        if _argument(text, found) > MOST_FACTORIAL:
            raise TooLargeError("a factorial is too large to evaluate")
    for found in _BINOMIAL.finditer(text):
        if _magnitude(found[1]) > MOST_FACTORIAL:
            raise TooLargeError("a binomial coefficient is too large to evaluate")
    for found in _SERIES.finditer(text):
        if _magnitude(found[1]) > MOST_TERMS:
            raise TooLargeError("a sum or product has too many terms to evaluate")
    for found in _POWER.finditer(text):
        base = found[1].replace(",", "").rstrip(".")
        size = math.log10(max(float(base), 10.0)) if base[0].isdigit() and len(base) < 300 else 1.0
        if size * _magnitude(_group(text, found.end())) > MOST_DIGITS:
            raise TooLargeError("a power is too large to evaluate")


def _argument(text: str, found: re.Match[str]) -> float:
    """Bound what a factorial is taken of; a factorial of a factorial of a number counts as infinite."""
    if found[1] and not found[2]:
        return float(found[1]) if len(found[1]) < 300 else math.inf
    depth, begin = 0, found.end() - 1
    while begin > 0 and (depth > 0 or begin == found.end() - 1):
        begin -= 1
        depth += (text[begin] in ")}") - (text[begin] in "({")
    inner = text[begin : found.end() - 1]
    return math.inf if "!" in inner and not _LETTERS.search(inner) else _magnitude(inner)


def _magnitude(text: str) -> float:
    """Bound the absolute value of a numeric text; 0 when it holds letters or is too odd to tell."""
    text = text.strip("{}() -+")
    head, power, tail = text.partition("^")
    if _LETTERS.search(_TIMES.sub("", text)):
        return math.inf if _LONG_NUMBER.search(text) else 0.0
    parts = _TIMES.split(text)
    if len(parts) > 1:
        return math.prod(max(_magnitude(part), 1.0) for part in parts)
    if power:
        exponent = _magnitude(tail)
        digits = math.log10(max(_magnitude(head), 2.0)) * exponent
        return 10.0**digits if digits < 300 else math.inf
    found = _INTEGER.fullmatch(text.replace(",", ""))
    return float(found[1]) if found and len(found[1]) < 300 else math.inf if found or _LONG_NUMBER.search(text) else 0.0


def _group(text: str, start: int) -> str:
    """Return the exponent that begins at `start`: a braced group, a number or one sign, with any power of its own."""
    if not text.startswith("{", start):
        found = re.compile(r"-?\d+|.").match(text, start)
        return found.group() if found else ""
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return text[start : index + 1]
    return text[start:]


def _nesting(text: str) -> int:
    deepest = depth = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth)
    return deepest
