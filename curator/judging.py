"""Candidates in, verdicts and decisions out: which verifiers a candidate is owed, and what they make of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from curator.progress import Progress
from curator.stored import Judged
from curator.writer import Writer
from schemas.candidate import Candidate
from schemas.policy import PolicyRule, decide, rules_for
from schemas.problem import Problem
from schemas.verdict import Verdict
from verifiers.pool import WorkerPool
from verifiers.registry import VERIFIERS
from verifiers.run import config_hash
from verifiers.settings import VerifierSettings


class Judge:
    """Runs every verifier of the policy over candidates and counts the decisions."""

    def __init__(
        self,
        rules: Sequence[PolicyRule],
        settings: VerifierSettings,
        pool: WorkerPool,
        writer: Writer,
        progress: Progress,
    ) -> None:
        self._rules = tuple(rules)
        self._settings = settings
        self._pool = pool
        self._writer = writer
        self._progress = progress

    def owed(self, problem: Problem, judged: Iterable[Judged] = ()) -> list[str]:
        """Name the verifiers without a verdict of this version, settings, gold and tests."""
        held = set(judged)
        names = self._verifiers(problem)
        return [name for name in names if self.current(name, problem) not in held] if held else names

    async def judge(self, problem: Problem, candidate: Candidate, verifiers: Sequence[str]) -> None:
        """Run `verifiers`, store their verdicts and, where all of the policy's ran, count the decision."""
        verdicts = await self.verdicts(problem, candidate, verifiers)
        self._writer.put(*verdicts)
        if set(verifiers) == set(self._verifiers(problem)):
            latest = {verdict.verifier: verdict for verdict in verdicts}
            self._progress.add_decision(decide(rules_for(self._rules, problem), latest))

    async def verdicts(self, problem: Problem, candidate: Candidate, verifiers: Sequence[str]) -> list[Verdict]:
        """Run `verifiers`; storing what they say is the caller's."""
        self._progress.judging += 1
        try:
            return await self._pool.verify(problem, candidate, verifiers)
        finally:
            self._progress.judging -= 1

    def current(self, verifier: str, problem: Problem) -> Judged:
        """Name the verdict that `verifier` would give now: its version, settings, gold and tests."""
        return Judged(verifier, VERIFIERS[verifier].version, config_hash(verifier, self._settings, problem))

    def _verifiers(self, problem: Problem) -> list[str]:
        return [rule.verifier for rule in rules_for(self._rules, problem)]
