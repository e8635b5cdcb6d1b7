"""Owed candidates → completions → verdicts, all of it bounded, resumable and safe to kill.

Owed work is what is wanted less what is stored, by candidate id. One task looks problems up ahead of need; one loop
chooses what is asked for next, as soon as a place is free; each candidate is a task until it is handed to the writer
and to the judging, which sampling never waits for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from curator.panel import Panel
from curator.progress import Progress
from curator.sampling.asking import Asker
from curator.sampling.best_first import BestFirst
from curator.sampling.budget import Budget
from curator.sampling.courses import Courses
from curator.sampling.in_order import InOrder
from curator.sampling.judging import Judging, Spawn
from curator.sampling.lookup import Lookup
from curator.sampling.plan import Course, Owed, Plan
from curator.sampling.room import Place, Room
from curator.sampling.supply import Supply
from curator.store import queries
from curator.store.client import Store
from curator.store.tables import RunPolicy
from curator.stored import refuse_other_settings
from curator.teacher.base import Teacher
from curator.writer import Writer
from schemas.policy import Decision
from schemas.problem import Problem
from schemas.sampling_plan import SamplingPlan
from verifiers.settings import VerifierSettings

PAGE = 64
"""Fewest problems that are looked up at a time; and as many as fill the slots, but no more than `LONGEST_PAGE`."""
LONGEST_PAGE = 512


class Sampler:
    """Brings one run to what its plan wants of each problem.

    Args:
        plan: The run.
        teacher: Limits by itself how many requests are in flight.
        store: Says what is there already.
        panel: Judges.
        writer: Takes the records.
        progress: Counts.
        settings: By what streams are cut.
    """

    def __init__(
        self,
        plan: Plan,
        teacher: Teacher,
        store: Store,
        panel: Panel,
        writer: Writer,
        progress: Progress,
        settings: VerifierSettings,
    ) -> None:
        self._plan = plan
        self._store = store
        self._panel = panel
        self._writer = writer
        self._progress = progress
        self._asker = Asker(plan, teacher, writer, progress)
        self._lookup = Lookup(plan, store, panel, settings)
        self._courses = Courses(plan, writer, progress)
        self._at_once = plan.stop.max_n if plan.stop.cut_siblings else plan.stop.until or plan.stop.max_n
        self._supply = Supply(-(-plan.concurrency // self._at_once) + 1)
        self._room = Room(plan.concurrency)
        self._budget: Budget | None = None
        self._order: InOrder | BestFirst
        self._asked: dict[int, set[asyncio.Task[None]]] = {}
        """Requests under way, by course; kept only where those of a solved problem are to be dropped."""

    async def run(self, problems: Iterable[Problem]) -> None:
        """Sample and judge whatever is owed; return when all of it is handed to the writer.

        Raises:
            CuratorError: The teacher refuses every request, cannot be reached any more, or the store fails.
        """
        await asyncio.to_thread(self._begin)
        self._order = self._make_order()
        async with asyncio.TaskGroup() as tasks:
            judging = Judging(self._panel, self._store, self._writer, tasks.create_task, self._settled)
            ahead = tasks.create_task(self._look_ahead(iter(problems), judging))
            await self._ask_all(judging, tasks.create_task)
            ahead.cancel()
        if self._asker.fatal is not None:
            raise self._asker.fatal
        self._courses.leave_open()

    def _begin(self) -> None:
        """Store the run and its plan; learn what of the budget is spent."""
        plan, stop = self._plan, self._plan.stop
        refuse_other_settings(self._store, plan.run)
        written = SamplingPlan(
            plan.run.id, stop.max_n, stop.until, stop.give_up_below, stop.enough_above, plan.budget_tokens,
            datetime.now(UTC),
        )  # fmt: skip
        self._store.write([plan.run, written, *(RunPolicy(plan.run.id, rule) for rule in plan.rules)])
        if plan.budget_tokens is not None:
            (row,) = self._store.rows(queries.TOKENS_OF_RUN, [plan.run.id])
            spent, received = int(str(row["tokens"])), int(str(row["candidates"]))
            self._progress.spent_before = spent
            self._budget = Budget(plan.budget_tokens, plan.sampling.max_tokens, spent, received)

    async def _look_ahead(self, problems: Iterator[Problem], judging: Judging) -> None:
        """Look problems up a page at a time, whenever few of those that were wait to be asked about."""
        size = min(max(PAGE, self._plan.concurrency // self._at_once), LONGEST_PAGE)
        while page := await asyncio.to_thread(lambda: list(islice(problems, size))):
            await self._panel.announce(page)  # before they cost any token
            found = await asyncio.to_thread(self._lookup.page, page)
            self._progress.stored += found.stored
            self._progress.elsewhere += found.elsewhere
            self._progress.problems_elsewhere += found.problems_elsewhere
            for opened in found.opened:
                self._courses.begin(opened.course)
            self._supply.add([opened for opened in found.opened if not opened.course.ended])
            for waiting in found.unjudged:
                judging.put_stored(waiting)
            await self._supply.short()
        self._supply.finish()

    async def _ask_all(self, judging: Judging, spawn: Spawn) -> None:
        """Ask for one candidate after the other, as places come free."""
        while True:
            await self._writer.room()
            place = await self._room.enter()
            owed = await self._order.next()
            if owed is None or self._asker.fatal is not None:
                return
            task = spawn(self._one(owed, place, judging))
            if self._plan.stop.cut_siblings:
                self._remember(owed.of.course, task)

    async def _one(self, owed: Owed, place: Place, judging: Judging) -> None:
        """Ask for one candidate; hand it to the writer, and to those who judge."""
        course = owed.of.course
        self._progress.in_flight += 1
        candidate = None
        try:
            candidate = await self._asker.ask(owed, lambda: self._retry(place))
        finally:
            self._progress.in_flight -= 1
            place.leave()
            if self._budget is not None:
                self._budget.settle(owed.began, candidate.completion_tokens if candidate else None)
            if candidate is None:
                self._courses.lose(course)
                self._order.follow(course, owed.of.problem)
                self._supply.wake()
        if candidate is not None:
            self._writer.put(candidate)
            self._progress.add_candidate(candidate)
            self._courses.received(course, candidate)
            judging.put(course, owed.of.problem, candidate)
            self._supply.wake()

    def _retry(self, place: Place) -> None:
        self._progress.retries += 1
        place.step_aside()

    def _settled(self, course: Course, problem: Problem, decision: Decision) -> None:
        """Go on with a problem about which something is known now."""
        self._courses.settle(course, decision)
        if course.ended:
            for task in self._asked.pop(id(course), ()):
                task.cancel()
        self._order.follow(course, problem)
        self._supply.wake()

    def _remember(self, course: Course, task: asyncio.Task[None]) -> None:
        self._asked.setdefault(id(course), set()).add(task)

    def _make_order(self) -> InOrder | BestFirst:
        parts = (self._courses, self._supply, self._lookup)
        if self._budget is None:
            return InOrder(self._plan.stop, *parts)
        return BestFirst(self._plan, *parts, self._budget)
