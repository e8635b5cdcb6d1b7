"""What a prompt says about languages: which one it is in itself, and which others it asks for."""

from __future__ import annotations

import importlib
import re
from collections import Counter

from verifiers.mixing.evidence import is_english_text
from verifiers.mixing.scripts import SCRIPTS, Span, script
from verifiers.settings import LanguageSettings

_NAMES = {
    "en": "english 英", "zh": "chinese|mandarin 中|汉|漢", "fr": "french 法", "de": "german 德", "es": "spanish 西班牙",
    "it": "italian 意大利", "pt": "portuguese 葡萄牙", "ru": "russian 俄", "ja": "japanese 日", "ko": "korean 韩|朝鲜",
    "ar": "arabic 阿拉伯", "hi": "hindi 印地", "vi": "vietnamese 越南", "th": "thai 泰", "el": "greek 希腊",
    "tr": "turkish 土耳其", "bn": "bengali 孟加拉", "he": "hebrew 希伯来", "fa": "persian|farsi 波斯",
    "ta": "tamil 泰米尔", "te": "telugu 泰卢固", "mr": "marathi 马拉地", "ur": "urdu 乌尔都", "pa": "punjabi 旁遮普",
    "kn": "kannada 卡纳达",
    "gu": "gujarati 古吉拉特", "ne": "nepali 尼泊尔", "sw": "swahili 斯瓦希里", "fi": "finnish 芬兰",
    "bg": "bulgarian 保加利亚", "nl": "dutch 荷兰", "pl": "polish 波兰", "sv": "swedish 瑞典", "id": "indonesian 印尼",
    "uk": "ukrainian 乌克兰",
}  # fmt: skip
_ENGLISH, _CHINESE = (
    "|".join(f"(?P<{code}>{names.split()[place]})" for code, names in _NAMES.items()) for place in (0, 1)
)
_IN_ENGLISH = (
    re.compile(rf"\b(?:in|into|to|from|the|of|a|using|only)\s+(?:{_ENGLISH})\b", re.IGNORECASE),
    re.compile(rf"\b(?=[a-z]++\s+(?:language|word|text|sentence|letter))(?:{_ENGLISH})\s", re.IGNORECASE),
)
"""The group that matches is named like the language; no two matches of one pattern overlap."""
_IN_CHINESE = (
    re.compile(rf"[用以成为把将种是说学]\s*(?:{_CHINESE})[语文]"),
    re.compile(rf"(?:{_CHINESE})[语文](?:单词|翻译|句子|字母|作文|写|回答|作答|输出)"),
)
_LANGUAGES = {"CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko"}
_MOST = 0.6
"""Share of a prompt's letters that its language has at least."""
_FEWEST = 2
"""Letters by which a script can be told."""


def asked_languages(prompt: str) -> frozenset[str]:
    """Return the codes of the languages that a prompt names as it would to ask for them, or to speak about their words.

    Not covered: prompts in other languages than English and Chinese, and languages beyond some forty.
    """
    forms = (*_IN_ENGLISH, *_IN_CHINESE) if "语" in prompt or "文" in prompt else _IN_ENGLISH
    return frozenset(found.lastgroup or "" for form in forms for found in form.finditer(prompt))


def is_asked(span: Span, asked: frozenset[str]) -> bool:
    """Whether a foreign span may be in one of the `asked` languages."""
    return bool(asked) and (span.language in asked or any(span.language.upper() in SCRIPTS[code] for code in asked))


def prompt_language(masked: str, settings: LanguageSettings) -> str | None:
    """Tell the language of a masked prompt; None when it is too short, or may be one of several."""
    scripts = Counter(name for char in masked if char.isalpha() and (name := script(char)))
    total = scripts.total()
    if total < _FEWEST:
        return None
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > total / 10:
        return "ja"
    name, letters = scripts.most_common(1)[0]
    if letters < _MOST * total:
        return None
    codes = [code for code, scripts in SCRIPTS.items() if name in scripts]
    if name in _LANGUAGES or len(codes) == 1:
        return _LANGUAGES.get(name) or codes[0]
    if name == "LATIN" and is_english_text(masked):
        return "en"
    if total < settings.sentence_letters:
        return None
    found: str | None = importlib.import_module("verifiers.mixing.detect").surely(masked, name, settings)
    return found
