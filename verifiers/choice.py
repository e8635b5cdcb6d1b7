"""Multiple choice: the letters of an answer against the letters of the gold, as sets."""

from __future__ import annotations

import re

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.answer import final_answer
from verifiers.base import answer_text, compared, no_answer, no_gold
from verifiers.equality.normalise import normalise
from verifiers.settings import VerifierSettings

_FIRST = r"[(\[]?\s*([A-J](?:\s*(?:[,;/&]|\\?\s*and\s|和|与|及)?\s*[A-J])*)\s*[)\]]?"
_NAMED = r"(?:(?:[Oo]ption|[Cc]hoice|[故应]?选[项择]?)\s*:?\s*)?"
_LETTERS = re.compile(rf"{_NAMED}{_FIRST}(?:选?项)?\s*\.?", re.IGNORECASE)
_LED = re.compile(rf"{_NAMED}(?:\(([A-J])\)|([A-J])\s*[.:,)])\s*\S.*", re.DOTALL)
_SPACED = re.compile(r"\(?[A-J]\)?(?:\s*(?:,|;|and|和|与|及|\s|(?<=\))(?=\())\s*\(?[A-J]\)?)+")
_OPTION = re.compile(
    r"(?:^|[\s(（])[(（]?([A-J])[)）.．、:：]\s*(.+?)(?=\s+[(（]?[A-J][)）.．、:：]|\n|$)", re.MULTILINE
)


class Choice:
    """Compares choices; several different letters against a single gold are wrong."""

    name = "choice"
    version = "1"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Read letters, or the text of an option of the prompt."""
        if not problem.answer or not problem.answer.strip():
            return no_gold()
        offered = options(problem.prompt)
        gold = read(problem.answer, offered)
        if gold is None:
            return Judgement(
                Outcome.ABSTAIN, Reason.GOLD_UNPARSABLE, "the gold names no option", expected=problem.answer
            )
        text = answer_text(candidate)
        given = final_answer(text) if text else None
        if given is None:
            return no_answer(problem.answer)
        chosen = read(given, offered)
        if chosen is None:
            detail = "the answer is no plain choice among the options"
            return Judgement(Outcome.REJECT, Reason.UNPARSABLE_ANSWER, detail, given, problem.answer)
        return compared(chosen == gold, given, problem.answer)


def read(text: str, offered: dict[str, str]) -> frozenset[str] | None:
    """Return the letters that `text` chooses, by name or by the option's own text."""
    named = letters(text)
    if named:
        return named
    plain = _plain(text)
    return frozenset({letter for letter, option in offered.items() if option == plain}) or None


def letters(text: str) -> frozenset[str] | None:
    """Read B, (B), B. 12, ACD, A、C、D and the like; None when the text is no choice of options A to J."""
    text = normalise(text)
    if (found := _LETTERS.fullmatch(text)) and _upper(found[1]):
        return frozenset(found[1].upper() if len(found[1]) == 1 else re.findall("[A-J]", found[1]))
    if _SPACED.fullmatch(text):
        return frozenset(re.findall("[A-J]", text))
    if found := _LED.fullmatch(text):
        rest = text[found.end(1) if found[1] else found.end(2) :]
        others = set(re.findall(r"(?<![A-Za-z])[A-J](?![A-Za-z'])", rest)) - {found[1] or found[2]}
        return None if others and len(rest) < 12 else frozenset({found[1] or found[2]})
    return None


def _upper(text: str) -> bool:
    """Lower case is read for a lone letter only: `bad` is a word, not three options."""
    return len(text) == 1 or re.fullmatch(r"(?:[A-J\s,;/&\\]|and|和|与|及)+", text) is not None


def options(prompt: str) -> dict[str, str]:
    """Find the options that a prompt lists as `A. …` or `(A) …`; a text listed twice stands for neither."""
    found = {match[1]: _plain(match[2]) for match in _OPTION.finditer(prompt)}
    texts = list(found.values())
    return {letter: text for letter, text in found.items() if text and texts.count(text) == 1}


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", normalise(text)).casefold()
