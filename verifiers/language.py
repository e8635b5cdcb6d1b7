"""Is the whole trace in the language of its prompt?"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import parse
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.base import shorten
from verifiers.mixing.asked import asked_languages, is_asked, prompt_language
from verifiers.mixing.latin import foreign_latin
from verifiers.mixing.masking import Masked, mask
from verifiers.mixing.profiles import can_judge
from verifiers.mixing.scripts import SCRIPTS, Span, chinese_in_japanese, count_letters, foreign_scripts, is_hanja
from verifiers.settings import LanguageSettings, VerifierSettings

_TOLD = 3
"""Spans that a verdict quotes."""
_QUOTED = 40
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Text:
    """One of the texts of a trace."""

    where: str
    text: str
    masked: Masked

    def letters(self, spans: list[Span]) -> int:
        """Count the letters in the spans, by character offsets."""
        return sum(count_letters(self.text[span.start : span.end]) for span in spans)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a problem makes its own: none of it is foreign."""

    known: str
    """Its texts, in lower case."""
    words: frozenset[str]
    asked: frozenset[str]
    """Codes of the languages that it asks for."""

    @classmethod
    @lru_cache(maxsize=16)
    def by(cls, prompt: str, answer: str) -> _Given:
        """Read a problem once for all of its candidates."""
        known = f"{prompt}\n{answer}".lower()
        return cls(known, frozenset(_WORD.findall(known)), asked_languages(prompt))


@dataclass(frozen=True, slots=True)
class _Found:
    """What is foreign in a text that is read as one in some language."""

    text: _Text
    spans: list[Span]


class Language:
    """Rejects a trace that holds words of another language than its prompt; the score is their share of its letters.

    What is foreign is said by `mixing.scripts` (other scripts), `mixing.latin` (Latin words in other scripts) and
    `mixing.detect` (sentences in one script). Words of the problem and of its answer, code and formulas never are, nor
    is a language that the prompt asks for. The reasoning, or the answer, may be wholly in an `allowed` language.
    Not covered: what those three cannot tell, and what stands between the reasoning and an answer block.
    """

    name = "language"
    version = "2"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Judge reasoning and answer, as far as there are any."""
        language = problem.language.lower().replace("_", "-").partition("-")[0]
        if not can_judge(language):
            detail = f"texts in the language {problem.language!r} cannot be told from others"
            return Judgement(Outcome.ABSTAIN, Reason.NO_VERIFIER, detail, expected=problem.language)
        trace = parse(candidate.content, candidate.reasoning)
        parts = {"reasoning": trace.reasoning or "", "answer": trace.answer or ""}
        texts = [_Text(where, text, mask(text)) for where, text in parts.items()]
        given = _Given.by(problem.prompt, problem.answer or "")
        found = [_search(one, given, language, settings.language) for one in texts]
        if any(one.spans for one in found):
            # a row may say English of a prompt that is French: whoever answers in the prompt's language is right
            spoken = prompt_language(mask(problem.prompt).text, settings.language)
            if spoken and spoken != language and can_judge(spoken):
                language, found = spoken, [_search(one, given, spoken, settings.language) for one in texts]
        found = [_allow(one, given, settings.language) for one in found]
        return _judgement(found, language, settings.language)


def _detect() -> ModuleType:
    """Load langdetect only where something is judged."""
    return importlib.import_module("verifiers.mixing.detect")


def _search(text: _Text, given: _Given, language: str, settings: LanguageSettings) -> _Found:
    masked = text.masked
    spans = [*_other_scripts(masked.text, given.known, language)]
    spans += _detect().foreign_sentences(masked.text, language, settings)
    if "LATIN" not in SCRIPTS[language]:
        spans += foreign_latin(masked, given.words)
    return _Found(text, sorted((one for one in spans if not is_asked(one, given.asked)), key=lambda one: one.start))


def _allow(found: _Found, given: _Given, settings: LanguageSettings) -> _Found:
    """Read a text as one in the allowed language, if any, in which the fewest of its letters are foreign."""
    others = [_search(found.text, given, code, settings) for code in settings.allowed if found.spans]
    if not others:
        return found
    return min((found, *others), key=lambda one: one.text.letters(one.spans))


def _other_scripts(text: str, known: str, language: str) -> Iterator[Span]:
    for span in foreign_scripts(text, language):
        if text[span.start : span.end].lower() not in known and not (language == "ko" and is_hanja(text, span)):
            yield span
    if language == "ja":
        yield from chinese_in_japanese(text)


def _judgement(found: list[_Found], language: str, settings: LanguageSettings) -> Judgement:
    words = sum(span.words for one in found for span in one.spans)
    foreign = sum(one.text.letters(one.spans) for one in found)
    share = min(1.0, foreign / sum(count_letters(one.text.masked.text) for one in found)) if foreign else 0.0
    if not words or words < settings.foreign_words or share < settings.foreign_share:
        return Judgement(Outcome.ACCEPT, Reason.OK, expected=language, score=share)
    told = [(one.text, span) for one in found for span in one.spans]
    listed = ", ".join(_tell(*each) for each in told[:_TOLD]) + (", …" if len(told) > _TOLD else "")
    detail = f"{len(told)} foreign span{'s' if len(told) > 1 else ''}: {listed}"
    text, span = told[0]
    first = shorten(text.text[span.start : span.end], _QUOTED)
    return Judgement(Outcome.REJECT, Reason.MIXED_LANGUAGE, detail, first, language, share)


def _tell(text: _Text, span: Span) -> str:
    quoted = shorten(text.text[span.start : span.end], _QUOTED)
    return f"{quoted!r} ({span.language}) at {text.where} {span.start}–{span.end}"
