"""By which rules candidates are judged again: the verifiers that are asked, and what decides before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from curator.golds import Rule
from curator.runs import policy_changes
from schemas.policy import ANSWER_VERIFIERS, ANSWERING, Decision, PolicyRule, Said, decide, rules_for
from schemas.problem import Problem

Rules = frozenset[PolicyRule]
NAMED = 3
"""Most runs that a note names."""


@dataclass(frozen=True, slots=True)
class VerifyPlan:
    """What is to be judged, and by which rules."""

    rules: Sequence[PolicyRule]
    """The current policy."""
    old: Mapping[str, Rules]
    """By run, the rules that decide now."""
    new: Mapping[str, Rules]
    """By run, the rules that will decide."""
    former: Mapping[str, Rule]
    """By problem, what chose its verifiers before its gold was corrected, where that changed."""
    only: Sequence[str] = ()
    """The verifiers that may judge; none are all."""

    @property
    def changed(self) -> list[str]:
        """The runs that get a new policy."""
        return [run for run in self.new if self.new[run] != self.old[run]]

    def verifiers(self, problem: Problem) -> list[str]:
        """Name the verifiers whose verdicts a candidate of this problem should have.

        One that was asked for by name and is in no policy judges every problem; a verifier of answers only those
        that it answers.
        """
        names = [rule.verifier for rule in rules_for(self.rules, problem)]
        if not self.only:
            return names
        known = {*names, *(rule.verifier for rule in self.rules)}
        answering = problem.verifier or ANSWER_VERIFIERS[problem.domain]
        by_hand = [name for name in self.only if name not in known and (name not in ANSWERING or name == answering)]
        return [name for name in names if name in self.only] + by_hand

    def settled(self, run: str, problem: Problem) -> bool:
        """Whether rules stay as they are, so that no decision can change without new verdicts."""
        return self.old[run] == self.new[run] and problem.id not in self.former

    def before(self, run: str, problem: Problem, verdicts: Mapping[str, Said]) -> Decision:
        """Decide as the store did before golds were corrected."""
        rule = self.former.get(problem.id)
        asked = replace(problem, domain=rule.domain, verifier=rule.verifier) if rule else problem
        return decide(rules_for(tuple(self.old[run]), asked), verdicts)

    def after(self, run: str, problem: Problem, verdicts: Mapping[str, Said]) -> Decision:
        """Decide as the store will once the policy is replaced."""
        return decide(rules_for(tuple(self.new[run]), problem), verdicts)

    def notes(self) -> list[str]:
        """Say which policies change, and which do not although curator.toml says something else."""
        changes: dict[str, list[str]] = {}
        left: list[str] = []
        for run, rules in self.old.items():
            if rules != self.new[run]:
                changes.setdefault(_say(rules, self.rules), []).append(run)
            elif rules != frozenset(self.rules):
                left.append(run)
        notes = [f"policy of {_runs(runs)}: {text}" for text, runs in changes.items()]
        if left:
            text = "is not replaced by the current one, which differs in other verifiers than the ones asked for"
            notes.append(f"policy of {_runs(left)} {text}; `curator verify` without --verifier replaces it")
        return notes


def verify_plan(
    rules: Sequence[PolicyRule], stored: Mapping[str, Rules], former: Mapping[str, Rule], only: Sequence[str]
) -> VerifyPlan:
    """Lay the current policy over the stored ones.

    A run keeps its policy when the current one differs in a verifier that is not to judge: nobody would decide.
    """
    current = frozenset(rules)
    new = {
        run: old if only and not set(policy_changes(old, current)) <= set(only) else current
        for run, old in stored.items()
    }
    return VerifyPlan(tuple(rules), stored, new, former, tuple(only))


def _say(old: Rules, new: Sequence[PolicyRule]) -> str:
    return "; ".join(policy_changes(old, new).values()) or "another order of the verifiers"


def _runs(runs: Sequence[str]) -> str:
    if len(runs) > NAMED:
        return f"{len(runs):,} runs"
    return f"run{'s' * (len(runs) > 1)} {', '.join(runs)}"
