"""Which verifiers decide, per domain, and how their verdicts become one decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from schemas.problem import DOMAINS, Domain, Problem
from schemas.verdict import JUDGE_DISAGREES, NOT_JUDGED, Outcome

Requirement = Literal["required", "advisory"]
DecisionName = Literal["accepted", "rejected", "undecided"]

JUDGE = "judge"
"""The verifier that asks a language model."""
ANSWER_VERIFIERS: Mapping[Domain, str] = {
    "math": "math",
    "code": "code",
    "choice": "choice",
    "logic": "exact",
    "general": JUDGE,
}
"""The verifier that decides whether an answer is right, per domain."""
ANSWERING: frozenset[str] = frozenset({*ANSWER_VERIFIERS.values(), "procedural"})
"""Every verifier that a problem may name to decide its answers."""


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One verifier's say in one domain; `position` orders the reasons when several reject."""

    domain: Domain
    verifier: str
    requirement: Requirement
    position: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a candidate, and which verifier decided it."""

    decision: DecisionName
    reason: str
    decided_by: str


class Said(Protocol):
    """What a decision needs of a verdict."""

    @property
    def outcome(self) -> Outcome:
        """Accept, reject, or one of the two that mean 'cannot tell'."""
        ...

    @property
    def reason(self) -> str:
        """Why."""
        ...


def default_policy() -> tuple[PolicyRule, ...]:
    """Require format, the domain's answer verifier, language, length and repetition, as reasons are ordered.

    Advisory are long paragraphs, code blocks where no program was asked for, and a judge's second opinion on math.
    """
    rules = []
    for domain in DOMAINS:
        required = ("format", ANSWER_VERIFIERS[domain], "language", "length", "repetition")
        advisory = ("paragraphs", *(["codeblocks"] if domain != "code" else []), *([JUDGE] if domain == "math" else []))
        names: list[tuple[str, Requirement]] = [(name, "required") for name in required]
        names += [(name, "advisory") for name in advisory]
        rules += [PolicyRule(domain, name, requirement, at) for at, (name, requirement) in enumerate(names)]
    return tuple(rules)


def rules_for(rules: Sequence[PolicyRule], problem: Problem) -> list[PolicyRule]:
    """Select the rules of a problem's domain, by position; its own answer verifier takes the place of the domain's."""
    usual = ANSWER_VERIFIERS[problem.domain]
    own = problem.verifier or usual
    chosen = [
        replace(rule, verifier=own) if rule.verifier == usual else rule
        for rule in rules
        if rule.domain == problem.domain and (rule.verifier == usual or rule.verifier != own)
    ]
    return sorted(chosen, key=lambda rule: rule.position)


def decide(rules: Sequence[PolicyRule], verdicts: Mapping[str, Said]) -> Decision:
    """Decide one candidate from the rules of its problem and its latest verdict per verifier.

    Accepted iff every required verifier accepts; rejected iff one rejects; else undecided. The first verifier
    by position that is not content gives the reason; a rejection goes before any 'cannot tell'. An answer that the
    rules reject and a judge accepts is neither: that is for a person to decide.
    """
    open_questions: list[Decision] = []
    for rule in _required(rules):
        verdict = verdicts.get(rule.verifier)
        if verdict is None:
            open_questions.append(Decision("undecided", NOT_JUDGED, rule.verifier))
        elif verdict.outcome is Outcome.REJECT and _is_disputed(rule, rules, verdicts):
            open_questions.append(Decision("undecided", JUDGE_DISAGREES, JUDGE))
        elif verdict.outcome is Outcome.REJECT:
            return Decision("rejected", verdict.reason, rule.verifier)
        elif verdict.outcome is not Outcome.ACCEPT:
            open_questions.append(Decision("undecided", verdict.reason, rule.verifier))
    return open_questions[0] if open_questions else Decision("accepted", "ok", "policy")


def wants_judge(rules: Sequence[PolicyRule], verdicts: Mapping[str, Said]) -> bool:
    """Whether a judge is to be asked: its word costs tokens, and it is worth them only where it can decide.

    A judge that is required is asked unless another verifier than that of the answer rejects; one that is advisory
    only for a second opinion, where the rules reject the answer and nothing else.
    """
    judge = next((rule for rule in rules if rule.verifier == JUDGE), None)
    rejecting = {
        rule.verifier
        for rule in _required(rules)
        if rule.verifier != JUDGE and (said := verdicts.get(rule.verifier)) and said.outcome is Outcome.REJECT
    }
    if judge is None or rejecting - ANSWERING:
        return False
    return judge.requirement == "required" or bool(rejecting)


def _required(rules: Sequence[PolicyRule]) -> list[PolicyRule]:
    return sorted((rule for rule in rules if rule.requirement == "required"), key=lambda rule: rule.position)


def _is_disputed(rule: PolicyRule, rules: Sequence[PolicyRule], verdicts: Mapping[str, Said]) -> bool:
    """Whether a judge with a say accepts the answer that `rule` rejects."""
    said = verdicts.get(JUDGE)
    accepts = said is not None and said.outcome is Outcome.ACCEPT
    return accepts and rule.verifier in ANSWERING - {JUDGE} and any(one.verifier == JUDGE for one in rules)
