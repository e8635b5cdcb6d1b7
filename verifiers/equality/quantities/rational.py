r"""Rational numbers as people write them: 1,234.5, -2\frac12, 50%, 3\times10^8, 三又二分之一, two and a half.

What is written in digits is read in `verifiers.equality.quantities.digits`, words in `english` and `chinese`.
"""

from __future__ import annotations

import re
from fractions import Fraction

from verifiers.equality.quantities.chinese import in_chinese
from verifiers.equality.quantities.digits import digits
from verifiers.equality.quantities.english import in_english

_LONGEST = 400
"""Characters beyond which a number is left to slower hands."""
_DEEPEST = 8
"""Brackets around a number that are taken off."""

_SIGN = re.compile(r"[+-]|[负負]的?|零下|(?:minus|negative) ", re.IGNORECASE)
_SHARES = {"%": 100, "‰": 1000}


def rational(text: str) -> Fraction | None:
    """Read a normalised text that is one number; None when it is anything else."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    if share := _SHARES.get(text[-1]):
        value = _signed(text[:-1].rstrip(), _DEEPEST)
        return None if value is None else value / share
    return _signed(text, _DEEPEST)


def _signed(text: str, deepest: int) -> Fraction | None:
    if not (found := _SIGN.match(text)):
        return _unsigned(text, deepest)
    rest = text[found.end() :].lstrip()
    value = None if _SIGN.match(rest) else _unsigned(rest, deepest)
    return value if value is None or found[0] == "+" else -value


def _unsigned(text: str, deepest: int) -> Fraction | None:
    if text.startswith("(") and text.endswith(")"):
        inner = _signed(text[1:-1].strip(), deepest - 1) if deepest and "," not in text else None
        if inner is not None:
            return inner
    if text[:1].isdecimal() or text[:1] in {".", "\\", "("} or not text.isascii():
        value = digits(text)
        if value is not None:
            return value
    return in_english(text) if text.isascii() else in_chinese(text)
