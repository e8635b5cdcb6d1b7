"""Logic problems with one answer: equal strings, equal numbers, yes and no in both languages."""

from __future__ import annotations

import re
import unicodedata

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.answer import final_answer
from verifiers.base import answer_text, compared, no_answer, no_gold
from verifiers.equality.normalise import normalise
from verifiers.equality.rational import rational
from verifiers.settings import VerifierSettings

_YES = frozenset({"yes", "true", "correct", "是", "是的", "对", "对的", "正确", "真"})
_NO = frozenset({"no", "false", "incorrect", "不", "否", "不是", "错", "错误", "不对", "不正确", "假"})
_WIDE = re.compile("[\u3400-\u9fff]")
_SAID = re.compile(r"(yes|no|是的|不是|否)(?=[,.，。;；!！])")
_ENDS = re.compile(r"^[\s\"'`*$({\[<.,;:!?。，；：！？、]+|[\s\"'`*$)}\]>.,;:!?。，；：！？、]+$")


class Exact:
    """Compares the whole answer. Not covered: several right answers, or the same fact in other words."""

    name = "exact"
    version = "1"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Compare final answer and gold."""
        if not problem.answer or not problem.answer.strip():
            return no_gold()
        text = answer_text(candidate)
        if not text:
            return no_answer(problem.answer)
        # an answer of several lines, such as a solved grid, is right as a whole or by its final answer
        whole, final = text, final_answer(text) or text
        equal = same(problem.answer, final) or same(problem.answer, whole)
        if not equal and within(problem.answer, final):
            detail = "the gold stands within a longer answer, which may say it or its opposite"
            return Judgement(Outcome.ABSTAIN, Reason.UNCLEAR_ANSWER, detail, final, problem.answer)
        return compared(equal, final, problem.answer)


def same(gold: str, given: str) -> bool:
    """Whether two answers are one: as strings, as numbers, or as yes and no."""
    left, right = plain(gold), plain(given)
    said = _SAID.match(right)
    answers = {right, said[1]} if said else {right}  # "Yes, it is." says yes
    if left == right or any(left in words and answers & words for words in (_YES, _NO)):
        return True
    number = rational(normalise(gold))
    return number is not None and number == rational(normalise(given))


def within(gold: str, given: str) -> bool:
    """Whether the gold's words stand, whole, within an answer in words; yes and no never do, numbers neither."""
    left, right = plain(gold), plain(given)
    if left in _YES | _NO or not any(char.isalpha() for char in left):
        return False
    edge = "" if _WIDE.search(left) else r"\b"
    return bool(re.search(f"{edge}{re.escape(left)}{edge}", right))


def plain(text: str) -> str:
    """Spell as compared: NFKC, one case, single spaces, no punctuation at the ends."""
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _ENDS.sub("", text) or text
