"""`curator sample` as a library call: settings → problems, teacher, run → report."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from curator import discovery
from curator.config import SamplingSection, Settings
from curator.display import waiting
from curator.errors import UsageError
from curator.escape import plain
from curator.given import given_problems
from curator.judge.setup import JudgeSetup, ready, set_up_judge
from curator.panel import Panel
from curator.progress import Progress
from curator.prompts import load_templates, starter_path
from curator.report import RunReport, run_report
from curator.sampling.plan import Plan
from curator.sampling.sampler import Sampler
from curator.sampling.stopping import StopRule
from curator.session import run_until_done, session
from curator.store.client import Store
from curator.teacher.base import Teacher
from curator.teacher.defaults import DEFAULTS, TeacherDefaults
from curator.teacher.open import open_teachers
from curator.teacher.retry import RetryPolicy
from curator.teacher.spec import TeacherOptions, parse_specs
from curator.writer import Writer
from schemas.candidate import Run
from schemas.identity import content_hash
from schemas.problem import Problem
from verifiers.settings import VerifierSettings

LOCAL = "local"


class Sources(NamedTuple):
    """Where problems and completions come from, and what was chosen for the user."""

    path: Path
    specs: Sequence[str]
    notes: list[str]


def sample_run(
    settings: Settings, *, run_name: str | None, limit: int | None, skip_bad: bool, quiet: bool
) -> RunReport:
    """Sample whatever the settings ask for and is not stored yet.

    Args:
        settings: `curator.toml` with the command's flags laid over it.
        run_name: Name of the run; None for the hash of its configuration.
        limit: Use only this many problems; None for all.
        skip_bad: Go on without faulty rows.
        quiet: Show no progress.

    Raises:
        CuratorError: Nothing could be sampled, or no more; what came before is stored.
    """
    path, texts, notes = _sources(settings)
    given = given_problems(settings.problems, path, limit=limit, skip_bad=skip_bad)
    notes += given.chosen
    specs = parse_specs(texts)
    defaults = DEFAULTS[specs[0].kind]
    per_endpoint = settings.teacher.concurrency or defaults.concurrency
    options = teacher_options(settings, notes, quiet=quiet)
    teacher = open_teachers(specs, options, per_endpoint)
    judge = set_up_judge(settings, options, specs, teacher)
    plan = _plan(settings, teacher, defaults, per_endpoint * len(specs), run_name)
    progress = Progress(
        wanted=given.count * plan.stop.max_n,
        until=plan.stop.until,
        problems=given.count,
        budget_tokens=plan.budget_tokens,
    )
    with Store.open(settings.store) as store:
        carry_out(plan, teacher, given.stream, store, settings.verifiers, progress, judge=judge, quiet=quiet)
        return run_report(store, plan.run, settings.store, progress, [*notes, *given.notes], settings.price)


def carry_out(
    plan: Plan,
    teacher: Teacher,
    problems: Iterable[Problem],
    store: Store,
    settings: VerifierSettings,
    progress: Progress,
    *,
    judge: JudgeSetup | None = None,
    quiet: bool,
) -> None:
    """Sample and judge what a plan still owes; teacher and judge are closed at the end, however that comes about.

    Raises:
        CuratorError: Nothing could be sampled, or no more; what came before is stored.
    """

    async def work(panel: Panel, writer: Writer) -> None:
        await Sampler(plan, teacher, store, panel, writer, progress, settings).run(problems)

    async def check_and_sample() -> None:
        try:
            async with ready(judge, quiet=quiet):
                with waiting("getting the teacher ready", quiet=quiet):
                    await teacher.check()
                await session(store, plan.rules, settings, progress, work, judge=judge, quiet=quiet)
        finally:
            await teacher.aclose()

    run_until_done(check_and_sample())


def teacher_options(settings: Settings, notes: list[str], *, quiet: bool) -> TeacherOptions:
    """Gather how to ask; what a teacher tells goes to standard error at once, and into `notes`."""

    def tell(text: str) -> None:
        notes.append(text)
        if not quiet:
            sys.stderr.write(plain(text) + "\n")  # as it is now: a live display puts lines above itself

    section = settings.teacher
    return TeacherOptions(
        section.api_key_env,
        stream=section.stream,
        stall_timeout_s=section.stall_timeout,
        vllm_command=section.vllm_command,
        vllm_start_timeout_s=section.vllm_start_timeout,
        tell=tell,
    )


def _sources(settings: Settings) -> Sources:
    """Settle problems and teacher; problems without a teacher are refused with SPECs that would work."""
    path, specs = settings.problems.path, settings.teacher.specs
    notes = []
    if path is not None and not specs:
        found = discovery.running_teachers()
        lines = "\n".join(f"  --teacher {one}" for one in [*found, LOCAL])
        where = "these answer on this machine" if found else "no server was found running on this machine"
        raise UsageError(f"no teacher for {path}", hint=f"add one, or set it in curator.toml ({where}):\n{lines}")
    if path is None:
        path = starter_path()
        with path.open(encoding="utf-8") as rows:
            notes.append(f"no problems given: using the {sum(1 for _ in rows)} starter problems that are shipped")
    if not specs:
        specs = [LOCAL]
        notes.append("no teacher given: using a small local model")
    return Sources(path, specs, notes)


def _plan(
    settings: Settings, teacher: Teacher, defaults: TeacherDefaults, concurrency: int, run_name: str | None
) -> Plan:
    """Turn settings into one run; everything that shapes a completion enters its name."""
    wanted = settings.sampling
    few_shot = defaults.few_shot if wanted.few_shot is None else wanted.few_shot
    given = wanted.model_dump(include={"temperature", "top_p", "max_tokens"}, exclude_none=True)
    # Models that imitate worked examples go on to invent the next problem; reasoning models may quote the tag.
    sampling = replace(defaults.sampling, **given, stop=("</answer>",) if few_shot else ())
    templates = load_templates(settings.prompts)
    fingerprint = templates.fingerprint(few_shot=few_shot)
    name = run_name or "run-" + content_hash([teacher.model, asdict(sampling), fingerprint])[3:11]
    return Plan(
        run=Run(name, teacher.kind, teacher.model, sampling, fingerprint, datetime.now(UTC)),
        sampling=sampling,
        templates=templates,
        few_shot=few_shot,
        stop=_stop_rule(wanted),
        concurrency=concurrency,
        retry=RetryPolicy(),
        rules=settings.rules(),
        budget_tokens=wanted.budget_tokens,
        cut=wanted.cut,
    )


def _stop_rule(wanted: SamplingSection) -> StopRule:
    """Say how many candidates of a problem are wanted."""
    if wanted.cut_siblings:
        return StopRule(wanted.n, until=1, cut_siblings=True)
    if wanted.until is None:
        return StopRule(wanted.n)
    return StopRule(wanted.max_n, wanted.until, wanted.give_up_below, wanted.enough_above)
