"""Logic problems with one answer: equal words, numbers, yes and no in both languages, lists in the same order."""

from __future__ import annotations

import re
import unicodedata

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.answer import final_answer
from verifiers.base import answer_text, no_answer, no_gold
from verifiers.equality.normalise import normalise
from verifiers.equality.quantities.rational import rational
from verifiers.settings import VerifierSettings

YES = frozenset({"yes", "true", "correct", "是", "是的", "对", "对的", "正确", "真"})
NO = frozenset({"no", "false", "incorrect", "不", "否", "不是", "错", "错误", "错的", "不对", "不正确", "假"})
LONGEST = 10_000
"""Characters beyond which an answer is compared as it stands only."""

_WIDE = re.compile("[\u3400-\u9fff]")
_CLAUSE_END = re.compile(r"\s*(?:[,.;:!，。；：！\n]|\s[-–—]\s)\s*")
_TURN = re.compile(r"^(?:but|and|or|wait|well|actually|also|但是?|不过|其实)\s*")
_UNSURE = re.compile(
    r"(?:but )?(?:i'?m |i am )?(?:maybe|perhaps|possibly|probably|not sure|unsure)|可能吧?|也许吧?|不确定"
)
_ENDS = re.compile(r"^[\s\"'`*$<.,;:!?。，；：！？、]+|[\s\"'`*$>.,;:!。，；：！、]+$")
_PIECE = re.compile(r"[\[\],]|[^\[\],]+")
_ONE_KIND = str.maketrans("({)};、", "[[]],,")
_ASSIGNED = re.compile(r"\s*([\w ]+?)\s*[=:]\s*(.+)", re.DOTALL)


class Exact:
    """Compares the whole answer. Not covered: several right answers, or the same fact in other words."""

    name = "exact"
    version = "2"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Compare final answer and gold."""
        if not problem.answer or not problem.answer.strip():
            return no_gold()
        text = answer_text(candidate)
        if not text:
            return no_answer(problem.answer)
        # an answer of several lines, such as a solved grid, is right as a whole or by its final answer
        final = final_answer(text) or text
        how = same(problem.answer, final) or same(problem.answer, text)
        if how:
            return Judgement(Outcome.ACCEPT, Reason.OK, f"the same {how}", final, problem.answer)
        if within(problem.answer, final):
            detail = "the gold stands within a longer answer, which may say it or its opposite"
            return Judgement(Outcome.ABSTAIN, Reason.UNCLEAR_ANSWER, detail, final, problem.answer)
        detail = "neither the same words, number, yes or no, nor the same list"
        return Judgement(Outcome.REJECT, Reason.WRONG_ANSWER, detail, final, problem.answer)


def same(gold: str, given: str) -> str | None:
    """Tell as what two answers are one: words, number, yes or no, list; None when they differ."""
    if (left := plain(gold)) == plain(given):
        return "words"
    if any(left in words and says(given) is words for words in (YES, NO)):
        return "yes or no"
    if _same_number(gold, given):
        return "number"
    return "list" if max(len(gold), len(given)) <= LONGEST and _same_list(_listed(gold), _listed(given)) else None


def says(text: str) -> frozenset[str] | None:
    """Return `YES` or `NO` when a text begins with such a word and no other clause takes it back or doubts it."""
    first, *others = [plain(clause) for clause in _CLAUSE_END.split(text.strip())]
    for words, opposite in ((YES, NO), (NO, YES)):
        if first in words:
            back = (_TURN.sub("", clause) in opposite or _UNSURE.fullmatch(clause) for clause in others)
            return None if any(back) else words
    return None


def within(gold: str, given: str) -> bool:
    """Whether the gold's words stand, whole, within an answer in words; yes and no never do, numbers neither."""
    left, right = plain(gold), plain(given)
    if left in YES | NO or not any(char.isalpha() for char in left):
        return False
    edge = "" if _WIDE.search(left) else r"\b"
    return bool(re.search(f"{edge}{re.escape(left)}{edge}", right))


def plain(text: str) -> str:
    """Spell as compared: NFKC, one case, single spaces, no punctuation at the ends."""
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _ENDS.sub("", text) or text


def _same_number(gold: str, given: str) -> bool:
    number = rational(normalise(gold))
    return number is not None and number == rational(normalise(given))


def _listed(text: str) -> list[str]:
    """Take a list apart into members and inner brackets, so that [[1, 2], [3]] is not [[1], [2, 3]]."""
    text = unicodedata.normalize("NFKC", text).replace("\\{", "{").replace("\\}", "}").translate(_ONE_KIND)
    pieces = [piece for piece in map(str.strip, _PIECE.findall(text.strip(" \n.。$*`"))) if piece not in {"", ","}]
    if _bracketed(pieces):
        pieces = pieces[1:-1]
    assigned = {found[1]: found[2] for piece in pieces if (found := _ASSIGNED.fullmatch(piece))}
    if len(assigned) == len(pieces):
        return [part for name in sorted(assigned) for part in (name, assigned[name])]  # A=1, B=2 has no order
    return pieces


def _bracketed(pieces: list[str]) -> bool:
    """Whether one pair of brackets holds everything."""
    depth = 0
    for number, piece in enumerate(pieces):
        depth += (piece == "[") - (piece == "]")
        if depth <= 0:
            return number > 0 and number == len(pieces) - 1
    return False


def _same_list(gold: list[str], given: list[str]) -> bool:
    pairs = zip(gold, given, strict=False)
    return len(gold) == len(given) > 0 and all(
        plain(one) == plain(other) or _same_number(one, other) for one, other in pairs
    )
