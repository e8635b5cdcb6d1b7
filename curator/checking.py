"""`curator check` as a library call: every gold through its own answer verifier, before a token is spent.

The verifier must accept the gold, and where it reads more than its spelling (`WRONG`), reject another answer: a gold
that nobody can read still equals itself. Nothing is stored. Not covered: whether a gold is *right*.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from curator.config import Settings
from curator.display import display
from curator.errors import UsageError
from curator.given import given_problems
from curator.isolation import Isolation
from curator.progress import Progress
from curator.session import run_until_done, workers
from schemas.candidate import Candidate
from schemas.policy import ANSWER_VERIFIERS, Decision, DecisionName, rules_for
from schemas.problem import Domain, Problem
from schemas.trace import Trace, format_trace
from schemas.verdict import Outcome, Reason
from verifiers.pool import WorkerPool

KEPT_FAILURES = 10_000
"""Failures that are kept unless all are asked for; of the others only the number is known."""
NOT_CHECKED = "not_checked"
"""Stands for an outcome where no gold had to be judged, for one of these reasons."""
NO_REFERENCE = "no_reference_solution"
SWITCHED_OFF = "switched_off"
TOO_LOOSE = "accepts_wrong"
"""Stands for an outcome where the verifier accepts what cannot be an answer."""
WRONG: Mapping[str, str] = {
    "math": "-271828.1825",
    "procedural": "-271828.1825",
    "code": "```python\nraise SystemExit\n```",
}
"""By verifier, an answer that no problem has."""
WITHOUT_GOLD = frozenset({"code", "procedural"})
"""Verifiers that can do without a gold: tests or a scorer decide."""
PASSED = frozenset({Outcome.ACCEPT, NOT_CHECKED})
_DECISIONS: dict[str, DecisionName] = {Outcome.ACCEPT: "accepted", Outcome.REJECT: "rejected"}


class Group(NamedTuple):
    """Which golds are counted together."""

    domain: Domain
    verifier: str
    outcome: str
    """An `Outcome`, `TOO_LOOSE` or `NOT_CHECKED`."""
    reason: str


class Finding(NamedTuple):
    """What was found of one gold."""

    verifier: str
    outcome: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A gold that its verifier rejects, cannot judge (`abstain`), failed to check (`error`) or that is too loose."""

    number: int
    """Place among the file's problems, from 1; duplicates and skipped rows are not counted."""
    id: str
    domain: Domain
    verifier: str
    outcome: str
    reason: str
    detail: str
    gold: str | None
    prompt: str


@dataclass(slots=True)
class CheckReport:
    """What became of every gold of one file."""

    counts: Counter[Group] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    """In the order of the file, at most as many as were to be kept."""
    notes: Sequence[str] = ()
    elapsed_s: float = 0.0

    @property
    def problems(self) -> int:
        """Problems in all."""
        return self.counts.total()

    @property
    def failed(self) -> int:
        """Golds that did not pass; those that were not checked are none of them."""
        return self.problems - self.count(Outcome.ACCEPT) - self.count(NOT_CHECKED)

    def count(self, outcome: str) -> int:
        """Golds that came to `outcome`."""
        return sum(number for group, number in self.counts.items() if group.outcome == outcome)

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {
            "problems": self.problems,
            "passed": self.count(Outcome.ACCEPT),
            "rejected": self.count(Outcome.REJECT),
            "cannot_be_judged": self.count(Outcome.ABSTAIN),
            "errors": self.count(Outcome.ERROR),
            "accepts_wrong": self.count(TOO_LOOSE),
            "not_checked": self.count(NOT_CHECKED),
            "groups": [{**group._asdict(), "problems": number} for group, number in sorted(self.counts.items())],
            "failures": [asdict(failure) for failure in self.failures],
            "notes": list(self.notes),
            "elapsed_s": round(self.elapsed_s, 2),
        }


def check_problems(
    settings: Settings, *, limit: int | None, skip_bad: bool, keep: int | None, quiet: bool
) -> CheckReport:
    """Judge every gold of the problems that the settings name.

    Args:
        settings: `curator.toml` with the command's flags laid over it.
        limit: Check only this many problems; None for all.
        skip_bad: Go on without faulty rows.
        keep: Most failures to keep; None keeps all.
        quiet: Show no progress.

    Raises:
        CuratorError: No problems are named, or the file cannot be used.
    """
    path = settings.problems.path
    if path is None:
        hint = "name a file: curator check problems.jsonl (or set [problems] path in curator.toml)"
        raise UsageError("no problems to check", hint=hint)
    given = given_problems(settings.problems, path, limit=limit, skip_bad=skip_bad)
    report = CheckReport(notes=[*given.chosen, *given.notes])
    progress = Progress(verb="checked", wanted=given.count)
    checker = _Checker(settings, report, progress, keep)
    run_until_done(checker.run(given.stream, quiet=quiet))
    report.failures.sort(key=lambda failure: failure.number)
    report.elapsed_s = progress.elapsed_s
    return report


def gold_trace(problem: Problem, verifier: str) -> Candidate:
    """Make the well-formed trace whose answer is the gold; code is the reference solution in a block."""
    answer = problem.answer or ""
    if verifier == "code" and "```" not in answer:
        answer = f"```python\n{answer}\n```"
    return _trace(problem, answer)


def _trace(problem: Problem, answer: str) -> Candidate:
    return Candidate(
        id="gold",
        run_id="check",
        problem_id=problem.id,
        sample_index=0,
        reasoning=None,
        content=format_trace(Trace("The answer is known.", answer)),
        reasoning_field="inline",
        finish_reason="stop",
        model="",
    )


class _Checker:
    """Judges golds, several at once, and sums up."""

    def __init__(self, settings: Settings, report: CheckReport, progress: Progress, keep: int | None) -> None:
        self._settings, self._rules = settings, settings.rules()
        self._report, self._progress, self._keep = report, progress, keep
        self._isolation = Isolation(settings.verifiers.code)

    async def run(self, stream: Iterator[Problem], *, quiet: bool) -> None:
        """Judge all of `stream`; no more of it is held than is being judged."""
        size = workers()
        numbered = enumerate(stream, 1)
        async with WorkerPool(size, self._settings.verifiers) as pool, display(self._progress, quiet=quiet):
            await asyncio.gather(*(self._share(numbered, pool) for _ in range(2 * size)))

    async def _share(self, numbered: Iterator[tuple[int, Problem]], pool: WorkerPool) -> None:
        """Take problems from the common stream until it ends."""
        for number, problem in numbered:
            name = problem.verifier or ANSWER_VERIFIERS[problem.domain]
            if all(rule.verifier != name for rule in rules_for(self._rules, problem)):
                self._count(number, problem, Finding(name, NOT_CHECKED, SWITCHED_OFF))
            else:
                await self._isolation.announce([name])
                self._count(number, problem, await check_gold(problem, name, pool))

    def _count(self, number: int, problem: Problem, found: Finding) -> None:
        report = self._report
        report.counts[Group(problem.domain, found.verifier, found.outcome, found.reason)] += 1
        self._progress.sampled += 1
        self._progress.add_decision(Decision(_DECISIONS.get(found.outcome, "undecided"), found.reason, found.verifier))
        if found.outcome in PASSED or (self._keep is not None and len(report.failures) >= self._keep):
            return
        report.failures.append(
            Failure(number, problem.id, problem.domain, *found, gold=problem.answer, prompt=problem.prompt)
        )


async def check_gold(problem: Problem, verifier: str, pool: WorkerPool) -> Finding:
    """Judge the gold of one problem, and an answer that must not pass in its place."""
    if problem.answer is not None or verifier not in WITHOUT_GOLD:
        (verdict,) = await pool.verify(problem, gold_trace(problem, verifier), [verifier])
        passed = Finding(verifier, Outcome.ACCEPT, Reason.OK)
        if verdict.outcome is not Outcome.ACCEPT:
            return Finding(verifier, verdict.outcome, verdict.reason, verdict.detail)
    else:
        passed = Finding(verifier, NOT_CHECKED, NO_REFERENCE)
    if verifier not in WRONG:
        return passed
    (verdict,) = await pool.verify(problem, _trace(problem, WRONG[verifier]), [verifier])
    if verdict.outcome is Outcome.REJECT:
        return passed
    if verdict.outcome is Outcome.ACCEPT:
        return Finding(verifier, TOO_LOOSE, TOO_LOOSE, f"it accepts {WRONG[verifier]!r} too")
    return Finding(verifier, verdict.outcome, verdict.reason, f"on a wrong answer: {verdict.detail}")
