"""Which script a letter belongs to, which scripts a language is written in, and words in any other script.

Digits, punctuation (the danda that Bengali shares with Hindi, full-width marks), ½, ①, ℝ, 𝑥 and emoji have no script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

_LATIN = (
    "af sq az eu bs br ca co hr cs cy da nl en eo es et fi fo fr fy ga gd gl de gn ha ht hu id ig is it jv la lb ln lt "
    "lv mg mi ms mt nb nl nn no oc pl pt qu ro rw sk sl sm sn so st su sv sw tk tl tn to tr ts vi wo xh yo zu"
)
_OTHERS = {
    "CJK BOPOMOFO": "zh", "CJK HIRAGANA KATAKANA": "ja", "HANGUL": "ko", "CYRILLIC LATIN": "sr uz",
    "CYRILLIC": "ru uk bg mk be kk ky mn tg ba cv tt", "ARABIC": "ar fa ur ps ug sd", "DEVANAGARI": "hi mr ne sa",
    "BENGALI": "bn as", "HEBREW": "he yi", "ETHIOPIC": "am ti", "GURMUKHI": "pa", "GUJARATI": "gu", "TAMIL": "ta",
    "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml", "SINHALA": "si", "ORIYA": "or", "THAI": "th", "LAO": "lo",
    "MYANMAR": "my", "KHMER": "km", "GEORGIAN": "ka", "ARMENIAN": "hy", "GREEK": "el", "TIBETAN": "bo", "THAANA": "dv",
}  # fmt: skip
SCRIPTS: dict[str, frozenset[str]] = {
    code: frozenset(names.split()) for names, codes in ({"LATIN": _LATIN} | _OTHERS).items() for code in codes.split()
}
"""The scripts of a language, by its ISO 639-1 code; some of the codes, the larger languages, are here."""
_KNOWN = frozenset().union(*SCRIPTS.values())

_LETTERS = re.compile(r"[^\W\d_]+")
_NOT_ASCII = re.compile(r"[^\W\d_\x00-\x7f]+")
_TONOS = re.compile("[άέήίόύώϊϋΐΰς]")
_CHINESE = re.compile("[们們这這么麼吗嗎呢吧说說让對对为過过还從从给應应该該请請问問题題你您她它哪怎]")
_KANA = re.compile("[\u3040-\u30ff]")
_SENTENCE = re.compile(r"[^。！？!?\n]+")
_LOANED = {"の"}
"""Kana that Chinese writes for fun, alone between two of its own characters."""
_JOINED = 3
"""Characters without a script, such as spaces, over which words of one script are one span."""
_NAMES = {"CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "THAI": "th", "GREEK": "el"}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in another language, by character offsets."""

    start: int
    end: int
    language: str
    """A language code where the words tell, else the name of a script, as in `Cyrillic`."""
    words: int
    """Words; in Chinese, Japanese and Korean, characters."""


@lru_cache(maxsize=65_536)
def script(char: str) -> str:
    """Return the script of a letter as Unicode names it (LATIN, CJK, …); empty for a letter of no one language."""
    name = unicodedata.name(char, "").partition(" ")[0]
    return name if name in _KNOWN else ""


def count_letters(text: str) -> int:
    """Count the letters of all scripts."""
    return sum(len(word) for word in _LETTERS.findall(text))


def vocabulary(text: str) -> str:
    """Return everything between white space, each such piece once and in no order: little of a long text."""
    return " ".join(set(text.split()))


def foreign_scripts(text: str, language: str) -> Iterator[Span]:
    """Yield the words of `text` in a script that is neither the language's own nor Latin."""
    own = SCRIPTS[language] | {"LATIN", ""}
    if own.issuperset(map(script, set(vocabulary(text)))):
        return
    start = end = 0
    name = ""
    for begin, until, script_name in _runs(text, own):
        if name and _language(name) == _language(script_name) and _near(text, end, begin):
            end = until
            continue
        yield from _span(text[start:end], start, name, language)
        start, end, name = begin, until, script_name
    yield from _span(text[start:end], start, name, language)


def chinese_in_japanese(text: str) -> Iterator[Span]:
    """Yield sentences without kana that use characters which only Chinese has."""
    for sentence in _SENTENCE.finditer(text):
        han = sum(script(char) == "CJK" for char in sentence.group())
        if _CHINESE.search(sentence.group()) and not _KANA.search(sentence.group()):
            yield Span(sentence.start(), sentence.end(), "zh", han)


def is_hanja(text: str, span: Span) -> bool:
    """Whether Chinese characters in a Korean text stand in parentheses, to explain the word before."""
    return span.language == "zh" and text[max(0, span.start - 1) : span.start] in ("(", "（")


def _runs(text: str, own: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    for word in _NOT_ASCII.finditer(text):
        at = word.start()
        for name, group in groupby(word.group(), script):
            end = at + len(list(group))
            if name not in own:
                yield at, end, name
            at = end


def _near(text: str, end: int, begin: int) -> bool:
    between = text[end : min(begin, end + _JOINED + 1)]
    return len(between) <= _JOINED and "\n" not in between and not _LETTERS.search(between)


def _span(written: str, start: int, name: str, language: str) -> Iterator[Span]:
    """Yield a stretch of one script as a span, unless it is a lone symbol, or Greek letters of a formula."""
    code = _language(name)
    letters = count_letters(written)
    words = letters if code in ("zh", "ja", "ko") else len(written.split())
    alone = code in ("zh", "ko") or (name == "HIRAGANA" and written not in _LOANED)
    if letters < (1 if alone else 2):
        return
    if code == "el" and not (_TONOS.search(written) and len(written) > 2):
        return
    yield Span(start, start + len(written), code, words)


def _language(name: str) -> str:
    return _NAMES.get(name) or name.capitalize()
