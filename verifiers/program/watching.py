"""Runs inside: which processes are the program's, what they use together, and how they are all ended.

Where the harness is the first process of a namespace, every other one belongs to the program; else all of its
descendants do, orphans included, for it adopts those.

Not covered: memory held between two looks; CPU time of children that live shorter than the time between two looks and
whose end the program ignores; what the kernel keeps for a process beside its pages, such as full pipes and socket
buffers (up to 26 MiB per process).
"""

from __future__ import annotations

import _signal
import os
import resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

TICK_S = 0.02
"""Seconds between two looks."""
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = resource.getpagesize()
_FIRST = 1
_BLOCK_BYTES = 512
_STATE, _PARENT, _OWN_TIMES, _TIMES, _THREADS, _RESIDENT = 0, 1, slice(11, 13), slice(11, 15), 17, 21
"""Fields of /proc/PID/stat, counted from the one behind the name."""


class Watch:
    """One program under observation.

    Args:
        leader: A process that is ours: the first of the program's own namespaces; 0 when there is none.
    """

    def __init__(self, leader: int) -> None:
        self._leader = leader
        self._ticks: dict[int, int] = {}
        self._waited = 0
        self.memory = 0
        """Resident bytes, all processes added, at the last look."""
        self.awake = False
        """Whether one of them wanted to run."""

    @property
    def cpu_s(self) -> float:
        """CPU seconds: of all processes that were ever seen, or of those that live and all that they waited for."""
        return max(sum(self._ticks.values()), self._waited) / _TICKS_PER_S

    def look(self) -> None:
        """See what there is."""
        members = dict(_members(self._leader))
        parents = {int(fields[_PARENT]) for fields in members.values()}
        self.memory = sum(int(fields[_RESIDENT]) for fields in members.values()) * _PAGE_BYTES
        self.awake = any(_is_awake(process, fields, process in parents) for process, fields in members.items())
        self._waited = sum(sum(map(int, fields[_TIMES])) for fields in members.values())
        for process, fields in members.items():
            self._ticks[process] = sum(map(int, fields[_OWN_TIMES]))

    def held(self) -> int:
        """Return the bytes of memory with each shared page counted once: exact, and fifty times the cost of a look."""
        return sum(_proportional(process, fields) for process, fields in _members(self._leader))


def _is_awake(process: int, fields: list[bytes], is_parent: bool) -> bool:
    """Tell whether a thread runs, wants to, or waits for a disk: not one that waits for its `vfork` to end."""
    threads = [fields]
    if int(fields[_THREADS]) > 1:
        threads += [_stat(f"{process}/task/{thread}") for thread in _numbers(f"/proc/{process}/task")]
    states = {thread[_STATE] for thread in threads if thread}
    return b"R" in states or (b"D" in states and not is_parent)


def files(rules: dict[str, Any]) -> tuple[int, int]:
    """Return bytes and number of the files that a program has written; 0 where its own mounts bound both."""
    if rules["namespaces"]:
        return 0, 0
    if rules["folder"]:
        return _on_disk(rules["writable"][0])
    used = [os.statvfs(folder) for folder in rules["writable"]]  # their mounts bound the bytes
    return 0, sum(one.f_files - one.f_ffree for one in used)


def _on_disk(folder: str) -> tuple[int, int]:
    size, count, folders = 0, 0, [folder]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
                    folders += [entry.path] if entry.is_dir(follow_symlinks=False) else []
        except OSError:
            continue  # it is gone meanwhile, or too deep
    return size, count


def own_memory() -> int:
    """Return the resident bytes of this process."""
    return int(_stat("self")[_RESIDENT]) * _PAGE_BYTES


def address_space() -> int:
    """Return the bytes of address space of this process."""
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  pathlib would delay every program
        return int(file.read().split()[0]) * _PAGE_BYTES


def end() -> None:
    """Kill every process of the program, and the first of its own namespaces."""
    if os.getpid() == _FIRST:
        _kill(-1)  # the kernel spares this one, the first of its namespace
    else:
        while members := list(_members(0)):
            for process, _ in members:
                _kill(process)


def clear() -> None:
    """End all that the program left, and take leave of it: the dead count as processes of the next program, too.

    Every orphan becomes our child, so nothing lives on when there is no child to wait for; one that forks and ends all
    the time may escape a look.
    """
    try:
        while True:
            end()
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            _signal.sigtimedwait([_signal.SIGCHLD], TICK_S / 4)
    except ChildProcessError:
        return


def _members(leader: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield number and `stat` fields of each process of the program that still lives."""
    found = {process: fields for process in _numbers("/proc") if (fields := _living(process))}
    if os.getpid() == _FIRST:
        ours = {_FIRST, leader}
        yield from ((process, fields) for process, fields in found.items() if process not in ours)
        return
    family = {os.getpid()}
    while added := {one for one, fields in found.items() if int(fields[_PARENT]) in family} - family:
        family |= added
    yield from ((process, found[process]) for process in family - {os.getpid()})


def _numbers(folder: str) -> list[int]:
    try:
        return [int(name) for name in os.listdir(folder) if name.isdigit()]  # noqa: PTH208  as above
    except OSError:
        return []  # it ended meanwhile


def _living(process: int) -> list[bytes]:
    """Return a process's fields, none of a dead one; state and memory are a thread's where the first is dead."""
    fields = _stat(str(process))
    if not fields or fields[_STATE] != b"Z":
        return fields
    threads = [_stat(f"{process}/task/{thread}") for thread in _numbers(f"/proc/{process}/task")]
    alive = [thread for thread in threads if thread and thread[_STATE] != b"Z"]
    if not alive:
        return []
    fields[_STATE], fields[_RESIDENT] = alive[0][_STATE], alive[0][_RESIDENT]
    return fields


def _stat(process: str) -> list[bytes]:
    try:
        with open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123  as above
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []  # it ended meanwhile


def _proportional(process: int, fields: list[bytes]) -> int:
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as file:  # noqa: PTH123  as above
            return int(file.read().partition(b"\nPss:")[2].split(maxsplit=1)[0]) << 10
    except (OSError, IndexError):  # it ended meanwhile, or its first thread did
        return int(fields[_RESIDENT]) * _PAGE_BYTES


def _kill(process: int) -> None:
    try:
        os.kill(process, _signal.SIGKILL)
    except ProcessLookupError:
        return
