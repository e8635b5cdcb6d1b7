"""Stands where a verifier is named but cannot be had, so that every candidate has a verdict with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.settings import VerifierSettings


@dataclass(frozen=True, slots=True)
class Absent:
    """Abstains from every candidate."""

    name: str
    reason: Reason
    detail: str
    version: str = "0"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Say what is missing."""
        return Judgement(Outcome.ABSTAIN, self.reason, self.detail)
