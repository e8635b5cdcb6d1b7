"""Token counts for texts whose teacher did not say how many tokens they were."""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter

_PIECES = re.compile(r"[A-Za-z]+|[\S\u3000]")
_CLASSES = re.compile(
    r"(?P<wide>[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef])"
    r"|(?P<digit>[0-9])|(?P<word>[A-Za-z])|(?P<cyrillic>[\u0400-\u04ff])|(?P<arabic>[\u0600-\u06ff])"
    r"|(?P<indic>[\u0900-\u0dff])|(?P<mark>[^\s])"
)
_TOKENS = {"wide": 0.74, "digit": 1.46, "word": 1.14, "cyrillic": 0.40, "arabic": 0.36, "indic": 1.26, "mark": 0.60}
"""Tokens per Chinese, Japanese or Korean character, digit, Latin word, letter of the next three, and other mark: least
squares with the tokenizer of R1's Qwen distillations over 1,079 reasoning traces and problems in English and Chinese,
and some hundred texts in Russian, Bengali and Arabic."""

_AT_ONCE = 1_000_000
"""Characters of a text whose pieces may all be held, which is faster."""


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of `text`, at least 1 for any text that is not empty.

    Half of the English and Chinese traces come within 4 % of that tokenizer's own count, nine in ten within 14 %;
    over many texts Japanese, Russian, Bengali and Arabic come within 10 %. German and Italian, of long words, count a
    quarter short.
    Not promised: another family's count, grids of signs and letters, or scripts without a class of their own.
    """
    few = len(text) < _AT_ONCE
    pieces = _PIECES.findall(text) if few else (piece[0] for piece in _PIECES.finditer(text))
    total = sum(map(_tokens, map(itemgetter(0), pieces)))
    return round(total) or (1 if text else 0)


@lru_cache(maxsize=4_096)
def _tokens(character: str) -> float:
    """Return the tokens of a Latin word that begins so, or of any other character."""
    found = _CLASSES.match(character)
    return _TOKENS[found.lastgroup or "mark"] if found else 0.0
