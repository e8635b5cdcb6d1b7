"""The local engine's process as the pipeline sees it: start it, ask it, notice its end."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.wording import inline_field

_LONGEST_LINE = 64 * 2**20
"""Bytes of one reply; no model's context comes near."""
_KEPT_LINES = 5
"""Lines of standard error to keep for the message when the engine ends."""
_QUIET = {"TQDM_DISABLE": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
_SHARING = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that spin while they wait take the cores that verification needs: measured on 2 busy cores, a step took 5 s
instead of 0.3 s."""


class EngineProcess:
    """One running engine; make it with `start`."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ids = itertools.count()
        self._errors: deque[str] = deque(maxlen=_KEPT_LINES)
        self._reading_errors = asyncio.create_task(self._read_errors())
        self._reading_replies: asyncio.Task[None] | None = None
        self.ended = False
        """Whether the process is gone, so that nothing can be asked any more."""

    @classmethod
    async def start(cls, path: Path, max_batch: int) -> EngineProcess:
        """Start the process and wait until it has loaded the model at `path`.

        Raises:
            TeacherError: the model cannot be loaded (`refused`), or the process died over it (`unreachable`).
        """
        engine = cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "curator.teacher.local.engine"),
                *(str(path), "--max-batch", str(max_batch)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=_LONGEST_LINE,
                env=_SHARING | os.environ | _QUIET,
                start_new_session=True,  # Ctrl-C is the pipeline's to handle; the engine ends with it
            )
        )
        try:
            await engine._wait_until_ready()
        except BaseException:
            await engine.close()
            raise
        return engine

    async def ask(self, request: Request) -> Completion:
        """Ask for one completion; cancelling frees its place in the batch.

        Raises:
            TeacherError: the engine is gone (`unreachable`), or the model cannot take the request (`refused`).
        """
        if self.ended:
            raise self._death()
        number = next(self._ids)
        reply = self._pending[number] = asyncio.get_running_loop().create_future()
        self._send(
            {
                "id": number,
                "messages": list(request.messages),
                "sampling": asdict(request.sampling),
                "seed": request.seed,
            }
        )
        try:
            return _completion(await reply)
        except asyncio.CancelledError:
            self._send({"cancel": number})
            raise
        finally:
            self._pending.pop(number, None)

    async def close(self) -> None:
        """Kill the process and wait for its end."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._reading_errors
        if self._reading_replies is not None:
            await self._reading_replies

    async def _wait_until_ready(self) -> None:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            await self._process.wait()
            await self._reading_errors
            raise self._death()
        greeting = json.loads(line)
        if "fatal" in greeting:
            raise TeacherError(greeting["fatal"], reason="refused", hint=greeting["hint"])
        self._reading_replies = asyncio.create_task(self._read_replies())

    async def _read_replies(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            reply = json.loads(line)
            waiting = self._pending.get(reply["id"])
            if waiting is not None and not waiting.done():
                waiting.set_result(reply)
        await self._process.wait()
        await self._reading_errors
        self.ended = True
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_exception(self._death())

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            text = line.decode("utf-8", "replace").strip()
            if text:
                self._errors.append(text)

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    def _death(self) -> TeacherError:
        code = self._process.returncode
        how = f"exit code {code}"
        if code is not None and code < 0:
            how = signal.Signals(-code).name + (", perhaps for lack of memory" if -code == signal.SIGKILL else "")
        said = f": {self._errors[-1]}" if self._errors else ""
        return TeacherError(
            f"the local engine ended ({how}){said}",
            reason="unreachable",
            hint="see what `curator doctor` says of the teacher 'local'; a smaller model needs less memory",
        )


def _completion(reply: dict[str, Any]) -> Completion:
    if "refused" in reply:
        raise TeacherError(reply["refused"], reason="refused")
    return Completion(
        reasoning=None,
        content=reply["content"],
        reasoning_field=inline_field(reply["content"]),
        finish_reason=reply["finish_reason"],
        prompt_tokens=reply["prompt_tokens"],
        completion_tokens=reply["completion_tokens"],
        elapsed_s=reply["elapsed_s"],
        ttft_s=reply["ttft_s"],
        endpoint=None,
    )
