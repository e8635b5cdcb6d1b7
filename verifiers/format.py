"""Is the completion a whole, well-formed trace?"""

from __future__ import annotations

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import TraceFault, parse
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.settings import VerifierSettings


class Format:
    """Rejects truncated completions and what `schemas.trace` cannot read as reasoning and answer."""

    name = "format"
    version = "1"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Judge the finish reason first: a truncated text has other faults only because it was truncated."""
        if candidate.finish_reason == "length":
            return Judgement(Outcome.REJECT, Reason.TRUNCATED, "the teacher reached its token limit")
        trace = parse(candidate.content, candidate.reasoning)
        if isinstance(trace, TraceFault):
            return Judgement(Outcome.REJECT, trace.reason, trace.detail)
        return Judgement(Outcome.ACCEPT, Reason.OK)
