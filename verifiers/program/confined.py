"""A sandbox from outside: start it, hand it programs one after another, end it with all that runs in it.

What is covered: a sandbox that its program breaks is replaced, and everything in it dies with it, also when this
process is killed. Those of rung 1 stay, and serve whoever asks next in this process; they end with it.
Not covered: the processes of one program share their memory limit only by being looked at often.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Literal

from verifiers.program import bubblewrap, unwrapped, wire
from verifiers.program.running import BrokenSandboxError, Limits, Running
from verifiers.program.started import Started, in_memory

Mode = Literal["main", "serve", "examine"]
WARM, FRESH, UNWRAPPED, UNSAFE = 1, 2, 3, 4
"""The rungs; see `ladder`."""

_START_S = 60.0
_STOP_S = 5.0
"""Wall seconds for a program to be ended, or a sandbox to end by itself."""
_COMPLAINT_BYTES = 16 << 10
_PROCESSES, _PROCESSES_SHARED = 32, 1_024
"""Most processes of a program; the second where those of the whole machine's user are counted with them."""
_idle: list[Sandbox] = []
"""Those of rung 1 that nobody uses."""


@contextmanager
def sandbox(rung: int) -> Iterator[Sandbox]:
    """Lend a sandbox: on rung 1 one that stays, else a new one."""
    lent = _warm() if rung == WARM else Sandbox(rung)
    try:
        yield lent
    except BaseException:
        lent.close()
        raise
    if rung == WARM:
        _idle.append(lent)
    else:
        lent.close()


def _warm() -> Sandbox:
    while _idle:
        lent = _idle.pop()
        if lent.alive:
            return lent
        lent.close()
    return Sandbox(WARM)


def close_idle() -> None:
    """End the sandboxes that stay."""
    while _idle:
        _idle.pop().close()


atexit.register(close_idle)


class Sandbox:
    """One harness, started when first needed; it serves one program after another."""

    def __init__(self, rung: int) -> None:
        self._rung = rung
        self._started: Started | None = None
        self._ready = False
        self._errors: IO[bytes]

    def run(self, mode: Mode, source: str, limits: Limits, stdin: bytes = b"") -> Running:
        """Start a program; a script reads `stdin`, the other modes of `harness` talk through a socket.

        Raises:
            BrokenSandboxError: no sandbox can be started, or this one is gone.
        """
        control = self.start()
        self._await_ready(control)
        assert self._started is not None
        job = {
            "mode": mode,
            "cpu_s": limits.cpu_s,
            "idle_s": limits.idle_s,
            "memory_mb": limits.memory_mb,
            "processes": _processes(self._rung),
        }
        ours, theirs = _streams(None if mode != "main" else stdin, self._started.user)
        theirs = [in_memory("source", source.encode("utf-8", "surrogatepass")), *theirs]
        try:
            socket.send_fds(control, [wire.JOB], theirs)
            control.sendall(wire.message(job))
        except OSError as err:
            for file in ours:
                os.close(file)
            self.close()
            raise BrokenSandboxError("the sandbox was gone before the program began") from err
        finally:
            for file in theirs:
                os.close(file)
        return Running(control, ours, limits, self._stop)

    @property
    def alive(self) -> bool:
        """Whether it has been started, and has not ended."""
        return self._started is not None and self._started.process.poll() is None

    def start(self) -> socket.socket:
        """Start it, unless it runs, and return the way to it; `run` waits until it is ready."""
        if self._started is None:
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed with the sandbox
            try:
                self._started = _start(self._rung, self._errors)
            except (OSError, subprocess.SubprocessError) as err:
                self._errors.close()
                raise BrokenSandboxError(f"it cannot be started: {err}") from err
            self._ready = False
            self._started.control.settimeout(_START_S)
        return self._started.control

    def _await_ready(self, control: socket.socket) -> None:
        if self._ready:
            return
        assert self._started is not None
        try:
            control.sendall(wire.message(self._started.rules))
            self._ready = wire.receive_line(control) == wire.READY
        except OSError:
            self._ready = False
        if not self._ready:
            self._end(self._started)
            self._errors.seek(0)
            said = self._errors.read(_COMPLAINT_BYTES).decode("utf-8", "replace").strip()
            self.close()
            raise BrokenSandboxError(said.rpartition("\n")[2] or "the sandbox did not start")

    def _stop(self) -> dict[str, Any] | None:
        """End the program at work, and return how it did; None when only the end of all helped."""
        if self._started is None:
            return None
        control, ended = self._started.control, None
        try:
            control.settimeout(_STOP_S)
            control.sendall(wire.STOP)
            ended = wire.read_ended(wire.receive_line(control))
            control.settimeout(_START_S)
        except (OSError, ValueError):
            ended = None
        if ended is None:
            self.close()
        return ended

    def _end(self, started: Started) -> None:
        """Let the harness end all: a bubblewrap that is killed leaves its child behind as a zombie."""
        started.control.close()
        try:
            started.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            started.process.kill()
            started.process.wait()
        if started.folder and started.folder.exists():  # it did not end by itself
            remove = ["rm", "-rf", "--", str(started.folder)]
            subprocess.run(remove, check=False, capture_output=True)

    def close(self) -> None:
        """End all that runs in it; the next program gets another sandbox."""
        if self._started is not None:
            self._end(self._started)
            self._started = None
            self._errors.close()


def _start(rung: int, errors: IO[bytes]) -> Started:
    if rung in (WARM, FRESH):
        return bubblewrap.start(errors, warm=rung == WARM)
    return unwrapped.start(errors, confined=rung == UNWRAPPED)


def _streams(stdin: bytes | None, user: int | None) -> tuple[list[int], list[int]]:
    """Open a program's standard streams: our ends (what it says, its errors) and its three."""
    errors, write_errors = os.pipe()
    if stdin is None:
        ours, theirs = socket.socketpair()
        return [ours.detach(), errors], [theirs.detach(), os.open(os.devnull, os.O_WRONLY), write_errors]
    output, write_output = os.pipe()
    for file in (write_output, write_errors):
        if user is not None:
            os.chown(file, user, user)  # so that /dev/stdout can be opened
    return [output, errors], [in_memory("stdin", stdin), write_output, write_errors]


def _processes(rung: int) -> int:
    """Return how many processes a program may have: ours are not counted where it has a user of its own."""
    if rung == UNSAFE and os.geteuid() != 0:
        return _PROCESSES_SHARED
    major, minor = (int("".join(filter(str.isdigit, part)) or 0) for part in os.uname().release.split(".")[:2])
    return _PROCESSES if rung > FRESH or (major, minor) >= (5, 14) else _PROCESSES_SHARED
