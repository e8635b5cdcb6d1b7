"""`curator verify` as a library call: stored candidates judged again, and the decisions that flip.

Only what is owed is judged: verdicts that are missing, of another version, about other settings, gold or tests, or
that ended in an error. Golds are corrected first. A run's policy is replaced last, when every verdict is stored: a
verify that was killed leaves no candidate undecided for it, and the same command goes on with what is owed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from curator.config import Settings
from curator.errors import UsageError, did_you_mean
from curator.flips import VerifyReport
from curator.given import given_problems
from curator.golds import Corrections, correct_golds
from curator.judge.setup import set_up_judge
from curator.panel import Panel
from curator.progress import Progress
from curator.runs import select_runs, stored_rules
from curator.sampling.run import teacher_options
from curator.session import judge_until_done
from curator.store import queries
from curator.store.client import Store
from curator.store.tables import RunPolicy, problem_from_row
from curator.stored import Held, load_candidates, pages, stored_verdicts
from curator.verify_plan import VerifyPlan, verify_plan
from curator.writer import Writer
from schemas.candidate import Candidate
from schemas.flip import Flip
from schemas.policy import Decision, Said
from schemas.problem import Problem
from schemas.verdict import NOT_JUDGED, Verdict
from verifiers.registry import VERIFIERS

PAGE = 8192
"""Candidates whose verdicts are looked up at a time: a look costs the same for few as for many."""
TEXTS = 256
"""Candidates that are read and judged at a time."""


class Standing(NamedTuple):
    """What the store says of one candidate."""

    id: str
    problem_id: str
    held: Mapping[str, Held]
    """By verifier."""
    reviewed: bool
    flip: Mapping[str, Any] | None
    """Its newest flip."""


class Recheck:
    """Judges the candidates of the plan's runs again."""

    def __init__(
        self, plan: VerifyPlan, store: Store, panel: Panel, writer: Writer, progress: Progress, report: VerifyReport
    ) -> None:
        self._plan = plan
        self._store = store
        self._panel = panel
        self._writer = writer
        self._progress = progress
        self._report = report

    async def run(self) -> None:
        """Go through every run; return when all verdicts and flips are handed to the writer."""
        for run in self._plan.new:
            place: object = -1
            while page := await asyncio.to_thread(self._store.rows, queries.CANDIDATE_PAGE, [run, place, PAGE]):
                place = page[-1]["place"]
                for part in pages(await asyncio.to_thread(_standings, self._store, page), TEXTS):
                    await self._part(run, part)

    async def _part(self, run: str, part: Sequence[Standing]) -> None:
        found = await asyncio.to_thread(_problems, self._store, part)
        wanted = {name: self._panel.wanted(problem, self._plan.verifiers(problem)) for name, problem in found.items()}
        owed = {
            one.id: self._panel.owed(found[one.problem_id], one.held, wanted[one.problem_id], retry=True)
            for one in part
        }
        texts = await asyncio.to_thread(load_candidates, self._store, [name for name in owed if owed[name]])
        async with asyncio.TaskGroup() as tasks:
            for one in part:
                problem = found[one.problem_id]
                self._report.candidates += 1
                self._report.held += len({*wanted[one.problem_id]} & one.held.keys() - {*owed[one.id]})
                if owed[one.id]:
                    await self._writer.room()
                    tasks.create_task(self._again(run, problem, one, texts[one.id], owed[one.id]))
                else:
                    self._progress.stored += 1
                    self._keep(*self._flips(run, problem, one, []))

    async def _again(
        self, run: str, problem: Problem, one: Standing, candidate: Candidate, verifiers: Sequence[str]
    ) -> None:
        verdicts = await self._panel.verdicts(problem, candidate, verifiers, one.held)
        self._progress.sampled += 1
        self._report.new.update(verdict.verifier for verdict in verdicts)
        # The flip goes first: if only it is committed before a kill, the verdicts are owed and the flip is known.
        self._keep(*self._flips(run, problem, one, verdicts), *verdicts)

    def _keep(self, *records: Flip | Verdict) -> None:
        if not self._report.dry_run:
            self._writer.put(*records)

    def _flips(self, run: str, problem: Problem, one: Standing, verdicts: Sequence[Verdict]) -> list[Flip]:
        """Compare the decision with the one before; a person's decision stays, and a first one is no flip."""
        if one.reviewed or (not verdicts and self._plan.settled(run, problem)):
            return []
        said: Mapping[str, Said] = {**one.held, **{verdict.verifier: verdict for verdict in verdicts}}
        after = self._plan.after(run, problem, said)
        self._progress.add_decision(after)
        if not one.held:
            self._report.first += after.reason != NOT_JUDGED
            return []
        before = self._plan.before(run, problem, one.held)
        if (before.decision, before.reason) == (after.decision, after.reason) or _told(one, before, after):
            return []
        flip = Flip(
            candidate_id=one.id,
            problem_id=problem.id,
            run_id=run,
            old_decision=before.decision,
            old_reason=before.reason,
            decision=after.decision,
            reason=after.reason,
            decided_by=after.decided_by,
            created_at=datetime.now(UTC),
        )
        self._report.add(flip)
        return [flip]


def verify_stored(
    settings: Settings,
    *,
    runs: Sequence[str],
    verifiers: Sequence[str],
    skip_bad: bool,
    quiet: bool,
    dry_run: bool = False,
) -> VerifyReport:
    """Judge again whatever the settings and the current golds make owed.

    Args:
        settings: `curator.toml` with the command's flags laid over it; its problems, if any, correct stored golds.
        runs: Names of the runs; none are all.
        verifiers: Names of the verifiers that may judge; none are those of the policy.
        skip_bad: Go on without faulty rows of the file of problems.
        quiet: Show no progress.
        dry_run: Store no verdict, decision or policy, and correct no gold; only say what would flip.

    Raises:
        CuratorError: Nothing could be judged, or no more; what came before is stored.
    """
    _refuse_unknown(verifiers)
    with Store.open(settings.store, create=False) as store:
        report = VerifyReport(settings.store, select_runs(store, runs), datetime.now(UTC), dry_run=dry_run)
        judge = set_up_judge(settings, teacher_options(settings, report.notes, quiet=quiet))
        corrections = _corrections(settings, store, report, skip_bad=skip_bad)
        rules = settings.rules()
        plan = verify_plan(rules, stored_rules(store, report.runs), corrections.former, verifiers)
        report.notes += plan.notes()
        (count,) = store.rows(queries.CANDIDATE_COUNT, [report.runs])
        progress = Progress(verb="judged again", wanted=int(str(count["candidates"])))

        async def work(panel: Panel, writer: Writer) -> None:
            await Recheck(plan, store, panel, writer, progress, report).run()

        judge_until_done(store, rules, settings.verifiers, progress, work, judge=judge, quiet=quiet)
        if not dry_run:
            store.write([RunPolicy(run, rule) for run in plan.changed for rule in rules])
        report.elapsed_s, report.judge = progress.elapsed_s, progress.judge
    return report


def _corrections(settings: Settings, store: Store, report: VerifyReport, *, skip_bad: bool) -> Corrections:
    """Correct the golds by the file of problems, if there is one."""
    path = settings.problems.path
    if path is None:
        return Corrections()
    if report.dry_run:
        report.notes.append(f"dry run: golds are judged as they are stored, not as {path} has them")
        return Corrections()
    given = given_problems(settings.problems, path, skip_bad=skip_bad)
    corrections = correct_golds(store, given.stream)
    report.notes += [*given.chosen, *given.notes, *corrections.notes(path)]
    return corrections


def _refuse_unknown(verifiers: Sequence[str]) -> None:
    for name in verifiers:
        if name not in VERIFIERS:
            text = f"there is no verifier {name!r}{did_you_mean(name, VERIFIERS)}"
            raise UsageError(text, hint=f"verifiers: {', '.join(VERIFIERS)}")


def _standings(store: Store, page: Sequence[Mapping[str, Any]]) -> list[Standing]:
    """Look up what the store says of a page of candidates."""
    ids = [row["id"] for row in page]
    held = stored_verdicts(store, ids)
    reviewed = {row["candidate_id"] for row in store.rows(queries.REVIEWED, [ids])}
    flips = {row["candidate_id"]: row for row in store.rows(queries.LATEST_FLIPS, [ids])}
    return [
        Standing(row["id"], row["problem_id"], held[row["id"]], row["id"] in reviewed, flips.get(row["id"]))
        for row in page
    ]


def _problems(store: Store, part: Sequence[Standing]) -> dict[str, Problem]:
    rows = store.rows(queries.PROBLEMS_BY_ID, [sorted({one.problem_id for one in part})])
    return {problem.id: problem for problem in map(problem_from_row, rows)}


def _told(one: Standing, before: Decision, after: Decision) -> bool:
    """Whether a verify that did not come to its end has stored this flip already."""
    if one.flip is None or one.flip["created_at"] <= max(held.created_at for held in one.held.values()):
        return False
    told = (one.flip["old_decision"], one.flip["old_reason"], one.flip["decision"], one.flip["reason"])
    return told == (before.decision, before.reason, after.decision, after.reason)
