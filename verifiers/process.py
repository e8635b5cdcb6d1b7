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
from dataclasses import dataclass, fields, replace
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
        await self._send((settings, self._limits))
        if not await self._is_done(self._limits.start_s):
            raise _late(self._limits.start_s)

    async def judge(
        self, problem: Problem, candidate: Candidate, names: Sequence[str], wall_s: Callable[[str], float]
    ) -> None:
        """Have verdicts made, to be read then. A late one is noticed within twice its wall seconds.

        No verifier reads more of `meta` than the recipe of its scorer.
        """
        self.asked += 1
        os.ftruncate(self._replies, os.lseek(self._replies, 0, os.SEEK_SET))
        if problem.meta:
            recipe = {META: problem.meta.get(META)} if problem.verifier == "procedural" else {}
            problem = replace(problem, meta=recipe)
        await self._send((_PROBLEM(problem), _CANDIDATE(candidate), tuple(names)))
        made = 0
        while not await self._is_done(seconds := wall_s(names[made])):
            before, made = made, min(len(self._lines()), len(names) - 1)
            if made == before:
                raise _late(seconds)

    def verdicts(self, candidate: Candidate) -> list[Verdict]:
        """Return what it has said of a candidate so far, up to what cannot be read."""
        told: list[Verdict] = []
        for reply in _replies(self._lines()):
            if reply.verdict.candidate_id != candidate.id:
                break
            told.append(reply.verdict)
            self.spent |= reply.spent
        return told

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

    async def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))
            await self._process.stdin.drain()
        except ConnectionError as err:
            raise await self._death() from err

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
        if code == -signal.SIGXCPU:
            return WorkerFailedError(Reason.VERIFIER_TIMEOUT, f"no verdict after {self._limits.cpu_s:g} s of CPU time")
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
