"""Asks for one candidate, and knows when asking has become pointless."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from curator.errors import CuratorError
from curator.progress import Progress
from curator.sampling.plan import Owed, Plan
from curator.teacher.base import FATAL, Completion, Request, Teacher, TeacherError
from curator.teacher.counting import count_tokens
from curator.teacher.retry import complete_with_retries
from curator.writer import Writer
from schemas.candidate import Attempt, Candidate, seed_of

FATAL_AFTER = 8
"""Candidates lost in a row, to an unreachable teacher or before any came, until the run ends in order."""


class Asker:
    """Asks a teacher for candidates of one run.

    Args:
        plan: The run.
        teacher: Waits for a free slot of its own before each try.
        writer: Takes the attempts.
        progress: Counts retries and failures.
    """

    def __init__(self, plan: Plan, teacher: Teacher, writer: Writer, progress: Progress) -> None:
        self._plan = plan
        self._teacher = teacher
        self._writer = writer
        self._progress = progress
        self._lost_in_a_row = 0
        self.fatal: CuratorError | None = None
        """Why nothing new is asked for; what is under way still comes to its end, verdicts included."""

    async def ask(self, owed: Owed, on_retry: Callable[[], None]) -> Candidate | None:
        """Ask with retries; a request that failed for good is recorded as an attempt, and None returned.

        `on_retry` is called before each wait for another try.
        """
        request = Request(owed.of.messages, self._plan.sampling, seed_of(owed.id), owed.of.watch)
        try:
            completion, _ = await complete_with_retries(self._teacher, request, self._plan.retry, on_retry)
        except TeacherError as err:
            self._fail(owed, err)
            return None
        self._lost_in_a_row = 0
        return self._candidate(owed, request, completion)

    def _fail(self, owed: Owed, err: TeacherError) -> None:
        run, problem, now = self._plan.run.id, owed.of.course.problem_id, datetime.now(UTC)
        self._writer.put(Attempt(owed.id, run, problem, owed.sample_index, err.reason, err.tries, err.message, now))
        self._progress.failed += 1
        self._progress.failures[err.reason] += 1
        self._progress.last_failure = f"{err.message} ({err.hint})" if err.hint else err.message
        self._lost_in_a_row += 1
        if err.reason in FATAL:
            self.fatal = self.fatal or CuratorError(err.message, hint=err.hint)
        hopeless = err.reason == "unreachable" or not (self._progress.sampled or self._progress.stored)
        if hopeless and self._lost_in_a_row >= FATAL_AFTER:
            hint = err.hint or "mend the teacher, then run the same command: it goes on where this one stopped"
            self.fatal = self.fatal or CuratorError(
                f"{self._lost_in_a_row} requests in a row failed, the last: {err.message}", hint=hint
            )

    def _candidate(self, owed: Owed, request: Request, completion: Completion) -> Candidate:
        tokens = count_tokens(request.messages, completion)
        return Candidate(
            id=owed.id,
            run_id=self._plan.run.id,
            problem_id=owed.of.course.problem_id,
            sample_index=owed.sample_index,
            reasoning=completion.reasoning,
            content=completion.content,
            reasoning_field=completion.reasoning_field,
            finish_reason=completion.finish_reason,
            model=self._teacher.model,
            abort_reason=completion.abort_reason,
            prompt_tokens=tokens.prompt,
            completion_tokens=tokens.completion,
            tokens_estimated=tokens.completion_estimated,
            prompt_tokens_estimated=tokens.prompt_estimated,
            endpoint=completion.endpoint,
            seed=request.seed,
            elapsed_s=completion.elapsed_s,
            ttft_s=completion.ttft_s,
            created_at=datetime.now(UTC),
        )
