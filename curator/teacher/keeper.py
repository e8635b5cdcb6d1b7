"""Keeps one server program for a command and ends it when that command ends, however that comes about.

A program of its own: `keeper.py GRACE_S PROGRAM [ARGUMENT…]`. Standard input is a pipe that nobody writes to: once the
command closes it, or is gone, the program's process group is asked to end (SIGTERM) and after GRACE_S seconds killed.
Whatever the program started and left behind is killed too, for it may hold the GPU. Standard output tells in JSON
lines `{"pid": N}` or `{"fault": "…"}`, and at last `{"status": N}`, negative for a signal. Standard error is the
program's log.

Should the keeper itself be killed, the kernel sends SIGTERM to the program; it is then on its own with its children.
Only the standard library is imported: it must start at once, and outlive a broken installation.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None)


def main() -> None:
    """Keep the program named on the command line until it or the command ends."""
    grace_s, command = float(sys.argv[1]), sys.argv[2:]
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            process_group=0,
            preexec_fn=_end_with_keeper,  # noqa: PLW1509 - no thread has started yet
        )
    except (OSError, ValueError) as err:
        _tell(fault=getattr(err, "strerror", None) or str(err))
        return
    _tell(pid=process.pid)
    threading.Thread(target=_end_at_eof, args=(process.pid, grace_s), daemon=True).start()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # not reaped yet, so its group's number stays its own
    _signal_group(process.pid, signal.SIGKILL)
    status = process.wait()
    _end_orphans()
    _tell(status=status)


def _end_with_keeper() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_at_eof(group: int, grace_s: float) -> None:
    """Wait for the command to close its pipe, then end the group; `main` returns once the program is gone."""
    sys.stdin.buffer.read()
    _signal_group(group, signal.SIGTERM)
    time.sleep(grace_s)
    _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def _end_orphans() -> None:
    """Kill what left the program's group: as their subreaper, the keeper inherits them one generation at a time."""
    while orphans := _children():
        for pid in orphans:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children() -> list[int]:
    return [int(pid) for file in Path("/proc/self/task").glob("*/children") for pid in file.read_text().split()]


def _tell(**said: object) -> None:
    with suppress(BrokenPipeError):  # the command is gone; there is nobody to tell
        os.write(1, json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    main()
