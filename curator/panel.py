"""Candidates in, verdicts and decisions out: which verifiers a candidate is owed, and what they make of it.

The verifiers run in worker processes; a judge model, where there is one, is asked afterwards, and only where its word
can decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from curator.isolation import Isolation
from curator.progress import Progress
from curator.stored import Held, Judged
from curator.writer import Writer
from schemas.candidate import Candidate
from schemas.policy import JUDGE, Decision, PolicyRule, Said, decide, rules_for, wants_judge
from schemas.problem import Problem
from schemas.verdict import Outcome, Verdict
from verifiers.pool import WorkerPool
from verifiers.registry import VERIFIERS
from verifiers.run import config_hash
from verifiers.settings import VerifierSettings


class JudgeModel(Protocol):
    """A language model that gives the verdicts of the verifier `judge`."""

    async def verdict(self, problem: Problem, candidate: Candidate) -> Verdict:
        """Ask it; whatever goes wrong is a verdict too."""
        ...


class Panel:
    """Runs every verifier of the policy over candidates and counts the decisions.

    Args:
        rules: The policy.
        settings: What the verifiers go by; names the model of `judge`.
        pool: Where the other verifiers run.
        writer: Takes the verdicts.
        progress: Counts the decisions.
        judge: None where there is no model to ask.
    """

    def __init__(
        self,
        rules: Sequence[PolicyRule],
        settings: VerifierSettings,
        pool: WorkerPool,
        writer: Writer,
        progress: Progress,
        judge: JudgeModel | None = None,
    ) -> None:
        self._rules = tuple(rules)
        self._settings = settings
        self._pool = pool
        self._writer = writer
        self._progress = progress
        self._judge = judge
        self._isolation = Isolation(settings.code)

    async def announce(self, problems: Iterable[Problem]) -> None:
        """Say how programs are kept apart here, if one of the problems is the first that asks for any."""
        if not self._isolation.told:
            await self._isolation.announce({name for problem in problems for name in self._verifiers(problem)})

    def wanted(self, problem: Problem, names: Sequence[str] | None = None) -> dict[str, Judged]:
        """Name the verdict that each of `names` (None: the policy's verifiers) would give now.

        It costs a hash each, and is the same for all candidates of a problem.
        """
        names = self._verifiers(problem) if names is None else names
        return {
            name: Judged(name, VERIFIERS[name].version, config_hash(name, self._settings, problem)) for name in names
        }

    def owed(
        self,
        problem: Problem,
        held: Mapping[str, Held],
        wanted: Mapping[str, Judged | None] | None = None,
        *,
        retry: bool = False,
    ) -> list[str]:
        """Name the verifiers without a verdict of this version, settings, gold and tests.

        Args:
            problem: What the candidate answers.
            held: Its latest verdicts.
            wanted: The verdicts that it should have; None are those of the policy.
            retry: Whether a verdict that ended in an error is owed anew, where there is somebody to give it.
        """
        held = {name: one for name, one in held.items() if not (retry and self._can_retry(name, one))}
        if wanted is None:  # whoever holds nothing lacks all of them, whatever they would be
            wanted = self.wanted(problem) if held else dict.fromkeys(self._verifiers(problem))
        lacking = [name for name in wanted if name not in held or held[name].judged != wanted[name]]
        owed = [name for name in lacking if name != JUDGE]
        if JUDGE in lacking and self._owes_judge(problem, held, bool(owed)):
            owed.append(JUDGE)
        return owed

    def decision(self, problem: Problem, said: Mapping[str, Said]) -> Decision:
        """Decide by the policy; a verdict that is missing leaves a candidate undecided."""
        return decide(rules_for(self._rules, problem), said)

    async def verify(
        self, problem: Problem, candidate: Candidate, verifiers: Sequence[str], held: Mapping[str, Held]
    ) -> Decision:
        """Run `verifiers`, store their verdicts and, where the policy's are all there, count the decision."""
        verdicts = await self.verdicts(problem, candidate, verifiers, held)
        self._writer.put(*verdicts)
        said: Mapping[str, Said] = {**held, **{verdict.verifier: verdict for verdict in verdicts}}
        decision = self.decision(problem, said)
        if set(self._verifiers(problem)) - {JUDGE} <= said.keys():
            self._progress.add_decision(decision)
        return decision

    async def verdicts(
        self, problem: Problem, candidate: Candidate, verifiers: Sequence[str], held: Mapping[str, Held]
    ) -> list[Verdict]:
        """Run `verifiers`, the judge last and only if it is wanted; storing what they say is the caller's.

        About a stream that was cut no model is asked: nobody knows how it would have ended.
        """
        self._progress.judging += 1
        try:
            await self._isolation.announce(verifiers)
            judge = self._judge if JUDGE in verifiers and candidate.finish_reason != "aborted" else None
            local = [name for name in verifiers if name != JUDGE or judge is None]
            verdicts = await self._pool.verify(problem, candidate, local)
            if judge is not None:
                said: Mapping[str, Said] = {**held, **{verdict.verifier: verdict for verdict in verdicts}}
                if wants_judge(rules_for(self._rules, problem), said):
                    verdicts.append(await judge.verdict(problem, candidate))
            return verdicts
        finally:
            self._progress.judging -= 1

    def _can_retry(self, name: str, held: Held) -> bool:
        return held.outcome is Outcome.ERROR and (name != JUDGE or self._judge is not None)

    def _owes_judge(self, problem: Problem, held: Mapping[str, Held], others_owed: bool) -> bool:
        """Whether `judge`, which lacks one, is owed a verdict; without a model only where it must and never spoke."""
        rules = rules_for(self._rules, problem)
        if self._judge is None:
            return JUDGE not in held and any(one.verifier == JUDGE and one.requirement == "required" for one in rules)
        return others_owed or wants_judge(rules, held)

    def _verifiers(self, problem: Problem) -> list[str]:
        return [rule.verifier for rule in rules_for(self._rules, problem)]
