"""A sandbox from outside: start it, hand it programs one after another, end it with all that runs in it.

What is covered: a sandbox that its program breaks is replaced, and everything in it dies with it, also when this
process is killed. Not covered: the processes of one program share their memory limit only by being looked at often.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from types import TracebackType
from typing import IO, Literal, Self

from verifiers.program import bubblewrap, plain
from verifiers.program.running import BrokenSandboxError, Limits, Running, VanishedError

Mode = Literal["main", "serve", "examine"]

_START_S = 30.0
_CLOSE_S = 3.0
"""Wall seconds for a sandbox to end by itself."""
_COMPLAINT_BYTES = 16 << 10
_PROCESSES, _PROCESSES_SHARED = 32, 1_024
"""Most processes of a program; the second where Linux, before 5.14, counts those of the whole machine's user."""


class Sandbox:
    """One bubblewrap with a harness in it, started when first needed; it serves one program after another."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._errors: IO[bytes]
        self._control: socket.socket

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, mode: Mode, source: str, limits: Limits, stdin: bytes = b"") -> Running:
        """Start a program; a script reads `stdin`, the other modes of `harness` talk through a socket.

        Raises:
            BrokenSandboxError: no sandbox can be started, or this one is gone.
        """
        self.start()
        self._await_ready()
        job = {
            "mode": mode,
            "source": source,
            "cpu_s": limits.cpu_s,
            "idle_s": limits.idle_s,
            "memory_mb": limits.memory_mb,
            "processes": _processes(),
        }
        ours, theirs = _streams(None if mode != "main" else stdin)
        try:
            socket.send_fds(self._control, [b"j"], theirs)
            self._control.sendall(plain.frame(job))
        except OSError as err:
            for file in ours:
                os.close(file)
            raise VanishedError("the sandbox was gone before the program began") from err
        finally:
            for file in theirs:
                os.close(file)
        return Running(self._control, ours, limits, self.close)

    def start(self) -> None:
        """Start it, unless it runs; `run` waits until it is ready."""
        if self._process is not None:
            return
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the sandbox
        try:
            self._process, self._control = bubblewrap.start(self._errors)
        except (OSError, subprocess.SubprocessError) as err:
            self._errors.close()
            raise BrokenSandboxError(f"bubblewrap cannot be started: {err}") from err
        self._ready = False
        self._control.settimeout(_START_S)

    def _await_ready(self) -> None:
        try:
            self._ready = self._ready or plain.receive(self._control) is not None
        except OSError:
            self._ready = False
        if not self._ready:
            self._end()
            self._errors.seek(0)
            said = self._errors.read(_COMPLAINT_BYTES).decode("utf-8", "replace").strip()
            self.close()
            raise BrokenSandboxError(said.rpartition("\n")[2] or "the sandbox did not start")

    def _end(self) -> None:
        """Let the harness end all: a bubblewrap that is killed leaves its child behind as a zombie."""
        assert self._process is not None
        self._control.close()
        try:
            self._process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End all that runs in it; the next program gets another sandbox."""
        if self._process is not None:
            self._end()
            self._process = None
            self._errors.close()


def _streams(stdin: bytes | None) -> tuple[list[int], list[int]]:
    """Open a program's standard streams: our ends (what it says, its errors) and its three."""
    errors, write_errors = os.pipe()
    if stdin is None:
        ours, theirs = socket.socketpair()
        return [ours.detach(), errors], [theirs.detach(), os.open(os.devnull, os.O_WRONLY), write_errors]
    output, write_output = os.pipe()
    for end in (write_output, write_errors):
        if os.geteuid() == 0:
            os.chown(end, bubblewrap.NOBODY, bubblewrap.NOBODY)  # so that /dev/stdout can be opened
    given = os.memfd_create("stdin", os.MFD_CLOEXEC)
    with open(given, "wb", closefd=False) as file:
        file.write(stdin)
    os.lseek(given, 0, os.SEEK_SET)
    return [output, errors], [given, write_output, write_errors]


def _processes() -> int:
    major, minor = (int("".join(filter(str.isdigit, part)) or 0) for part in os.uname().release.split(".")[:2])
    return _PROCESSES if (major, minor) >= (5, 14) else _PROCESSES_SHARED
