"""Fills a store with problems whose candidates were decided as a story needs it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from curator.store.client import Store
from curator.store.tables import RunPolicy
from schemas.candidate import Candidate, Run, SamplingParameters
from schemas.identity import content_hash
from schemas.policy import ANSWER_VERIFIERS, default_policy, rules_for
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
RUN = Run("r", "openai", "teacher-7b", SamplingParameters(), "b2:t", START)
REASONS = {Outcome.ACCEPT: Reason.OK, Outcome.REJECT: Reason.WRONG_ANSWER, Outcome.ABSTAIN: Reason.NO_GOLD}
OUTCOMES = {"a": Outcome.ACCEPT, "r": Outcome.REJECT, "u": Outcome.ABSTAIN}


def stock(store: Store, problems: Iterable[tuple[Problem, str]], **fields: object) -> None:
    """Store problems, each with one candidate per letter: a(ccepted), r(ejected), u(ndecided), b(roken)."""
    rules = default_policy()
    found = list(problems)
    records = [RUN, *(RunPolicy(RUN.id, rule) for rule in rules), *(problem for problem, _ in found)]
    for problem, letters in found:
        for index, letter in enumerate(letters):
            candidate = _candidate(problem, index, letter, fields)
            records += [candidate, *_verdicts(problem, candidate, letter)]
    store.write(records)


def _candidate(problem: Problem, index: int, letter: str, fields: dict[str, object]) -> Candidate:
    content = (
        "no trace" if letter == "b" else f"<think>\nway {index} of {problem.id}\n</think>\n<answer>{index}</answer>"
    )
    values = {"reasoning_field": "inline", "finish_reason": "stop", "model": RUN.model, "completion_tokens": 10 + index}
    return Candidate(
        id=content_hash([problem.id, index]), run_id=RUN.id, problem_id=problem.id, sample_index=index, reasoning=None,
        content=content, **values | fields,
    )  # fmt: skip


def _verdicts(problem: Problem, candidate: Candidate, letter: str) -> list[Verdict]:
    broken = {"format": (Outcome.REJECT, Reason.MISSING_THINK)}
    answered = OUTCOMES.get(letter, Outcome.REJECT)
    decided = {ANSWER_VERIFIERS[problem.domain]: (answered, REASONS[answered])} | (broken if letter == "b" else {})
    return [
        Verdict(candidate.id, rule.verifier, "1", "c", *decided.get(rule.verifier, (Outcome.ACCEPT, Reason.OK)), "",
                None, None, None, 1.0, START)
        for rule in rules_for(default_policy(), problem) if rule.requirement == "required"
    ]  # fmt: skip
