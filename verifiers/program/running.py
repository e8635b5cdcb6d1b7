"""One program at work in a sandbox: what it says, how long it takes, and what it did wrong.

What is covered: output beyond its limit is never read; CPU time and sleep are counted apart, so that a busy machine is
no fault of a program; one that serves is asked and answered without ever being waited for longer than its time.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from schemas.verdict import Reason
from verifiers.program import plain, wire
from verifiers.program.script import COMPILE_FAILED

_END_S = 5.0
"""Wall seconds for the last words of a program that has ended."""
_ERROR_BYTES = 16 << 10
"""Bytes kept of the end of standard error."""
_PART = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program may use."""

    cpu_s: float
    memory_mb: int
    """MiB of address space of each process, and of resident memory of all together."""
    output_bytes: int
    idle_s: float
    """Seconds that it may sleep."""
    wall_s: float
    """Seconds after which nothing more can be said of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a program failed: a reason that rejects, and words for a person."""

    reason: Reason
    detail: str


class BrokenSandboxError(Exception):
    """A sandbox did not start."""


class VanishedError(BrokenSandboxError):
    """A sandbox died under a program: by its doing, or for lack of memory on the machine."""


class StarvedError(Exception):
    """A program neither finished nor slept: the machine had no time for it."""


class Running:
    """One program at work: read `output` after `end`, or talk by `send` and `receive` with one that serves."""

    def __init__(
        self, control: socket.socket, ours: list[int], limits: Limits, stop: Callable[[], dict[str, Any] | None]
    ) -> None:
        self._stop = stop
        self._limits = limits
        self._deadline = time.monotonic() + limits.wall_s
        self._ended: dict[str, Any] | None = None
        self._over: Fault | None = None
        self._stream, self._stderr = ours
        self._error_bytes = 0
        self.output = bytearray()
        self.errors = b""
        self._open = selectors.DefaultSelector()
        self._open.register(control, selectors.EVENT_READ, self._hear)
        self._open.register(self._stream, selectors.EVENT_READ, self._read_output)
        self._open.register(self._stderr, selectors.EVENT_READ, self._read_errors)
        self._control = control

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ended is None:
            self._ended = self._stop()
        self._open.close()
        os.close(self._stream)
        os.close(self._stderr)

    @property
    def cpu_s(self) -> float:
        """CPU seconds that it took; 0 before its end."""
        if self._ended and self._ended["status"] == -signal.SIGXCPU:
            return max(float(self._ended["cpu_s"]), self._limits.cpu_s)  # the kernel counts in other steps
        return float(self._ended["cpu_s"]) if self._ended else 0.0

    @property
    def memory_mb(self) -> float:
        """MiB that its largest process held, the interpreter's own included; 0 before its end, and when it is lost."""
        return float(self._ended["memory_mb"]) if self._ended else 0.0

    def send(self, message: bytes) -> None:
        """Write a frame to a program that serves; whether it still reads shows in its answer."""
        with socket.socket(fileno=os.dup(self._stream)) as channel:
            channel.settimeout(max(0.1, self._deadline - time.monotonic()))
            try:
                channel.sendall(message)
            except ConnectionError:
                return
            except TimeoutError as err:
                raise StarvedError("it did not take its arguments") from err

    def receive(self) -> bytes | None:
        """Wait for a frame, and return it with its header; None when the program ended instead: ask `end`."""

        def there() -> bool:
            end = plain.framed(self.output)[1]
            if end > self._limits.output_bytes:
                self._stop_for("it returned")
            return bool(self._over) or 0 < end <= len(self.output) or self._ended is not None

        self._wait(there)
        end = plain.framed(self.output)[1]
        if self._over or not 0 < end <= len(self.output):
            return None
        message = bytes(self.output[:end])
        del self.output[:end]
        return message

    def finish(self) -> Fault | None:
        """Tell a program that serves that nothing more is asked, and wait for its end, as `end` does."""
        with socket.socket(fileno=os.dup(self._stream)) as channel:
            channel.shutdown(socket.SHUT_WR)
        return self.end()

    def end(self) -> Fault | None:
        """Wait until the program has ended and all it said is read; return what it did wrong, if anything.

        Raises:
            VanishedError: it took the sandbox with it.
            StarvedError: it had no time to end.
        """
        self._wait(lambda: bool(self._over) or self._ended is not None)
        self._deadline = time.monotonic() + _END_S
        self._wait(lambda: bool(self._over) or not self._open.get_map())
        return self._over or self._judge()

    def _wait(self, done: Callable[[], bool]) -> None:
        while not done():
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise StarvedError("the machine was too busy to let it finish")
            for key, _ in self._open.select(left):
                key.data()

    def _hear(self) -> None:
        try:
            self._ended = wire.read_ended(wire.receive_line(self._control))
        except (OSError, ValueError):
            self._ended = None
        if self._ended is None:
            raise VanishedError("the program brought down its sandbox")
        self._open.unregister(self._control)

    def _read_output(self) -> None:
        part = self._read(self._stream)
        self.output += part
        if len(self.output) > self._limits.output_bytes:
            self._stop_for("it printed")

    def _read_errors(self) -> None:
        part = self._read(self._stderr)
        self.errors = (self.errors + part)[-_ERROR_BYTES:]
        self._error_bytes += len(part)
        if self._error_bytes > self._limits.output_bytes:
            self._stop_for("it complained with")

    def _read(self, file: int) -> bytes:
        try:
            part = os.read(file, _PART)
        except ConnectionError:
            part = b""
        if not part:
            self._open.unregister(file)
        return part

    def _stop_for(self, what: str) -> None:
        self._over = Fault(Reason.OUTPUT_LIMIT, f"{what} more than {self._limits.output_bytes >> 20} MiB")

    def _judge(self) -> Fault | None:
        assert self._ended is not None
        status, fault, limits = int(self._ended["status"]), self._ended["fault"], self._limits
        if fault == "memory":
            return Fault(Reason.MEMORY_LIMIT, f"its processes held more than {limits.memory_mb} MiB")
        if fault == "files":
            return Fault(Reason.MEMORY_LIMIT, "its files held more than a sandbox has room for")
        if fault == "idle":
            return Fault(Reason.TIME_LIMIT, f"it slept for more than {limits.idle_s:g} s")
        if fault == "cpu" or status == -signal.SIGXCPU or self.cpu_s > limits.cpu_s:
            return Fault(Reason.TIME_LIMIT, f"it took more than {limits.cpu_s:g} s of CPU time")
        said = self.errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
        if status == COMPILE_FAILED:
            return Fault(Reason.COMPILE_ERROR, said)
        if status < 0:
            return Fault(Reason.RUNTIME_ERROR, f"it was killed by {_signal(-status)}")
        if status > 0:
            short = said.startswith("MemoryError")
            return Fault(Reason.MEMORY_LIMIT if short else Reason.RUNTIME_ERROR, said or f"exit status {status}")
        return None


def _signal(number: int) -> str:
    return next((known.name for known in signal.Signals if known == number), f"signal {number}")
