r"""The options that a prompt lists: "A. …", "(A) …", "A、…", `\textbf{(A)}\ 3 \qquad \textbf{(B)}\ 5`, ①, 甲, 1), (i).

Options are a chain of labels in order, written alike, on one line or several; where a prompt holds several chains of
one kind, the longest is meant, else the last. The last option ends with its line.
Not covered: options in columns of the row that the prompt does not show, for the teacher has not seen them either; the
rest of a last option that goes on over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_KINDS: tuple[tuple[str, ...], ...] = (
    tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    tuple("abcdefghij"),
    tuple("甲乙丙丁戊己庚辛"),
    tuple("①②③④⑤⑥⑦⑧⑨⑩"),
    tuple(str(number) for number in range(1, 11)),
    _ROMAN,
    tuple(label.lower() for label in _ROMAN),
    tuple("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"),
)
"""What options are called, the likeliest first."""
_CIRCLES = dict(zip("①②③④⑤⑥⑦⑧⑨⑩", map(str, range(1, 11)), strict=True)) | dict(zip("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ", _ROMAN, strict=True))
_DRESS = r"(?:(?:\\(?:text|math)?(?:bf|rm|it|up)?\s*\{|\{\\(?:bf|rm)\s|\*\*|\\item\b|[$&{~-])[ \t]*){0,6}"
_UNDRESS = r"(?:\s*(?:\}|\*\*))*"
_CLOSER = r"[.．、:：)）\]】]"
_MOST = 20
"""Last beginnings of a list in a prompt that are followed up."""
_SPACE = re.compile(r"\\(?:q?quad|hspace\*?\{[^{}]*\}|\\|hfill|end\{\w+\})|[&~]|^(?:\s|\\[ ,;:])+|[,，;；\s]+$")

Options = Mapping[str, str]
"""Texts by label, in order; labels are capitals, decimal numbers, capital Roman numerals, 甲 乙 丙."""


class _Marker(NamedTuple):
    label: str
    begin: int
    end: int
    style: str
    leads: bool
    """Whether it begins a line."""


@lru_cache(maxsize=256)
def listed(prompt: str) -> tuple[Options, ...]:
    """Find the lists of two or more options in a prompt: one per kind of label, capitals first."""
    return tuple(options for kind in _KINDS if len(options := _options(prompt, kind)) > 1)


def _options(prompt: str, kind: tuple[str, ...]) -> Options:
    markers = list(_markers(prompt, kind))
    firsts = [number for number, marker in enumerate(markers) if marker.label == kind[0]]
    chains = (_chain(markers[number:], kind) for number in reversed(firsts[-_MOST:]))
    chain = max(chains, key=len, default=[])
    if not chain:
        return {}
    ends = [marker.begin for marker in chain[1:]] + [len(prompt)]
    texts = [prompt[marker.end : end] for marker, end in zip(chain, ends, strict=True)]
    texts[-1] = texts[-1].strip().partition("\n")[0]
    return {_canonical(marker.label): _bare(text) for marker, text in zip(chain, texts, strict=True)}


def _markers(prompt: str, kind: tuple[str, ...]) -> Iterator[_Marker]:
    one = "|".join(sorted(kind, key=len, reverse=True))
    bare = rf"(?<![A-Za-z\d\\^_.])({one}){_UNDRESS}\s?({_CLOSER})" if kind[0] not in "①Ⅰ" else rf"({one})({_CLOSER}?)"
    form = re.compile(rf"{_DRESS}(?:([(（\[【])\s*({one})\s*[)）\]】]|{bare}){_UNDRESS}")
    for found in form.finditer(prompt):
        leads = not prompt[prompt.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        yield _Marker(found[2] or found[3], found.start(), found.end(), found[1] or found[4], leads)


def _chain(markers: list[_Marker], kind: tuple[str, ...]) -> list[_Marker]:
    """Follow the labels in order from the first marker; of two that could be next, one that begins a line is."""
    chain = markers[:1]
    for label in kind[1:]:
        rest = (one for one in markers if one.begin >= chain[-1].end)
        nexts = [one for one in rest if one.label == label and one.style == chain[0].style]
        if not nexts:
            break
        chain.append(next((one for one in nexts if one.leads), nexts[0]))
    return chain


def _canonical(label: str) -> str:
    return _CIRCLES.get(label, label.upper())


def _bare(text: str) -> str:
    """Take off what lays options out."""
    text = text.strip()
    while (bare := _SPACE.sub(" ", text).strip()) != text:
        text = bare
    return text
