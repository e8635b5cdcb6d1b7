"""The trainer as a process of its own: found, started, signalled, waited for. torch never enters this process."""

from __future__ import annotations

import importlib.util
import shlex
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import curator
from curator.errors import CuratorError

NEEDED = ("torch", "transformers", "accelerate", "trl", "peft", "datasets")
"""Packages without which nothing can be trained; the trainer says what else an unusual choice needs."""
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED = 130
LOOK_S = 1.0
"""Longest that a signal can be overlooked."""


def require_trainer() -> None:
    """Look for the trainer and what it needs; nothing is imported.

    Raises:
        CuratorError: Packages are missing, or another project's `trainer` is found instead of ours.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise CuratorError(
            f"training needs packages that are not installed: {', '.join(missing)}",
            hint="pip install 'r1-curator[train]'",
        )
    spec = importlib.util.find_spec("trainer")
    place = Path(str(spec.origin)).parents[1] if spec and spec.origin else None
    if place != Path(curator.__file__).parents[1]:
        raise CuratorError(
            f"the Python package 'trainer' in {place} is not r1-curator's",
            hint="another project uses the same import name: install r1-curator into a fresh virtual environment",
        )


def trainer_words(folder: Path, *, merge: bool, dry_run: bool) -> list[str]:
    """Return what comes after `python -m`, or after `accelerate launch -m`."""
    return ["trainer", "sft", str(folder), *["--merge"] * merge, *["--dry-run"] * dry_run]


def accelerate_command(folder: Path, *, merge: bool) -> str:
    """Return the command that trains a prepared folder on several GPUs; N is how many."""
    words = trainer_words(folder, merge=merge, dry_run=False)
    return f"accelerate launch --num_processes N -m {shlex.join(words)}"


def run_trainer(words: Sequence[str], *, holding: int, quiet: bool) -> int:
    """Run the trainer to its end and return its exit code.

    Ctrl-C, SIGTERM and SIGHUP are passed on, each once, as the trainer is no part of the terminal's foreground group.
    It saves a checkpoint and ends; that is waited for.

    Args:
        words: As of `trainer_words`.
        holding: A file descriptor that it inherits, so that a lock outlives this process.
        quiet: Whether its output goes to stderr, all of it.

    Raises:
        KeyboardInterrupt: It was interrupted; the same words go on from its checkpoint.
        CuratorError: Something else killed it.
    """
    # -P: a folder `trainer` that happens to lie in the working folder is not ours.
    command = [sys.executable, "-P", "-m", *words]
    output = sys.stderr.fileno() if quiet else None
    with _relay() as relay:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, process_group=0, pass_fds=(holding,)
        )
        relay.begin(process)
        code = _ended(process)
    if code == _INTERRUPTED or (code and relay.used):
        raise KeyboardInterrupt
    if code < 0:
        name = signal.Signals(-code).name
        why = ", perhaps for lack of memory" if -code == signal.SIGKILL else ""
        hint = "the same command goes on from the last checkpoint; a smaller --batch-size needs less memory"
        raise CuratorError(f"the trainer was ended by {name}{why}", hint=hint)
    return code


def _ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process, and look up now and then: a signal that comes just before a wait does not end it."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(LOOK_S)


class _Relay:
    """Passes signals on to a process, each once; those that come before it was started wait for it."""

    def __init__(self) -> None:
        self.used = False
        self._waiting: deque[int] = deque()
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, process: subprocess.Popen[bytes]) -> None:
        """Name the process."""
        self._process = process
        self._pass_on()

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal; the end of a terminal asks for what SIGTERM does."""
        self.used = True
        self._waiting.append(signal.SIGTERM if number == signal.SIGHUP else number)
        self._pass_on()

    def _pass_on(self) -> None:
        while self._process and self._waiting:
            self._process.send_signal(self._waiting.popleft())


@contextmanager
def _relay() -> Iterator[_Relay]:
    """Take signals over; those that are ignored, as under nohup, stay so."""
    relay = _Relay()
    before = {number: signal.getsignal(number) for number in _PASSED_ON}
    taken = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    try:
        for number in taken:
            signal.signal(number, relay.note)
        yield relay
    finally:
        for number in taken:
            signal.signal(number, before[number])
