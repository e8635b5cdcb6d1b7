"""Verdicts without trusting what is judged: killable worker processes behind one async call.

What is covered: endless loops, exploding memory, native crashes and deep recursion of a verifier become `error`
verdicts, and the event loop waits on pipes only. Candidates that wait together go to a worker together, some at a time;
one that breaks it costs its own verdict, and the others are judged by the next. A pool belongs to one event loop, in
whatever thread; each thread has its own. Not covered: see `verifiers.worker`, it is no sandbox.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Reason, Verdict
from verifiers.process import Request, WorkerFailedError, WorkerProcess
from verifiers.run import failure, verdict_of
from verifiers.settings import VerifierSettings, WorkerLimits

TOGETHER = 32
"""Most verdicts that a worker is asked for at once: enough to make waking it cheap, few enough to share work evenly."""
TOGETHER_BYTES = 1 << 18
"""Of their candidates, together; a longer one goes alone."""
_CLOSED = "the worker pool was closed"


@dataclass(slots=True, eq=False)
class _Job:
    """A request, and who waits for its verdicts."""

    request: Request
    done: asyncio.Future[list[Verdict]]
    alone_in: WorkerProcess | None = None
    """The worker that judges it and nothing else, while it does."""

    @property
    def weight(self) -> int:
        """Its bytes; a program goes alone, for it may take minutes."""
        return len(self.request.records) + ("code" in self.request.names) * TOGETHER_BYTES


class WorkerPool:
    """Up to `size` worker processes, started when first needed, killed when the context ends.

    Example:
        async with WorkerPool(2) as pool:
            verdicts = await pool.verify(problem, candidate, ["format", "math", "length"])
    """

    def __init__(
        self,
        size: int,
        settings: VerifierSettings = VerifierSettings(),  # noqa: B008  frozen
        limits: WorkerLimits = WorkerLimits(),  # noqa: B008  frozen
    ) -> None:
        self._settings = settings
        self._limits = limits
        self._size = size
        self._closed = False
        self._waiting: deque[_Job] = deque()
        self._serving: set[asyncio.Task[None]] = set()
        self._idle: list[WorkerProcess] = []
        self._alive: set[WorkerProcess] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for worker in self._alive:
            worker.stop()
        await asyncio.gather(*self._serving, return_exceptions=True)  # callers learn that there will be no verdict
        for worker in list(self._alive):
            await self._retire(worker)

    async def verify(self, problem: Problem, candidate: Candidate, verifiers: Sequence[str]) -> list[Verdict]:
        """Return exactly one verdict per name, in order; a verifier that breaks its worker yields an `error`.

        Raises:
            RuntimeError: the pool was closed meanwhile.
        """
        if self._closed:
            raise RuntimeError(_CLOSED)
        if not verifiers:
            return []
        job = _Job(Request.of(problem, candidate, verifiers), asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        if len(self._serving) < self._size:
            self._serving.add(asyncio.create_task(self._serve()))
        try:
            return await job.done
        finally:
            if job.alone_in and job.done.cancelled():
                job.alone_in.stop()

    async def _serve(self) -> None:
        """Have a worker judge what waits, until nobody waits."""
        jobs: list[_Job] = []
        try:
            while jobs := self._take():
                await self._judge(jobs)
                self._answer(jobs)
        except BaseException as err:
            for job in (*jobs, *self._waiting):
                if not job.done.done():
                    job.done.set_exception(err)
            raise
        finally:  # at once: a callback would come too late for a caller who asks again right away
            self._serving -= {asyncio.current_task()}

    def _answer(self, jobs: Sequence[_Job]) -> None:
        """Tell the callers their verdicts; whoever is owed some goes first again."""
        for job in reversed(jobs):
            if job.request.owed:
                self._waiting.appendleft(job)
            elif not job.done.done():
                job.done.set_result(job.request.verdicts)

    def _take(self) -> list[_Job]:
        """Take what goes to a worker together: its share of all that waits."""
        share, verdicts, weight = -(-len(self._waiting) // self._size), 0, 0
        jobs: list[_Job] = []
        while self._waiting and len(jobs) < share:
            job = self._waiting[0]
            verdicts += len(job.request.owed)
            weight += job.weight
            if jobs and (verdicts > TOGETHER or weight > TOGETHER_BYTES):
                break
            self._waiting.popleft()
            if not job.done.done():  # else its caller has gone
                jobs.append(job)
        return jobs

    async def _judge(self, jobs: Sequence[_Job]) -> None:
        """Bring every job further by a verdict at least, or the first of those unfinished by an `error`."""
        requests = [job.request for job in jobs]
        began, told = time.perf_counter(), _told_ms(requests)
        try:
            await self._work(jobs)
        except WorkerFailedError as err:
            if self._closed:
                raise RuntimeError(_CLOSED) from err
            blamed = next((request for request in requests if request.owed), None)
            if blamed is None:  # it failed after its last verdict
                return
            elapsed_ms = (time.perf_counter() - began) * 1000 - (_told_ms(requests) - told)
            judgement, name = failure(err.reason, err.detail), blamed.owed[0]
            blamed.verdicts.append(
                verdict_of(name, blamed.problem, blamed.candidate, self._settings, judgement, elapsed_ms)
            )

    async def _work(self, jobs: Sequence[_Job]) -> None:
        """Let one worker judge until it is done or spent; a worker that fails or is interrupted is killed."""
        worker = self._idle.pop() if self._idle else await self._start()
        jobs = [job for job in jobs if not job.done.done()]
        try:
            if len(jobs) == 1:
                jobs[0].alone_in = worker
            if jobs:
                await worker.judge([job.request for job in jobs], self._wall_s)
        except BaseException:
            await self._retire(worker)
            raise
        finally:
            for job in jobs:
                job.alone_in = None
        if worker.spent or worker.asked >= self._limits.recycle_after:
            await self._retire(worker)
        else:
            self._idle.append(worker)

    def _wall_s(self, name: str) -> float:
        """Return the wall seconds for a verdict; those of all tests come on top for a program."""
        return self._limits.wall_s + (self._settings.code.wall_s if name == "code" else 0)

    async def _start(self) -> WorkerProcess:
        try:
            worker = await WorkerProcess.start(self._limits)
        except OSError as err:
            raise WorkerFailedError(
                Reason.VERIFIER_CRASH, f"no worker process could be started: {err.strerror}"
            ) from err
        self._alive.add(worker)
        try:
            if self._closed:
                raise WorkerFailedError(Reason.VERIFIER_CRASH, _CLOSED)
            await worker.greet(self._settings)
        except BaseException:
            await self._retire(worker)
            raise
        return worker

    async def _retire(self, worker: WorkerProcess) -> None:
        self._alive.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        await worker.kill()


def _told_ms(requests: Sequence[Request]) -> float:
    return sum(verdict.elapsed_ms for request in requests for verdict in request.verdicts)
