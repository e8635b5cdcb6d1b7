"""What became of each problem: counts candidates on their courses, and records why a course ended."""

from __future__ import annotations

from datetime import UTC, datetime

from curator.progress import Progress
from curator.sampling.plan import Course, Opened, Owed, Plan
from curator.sampling.stopping import stop_reason
from curator.writer import Writer
from schemas.candidate import Candidate
from schemas.policy import Decision
from schemas.sampling_plan import Stop, StopReason


class Courses:
    """Keeps the books of the problems that are open.

    Args:
        plan: The run.
        writer: Takes the reasons for which problems were stopped.
        progress: Counts the problems.
    """

    def __init__(self, plan: Plan, writer: Writer, progress: Progress) -> None:
        self._plan = plan
        self._writer = writer
        self._progress = progress
        self._told = plan.stop.until is not None or plan.budget_tokens is not None
        self.open = 0
        """Problems that may want further candidates, now or after a verdict."""
        self.pending = 0
        """Candidates that are asked for, or wait for their verdicts."""
        self._kept: list[Course] = []

    def begin(self, course: Course) -> None:
        """Take a problem up."""
        self.open += 1
        self.pending += course.in_flight
        if self._plan.budget_tokens is not None:
            self._kept.append(course)
        self._look(course)
        self._progress.ended_before += course.ended

    def take(self, opened: Opened, began: float = 0.0) -> Owed:
        """Take the next candidate of a problem to ask for; `began` is when a budget reserved its tokens."""
        course = opened.course
        index = course.free.pop()
        course.in_flight += 1
        self.pending += 1
        return Owed(opened.id_of(index), opened, index, began)

    def received(self, course: Course, candidate: Candidate) -> None:
        """Count a candidate that came."""
        course.received += 1
        course.tokens += candidate.completion_tokens or 0

    def settle(self, course: Course, decision: Decision) -> None:
        """Count what became of a candidate."""
        self._land(course)
        course.tally = course.tally.plus(decision)
        self._look(course)

    def lose(self, course: Course) -> None:
        """Count a request that failed for good: this command asks no more about the problem, if it has a choice."""
        self._land(course)
        course.given_up = self._plan.stop.until is not None
        self._look(course)

    def leave_open(self) -> None:
        """Record of every problem that wants more that the budget is spent."""
        for course in self._kept:
            if not course.ended:
                self._end(course, "budget")

    def _land(self, course: Course) -> None:
        course.in_flight -= 1
        self.pending -= 1

    def _look(self, course: Course) -> None:
        """End a course that wants no more, or can have no more."""
        if course.ended:
            return
        if (reason := stop_reason(self._plan.stop, course.tally)) is not None:
            self._end(course, reason)
        elif not course.in_flight and not course.wants(self._plan.stop):
            course.ended = True
            self.open -= 1

    def _end(self, course: Course, reason: StopReason) -> None:
        """Record why no more is asked about a problem, unless the store knows."""
        course.ended = True
        self.open -= 1
        self._progress.ended[reason] += 1
        until = self._plan.stop.until
        if (self._told or course.stopped is not None) and course.stopped != (reason, until):
            self._writer.put(Stop(self._plan.run.id, course.problem_id, reason, until, datetime.now(UTC)))
