"""Verdicts without trusting what is judged: killable worker processes behind one async call.

What is covered: endless loops, exploding memory, native crashes and deep recursion of a verifier become `error`
verdicts, and the event loop waits on pipes only. Not covered: see `verifiers.worker`, it is no sandbox.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Reason, Verdict
from verifiers.process import WorkerFailedError, WorkerProcess
from verifiers.run import failure, verdict_of
from verifiers.settings import VerifierSettings, WorkerLimits


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
        self._free = asyncio.Semaphore(size)
        self._closed = False
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
        for _ in range(self._size):
            await self._free.acquire()  # whoever is still waiting for a verdict learns that there will be none
        for worker in list(self._alive):
            await self._retire(worker)

    async def verify(self, problem: Problem, candidate: Candidate, verifiers: Sequence[str]) -> list[Verdict]:
        """Return exactly one verdict per name, in order; a verifier that breaks its worker yields an `error`.

        Raises:
            RuntimeError: the pool was closed meanwhile.
        """
        verdicts: list[Verdict] = []
        async with self._free:
            while len(verdicts) < len(verifiers):
                rest = verifiers[len(verdicts) :]
                started = time.perf_counter()
                try:
                    await self._work(problem, candidate, rest, verdicts)
                except WorkerFailedError as err:
                    if self._closed:
                        raise RuntimeError("the worker pool was closed") from err
                    if len(verdicts) == len(verifiers):  # it failed after its last verdict
                        break
                    judgement, elapsed = failure(err.reason, err.detail), (time.perf_counter() - started) * 1000
                    name = verifiers[len(verdicts)]
                    verdicts.append(verdict_of(name, problem, candidate, self._settings, judgement, elapsed))
        return verdicts

    async def _work(
        self, problem: Problem, candidate: Candidate, names: Sequence[str], verdicts: list[Verdict]
    ) -> None:
        """Let one worker judge until it is done or spent; a worker that fails or is interrupted is killed."""
        worker = self._idle.pop() if self._idle else await self._start()
        try:
            try:
                await worker.judge(problem, candidate, names, self._wall_s)
            finally:
                told = worker.verdicts(candidate)
                verdicts += told
            if len(told) < len(names) and not worker.spent:
                raise WorkerFailedError(Reason.VERIFIER_CRASH, "the worker's reply cannot be read")
        except BaseException:
            await self._retire(worker)
            raise
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
                raise RuntimeError("the worker pool was closed")
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
