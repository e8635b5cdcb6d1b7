"""What an evaluation asks: the problems that a split holds out, put as its students are asked, sampled alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from curator.errors import UsageError
from curator.evaluating.models import Student
from curator.exporting.rows import student_of
from curator.prompts import FALLBACK, Template, Templates
from curator.sampling.plan import Plan
from curator.sampling.stopping import StopRule
from curator.splits import find_split, load_split
from curator.store import eval_queries as questions
from curator.store.client import Store
from curator.store.tables import problem_from_row
from curator.teacher.base import Teacher
from curator.teacher.retry import RetryPolicy
from schemas.candidate import Run, SamplingParameters
from schemas.identity import content_hash
from schemas.policy import PolicyRule
from schemas.problem import DOMAINS, Problem
from schemas.split import Split
from schemas.training import TrainingRecord


@dataclass(frozen=True, slots=True)
class Task:
    """The same for every model of one evaluation."""

    split: Split
    problems: Sequence[Problem]
    n: int
    """Samples of each problem."""
    sampling: SamplingParameters
    rules: Sequence[PolicyRule]

    @property
    def ids(self) -> list[str]:
        """Of the problems."""
        return [problem.id for problem in self.problems]


def held_out(store: Store, name: str, limit: int | None) -> tuple[Split, list[Problem]]:
    """Return a split and the problems of its test part.

    Args:
        store: The store.
        name: Of the split.
        limit: Most problems; they are drawn by the hash of their content, so they are the same each time.

    Raises:
        UsageError: There is no such split, or it holds nothing out.
    """
    split = load_split(store, name)
    problems = [problem_from_row(row) for row in store.rows(questions.HELD_OUT, [name])]
    if not problems:
        again = f"curator curate {name} … --test-fraction 0.1 --overwrite"
        raise UsageError(f"the split {name} holds no problems out", hint=f"keep some from training: {again}")
    if limit is not None:
        problems = sorted(problems, key=lambda problem: problem.content_hash)[:limit]
    return split, problems


def leaks(store: Store, record: TrainingRecord, split: Split, ids: Sequence[str]) -> list[str]:
    """Say which held-out problems were trained on, or may have been; nothing when none was.

    Args:
        store: The store.
        record: What the student was trained on.
        split: The split whose problems are asked.
        ids: These problems.
    """
    if record.fingerprint == split.fingerprint:
        return []
    trained = find_split(store, record.split)
    if trained is None or trained.fingerprint != record.fingerprint:
        how = f"the split {record.split} as it was then, which the store does not hold any more"
        return [f"the model was trained on {how}: problems held out here may have been among them"]
    ((found,),) = (row.values() for row in store.rows(questions.TRAINED_ON, [record.split, list(ids)]))
    told = f"the model was trained on {found:,} of the {len(ids):,} held-out problems: they are in split {record.split}"
    return [told] if found else []


def plan_of(task: Task, student: Student, teacher: Teacher, concurrency: int) -> Plan:
    """Plan the run of one model; its name says split, weights and parameters, so that the same one resumes.

    Not covered: a model that changes behind the name under which a server lists it.
    """
    template = student_of(task.split)
    asked = [task.split.fingerprint, teacher.model, student.content, asdict(task.sampling), template]
    name = f"eval-{task.split.name}-{content_hash(asked)[3:11]}"
    templates = Templates({domain: {FALLBACK: Template(user=template)} for domain in DOMAINS})
    fingerprint = templates.fingerprint(few_shot=False)
    now = datetime.now(UTC)
    return Plan(
        run=Run(name, teacher.kind, teacher.model, task.sampling, fingerprint, now, purpose="evaluation"),
        sampling=task.sampling,
        templates=templates,
        few_shot=False,
        stop=StopRule(task.n),
        concurrency=concurrency,
        retry=RetryPolicy(),
        rules=task.rules,
    )
