"""`curator eval` as a library call: settings and models → both runs → the evaluation, saved."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from curator.config import Settings
from curator.display import waiting
from curator.errors import UsageError
from curator.evaluating.examples import choose_examples
from curator.evaluating.figures import measured
from curator.evaluating.loss import Unmeasured, measure_loss, write_held_out
from curator.evaluating.models import Student, base_of, find_student
from curator.evaluating.result import Column, Evaluation
from curator.evaluating.saving import check_target, save
from curator.evaluating.task import Task, held_out, leaks, plan_of
from curator.exporting.facts import LayoutName
from curator.judge.setup import set_up_judge
from curator.progress import Progress
from curator.sampling.plan import Plan
from curator.sampling.run import carry_out, teacher_options
from curator.store import eval_queries as questions
from curator.store.client import Store
from curator.teacher.base import Teacher
from curator.teacher.defaults import DEFAULTS
from curator.teacher.open import open_teachers
from curator.teacher.spec import TeacherOptions
from schemas.training import EVALUATION, LossReport, TrainingRecord


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says beside the settings."""

    model: str
    baseline: str | None = None
    """None takes what the model was trained from, if that is known."""
    split: str | None = None
    """None takes the one that the model was trained on."""
    n: int = 4
    limit: int | None = None
    folder: Path | None = None
    sampling: Mapping[str, float | None] | None = None
    """Sampling parameters by name; None takes the default of the model's kind of teacher."""


@dataclass(frozen=True, slots=True)
class _Contender:
    """One model, ready to be asked."""

    student: Student
    teacher: Teacher
    plan: Plan


def evaluate(settings: Settings, asked: Asked, *, quiet: bool) -> Evaluation:
    """Sample and judge the held-out problems with both models, measure their losses, save the table.

    Both are asked with the same parameters, whatever their kinds. What is stored is not asked for again.

    Args:
        settings: `curator.toml` with the command's flags laid over it; its `[sampling]` is the teacher's, not used.
        asked: The models, and how they are asked.
        quiet: Show no progress.

    Raises:
        CuratorError: A model cannot be asked, or the result not be saved; what came before is stored.
    """
    after = find_student(asked.model)
    before = find_student(asked.baseline) if asked.baseline else base_of(after)
    notes: list[str] = []
    with Store.open(settings.store, create=False) as store:
        task = _task(store, settings, asked, after, notes)
        folder = asked.folder or (after.training / EVALUATION if after.training else Path(f"eval-{task.split.name}"))
        check_target(folder)
        options = teacher_options(settings, notes, quiet=quiet)
        contenders = [_contender(task, one, settings, options) for one in (before, after) if one]
        _refuse_twins(contenders)
        progress = [_sample(one, task, store, settings, options, quiet=quiet) for one in contenders]
        losses = _losses(store, task, contenders, after.record, quiet=quiet)
        columns = [_column(store, task, *parts) for parts in zip(contenders, losses, progress, strict=True)]
        examples = choose_examples(store, task.problems, [column.outcomes for column in columns])
    *earlier, last = columns
    found = Evaluation(task, settings.store, folder, earlier[0] if earlier else None, last, examples, notes)
    save(found)
    return found


def _task(store: Store, settings: Settings, asked: Asked, after: Student, notes: list[str]) -> Task:
    record = after.record
    name = asked.split or (record and record.split)
    if not name:
        raise UsageError(
            f"--model {after.spec}: on which problems?", hint="name the split that holds them out: --split NAME"
        )
    split, problems = held_out(store, name, asked.limit)
    notes += leaks(store, record, split, [problem.id for problem in problems]) if record else []
    given = {key: value for key, value in (asked.sampling or {}).items() if value is not None}
    sampling = replace(DEFAULTS[after.spec.kind].sampling, **cast(Mapping[str, Any], given))
    return Task(split, problems, asked.n, sampling, settings.rules())


def _contender(task: Task, student: Student, settings: Settings, options: TeacherOptions) -> _Contender:
    concurrency = settings.teacher.concurrency or DEFAULTS[student.spec.kind].concurrency
    teacher = open_teachers([student.spec], options, concurrency)
    return _Contender(student, teacher, plan_of(task, student, teacher, concurrency))


def _refuse_twins(contenders: Sequence[_Contender]) -> None:
    if len({one.plan.run.id for one in contenders}) < len(contenders):
        name = contenders[0].student.spec
        raise UsageError(f"--model and --baseline are one model: {name}", hint="leave --baseline out to see it alone")


def _sample(
    one: _Contender, task: Task, store: Store, settings: Settings, options: TeacherOptions, *, quiet: bool
) -> Progress:
    progress = Progress(wanted=len(task.problems) * task.n)
    judge = set_up_judge(settings, options)
    carry_out(one.plan, one.teacher, task.problems, store, settings.verifiers, progress, judge=judge, quiet=quiet)
    return progress


def _losses(
    store: Store, task: Task, contenders: Sequence[_Contender], record: TrainingRecord | None, *, quiet: bool
) -> list[LossReport | Unmeasured]:
    """Measure each model's loss on the same rows, laid out as the student was trained."""
    layout = cast(LayoutName, record.layout) if record else "tags"
    with tempfile.TemporaryDirectory(prefix="curator-eval-") as folder, waiting("measuring the loss", quiet=quiet):
        file = write_held_out(store, task.split, task.ids, layout, Path(folder))
        return [measure_loss(one.student.weights, file) for one in contenders]


def _column(store: Store, task: Task, one: _Contender, loss: LossReport | Unmeasured, progress: Progress) -> Column:
    run = one.plan.run
    rows = store.rows(questions.OUTCOMES, [task.ids, run.id, run.id])
    return Column(str(one.student.spec), run, measured(rows, task.n), loss, progress, one.plan.concurrency, rows[:-1])
