"""The order with a budget: one candidate of every problem, then those that promise most accepted traces per token.

Tokens are what is scarce here, not time: a problem's next candidate waits for the verdict on the one before, and all of
the second round for verifiers that are far behind. Every problem stays in memory as a course (see `Course`, and about
100 bytes for its place among the others); the texts of those whose turn comes soon are read from the store.
"""

from __future__ import annotations

import asyncio
import heapq
from itertools import count
from typing import NamedTuple

from curator.sampling.budget import Budget
from curator.sampling.courses import Courses
from curator.sampling.lookup import Lookup
from curator.sampling.plan import Course, Opened, Owed, Plan
from curator.sampling.supply import Supply
from schemas.problem import Problem

READ_AT_ONCE = 16
"""Problems whose texts are read at a time, the most promising ones."""


class _Rank(NamedTuple):
    """A problem's place: the smallest goes first."""

    worth: float
    """Its value, negated."""
    order: int
    stamp: int
    course: Course


class BestFirst:
    """Chooses what is asked for next.

    Args:
        plan: The run.
        courses: Which problems may want more.
        supply: New problems, in the order of the file.
        lookup: Reads texts.
        budget: What may be spent.
    """

    def __init__(self, plan: Plan, courses: Courses, supply: Supply, lookup: Lookup, budget: Budget) -> None:
        self._rule = plan.stop
        self._slots = plan.concurrency
        self._courses = courses
        self._supply = supply
        self._lookup = lookup
        self._budget = budget
        self._heap: list[_Rank] = []
        self._order = count()
        self._texts: dict[str, Opened] = {}
        """By problem, those that were read last."""

    async def next(self) -> Owed | None:
        """Return the next candidate to ask for, when there is one and it fits; None when that will not be any more."""
        while True:
            opened = self._first_of_new() or await self._best()
            if opened is not None and self._budget.has_room(opened.course):
                return self._courses.take(opened, self._budget.reserve())
            if self._courses.pending or (opened is None and not self._supply.complete):
                await self._supply.change()
            elif opened is None or not self._anything_fits():
                return None

    def follow(self, course: Course, _: Problem) -> None:
        """Value a problem anew about which something is known now."""
        self._rank(course)

    def _first_of_new(self) -> Opened | None:
        """Return the next problem of which nothing is stored; the others wait for the second round."""
        while self._supply.opened:
            first = self._supply.opened[0]
            if first.course.wants(self._rule) and not first.course.received + first.course.in_flight:
                return first
            self._rank(first.course)
            self._supply.take()
        return None

    async def _best(self) -> Opened | None:
        """Return the most promising problem, once every one was asked about."""
        if not self._supply.complete or self._courses.pending - self._budget.in_flight > self._slots:
            return None
        while (course := self._top()) is not None:
            if course.problem_id in self._texts:
                return self._texts[course.problem_id]
            await self._read()
        return None

    async def _read(self) -> None:
        best = heapq.nsmallest(READ_AT_ONCE, self._heap)
        opened = await asyncio.to_thread(self._lookup.reopen, [rank.course for rank in best])
        self._texts = {one.course.problem_id: one for one in opened}

    def _top(self) -> Course | None:
        """Return the most promising problem whose verdicts are all there."""
        while self._heap:
            course = self._heap[0].course
            if self._heap[0].stamp == course.stamp and self._is_idle(course):
                return course
            heapq.heappop(self._heap)
        return None

    def _rank(self, course: Course) -> None:
        """Give a problem its place among those that want more."""
        if self._is_idle(course):
            course.stamp += 1
            heapq.heappush(self._heap, _Rank(-self._budget.value(course), next(self._order), course.stamp, course))

    def _is_idle(self, course: Course) -> bool:
        return not course.in_flight and course.wants(self._rule) > 0

    def _anything_fits(self) -> bool:
        """Whether another problem's candidate is short enough for what is left; forget those that are not."""
        if not self._supply.complete or self._supply.opened:
            return False
        old, self._heap = self._heap, []
        for rank in old:
            if rank.stamp == rank.course.stamp and self._budget.has_room(rank.course):
                self._rank(rank.course)
        return bool(self._heap)
