"""Owed candidates → completions → verdicts, all of it bounded, resumable and safe to kill.

Owed work is what is wanted less what is stored, by candidate id. The whole scheduler is two semaphores: one slot per
request in flight, and a backlog that holds sampling back when judging falls behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from curator.errors import CuratorError
from curator.panel import Panel
from curator.progress import Progress
from curator.prompts import Templates
from curator.store.client import Store
from curator.store.tables import RunPolicy
from curator.stored import (
    Held,
    load_candidates,
    owners,
    pages,
    refuse_other_settings,
    register_problems,
    stored_verdicts,
)
from curator.teacher.base import FATAL, Completion, Request, Teacher, TeacherError
from curator.teacher.retry import RetryPolicy, complete_with_retries
from curator.writer import Writer
from schemas.candidate import Attempt, Candidate, Message, Run, SamplingParameters, sampled_id, seed_of
from schemas.policy import PolicyRule
from schemas.problem import Problem
from schemas.tokens import estimate_tokens

PAGE = 64
"""Problems looked up in the store at a time."""
BACKLOG = 256
"""Completions that may wait for a verdict before sampling waits for judging."""
FATAL_AFTER = 8
"""Candidates lost in a row, to an unreachable teacher or before any came, until the run ends in order."""


Spawn = Callable[[Coroutine[None, None, None]], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """One run as configured."""

    run: Run
    sampling: SamplingParameters
    templates: Templates
    few_shot: bool
    n: int
    concurrency: int
    retry: RetryPolicy
    rules: Sequence[PolicyRule]


class Owed(NamedTuple):
    """One candidate to ask for."""

    id: str
    problem: Problem
    sample_index: int
    messages: list[Message]


class Sampler:
    """Brings one run to its wanted number of candidates per problem."""

    def __init__(
        self, plan: Plan, teacher: Teacher, store: Store, panel: Panel, writer: Writer, progress: Progress
    ) -> None:
        self._plan = plan
        self._teacher = teacher
        self._store = store
        self._panel = panel
        self._writer = writer
        self._progress = progress
        self._slots = asyncio.Semaphore(plan.concurrency)
        self._backlog = asyncio.Semaphore(plan.concurrency + BACKLOG)
        self._lost_in_a_row = 0
        self._fatal: CuratorError | None = None
        """Why nothing new is asked for; what is under way still comes to its end, verdicts included."""

    async def run(self, problems: Iterable[Problem]) -> None:
        """Sample and judge whatever is owed; return when all of it is handed to the writer.

        Raises:
            CuratorError: The teacher refuses every request, cannot be reached any more, or the store fails.
        """
        plan = self._plan
        await asyncio.to_thread(refuse_other_settings, self._store, plan.run)
        await asyncio.to_thread(self._store.write, [plan.run, *(RunPolicy(plan.run.id, rule) for rule in plan.rules)])
        async with asyncio.TaskGroup() as tasks:
            for page in pages(problems, PAGE):
                await self._page(page, tasks.create_task)
                if self._fatal is not None:
                    break
        if self._fatal is not None:
            raise self._fatal

    async def _page(self, page: list[Problem], spawn: Spawn) -> None:
        """Look one page of problems up, then start what it owes as slots come free."""
        wanted = await asyncio.to_thread(self._register, page)
        state = await asyncio.to_thread(stored_verdicts, self._store, [owed.id for owed in wanted])
        self._progress.stored += len(state)
        await self._judge_owed([owed for owed in wanted if owed.id in state], state, spawn)
        for owed in await asyncio.to_thread(self._claim, [owed for owed in wanted if owed.id not in state]):
            await self._writer.room()
            await self._backlog.acquire()
            await self._slots.acquire()
            if self._fatal is not None:
                return
            spawn(self._one(owed))

    def _register(self, page: list[Problem]) -> list[Owed]:
        """Store the problems and list their wanted candidates; a problem keeps the id that its candidates have."""
        wanted = [list(self._wanted(problem)) for problem in page]
        held = owners(self._store, [owed.id for samples in wanted for owed in samples])
        first = [next((held[owed.id] for owed in samples if owed.id in held), None) for samples in wanted]
        problems = register_problems(self._store, page, first)
        return [
            owed._replace(problem=problem)
            for problem, samples in zip(problems, wanted, strict=True)
            for owed in samples
        ]

    async def _judge_owed(self, stored: list[Owed], state: Mapping[str, Mapping[str, Held]], spawn: Spawn) -> None:
        """Start the verdicts that stored candidates lack: the run was killed, or gold or settings changed."""
        verifiers = {owed.id: self._panel.owed(owed.problem, state[owed.id]) for owed in stored}
        candidates = await asyncio.to_thread(
            load_candidates, self._store, [name for name in verifiers if verifiers[name]]
        )
        for owed in stored:
            if owed.id in candidates:
                await self._backlog.acquire()
                held = state[owed.id]
                spawn(self._judge_stored(owed.problem, candidates[owed.id], verifiers[owed.id], held))

    def _claim(self, missing: list[Owed]) -> list[Owed]:
        """Reserve what no other process is asking for; what one of them has just stored is not owed any more."""
        if not missing:
            return []
        claimed = self._store.claim([owed.id for owed in missing])
        stored = stored_verdicts(self._store, list(claimed))
        self._progress.stored += len(stored)
        self._progress.elsewhere += len(missing) - len(claimed)
        return [owed for owed in missing if owed.id in claimed and owed.id not in stored]

    async def _one(self, owed: Owed) -> None:
        """Ask for one candidate, store it, judge it."""
        try:
            try:
                self._progress.in_flight += 1
                candidate = await self._complete(owed)
            finally:
                self._progress.in_flight -= 1
                self._slots.release()
            if candidate is not None:
                self._writer.put(candidate)
                self._progress.add_candidate(candidate)
                await self._panel.verify(owed.problem, candidate, self._panel.owed(owed.problem, {}), {})
        finally:
            self._backlog.release()

    async def _complete(self, owed: Owed) -> Candidate | None:
        """Ask with retries; a request that failed for good is recorded as an attempt, and None returned."""
        request = Request(owed.messages, self._plan.sampling, seed_of(owed.id))
        try:
            completion, _ = await complete_with_retries(self._teacher, request, self._plan.retry, self._count_retry)
        except TeacherError as err:
            self._fail(owed, err)
            return None
        self._lost_in_a_row = 0
        return self._candidate(owed, request, completion)

    def _fail(self, owed: Owed, err: TeacherError) -> None:
        run, now = self._plan.run.id, datetime.now(UTC)
        self._writer.put(
            Attempt(owed.id, run, owed.problem.id, owed.sample_index, err.reason, err.tries, err.message, now)
        )
        self._progress.failed += 1
        self._progress.failures[err.reason] += 1
        self._progress.last_failure = f"{err.message} ({err.hint})" if err.hint else err.message
        self._lost_in_a_row += 1
        if err.reason in FATAL:
            self._fatal = self._fatal or CuratorError(err.message, hint=err.hint)
        hopeless = err.reason == "unreachable" or not (self._progress.sampled or self._progress.stored)
        if hopeless and self._lost_in_a_row >= FATAL_AFTER:
            hint = err.hint or "mend the teacher, then run the same command: it goes on where this one stopped"
            self._fatal = self._fatal or CuratorError(
                f"{self._lost_in_a_row} requests in a row failed, the last: {err.message}", hint=hint
            )

    def _candidate(self, owed: Owed, request: Request, completion: Completion) -> Candidate:
        tokens = completion.completion_tokens
        text = (completion.reasoning or "") + completion.content
        return Candidate(
            id=owed.id,
            run_id=self._plan.run.id,
            problem_id=owed.problem.id,
            sample_index=owed.sample_index,
            reasoning=completion.reasoning,
            content=completion.content,
            reasoning_field=completion.reasoning_field,
            finish_reason=completion.finish_reason,
            model=self._teacher.model,
            abort_reason=completion.abort_reason,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=estimate_tokens(text) if tokens is None else tokens,
            tokens_estimated=tokens is None,
            endpoint=completion.endpoint,
            seed=request.seed,
            elapsed_s=completion.elapsed_s,
            ttft_s=completion.ttft_s,
            created_at=datetime.now(UTC),
        )

    async def _judge_stored(
        self, problem: Problem, candidate: Candidate, verifiers: Sequence[str], held: Mapping[str, Held]
    ) -> None:
        try:
            await self._panel.verify(problem, candidate, verifiers, held)
        finally:
            self._backlog.release()

    def _wanted(self, problem: Problem) -> Iterator[Owed]:
        plan = self._plan
        messages = plan.templates.messages(problem, few_shot=plan.few_shot)
        for index in range(plan.n):
            name = sampled_id(plan.run.id, messages, plan.run.model, plan.sampling, index)
            yield Owed(name, problem, index, messages)

    def _count_retry(self) -> None:
        self._progress.retries += 1
