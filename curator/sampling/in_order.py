"""The order without a budget: that of the file; a problem that turns out to want more goes before new ones."""

from __future__ import annotations

from collections import deque

from curator.sampling.courses import Courses
from curator.sampling.lookup import Lookup
from curator.sampling.plan import Course, Opened, Owed
from curator.sampling.stopping import StopRule
from curator.sampling.supply import Supply
from schemas.problem import Problem


class InOrder:
    """Chooses what is asked for next.

    Args:
        rule: How many candidates a problem wants.
        courses: Which problems may want more.
        supply: New problems.
        lookup: Puts problems to their courses.
    """

    def __init__(self, rule: StopRule, courses: Courses, supply: Supply, lookup: Lookup) -> None:
        self._rule = rule
        self._courses = courses
        self._supply = supply
        self._lookup = lookup
        self._again: deque[Opened] = deque()

    async def next(self) -> Owed | None:
        """Return the next candidate to ask for, when there is one; None when no problem wants any more."""
        while True:
            while self._again:
                if self._again[0].course.wants(self._rule):
                    return self._courses.take(self._again[0])
                self._again.popleft()
            while self._supply.opened:
                if self._supply.opened[0].course.wants(self._rule):
                    return self._courses.take(self._supply.opened[0])
                self._supply.take()
            if self._supply.complete and not self._courses.open:
                return None
            await self._supply.change()

    def follow(self, course: Course, problem: Problem) -> None:
        """Take up a problem again about which something is known now."""
        if self._rule.until is not None and course.wants(self._rule):
            self._again.append(self._lookup.open(problem, course))
