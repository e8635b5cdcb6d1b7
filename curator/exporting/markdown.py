"""Text of others inside Markdown: shown as what it is, whatever it says.

Names go into code spans, because nothing inside one is read as markup, not even the bare addresses that GitHub and the
hub turn into links. What could end the span or a table's cell, a backtick or a bar, stands between two spans as a
character reference. Longer texts go into fenced blocks.

Checked against CommonMark with tables and with bare addresses as links. Not covered: letters that merely look like
others, and renderers that are not CommonMark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from curator.escape import one_line, plain

NAME_WIDTH = 200
"""Most characters of one name."""
PROSE_WIDTH = 400
"""Most characters of one sentence of others' words."""

_ENDING = re.compile(r"([|`])")
_REFERENCES = {"|": "&#124;", "`": "&#96;"}
_PLAIN_WORD = re.compile(r"[–—→≥≤×…]|(?!\d+[.)]$)\(?[^\W_]+(?:(?:[-,'’/%]|(?<=\d)\.(?=\d))[^\W_]+)*[%)]?[.,;:]?")
"""Words that mean nothing to Markdown: no list number, no address or file name, no emphasis, no emoji by name."""
_BACKTICKS = re.compile("`+")


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def shown(value: object) -> Markdown:
    """Write a value of any origin into Markdown: numbers with separators, text as text, `Markdown` as it is."""
    if isinstance(value, Markdown):
        return value
    if isinstance(value, int | float):
        return Markdown(f"{value:,}")
    return Markdown(_code(one_line(str(value).strip(), NAME_WIDTH)))


def prose(text: str) -> Markdown:
    """Write a sentence that may hold names of others: as words when all of them are ordinary, else as code."""
    words = one_line(text, PROSE_WIDTH).split()
    ordinary = all(_PLAIN_WORD.fullmatch(word) for word in words)
    return Markdown((str if ordinary else _code)(" ".join(words)))


def known(value: object) -> Markdown:
    """Write a value that the data may not say."""
    return Markdown("not recorded") if value in (None, "") else shown(value)


def listed(names: Iterable[object]) -> Markdown:
    """Write names one after another."""
    return Markdown(", ".join(shown(name) for name in names))


def fenced(text: str, language: str = "") -> Markdown:
    """Write a block that its text cannot leave; ends in no new line."""
    shape = plain(text.replace("\r\n", "\n"))
    longest = max((len(run) for run in _BACKTICKS.findall(shape)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markdown(f"{fence}{language}\n{shape}\n{fence}")


def share(number: int, total: int) -> Markdown:
    """Write a share as a percentage; nothing of nothing is none."""
    return Markdown(f"{number / total:.1%}" if total else "–")


def _code(text: str) -> str:
    pieces = (_REFERENCES.get(piece) or f"`{_padded(piece)}`" for piece in _ENDING.split(text) if piece)
    return "".join(pieces)


def _padded(piece: str) -> str:
    """Keep the outer spaces of a span that has them on both sides, where Markdown takes one pair away."""
    return f" {piece} " if piece[0] == piece[-1] == " " and piece.strip() else piece
