"""Is the completion neither too short nor too long for its domain?"""

from __future__ import annotations

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.tokens import estimate_tokens
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.settings import VerifierSettings


class Length:
    """Compares completion tokens with the settings; the count is the score of every verdict."""

    name = "length"
    version = "1"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Count as the teacher did; where it did not, estimate from the text."""
        tokens = candidate.completion_tokens
        if tokens is None:
            tokens = estimate_tokens(candidate.reasoning or "") + estimate_tokens(candidate.content)
        least, most = settings.length.min_tokens, getattr(settings.length, problem.domain)
        if tokens < least:
            return Judgement(
                Outcome.REJECT, Reason.TOO_SHORT, f"{tokens} tokens, fewer than {least}", score=float(tokens)
            )
        if tokens > most:
            return Judgement(Outcome.REJECT, Reason.TOO_LONG, f"{tokens} tokens, more than {most}", score=float(tokens))
        return Judgement(Outcome.ACCEPT, Reason.OK, score=float(tokens))
