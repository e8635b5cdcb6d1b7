"""Does the final answer equal the gold?"""

from __future__ import annotations

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.answer import final_answer
from verifiers.base import answer_text, no_answer, no_gold
from verifiers.equality.decide import decide
from verifiers.equality.errors import TooLargeError, UnreadableError
from verifiers.settings import VerifierSettings


class Math:
    """Exact mathematical equality; within the problem's tolerance when it has one.

    The detail of a verdict names the rule that decided, see `verifiers.equality.decide`.
    Not covered: proofs, and sentences that do more than state the answer, are unreadable; what no rule can tell, such
    as whether two huge sums differ, is an error.
    """

    name = "math"
    version = "3"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Find the final answer and compare it."""
        if not problem.answer or not problem.answer.strip():
            return no_gold()
        text = answer_text(candidate)
        given = final_answer(text) if text else None
        if given is None:
            return no_answer(problem.answer)
        gold = final_answer(problem.answer) or problem.answer
        try:
            told = decide(gold, given, problem.answer_tolerance)
        except TooLargeError as err:
            return Judgement(Outcome.ERROR, Reason.VERIFIER_TIMEOUT, str(err), given, problem.answer)
        except UnreadableError as err:
            if err.text == "gold":
                detail = "the gold cannot be read as mathematics"
                return Judgement(Outcome.ABSTAIN, Reason.GOLD_UNPARSABLE, detail, given, problem.answer)
            detail = "the answer cannot be read as mathematics"
            return Judgement(Outcome.REJECT, Reason.UNPARSABLE_ANSWER, detail, given, problem.answer)
        if told.equal:
            return Judgement(Outcome.ACCEPT, Reason.OK, f"equals the gold: {told.rule}", given, problem.answer)
        detail = f"differs from the gold: {told.rule}"
        return Judgement(Outcome.REJECT, Reason.WRONG_ANSWER, detail, given, problem.answer)
