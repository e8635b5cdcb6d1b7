"""What a row leaves unsaid: its domain, its language, and the one text of an answer that came as other JSON.

Not covered: telling `logic` from `math` or `general`, and languages of other scripts from each other (French, Russian,
Hindi, … all count as English): say `domain` and `language` in the file where that matters.
"""

from __future__ import annotations

import json
import re
import unicodedata
from decimal import Decimal
from typing import Any

from schemas.problem import Domain

_LETTERS = re.compile(r"[(\[]?[A-Z][)\].]?(?:[\s,、;和及and]*[(\[]?[A-Z][)\].]?)*")
_OPTION = re.compile(r"(?:^|(?<=[\s(\[;。.?{]))([A-Z])\s?[.、:)\]}]", re.MULTILINE)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff]")
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")
_NOT_PROSE = re.compile(r"```.*?```|\$\$.*?\$\$|\$[^$]*\$|\\[A-Za-z]+|`[^`]*`", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{2,}")
_LANGUAGES = {
    **dict.fromkeys(("english", "eng", "英语", "英文"), "en"),
    **dict.fromkeys(("chinese", "zho", "chi", "cn", "mandarin", "中文", "汉语", "简体中文", "繁體中文"), "zh"),
    **{"japanese": "ja", "korean": "ko", "french": "fr", "german": "de", "spanish": "es", "russian": "ru"},
    **{"portuguese": "pt", "italian": "it", "arabic": "ar", "hindi": "hi", "vietnamese": "vi", "thai": "th"},
}


def answer_text(value: Any) -> str | None:
    """Write an answer as the one text that is compared.

    Numbers are written out in digits (27.0 stays `27.0`, 1e-7 is `0.0000001`), a list of one is its element, other
    lists are JSON text (`["x=1", "x=2"]` → `["x=1","x=2"]`), null is None, an empty list is the empty text.
    """
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return format(Decimal(repr(value)), "f")
        case [only]:
            return answer_text(only)
        case []:
            return ""
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def worked_answer(text: str) -> str | None:
    """Return the gold of a worked answer as GSM8K writes it, whose last line is `#### GOLD`; None of any other text."""
    last = text.rstrip().rpartition("\n")[2]
    return last.removeprefix("#### ").strip() or None if last.startswith("#### ") else None


def infer_domain(prompt: str, answer: str | None, has_tests: bool) -> Domain:
    """Infer the domain: tests are code, no answer is general, option letters of the prompt are choice, else math."""
    if has_tests:
        return "code"
    if answer is None:
        return "general"
    letters = unicodedata.normalize("NFKC", answer).strip()
    if _LETTERS.fullmatch(letters):
        options = set(_OPTION.findall(unicodedata.normalize("NFKC", prompt)))
        if {"A", "B", *re.findall("[A-Z]", letters)} <= options:
            return "choice"
    return "math"


def infer_language(prompt: str) -> str:
    """Tell a prompt's language by its script: zh, ja (it has kana), ko (it has hangul), else en.

    An English prompt may quote a Chinese word and a Chinese one may hold Latin words: Latin words are counted
    against East Asian characters, formulas and code left out.
    """
    prose = _NOT_PROSE.sub(" ", prompt)
    han, kana, hangul = (len(script.findall(prose)) for script in (_HAN, _KANA, _HANGUL))
    if han + kana + hangul < max(1, len(_WORD.findall(prose))):
        return "en"
    return "ko" if hangul else "ja" if kana else "zh"


def language_code(given: str) -> str | None:
    """Return the two-letter code of a language as people write it (`zh-CN`, `Chinese`, 中文); None when unknown."""
    name = given.strip().lower()
    code = re.split(r"[-_]", name)[0]
    known = _LANGUAGES.get(name) or _LANGUAGES.get(code)
    return known or (code if re.fullmatch("[a-z]{2}", code) else None)
