"""Sentences in another language of the same script: frequent words first, then langdetect, seeded for every sentence.

A sentence is foreign only when langdetect is sure of a language and, in Latin script, frequent words bear it out.
Not covered: single words and short phrases, closely related languages (`_CLOSE`), and languages that langdetect has no
profile of. Of a text with very many doubtful sentences, `MOST_DETECTIONS` are looked at, evenly spread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from verifiers.mixing.frequent import FREQUENT, frequent_hits
from verifiers.mixing.masking import MASK
from verifiers.mixing.scripts import SCRIPTS, Span, script
from verifiers.mixing.words import is_english
from verifiers.settings import LanguageSettings

MOST_DETECTIONS = 200
"""Calls of langdetect per text, of 1 to 3 ms each."""
_LONGEST = 400
_ENGLISH_SHARE = 0.7
"""Share of known English words from which a sentence is English."""
_UNKNOWN_SHARE = 0.4
"""Share of known English words up to which a sentence of `_SENTENCE_WORDS` may be another language's."""
_SENTENCE_WORDS = 5

_PROFILES = {
    "LATIN": tuple(FREQUENT),
    "CYRILLIC": ("bg", "mk", "ru", "uk"),
    "ARABIC": ("ar", "fa", "ur"),
    "DEVANAGARI": ("hi", "mr", "ne"),
}
"""The languages told apart, by script."""
_OTHERS = {"bn", "el", "gu", "he", "ja", "kn", "ko", "ml", "pa", "ta", "te", "th", "zh"}
_CLOSE = ("da no nb nn sv", "cs sk", "hr sl bs sr", "af nl", "bg mk", "hi mr ne", "es pt ca gl", "id ms")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[^\n.!?。！？]+")


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    words: tuple[str, ...]

    @property
    def letters(self) -> int:
        return sum(map(len, self.words))


def can_judge(language: str) -> bool:
    """Whether texts of a language can be told from all others: by their script, or by a profile of langdetect."""
    mine = SCRIPTS.get(language, frozenset())
    profiled = any(language in codes for codes in _PROFILES.values()) or language in _OTHERS
    alone = not any(mine & theirs for code, theirs in SCRIPTS.items() if code != language)
    return bool(mine) and (profiled or alone)


def foreign_sentences(text: str, language: str, settings: LanguageSettings) -> Iterator[Span]:
    """Yield the sentences of a masked text that are in another language of the same script."""
    name = next((name for name, codes in _PROFILES.items() if language in codes), None)
    if name is None:
        return
    doubtful = [one for one in _sentences(text, name, settings) if not _is_native(one, language, name)]
    step = -(-len(doubtful) // MOST_DETECTIONS) or 1
    for one in doubtful[::step]:
        found = detect(text[one.start : one.end].replace(MASK, " ")[:_LONGEST], name)
        own = sum(probability for code, probability in found.items() if code in _alike(language))
        best = max(found, key=lambda code: found[code], default=language)
        if own <= 1 - settings.sentence_probability and _is_borne_out(one, best, language, name):
            yield Span(one.start, one.end, best, len(one.words))


def surely(text: str, name: str, settings: LanguageSettings) -> str | None:
    """Return the language of a masked text in one script, in Latin script only if sure; None when nobody knows."""
    if name not in _PROFILES:
        return None
    found = detect(text.replace(MASK, " ")[:_LONGEST], name)
    best = max(found, key=lambda code: found[code], default="")
    whole = _Sentence(0, len(text), tuple(word.lower() for word in _WORD.findall(text)))
    unsure = found.get(best, 0) < settings.sentence_probability or frequent_hits(whole.words)[best] < 2
    return None if name == "LATIN" and unsure else best or None


def detect(text: str, name: str) -> dict[str, float]:
    """Return the likely languages of a script with their probabilities; the same on every call, in every process."""
    detector = _factory(name).create()
    detector.append(text.lower() if text.isupper() else text)
    try:
        return {each.lang: each.prob for each in detector.get_probabilities()}
    except LangDetectException:  # no letters that any profile knows
        return {}


@lru_cache
def _factory(name: str) -> DetectorFactory:
    factory = DetectorFactory()
    factory.set_seed(0)  # every detector begins with it: no result depends on an earlier one
    folder = Path(PROFILES_DIRECTORY)
    factory.load_json_profile([(folder / code).read_text("utf-8") for code in _PROFILES[name]])
    return factory


def _sentences(text: str, name: str, settings: LanguageSettings) -> Iterator[_Sentence]:
    """Yield long sentences, and short ones that follow each other as one."""
    short: list[_Sentence] = []
    for match in _SENTENCE.finditer(text):
        words = tuple(
            word.lower() for word in _WORD.findall(match.group()) if len(word) > 1 and script(word[0]) == name
        )
        one = _Sentence(match.start(), match.end(), words)
        if one.letters >= settings.sentence_letters:
            yield one
            short = []
        elif words:
            short.append(one)
            joined = _Sentence(short[0].start, one.end, tuple(word for each in short for word in each.words))
            if joined.letters >= settings.sentence_letters:
                yield joined
                short = []


def _is_native(one: _Sentence, language: str, name: str) -> bool:
    """Whether frequent words already tell that a sentence is in its language, or at least in no other."""
    if name != "LATIN":
        return False
    hits = frequent_hits(one.words)
    if language == "en":
        known = sum(map(is_english, one.words)) / len(one.words)
        if known >= _ENGLISH_SHARE:
            return True
        if known <= _UNKNOWN_SHARE and len(one.words) >= _SENTENCE_WORDS:
            return not hits
    return max(hits.values(), default=0) <= max(1, hits[language])


def _alike(language: str) -> frozenset[str]:
    """The language itself and those too close to be told from it."""
    return frozenset({language}.union(*(group.split() for group in _CLOSE if language in group.split())))


def _is_borne_out(one: _Sentence, found: str, language: str, name: str) -> bool:
    """Whether more words are frequent in the `found` language than in the text's own, beside what langdetect says."""
    if found in _alike(language):
        return False
    hits = frequent_hits(one.words)
    accented = language == "en" and any(not word.isascii() for word in one.words)
    return name != "LATIN" or hits[found] + accented > hits[language] + 1
