r"""Real numbers one after the other, as in the braces of a finite set: `1, 2, \ldots, 10`, `\pm 3`, `1 and x = 2`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from verifiers.equality.algebra.numeric import Point
from verifiers.equality.normalise import split_top
from verifiers.equality.sets.inequalities import end

NAME = r"(?:[A-Za-z]|\\[a-z]+)(?: ?_ ?(?:\w|\{\w+\}))?(?:\([a-z]\))?"
"""A pattern for the name of a variable."""
MOST = 1_000
"""Numbers that dots may stand for."""

_EQUALS = re.compile(rf"^{NAME} ?= ?")
_LISTED = re.compile(r"[,;]|\b(?:and|or)\b")


def numbers(text: str, bound: Point) -> list[Fraction] | None:
    r"""List numbers, both signs of a `\pm`, and what `\ldots` stands for between numbers in equal steps."""
    parts = split_top(text, _LISTED)
    if parts.count(r"\ldots") == 1 and len(parts) - 2 == parts.index(r"\ldots") > 0:
        known = numbers(",".join(part for part in parts if part != r"\ldots"), bound)
        return _progression(known) if known else None
    values: list[Fraction] = []
    for part in parts:
        for sign in ("+", "-") if part.count(r"\pm") == 1 else ("",):
            value = end(_EQUALS.sub("", part).replace(r"\pm", sign).strip(), bound)
            if not isinstance(value, Fraction):
                return None
            values.append(value)
    return values


def _progression(known: Sequence[Fraction]) -> list[Fraction] | None:
    """Fill the gap before the last of some numbers; None when they are not in equal steps."""
    *begun, last = known
    step = begun[1] - begun[0] if len(begun) > 1 else Fraction(1)
    count = (last - begun[0]) / step if step else Fraction(0)
    if count.denominator != 1 or not len(begun) <= count <= MOST:
        return None
    filled = [begun[0] + step * index for index in range(int(count) + 1)]
    return filled if filled[: len(begun)] == begun else None
