"""Traces made elsewhere → candidates with verdicts, by the same judging as sampled ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from curator.config import Settings
from curator.given import reader_notes, refuse_empty
from curator.judge.setup import set_up_judge
from curator.panel import Panel
from curator.progress import Progress
from curator.reading.problems import ReadOptions
from curator.reading.sources import open_source
from curator.reading.traces import scan_traces, traces
from curator.report import RunReport, run_report
from curator.sampling.run import teacher_options
from curator.session import judge_until_done
from curator.store.client import Store
from curator.store.tables import RunPolicy
from curator.stored import pages, register_problems, stored_verdicts
from curator.writer import Writer
from schemas.candidate import Candidate, Run
from schemas.policy import Decision, PolicyRule
from schemas.problem import Problem

PAGE = 256
"""Traces looked up in the store at a time; also how many may be judged at once."""

Row = tuple[Problem, Candidate]
Spawn = Callable[[Coroutine[None, None, Decision]], object]


def import_run(name: str) -> Run:
    """Make the run that imported traces belong to."""
    return Run(id=name, teacher="import", model="", sampling=None, template="", created_at=datetime.now(UTC))


class Importer:
    """Stores traces once, however often they are imported, and judges those that lack a verdict."""

    def __init__(self, run: Run, rules: Iterable[PolicyRule], store: Store, panel: Panel, writer: Writer) -> None:
        self._run = run
        self._rules = tuple(rules)
        self._store = store
        self._panel = panel
        self._writer = writer

    async def run(self, rows: Iterable[Row], progress: Progress) -> None:
        """Import all of `rows`; return when every verdict is handed to the writer."""
        await asyncio.to_thread(
            self._store.write, [self._run, *(RunPolicy(self._run.id, rule) for rule in self._rules)]
        )
        for page in pages(rows, PAGE):
            async with asyncio.TaskGroup() as tasks:
                await self._page(page, progress, tasks.create_task)

    async def _page(self, page: list[Row], progress: Progress, spawn: Spawn) -> None:
        page = await asyncio.to_thread(self._register, page)
        state = await asyncio.to_thread(stored_verdicts, self._store, [candidate.id for _, candidate in page])
        for problem, candidate in page:
            if candidate.id in state:
                progress.stored += 1
            else:
                self._writer.put(candidate)
                progress.add_candidate(candidate)
            held = state.get(candidate.id, {})
            if owed := self._panel.owed(problem, held):
                spawn(self._panel.verify(problem, candidate, owed, held))

    def _register(self, page: list[Row]) -> list[Row]:
        """Store the problems and name the candidates after the ids they have there."""
        problems = register_problems(self._store, [problem for problem, _ in page], [None] * len(page))
        return [
            (problem, replace(candidate, problem_id=problem.id))
            for problem, (_, candidate) in zip(problems, page, strict=True)
        ]


def import_traces(settings: Settings, path: Path, *, run_name: str, skip_bad: bool, quiet: bool) -> RunReport:
    """Import traces.

    Args:
        settings: `curator.toml` with the command's flags laid over it.
        path: A file, a folder or a hub name, as typed.
        run_name: The run that they belong to.
        skip_bad: Go on without faulty rows.
        quiet: Show no progress.

    Raises:
        CuratorError: The file has faulty rows (nothing is stored), or the store fails (what came before is stored).
    """
    options = ReadOptions(fields=settings.problems.fields, id_prefix=settings.problems.id_prefix, skip_bad=skip_bad)
    run = import_run(run_name)
    source, chosen = open_source(path, settings.problems.choice)
    summary = scan_traces(source, options)
    refuse_empty(source, summary)
    progress = Progress(verb="read", wanted=summary.rows - summary.skipped_rows)
    rules = settings.rules()
    notes = [*chosen]
    judge = set_up_judge(settings, teacher_options(settings, notes, quiet=quiet))
    with Store.open(settings.store) as store:

        async def work(panel: Panel, writer: Writer) -> None:
            await Importer(run, rules, store, panel, writer).run(traces(source, options, run.id), progress)

        judge_until_done(store, rules, settings.verifiers, progress, work, judge=judge, quiet=quiet)
        told = [*notes, *reader_notes(summary, several_per_problem=True)]
        return run_report(store, run, settings.store, progress, told, settings.price)
