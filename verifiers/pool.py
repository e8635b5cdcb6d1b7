"""Verdicts without trusting what is judged: killable worker processes behind one async call.

What is covered: endless loops, exploding memory, native crashes and deep recursion of a verifier become `error`
verdicts, and the event loop waits on pipes only. Not covered: see `verifiers.worker`, it is no sandbox.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Reason, Verdict
from verifiers.procedural import META
from verifiers.run import failure, verdict_of
from verifiers.settings import VerifierSettings, WorkerLimits
from verifiers.worker import EXIT_MEMORY

_LINE_BYTES = 1 << 20
_HERE = str(Path(__file__).resolve().parents[1])
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
"""What a worker inherits: nothing that could be a secret."""


@dataclass(frozen=True, slots=True)
class _Reply:
    verdict: Verdict
    spent: bool
    """Whether the worker asks to be replaced."""


_REPLY: TypeAdapter[_Reply] = TypeAdapter(_Reply)


class WorkerFailedError(Exception):
    """A worker did not give the verdict it owed."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


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
        self._idle: list[_Worker] = []
        self._alive: set[_Worker] = set()

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
            await worker.ask(problem, candidate, names)
            for name in names:
                reply = await worker.reply(self._wall_s(name))
                verdicts.append(reply.verdict)
                worker.spent |= reply.spent
                if reply.spent:
                    break
        except BaseException:
            await self._retire(worker)
            raise
        worker.spent |= worker.asked >= self._limits.recycle_after
        if worker.spent:
            await self._retire(worker)
        else:
            self._idle.append(worker)

    def _wall_s(self, name: str) -> float:
        """Return the wall seconds for a verdict; those of all tests come on top for a program."""
        return self._limits.wall_s + (self._settings.code.wall_s if name == "code" else 0)

    async def _start(self) -> _Worker:
        try:
            process = await _spawn()
        except OSError as err:
            raise WorkerFailedError(
                Reason.VERIFIER_CRASH, f"no worker process could be started: {err.strerror}"
            ) from err
        worker = _Worker(process, self._limits)
        self._alive.add(worker)
        try:
            if self._closed:
                raise RuntimeError("the worker pool was closed")
            await worker.greet(self._settings)
        except BaseException:
            await self._retire(worker)
            raise
        return worker

    async def _retire(self, worker: _Worker) -> None:
        self._alive.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        await worker.kill()


class _Worker:
    """One child process and the conversation with it."""

    def __init__(self, process: Process, limits: WorkerLimits) -> None:
        self._process = process
        self._limits = limits
        self.asked = 0
        self.spent = False

    async def greet(self, settings: VerifierSettings) -> None:
        await self._send({"settings": asdict(settings), "limits": asdict(self._limits)})
        await self._line(self._limits.start_s)

    async def ask(self, problem: Problem, candidate: Candidate, verifiers: Sequence[str]) -> None:
        """Send a request. No verifier reads the candidate's time, nor of `meta` more than the recipe of its scorer."""
        self.asked += 1
        meta = {META: problem.meta.get(META)} if problem.verifier == "procedural" else {}
        problem, candidate = replace(problem, meta=meta), replace(candidate, created_at=None)
        await self._send({"problem": asdict(problem), "candidate": asdict(candidate), "verifiers": list(verifiers)})

    async def reply(self, wall_s: float) -> _Reply:
        try:
            return _REPLY.validate_json(await self._line(wall_s))
        except ValidationError as err:
            raise WorkerFailedError(Reason.VERIFIER_CRASH, "the worker's reply cannot be read") from err

    def stop(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                # Process.kill would poll first, and may so take the exit status that asyncio's watcher waits for
                os.kill(self._process.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """Stop the process and wait until it and its pipes are gone."""
        self.stop()
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.communicate()

    async def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            await self._process.stdin.drain()
        except ConnectionError as err:
            raise await self._death() from err

    async def _line(self, seconds: float) -> bytes:
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), seconds)
        except TimeoutError as err:
            raise WorkerFailedError(Reason.VERIFIER_TIMEOUT, f"no verdict after {seconds:g} s") from err
        except ValueError as err:
            raise WorkerFailedError(Reason.VERIFIER_CRASH, "the worker's reply is too long") from err
        if not line.endswith(b"\n"):
            raise await self._death()
        return line

    async def _death(self) -> WorkerFailedError:
        code = await self._process.wait()
        if code == -signal.SIGXCPU:
            return WorkerFailedError(Reason.VERIFIER_TIMEOUT, f"no verdict after {self._limits.cpu_s:g} s of CPU time")
        if code == EXIT_MEMORY:
            return WorkerFailedError(Reason.VERIFIER_MEMORY, "the candidate does not fit into a worker's memory")
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return WorkerFailedError(Reason.VERIFIER_CRASH, f"the worker process died ({how})")


async def _spawn() -> Process:
    path = os.pathsep.join([_HERE, *filter(None, [os.environ.get("PYTHONPATH")])])
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "verifiers.worker",
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=_LINE_BYTES,
        env={**kept, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
    )
