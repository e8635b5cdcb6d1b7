"""What the store already holds of a page of problems, so that nothing is asked, stored or judged twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from curator.cuts import watch_for
from curator.panel import Panel
from curator.sampling.judging import Waiting
from curator.sampling.plan import Course, Opened, Plan
from curator.sampling.stopping import Tally
from curator.store import queries
from curator.store.client import Store
from curator.store.tables import problem_from_row
from curator.stored import Held, owners, register_problems, stored_verdicts
from schemas.candidate import sampled_ids
from schemas.identity import content_hash
from schemas.policy import Decision
from schemas.problem import Problem
from verifiers.settings import VerifierSettings

REVIEWED: Mapping[str, Decision] = {
    "accept": Decision("accepted", "ok", "review"),
    "reject": Decision("rejected", "review", "review"),
}
"""What a person's word decides."""


@dataclass(slots=True)
class Page:
    """Some problems, as the store has them."""

    opened: list[Opened] = field(default_factory=list)
    """Those that this process samples, in order."""
    unjudged: list[Waiting] = field(default_factory=list)
    """Stored candidates that lack verdicts: the run was killed, or gold or settings changed."""
    stored: int = 0
    """Wanted candidates that are stored."""
    elsewhere: int = 0
    """Wanted candidates that another process is asking for."""
    problems_elsewhere: int = 0
    """Problems whose candidates are all left to another process."""


class _Named(NamedTuple):
    """A problem, and what its candidates are called."""

    opened: Opened
    ids: list[str]


class Lookup:
    """Looks problems up, for one run; its methods block, so they belong into a thread."""

    def __init__(self, plan: Plan, store: Store, panel: Panel, settings: VerifierSettings) -> None:
        self._plan = plan
        self._store = store
        self._panel = panel
        self._settings = settings

    def page(self, problems: Sequence[Problem]) -> Page:
        """Store the problems, read how far they are, and reserve what is to be asked for.

        Args:
            problems: As they were read; they go on under the ids that their candidates have.
        """
        page = Page()
        named = self._register(problems)
        state = stored_verdicts(self._store, [name for one in named for name in one.ids])
        page.stored = len(state)
        reviews = self._reviews(list(state)) if self._adaptive else {}
        for one in named:
            self._count(one, state, reviews, page)
        if self._plan.budget_tokens is not None:
            self._weigh([one.opened.course for one in named])
        if state:
            self._read_stops([one.opened.course for one in named])
        self._claim(named, page)
        return page

    def open(self, problem: Problem, course: Course) -> Opened:
        """Put a problem's text to its course."""
        plan = self._plan
        messages = plan.templates.messages(problem, few_shot=plan.few_shot)
        id_of = sampled_ids(plan.run.id, messages, plan.run.model, plan.sampling)
        watch = watch_for(problem, self._settings, plan.rules) if plan.cut else None
        return Opened(course, problem, messages, id_of, watch)

    def reopen(self, courses: Sequence[Course]) -> list[Opened]:
        """Read the texts of problems back, in order."""
        rows = self._store.rows(queries.PROBLEMS_BY_ID, [[course.problem_id for course in courses]])
        problems = {problem.id: problem for problem in map(problem_from_row, rows)}
        return [self.open(problems[course.problem_id], course) for course in courses]

    @property
    def _adaptive(self) -> bool:
        return self._plan.stop.until is not None

    def _register(self, problems: Sequence[Problem]) -> list[_Named]:
        """Store the problems and name their candidates; a problem keeps the id that its candidates have."""
        indices = range(self._plan.stop.max_n)
        opened = [self.open(problem, Course(problem.id, [])) for problem in problems]
        names = [[one.id_of(index) for index in indices] for one in opened]
        held = owners(self._store, [name for ids in names for name in ids])
        first = [next((held[name] for name in ids if name in held), None) for ids in names]
        found = register_problems(self._store, problems, first)
        for one, problem in zip(opened, found, strict=True):
            one.course.problem_id = problem.id
        return [
            _Named(one._replace(problem=problem), ids) for one, problem, ids in zip(opened, found, names, strict=True)
        ]

    def _count(
        self,
        one: _Named,
        state: Mapping[str, Mapping[str, Held]],
        reviews: Mapping[str, Decision],
        page: Page,
    ) -> None:
        """Count what is stored of a problem, and note which of it lacks verdicts."""
        course, problem = one.opened.course, one.opened.problem
        wanted = self._panel.wanted(problem) if any(name in state for name in one.ids) else {}
        course.free = [index for index, name in enumerate(one.ids) if name not in state][::-1]
        tally = Tally()
        for name in one.ids:
            if name not in state:
                continue
            if self._panel.owed(problem, state[name], wanted):
                page.unjudged.append(Waiting(name, course))
                course.in_flight += 1
            else:
                tally = tally.plus(reviews.get(name) or self._panel.decision(problem, state[name]))
        course.tally = tally

    def _reviews(self, ids: list[str]) -> dict[str, Decision]:
        rows = self._store.rows(queries.REVIEWED, [ids])
        return {str(row["candidate_id"]): REVIEWED[str(row["outcome"])] for row in rows}

    def _read_stops(self, courses: Sequence[Course]) -> None:
        by_id = {course.problem_id: course for course in courses}
        for row in self._store.rows(queries.STOPS_OF, [self._plan.run.id, list(by_id)]):
            until = row["until"]
            by_id[str(row["problem_id"])].stopped = str(row["reason"]), int(str(until)) if until is not None else None

    def _weigh(self, courses: Sequence[Course]) -> None:
        """Read how many tokens the stored candidates of problems took."""
        by_id = {course.problem_id: course for course in courses}
        for row in self._store.rows(queries.TOKENS_OF_PROBLEMS, [self._plan.run.id, list(by_id)]):
            course = by_id[str(row["problem_id"])]
            course.received, course.tokens = int(str(row["candidates"])), int(str(row["tokens"]))

    def _claim(self, named: Sequence[_Named], page: Page) -> None:
        """Reserve what no other process is asking for; what one of them has just stored is not owed any more.

        With `until` a problem is one process's as a whole, for as long as that runs.
        """
        if self._adaptive:
            mine = {one.opened.course.problem_id: self._mark(one.opened.course) for one in named}
            granted = self._store.claim(list(mine.values()))
            page.opened = [one.opened for one in named if mine[one.opened.course.problem_id] in granted]
            page.problems_elsewhere = len(named) - len(page.opened)
            kept = {id(one.course) for one in page.opened}
            page.unjudged = [one for one in page.unjudged if id(one.course) in kept]
            return
        missing = [one.ids[index] for one in named for index in one.opened.course.free]
        claimed = self._store.claim(missing) if missing else set()
        since = stored_verdicts(self._store, list(claimed)) if claimed else {}
        page.stored += len(since)
        page.elsewhere = len(missing) - len(claimed)
        ours = claimed - since.keys()
        for one in named:
            course = one.opened.course
            course.free = [index for index in course.free if one.ids[index] in ours]
        page.opened = [one.opened for one in named]

    def _mark(self, course: Course) -> str:
        """Name the reservation of a whole problem."""
        return content_hash(["problem", self._plan.run.id, course.problem_id])
