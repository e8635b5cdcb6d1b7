r"""Where code, displayed formulas and tables stand in a text that a model wrote as Markdown.

Covered: code in fences of ``` and ~~~, also where the fence opens after other text of its line; inline code; `$$…$$`,
`\[…\]` and environments; rows of tables that begin with a bar. Every function takes linear time.
Not covered: code that is indented only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from verifiers.mixing.masking import FARTHEST

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^`]*$|(?<!`)(`{3,})[\w+#.-]*$")
_INLINE = re.compile(r"(?<!`)(`{1,3})(?!`)[^\n`]+\1(?!`)")
_FORMULAS = (("$$", "$$"), ("\\[", "\\]"), ("\\begin{", "\\end{"))
_TABLE_ROW = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
_CHARACTER = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block by character offsets, its marks included; one that is never closed ends with the text."""

    start: int
    end: int
    closed: bool


def fences(text: str) -> Iterator[Fence]:
    """Yield the fenced blocks in their order, whatever they hold."""
    mark, start, here = "", 0, 0
    for line in text.splitlines(keepends=True) if _has_fence(text) else ():
        bare = line.rstrip() if _has_fence(line) else ""
        if not mark:
            if found := _FENCE.search(bare):
                mark = found[1] or found[2]
                start = here + found.start(1 if found[1] else 2)
        elif bare.endswith(mark) and not bare.rstrip(mark[0]).endswith(mark[0]):
            yield Fence(start, here + len(bare), closed=True)
            mark = ""
        here += len(line)
    if mark:
        yield Fence(start, len(text), closed=False)


def _has_fence(text: str) -> bool:
    return "```" in text or "~~~" in text


def without_code(text: str) -> str:
    """Put spaces in the place of code; length and lines stay. A fence that is never closed stays too."""
    text = _blank(text, ((fence.start, fence.end) for fence in fences(text) if fence.closed))
    return _INLINE.sub(lambda found: " " * len(found.group()), text) if "`" in text else text


def without_blocks(text: str) -> str:
    """Put spaces in the place of fenced blocks, displayed formulas and tables; length and lines stay."""
    text = _blank(text, ((fence.start, fence.end) for fence in fences(text) if fence.closed))
    for opener, closer in _FORMULAS:
        text = _blank(text, _between(text, opener, closer))
    return _TABLE_ROW.sub(lambda found: " " * len(found.group()), text) if "|" in text else text


def _between(text: str, opener: str, closer: str) -> Iterator[tuple[int, int]]:
    """Yield where a formula stands with its marks; marks farther apart than any formula is long are none of one."""
    start = text.find(opener)
    while start >= 0:
        close = text.find(closer, start + len(opener))
        if close < 0:
            return
        end = close + len(closer)
        if end - start <= FARTHEST:
            yield start, end
        start = text.find(opener, end)


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], _CHARACTER.sub(" ", text[start:end])]
        done = end
    return "".join([*parts, text[done:]])
