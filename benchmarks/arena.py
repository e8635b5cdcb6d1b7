"""A place for hostile programs: control group, network, IPC and temporary folders of its own, all gone at its end.

What is covered: everything started here has at most 2.5 GB and 90 processes together and no network but its own
loopback; /tmp, /var/tmp, /dev/shm and /run are empty and in memory; whatever is still alive at the end is killed.
What is not covered: the rest of the machine's files, which a program that runs here as root could change.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MEMORY_BYTES = 2_500_000_000
PROCESSES = 90
FRESH = ("/tmp", "/var/tmp", "/dev/shm", "/run")
"""Folders that every user may write to; the arena has its own, and each holds at most `_FRESH_SIZE`."""
QUEUES = Path("/run/arena-queues")
"""Where POSIX message queues can be seen."""
_FRESH_SIZE = "2g"
_END_S = 10.0
_CGROUPS = Path("/sys/fs/cgroup")
_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWNET = 0x20000, 0x8000000, 0x40000000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_PR_SET_CHILD_SUBREAPER = 36
_HINT = "run it as root of a machine or container that may make control groups, mounts and namespaces"


Service = subprocess.Popen[str]


class ArenaError(Exception):
    """No arena can be made here; nothing was run."""


@dataclass(frozen=True, slots=True)
class Arena:
    """An arena that stands: two folders of control files (one and the same with version 2), and its peak of memory."""

    memory: Path
    pids: Path
    peak: IO[str]

    def start(self, command: Sequence[str], environment: Mapping[str, str], cwd: Path, errors: IO[bytes]) -> Service:
        """Start a process in here, with pipes to its standard input and output."""
        join = "".join(f"echo $$ > {folder}/cgroup.procs; " for folder in {self.memory, self.pids})
        return subprocess.Popen(
            ["/bin/sh", "-ec", f'{join}exec "$@"', "sh", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=dict(environment),
            cwd=cwd,
            start_new_session=True,  # Ctrl-C is for the arena, which ends what is in it
        )

    def members(self) -> list[int]:
        """Return the ids of the processes in here; those that have ended are not among them."""
        return [int(line) for line in (self.pids / "cgroup.procs").read_text().split()]

    def tasks(self) -> int:
        """Count threads and processes, also those that have ended and were not waited for."""
        return int((self.pids / "pids.current").read_text())

    def refused_forks(self) -> int:
        """Count how often the limit of processes was met."""
        return int((self.pids / "pids.events").read_text().split()[1])

    def forget_peak(self) -> None:
        """Measure memory anew; Linux before 6.12 with version 2 of control groups cannot."""
        with suppress(OSError):
            self.peak.write("0")
            self.peak.flush()

    def peak_bytes(self) -> int:
        """Return the most memory used at once, file caches included."""
        self.peak.seek(0)
        return int(self.peak.read())

    def empty(self) -> None:
        """End all that runs in here, let nothing start meanwhile, and delete what it left in files and memory."""
        (self.pids / "pids.max").write_text("0")
        ends = time.monotonic() + _END_S
        while self.tasks() and time.monotonic() < ends:
            for process in self.members():
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            reap()
            time.sleep(0.01)
        (self.pids / "pids.max").write_text(str(PROCESSES))
        subprocess.run(["find", *FRESH, "-xdev", "-mindepth", "1", "!", "-path", f"{QUEUES}*", "-delete"], check=False)
        subprocess.run(["find", QUEUES, "-mindepth", "1", "-delete"], check=False)
        subprocess.run(["ipcrm", "--all"], check=False)


def reap() -> None:
    """Wait for the orphans of an arena, whose parent this process is; a `Service` bears being waited for here."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


@contextmanager
def arena() -> Iterator[Arena]:
    """Move this process into fresh namespaces, and make a control group for what it starts.

    There is no way back from the namespaces: they last as long as this process, which should do nothing else after.

    Raises:
        ArenaError: not root, or the machine does not let us; nothing was run.
    """
    if os.geteuid() != 0:
        raise ArenaError(f"the arena needs root: {_HINT}")
    covered = [path for path in (sys.prefix, sys.base_prefix, __file__) if path.startswith(FRESH)]
    if covered:
        raise ArenaError(f"the arena hides {covered[0]}, which it needs: keep it outside {', '.join(FRESH)}")
    folders = _make_group()
    try:
        _isolate()
        peak = next(
            folders[0] / name for name in ("memory.peak", "memory.max_usage_in_bytes") if _has(folders[0], name)
        )
        with peak.open("r+") as file:
            made = Arena(*folders, file)
            try:
                yield made
            finally:
                made.empty()
    finally:
        for folder in set(folders):
            folder.rmdir()


def _make_group() -> tuple[Path, Path]:
    """Make the folders of a control group with both limits set."""
    made: list[Path] = []
    try:
        for home in _homes():
            folder = home / f"curator-arena-{os.getpid()}"
            folder.mkdir(exist_ok=folder in made)
            made.append(folder)
        memory, pids = made
        limit = "memory.max" if _has(memory, "memory.max") else "memory.limit_in_bytes"
        (memory / limit).write_text(str(MEMORY_BYTES))
        (pids / "pids.max").write_text(str(PROCESSES))
    except (OSError, KeyError) as err:
        for folder in set(made):
            folder.rmdir()
        raise ArenaError(f"no control group can be made: {err}: {_HINT}") from err
    return memory, pids


def _has(folder: Path, name: str) -> bool:
    return (folder / name).exists()


def _homes() -> tuple[Path, Path]:
    """Return the folders in which control groups for memory and for processes can be made."""
    controllers = _CGROUPS / "cgroup.controllers"
    if controllers.exists() and {"memory", "pids"} <= set(controllers.read_text().split()):
        (_CGROUPS / "cgroup.subtree_control").write_text("+memory +pids")
        return _CGROUPS, _CGROUPS
    lines = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    own = {name: path.lstrip("/") for _, names, path in lines for name in names.split(",")}
    return _CGROUPS / "memory" / own["memory"], _CGROUPS / "pids" / own["pids"]


def _isolate() -> None:
    """Take fresh namespaces, with loopback up and empty folders where every user may write."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # the machine's first process may reap orphans late
    if libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWNET):
        raise ArenaError(f"no namespaces can be made: {os.strerror(ctypes.get_errno())}: {_HINT}")
    _mount("--make-rprivate", "/")
    for folder in FRESH:
        _mount("-t", "tmpfs", "-o", f"size={_FRESH_SIZE},mode=1777", "arena", folder)
    QUEUES.mkdir(mode=0o700)
    _mount("-t", "mqueue", "arena", str(QUEUES))
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", _IFF_UP))


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ArenaError(f"the arena cannot be set up: {done.stderr.strip()}: {_HINT}")
