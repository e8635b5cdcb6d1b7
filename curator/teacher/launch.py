"""A server program that we start, watch, and end: it never outlives the command that started it.

It runs under `keeper`, in a session of its own, so that Ctrl-C at the terminal reaches us alone and what is in flight
can come to its end first.

Not covered: what the program hands to others (a container daemon, a batch system, a Ray cluster) ends as these see fit.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path

from curator.errors import CuratorError, UsageError
from curator.escape import one_line
from curator.teacher import keeper

GRACE_S = 20.0
"""From SIGTERM to SIGKILL; a large model on several GPUs needs some time to let go of them."""
STUCK_S = 10.0
"""Longest wait after SIGKILL, which a process inside a stuck driver call does not obey."""
LOG_LINES = 15
LOG_WIDTH = 300
_LOG_BYTES = 64 * 1024
_PLACEHOLDER = re.compile(r"\{(\w+)\}")  # JSON among the arguments has a quote after its brace
_QUIET = {"NO_COLOR": "1"}


def fill(command: str, values: Mapping[str, str], setting: str) -> list[str]:
    """Split a command as a shell does, then put `values` in the place of `{name}`; no shell ever sees it.

    Raises:
        UsageError: The command cannot be split, is empty, lacks one `{port}`, or has a placeholder that is unknown.
    """
    known = ", ".join(f"{{{name}}}" for name in values)
    try:
        words = shlex.split(command)
    except ValueError as err:
        raise UsageError(f"{setting} {command!r} cannot be split into words: {err}", hint="mend its quotes") from err
    found = {name for word in words for name in _PLACEHOLDER.findall(word)}
    if unknown := sorted(found - set(values)):
        raise UsageError(f"{setting} has an unknown placeholder {{{unknown[0]}}}", hint=f"these are known: {known}")
    if "port" not in found:
        raise UsageError(f"{setting} {command!r} has no {{port}}", hint="a free port is chosen: write --port {port}")
    return [_PLACEHOLDER.sub(lambda match: values[match[1]], word) for word in words]


def free_port() -> int:
    """Find a TCP port on loopback where nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ServerProcess:
    """One running server program; make it with `start`."""

    def __init__(self, process: Process, pid: int, log: Path) -> None:
        self._keeper = process
        self.pid = pid
        """Of the program, which leads a process group of the same number."""
        self.log = log
        self.ended: asyncio.Task[str] = asyncio.create_task(self._watch())
        """Done once the program is gone; says how it ended."""

    @classmethod
    async def start(cls, command: Sequence[str], log: Path, grace_s: float = GRACE_S) -> ServerProcess:
        """Start the program; what it prints goes to the end of `log`, and `grace_s` after SIGTERM it is killed.

        Raises:
            CuratorError: The operating system cannot start it.
        """
        with log.open("ab") as said:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", keeper.__file__, str(grace_s), *command),
                stdin=PIPE,
                stdout=PIPE,
                stderr=said,
                env=_QUIET | os.environ,
                start_new_session=True,
            )
        assert process.stdout is not None
        try:
            greeting = json.loads(await process.stdout.readline() or '{"fault": "its keeper was killed"}')
            if "fault" in greeting:
                raise CuratorError(f"cannot start {command[0]!r}: {greeting['fault']}")
        except BaseException:
            await process.communicate(b"")  # whatever it is, closes standard input
            raise
        return cls(process, greeting["pid"], log)

    async def stop(self) -> None:
        """End the program, by force where it does not obey, and wait until it is gone."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        await asyncio.wait({self.ended}, timeout=GRACE_S + STUCK_S)

    def last_words(self) -> str:
        """Return the last lines of the log, made fit for a terminal, and where it is."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _LOG_BYTES))
            lines = file.read().decode("utf-8", "replace").split("\n")
        told = [one_line(line.rstrip(), LOG_WIDTH) for line in lines if line.strip()][-LOG_LINES:]
        return "\n".join([f"the end of its log {self.log}:", *(f"  {line}" for line in told)])

    async def _watch(self) -> str:
        assert self._keeper.stdout is not None
        line = await self._keeper.stdout.readline()
        await self._keeper.wait()
        return _how(json.loads(line)["status"]) if line else "its keeper was killed"


def new_log(name: str) -> Path:
    """Make an empty log file in the folder for temporary files, for this user's eyes only."""
    descriptor, path = tempfile.mkstemp(prefix=f"curator-{name}-", suffix=".log")
    os.close(descriptor)
    return Path(path)


def _how(status: int) -> str:
    if status >= 0:
        return f"exit code {status}"
    return signal.Signals(-status).name + (", perhaps for lack of memory" if status == -signal.SIGKILL else "")
