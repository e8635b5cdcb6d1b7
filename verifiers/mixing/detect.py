"""Sentences in another language of the same script: frequent words first, then langdetect, seeded for every sentence.

In an English text, words alone may tell; else a sentence is foreign only when langdetect is sure of a language and, in
Latin script, frequent words bear it out.
Not covered: single words and short phrases, closely related languages (`_CLOSE`), and languages that langdetect has no
profile of. Of a text with very many doubtful sentences, `MOST_DETECTIONS` are looked at, evenly spread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from verifiers.mixing.evidence import telling_words, weigh
from verifiers.mixing.frequent import frequent_hits, languages_with
from verifiers.mixing.masking import MASK
from verifiers.mixing.profiles import PROFILES
from verifiers.mixing.scripts import Span, script, vocabulary
from verifiers.mixing.words import is_english
from verifiers.settings import LanguageSettings

MOST_DETECTIONS = 200
"""Calls of langdetect per text, of 1 to 3 ms each."""
_LONGEST = 400

_CLOSE = ("da no nb nn sv", "cs sk", "hr sl bs sr", "af nl", "bg mk", "hi mr ne", "es pt ca gl", "id ms")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[¿¡]?[^\n.!?。！？:;¿¡]+")
_CLAUSE = re.compile(r"[¿¡]?[^\n.!?。！？:;¿¡,，、；：]+")
_SIGNS = {"¿": "es", "¡": "es"}


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    words: tuple[str, ...]
    """As written."""
    sign: str = ""
    """The language that its punctuation speaks for, if any."""

    @property
    def letters(self) -> int:
        return sum(map(len, self.words))

    @property
    def lower(self) -> list[str]:
        return [word.lower() for word in self.words]


def foreign_sentences(text: str, language: str, settings: LanguageSettings) -> Iterator[Span]:
    """Yield the sentences of a masked text that are in another language of the same script."""
    name = next((name for name, codes in PROFILES.items() if language in codes), None)
    if name is None:
        return
    if language == "en":
        told = list(_in_english(text, settings))
        yield from (span for one, span in told if span)
        doubtful = [one for one, span in told if not span]
    else:
        doubtful = [
            one for one in _long(_pieces(_SENTENCE, text, name), settings) if not _is_native(one, language, name)
        ]
    step = -(-len(doubtful) // MOST_DETECTIONS) or 1
    for one in doubtful[::step]:
        found = detect(text[one.start : one.end].replace(MASK, " ")[:_LONGEST], name)
        own = sum(probability for code, probability in found.items() if code in _alike(language))
        best = max(found, key=lambda code: found[code], default=language)
        if own <= 1 - settings.sentence_probability and _is_borne_out(one, best, language, name):
            yield Span(one.start, one.end, best, len(one.words))


def surely(text: str, name: str, settings: LanguageSettings) -> str | None:
    """Return the language of a masked text in one script, in Latin script only if sure; None when nobody knows."""
    if name not in PROFILES:
        return None
    found = detect(text.replace(MASK, " ")[:_LONGEST], name)
    best = max(found, key=lambda code: found[code], default="")
    hits = frequent_hits(word.lower() for word in _WORD.findall(text))
    unsure = found.get(best, 0) < settings.sentence_probability or hits[best] < 2
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
    factory.load_json_profile([(folder / code).read_text("utf-8") for code in PROFILES[name]])
    return factory


def _pieces(pattern: re.Pattern[str], text: str, name: str) -> Iterator[_Sentence]:
    for match in pattern.finditer(text):
        if one := _sentence(match, name):
            yield one


def _sentence(match: re.Match[str], name: str) -> _Sentence | None:
    """Keep the words of one script; None when there are none."""
    words = _WORD.findall(match[0])
    if not match[0].isascii():
        words = [word for word in words if script(word[0]) == name]
    elif name != "LATIN":
        return None
    return _Sentence(match.start(), match.end(), tuple(words), _SIGNS.get(match[0][0], "")) if words else None


def _long(sentences: Iterable[_Sentence], settings: LanguageSettings) -> Iterator[_Sentence]:
    """Yield long sentences, and short ones that follow each other as one."""
    short: list[_Sentence] = []
    for one in sentences:
        if one.letters >= settings.sentence_letters:
            yield one
            short = []
            continue
        short.append(one)
        joined = _Sentence(short[0].start, one.end, tuple(word for each in short for word in each.words))
        if joined.letters >= settings.sentence_letters:
            yield joined
            short = []


def _in_english(text: str, settings: LanguageSettings) -> Iterator[tuple[_Sentence, Span | None]]:
    """Yield what is foreign by its words alone, with its span, and without one what langdetect must be asked about."""
    for group in _telling_clauses(text):
        doubtful = []
        for one in group:
            evidence = weigh(one.words, one.sign)
            if evidence.is_plain:
                yield one, Span(one.start, one.end, evidence.language, len(one.words))
            else:
                doubtful.append(one)
        yield from ((one, None) for one in _long(doubtful, settings) if weigh(one.words).is_likely)


def _telling_clauses(text: str) -> Iterator[list[_Sentence]]:
    """Yield clauses with words or signs that tell of another language than English, those that are neighbours together.

    Most texts have none.
    """
    written = {word for word in _WORD.findall(vocabulary(text)) if script(word[0]) == "LATIN"}
    words = telling_words({word.lower() for word in written})
    telling = {word for word in written if word.lower() in words}
    tells = cache(lambda clause: clause[0] in _SIGNS or not telling.isdisjoint(_WORD.findall(clause)))
    group: list[_Sentence] = []
    for match in _CLAUSE.finditer(text) if telling or any(sign in text for sign in _SIGNS) else ():
        foreign = tells(match[0])
        if (foreign or group) and (one := _sentence(match, "LATIN")):
            if foreign:
                group.append(one)
            else:
                yield group
                group = []
    yield group


def _is_native(one: _Sentence, language: str, name: str) -> bool:
    """Whether frequent words already tell that a sentence is in its language, or at least in no other."""
    if name != "LATIN":
        return False
    hits = _hits(one, language)
    return max(hits.values(), default=0) <= max(1, hits[language])


def _hits(one: _Sentence, language: str) -> Counter[str]:
    """Count the frequent words of every language; of English, all that are not frequent in the text's own."""
    hits = frequent_hits(one.lower)
    hits["en"] = sum(is_english(word) and language not in languages_with(word) for word in set(one.lower))
    return hits


def _alike(language: str) -> frozenset[str]:
    """The language itself and those too close to be told from it."""
    return frozenset({language}.union(*(group.split() for group in _CLOSE if language in group.split())))


def _is_borne_out(one: _Sentence, found: str, language: str, name: str) -> bool:
    """Whether more words are frequent in the `found` language than in the text's own, beside what langdetect says."""
    if found in _alike(language):
        return False
    if name != "LATIN" or language == "en":  # English was weighed before langdetect was asked
        return True
    hits = _hits(one, language)
    return hits[found] > hits[language] + 1
