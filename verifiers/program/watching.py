"""Runs inside: which processes are the program's, what they use together, and how they are all ended.

Where the harness is the first process of a namespace, every other one belongs to the program; else all of its
descendants do, orphans included, for it adopts those.

Not covered: what a process uses between two looks.
"""

from __future__ import annotations

import _signal
import os
import resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = resource.getpagesize()
_FIRST = 1
_TICK_S = 0.005
_BLOCK_BYTES = 512
_STATE, _PARENT, _TIMES, _RESIDENT = 0, 1, slice(11, 15), 21
"""Fields of /proc/PID/stat, counted from the one behind the name."""


def look(leader: int) -> tuple[int, float, bool]:
    """Return the program's resident bytes and CPU seconds, all processes added, and whether one wants to run.

    Args:
        leader: A process that is ours: the first of the program's own namespaces; 0 when there is none.
    """
    memory, ticks, awake = 0, 0, False
    for _, fields in _members(leader):
        memory += int(fields[_RESIDENT]) * _PAGE_BYTES
        ticks += sum(map(int, fields[_TIMES]))
        awake = awake or fields[_STATE] in (b"R", b"D")
    return memory, ticks / _TICKS_PER_S, awake


def held(leader: int) -> int:
    """Return the program's bytes with each shared page counted once: exact, and fifty times the cost of a look."""
    return sum(_proportional(process, fields) for process, fields in _members(leader))


def stored(folder: str) -> int:
    """Return the bytes of all files that have a name in a folder; 0 for no folder."""
    found, folders = 0, [folder] if folder else []
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    found += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
                    folders += [entry.path] if entry.is_dir(follow_symlinks=False) else []
        except OSError:
            continue  # it is gone meanwhile, or too deep
    return found


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
            _signal.sigtimedwait([_signal.SIGCHLD], _TICK_S)
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
