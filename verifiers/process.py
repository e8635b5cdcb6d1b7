"""One worker process from outside: what it is asked, what it said before it died, and why it died."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Reason, Verdict
from verifiers.procedural import META
from verifiers.settings import VerifierSettings, WorkerLimits
from verifiers.worker import EXIT_MEMORY

_HERE = str(Path(__file__).resolve().parents[1])
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")
"""What a worker inherits: nothing that could be a secret."""


@dataclass(frozen=True, slots=True)
class _Reply:
    verdict: Verdict
    spent: bool
    """Whether the worker asks to be replaced."""


_REPLIES: TypeAdapter[list[_Reply]] = TypeAdapter(list[_Reply])
_PROBLEM, _CANDIDATE = (attrgetter(*(each.name for each in fields(kind))) for kind in (Problem, Candidate))
"""A record's values: records themselves are pickled by slow code."""


@dataclass(slots=True, eq=False)
class Request:
    """What is asked of one candidate, and what was said so far."""

    problem: Problem
    candidate: Candidate
    names: tuple[str, ...]
    records: bytes
    """Problem and candidate, pickled."""
    verdicts: list[Verdict] = field(default_factory=list)

    @classmethod
    def of(cls, problem: Problem, candidate: Candidate, names: Sequence[str]) -> Request:
        """Write a request; no verifier reads more of `meta` than the recipe of its scorer."""
        sent = problem
        if problem.meta:
            recipe = {META: problem.meta.get(META)} if problem.verifier == "procedural" else {}
            sent = replace(problem, meta=recipe)
        records = pickle.dumps((_PROBLEM(sent), _CANDIDATE(candidate)), pickle.HIGHEST_PROTOCOL)
        return cls(problem, candidate, tuple(names), records)

    @property
    def owed(self) -> tuple[str, ...]:
        """The verifiers that have yet to give their verdicts."""
        return self.names[len(self.verdicts) :]


class WorkerFailedError(Exception):
    """A worker did not give the verdict it owed."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class WorkerProcess:
    """One child process and the conversation with it."""

    def __init__(self, process: Process, replies: int, limits: WorkerLimits) -> None:
        self._process = process
        self._replies = replies
        """A file in memory that the worker writes its verdicts to: nobody is woken for them, and they outlive it."""
        self._limits = limits
        self._owed: list[str] = []
        self.asked = 0
        self.spent = False

    @classmethod
    async def start(cls, limits: WorkerLimits) -> WorkerProcess:
        """Start the process; it has yet to be greeted.

        Raises:
            OSError: the system has no room for it.
        """
        replies = os.memfd_create("verdicts")
        try:
            return cls(await _spawn(replies), replies, limits)
        except BaseException:
            os.close(replies)
            raise

    async def greet(self, settings: VerifierSettings) -> None:
        """Hand it settings and limits, and wait until it is up."""
        self._write(pickle.dumps((settings, self._limits), pickle.HIGHEST_PROTOCOL))
        if not await self._is_done(self._limits.start_s):
            raise _late(self._limits.start_s)

    async def judge(self, requests: Sequence[Request], wall_s: Callable[[str], float]) -> None:
        """Have verdicts made and add them to their requests, also those made before a failure.

        All are sent at once, and nobody is woken before all are done: that costs a fraction of one after the other.
        A late verdict is noticed within twice its wall seconds.
        """
        self.asked += len(requests)
        os.ftruncate(self._replies, os.lseek(self._replies, 0, os.SEEK_SET))
        self._owed = [name for request in requests for name in request.owed]
        for request in requests:
            names = (request.owed, request is requests[-1])
            self._write(request.records + pickle.dumps(names, pickle.HIGHEST_PROTOCOL))
        try:
            await self._have_made(wall_s)
        finally:
            self._collect(requests)
        if any(request.owed for request in requests) and not self.spent:
            raise WorkerFailedError(Reason.VERIFIER_CRASH, "the worker's reply cannot be read")

    async def _have_made(self, wall_s: Callable[[str], float]) -> None:
        made = 0
        while not await self._is_done(seconds := wall_s(self._owed[made])):
            before, made = made, self._at_work()
            if made == before:
                raise _late(seconds)

    def _at_work(self) -> int:
        """Return the place, among what is owed, of the verdict that it is making."""
        return min(len(self._lines()), len(self._owed) - 1)

    def _collect(self, requests: Sequence[Request]) -> None:
        """Add what it has said so far to the requests, up to what cannot be read."""
        owed = [(request, name) for request in requests for name in request.owed]
        for (request, name), reply in zip(owed, _replies(self._lines()), strict=False):
            if (reply.verdict.candidate_id, reply.verdict.verifier) != (request.candidate.id, name):
                break
            request.verdicts.append(reply.verdict)
            self.spent |= reply.spent

    def _lines(self) -> list[bytes]:
        return os.pread(self._replies, os.fstat(self._replies).st_size, 0).splitlines()

    def stop(self) -> None:
        """Kill the process; `kill` also waits for its end."""
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
        os.close(self._replies)

    def _write(self, message: bytes) -> None:
        """Hand over a message; that nobody reads it any more is noticed where its reply is awaited."""
        assert self._process.stdin is not None
        self._process.stdin.write(message)

    async def _is_done(self, seconds: float) -> bool:
        """Wait until it has done what it was asked for; tell whether it has."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                await self._process.stdout.readexactly(1)
        except TimeoutError:
            return False
        except asyncio.IncompleteReadError as err:
            raise await self._death() from err
        return True

    async def _death(self) -> WorkerFailedError:
        code = await self._process.wait()
        if code == -signal.SIGPROF:
            seconds = self._limits.cpu_for(self._owed[self._at_work()])
            return WorkerFailedError(Reason.VERIFIER_TIMEOUT, f"no verdict after {seconds:g} s of CPU time")
        if code == EXIT_MEMORY:
            return WorkerFailedError(Reason.VERIFIER_MEMORY, "the candidate does not fit into a worker's memory")
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return WorkerFailedError(Reason.VERIFIER_CRASH, f"the worker process died ({how})")


def _replies(lines: Sequence[bytes]) -> Iterator[_Reply]:
    """Read all at once, or where that fails one by one, up to the first that cannot be read."""
    try:
        yield from _REPLIES.validate_json(b"[%b]" % b",".join(lines))
    except ValidationError:
        for line in lines:
            try:
                yield from _REPLIES.validate_json(b"[%b]" % line)
            except ValidationError:
                return


def _late(seconds: float) -> WorkerFailedError:
    return WorkerFailedError(Reason.VERIFIER_TIMEOUT, f"no verdict after {seconds:g} s")


async def _spawn(replies: int) -> Process:
    path = os.pathsep.join([_HERE, *filter(None, [os.environ.get("PYTHONPATH")])])
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "verifiers.worker",
        str(replies),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        pass_fds=(replies,),
        env={**kept, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
    )
