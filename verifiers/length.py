"""Is the completion neither too short nor too long for its domain?"""

from __future__ import annotations

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.tokens import estimate_tokens
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.settings import LengthBounds, VerifierSettings


class Length:
    """Compares completion tokens with the bounds of the domain; the count is the score of every verdict.

    Not covered: what an estimated count is worth is told by `schemas.tokens`; the verdict says that it is one.
    """

    name = "length"
    version = "2"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Count as the teacher did; where it did not, estimate from the text."""
        tokens, estimated = candidate.completion_tokens, candidate.tokens_estimated
        if tokens is None:
            tokens, estimated = estimate_tokens((candidate.reasoning or "") + candidate.content), True
        bounds: LengthBounds = getattr(settings.length, problem.domain)
        counted = f"{tokens} tokens{', estimated from the text' if estimated else ''}"
        if tokens < bounds.min_tokens:
            reason, detail = Reason.TOO_SHORT, f"{counted}; the least is {bounds.min_tokens}"
        elif tokens > bounds.max_tokens:
            reason, detail = Reason.TOO_LONG, f"{counted}; the most is {bounds.max_tokens}"
        else:
            return Judgement(Outcome.ACCEPT, Reason.OK, counted if estimated else "", score=float(tokens))
        return Judgement(Outcome.REJECT, reason, detail, score=float(tokens))
