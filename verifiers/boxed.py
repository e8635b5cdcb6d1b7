r"""The answer that the last boxes of a text give.

Boxes with only signs, and, or, 和, 或 between them are one list, each with its name: `x=\boxed{3}, y=\boxed{4}` says
`x=3, y=4`. A unit that ends the line outside its box belongs to it: `$\boxed{5}$ cm`. A box without braces, as in
`\boxed 5`, holds the number or formula that follows it.

Not covered: a list with words between its boxes.
"""

from __future__ import annotations

import re

from verifiers.boxes import Box, boxes
from verifiers.sentence import unit_at

_LONGEST_GAP = 60
"""Most characters between two boxes of one list."""
_LONGEST_NAME = 24
_MOST_DEPTH = 8
"""Boxes within boxes that are opened."""
_UNBRACED = re.compile(
    r"\\(?:boxed|fbox)(?![A-Za-z])\s*((?:-?[\d(]|\\[dt]?frac(?![A-Za-z])|\\sqrt(?![A-Za-z])|[A-Za-z](?![A-Za-z]))"
    r"(?:[\w()^/|+-]|[.,](?=\d)|\\(?:[dt]?frac|sqrt|pi|cdot)(?![A-Za-z])|\{[^{}\n]{0,80}\})*)"
)
_BOX = re.compile(r"\\(?:boxed|fbox|framebox)\s*\{")
_NAME = r"(?<![A-Za-z\\])[A-Za-z]\w{0,8}(?:_\{?\w{1,4}\}?)?\s*=\s*"
_NAMED = re.compile(rf"{_NAME}$")
_JOIN = re.compile(
    r"(?:[\s$,，、;；。.&}]|\\[()\[\],;! ]|\\\\|\\q?quad|\\(?:text|mathrm|mbox)\s*\{|\bfor part \([a-z]\)"
    rf"|\b(?:and|or)\b|和|或|及|与|以及|{_NAME})*"
)
_LISTED = re.compile(r"[,，、;；]|\b(?:and|or)\b|和|或|及|与")
_NUMBER = re.compile(r"[^A-Za-z%°]*\d[^A-Za-z%°]*|[^A-Za-z]*\\(?:[dt]?frac|sqrt)[^A-Za-z]*(?:\\pi\s*)?")
"""A number that has no unit yet."""
_TO_UNIT = re.compile(r"(?:[ $~]|\\[)\],;! ]|\\(?:text|mathrm|mbox|textbf)\s*\{)*")
_AFTER_UNIT = re.compile(r" ?\}?(?P<power>\^\{?[23]\}?)?(?:[ $}.,。，!]|\\[)\]])*(?:\n|$)")


def boxed_answer(text: str) -> str | None:
    """Return what the last box says, or the list it ends; None without a box, nothing when it is empty."""
    first = text.find("box")
    if first < 0:
        return None
    return _last(_UNBRACED.sub(r"\\boxed{\1}", text[max(0, first - _LONGEST_NAME) :]), 0)


def _last(text: str, depth: int) -> str | None:
    found = boxes(text)
    if not found:
        return None
    listed = _listed(text, found)
    inside = listed[0].content
    if len(listed) == 1 and depth < _MOST_DEPTH and _BOX.search(inside):
        return _last(inside, depth + 1)
    if len(listed) == 1:
        return inside + (_unit_after(text, listed[0].end) if _NUMBER.fullmatch(inside) else "")
    names = [_NAMED.search(text[max(0, box.start - _LONGEST_NAME) : box.start]) for box in listed]
    return ", ".join(
        (name[0] if name and all(names) else "") + box.content for name, box in zip(names, listed, strict=True)
    )


def _listed(text: str, found: list[Box]) -> list[Box]:
    """Take the last box, and those before it that are of one list with it."""
    listed = [found[-1]]
    for box in reversed(found[:-1]):
        gap = text[box.end : listed[-1].start]
        if len(gap) > _LONGEST_GAP or not _JOIN.fullmatch(gap) or not _LISTED.search(gap):
            break
        listed.append(box)
    return listed[::-1]


def _unit_after(text: str, end: int) -> str:
    """Return a unit that stands behind a box and ends its line."""
    rest = text[end : end + _LONGEST_GAP]
    begin = found.end() if (found := _TO_UNIT.match(rest)) else 0
    unit = unit_at(rest, begin)
    end_of_line = _AFTER_UNIT.match(rest, begin + len(unit))
    return f" {unit.strip()}{end_of_line['power'] or ''}" if unit and end_of_line else ""
