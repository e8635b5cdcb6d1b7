"""Logic problems with one answer: equal strings, equal numbers, yes and no in both languages."""

from __future__ import annotations

import re
import unicodedata

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement
from verifiers.answer import final_answer
from verifiers.base import answer_text, compared, no_answer, no_gold
from verifiers.normalise import normalise
from verifiers.rational import rational
from verifiers.settings import VerifierSettings

_YES = frozenset({"yes", "true", "correct", "是", "是的", "对", "对的", "正确", "真"})
_NO = frozenset({"no", "false", "incorrect", "不", "否", "不是", "错", "错误", "不对", "不正确", "假"})
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
        return compared(equal, final, problem.answer)


def same(gold: str, given: str) -> bool:
    """Whether two answers are one: as strings, as numbers, or as yes and no."""
    left, right = plain(gold), plain(given)
    if left == right or any(left in words and right in words for words in (_YES, _NO)):
        return True
    number = rational(normalise(gold))
    return number is not None and number == rational(normalise(given))


def plain(text: str) -> str:
    """Spell as compared: NFKC, one case, single spaces, no punctuation at the ends."""
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _ENDS.sub("", text) or text
