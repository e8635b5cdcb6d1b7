r"""Answers in `\boxed{…}`: where they stand, and whether a text gives one answer in them or several.

Boxes of one sentence, or with nothing but signs and "and" between them, are one statement: a list, or a sentence with
blanks filled in. Statements about different things may differ, and what each is about is told by its label: "(a)",
"Part 2", 第一问, ①, the item of a list, or the name before its equals sign.
Not covered: several answers within one sentence; whether two answers that are no numbers mean the same, unless one
holds the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from verifiers.equality.normalise import normalise, squeeze
from verifiers.equality.quantities.rational import rational

_BOX = r"(?:boxed|fbox|framebox)"
_TOKEN = re.compile(rf"\\{_BOX}\s*\{{|\\\\(?!{_BOX})|\\[{{}}]|[{{}}]")
"""A box, an escaped sign (`\\\\boxed` is a box that was escaped twice on its way here), or a brace."""
_FILLER = re.compile(r"\\[A-Za-z]+|\b(?:and|or)\b|[和或及与以]|[\W_]")
_SENTENCE_END = re.compile(r"[.!?](?=[\s$*\\]|$)|[。！？\n]")
_ONE_SENTENCE = 80
"""Most characters between two boxes of one sentence."""
_LABEL = re.compile(
    r"\b(?:part|question|(?:sub-?)?problem|subquestion|blank)\s*[(（]?(?P<part>[a-z]|\d{1,2}|[ivx]{1,4})\b"
    r"|(?<![\w\\)}\]])[(（](?P<bracket>[a-h]|\d|[ivx]{1,4})[)）]"
    r"|第\s*(?P<chinese>[一二三四五六七八九十\d]{1,3})\s*(?:问|小?题|部分|空)|(?P<circle>[①-⑳])"
    r"|^[ \t*#>]*(?P<item>[a-h]|\d{1,2})[.)、．]",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = re.compile(r"([^\s$=,，。;；:：]{1,40}) *= *[$\s(\[\\]*$")
_LONGEST_NAME = 80
_LONGEST = 200
"""Characters of a box beyond which it is compared as it stands."""
_MOST = 12
"""Boxes of one statement that are compared."""
_ROUNDED = 0.01
"""Relative difference by which a decimal may differ from the number that it rounds."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box that is closed, by character offsets; a box inside a box belongs to its content."""

    start: int
    end: int
    content: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Boxes that say one thing together."""

    boxes: tuple[Box, ...]
    label: str | None
    """What they are about; None where nothing tells."""


def boxes(text: str) -> list[Box]:
    """Find every box, in one pass."""
    found: list[Box] = []
    starts: list[int] = []  # of what is open, and where a box's content begins: numbers alone, for there may be many
    contents: list[int] = []
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign[-1] == "{" and sign != "\\{":
            starts.append(token.start())
            contents.append(token.end() if len(sign) > 1 else -1)
        elif sign == "}" and starts:
            start, content = starts.pop(), contents.pop()
            if content < 0:
                continue
            while found and found[-1].start > start:
                found.pop()
            found.append(Box(start, token.end(), text[content : token.start()]))
    return found


def conflict(text: str) -> tuple[Statement, Statement] | None:
    """Return the first two statements about one thing that differ, None when there are none."""
    said = list(_statements(text))
    has_parts = len({one.label for one in said} - {None}) > 1
    first: dict[str | None, Statement] = {}
    for one in said:
        before = first.setdefault(one.label if has_parts else None, one)
        if not _agree(before, one):
            return before, one
    return None


def has_parts(text: str) -> bool:
    """Whether labels tell that a text answers a question of several parts."""
    return bool(_LABEL.search(text))


def certainly_differ(one: str, other: str) -> bool:
    """Whether both are plain numbers and not the same one, rounded or not."""
    mine, theirs = normalise(one), normalise(other)
    left, right = rational(mine), rational(theirs)
    if left is None or right is None or ("%" in mine) != ("%" in theirs):
        return False
    slack = _ROUNDED * max(abs(left), abs(right)) if "." in mine + theirs else 0
    return abs(left - right) > slack


def _statements(text: str) -> Iterator[Statement]:
    done, together = 0, list[Box]()
    for box in boxes(text):
        if together and not _joined(text[together[-1].end : box.start]):
            yield Statement(tuple(together), _label(text[done : together[0].start]))
            done, together = together[-1].end, []
        together.append(box)
    if together:
        yield Statement(tuple(together), _label(text[done : together[0].start]))


def _joined(between: str) -> bool:
    if len(between) <= _ONE_SENTENCE and not _SENTENCE_END.search(between.strip()):
        return True
    return not _FILLER.sub("", between)


def _label(before: str) -> str | None:
    """Tell what follows `before` is about: a name and an equals sign, else the last label of a part."""
    name = _NAME.search(before[-_LONGEST_NAME:])
    if name and any(sign.isalpha() for sign in name[1]):
        return name[1].lower()
    labels = [next(filter(None, found.groups())) for found in _LABEL.finditer(before)]
    return labels[-1].lower() if labels else None


def _agree(one: Statement, other: Statement) -> bool:
    """Whether each box of the shorter statement stands in the longer one."""
    fewer, more = sorted((one.boxes[:_MOST], other.boxes[:_MOST]), key=len)
    return all(any(_alike(mine.content, theirs.content) for theirs in more) for mine in fewer)


def _alike(one: str, other: str) -> bool:
    """Whether two contents are the same, or may be."""
    if max(len(one), len(other)) > _LONGEST:
        return " ".join(one.split()) == " ".join(other.split())
    mine, theirs = (squeeze(normalise(text)).lower() for text in (one, other))
    if rational(mine) is not None and rational(theirs) is not None:
        return not certainly_differ(one, other)
    return mine in theirs or theirs in mine
