"""The languages that can be told from all others: by their script alone, or by a profile of langdetect."""

from __future__ import annotations

from functools import lru_cache

from verifiers.mixing.frequent import FREQUENT
from verifiers.mixing.scripts import SCRIPTS

PROFILES = {
    "LATIN": tuple(FREQUENT),
    "CYRILLIC": ("bg", "mk", "ru", "uk"),
    "ARABIC": ("ar", "fa", "ur"),
    "DEVANAGARI": ("hi", "mr", "ne"),
}
"""The languages told apart, by script."""
_OTHERS = {"bn", "el", "gu", "he", "ja", "kn", "ko", "ml", "pa", "ta", "te", "th", "zh"}


@lru_cache(maxsize=256)
def can_judge(language: str) -> bool:
    """Whether texts of a language can be told from all others: by their script, or by a profile of langdetect."""
    mine = SCRIPTS.get(language, frozenset())
    profiled = any(language in codes for codes in PROFILES.values()) or language in _OTHERS
    alone = not any(mine & theirs for code, theirs in SCRIPTS.items() if code != language)
    return bool(mine) and (profiled or alone)
