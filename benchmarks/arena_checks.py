"""What a hostile program has done to its arena, told by comparing what is there before and after it."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.arena import FRESH, QUEUES, Arena, reap
from benchmarks.arena_canaries import Canaries, packets

MARK = "CURATOR_ATTACK"
SETTLE_S = 3.0
"""Wall seconds that processes have to be gone after a verdict."""
PEAK_BYTES = 1_500_000_000
RSS_KB = 400_000
_IPC = tuple(Path("/proc/sysvipc") / kind for kind in ("shm", "sem", "msg"))
_LIBRARY_NAMES = ("sitecustomize.py", "usercustomize.py")


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells a service's own processes from those of a program, which share their command line."""

    command: str
    pids: tuple[int, ...]
    """Depth of its process namespace and its id in there; the depth alone where no namespace is its own."""


@dataclass(frozen=True, slots=True)
class State:
    """What was found in an arena at one moment."""

    processes: Counter[Kind]
    files: frozenset[str]
    counts: Counter[str]
    """Other things of which nothing may be more than before, by a name for a person."""
    intact: bool


class Watch:
    """Looks at an arena and the service in it; `harm` compares with what was there when it was made."""

    def __init__(self, arena: Arena, canaries: Canaries, service: int, libraries: Sequence[str]) -> None:
        self._arena, self._canaries, self._service, self._libraries = arena, canaries, service, libraries
        self._before = self._settled()
        self.begin()

    def begin(self) -> None:
        """Measure memory anew, before a program starts."""
        self._arena.forget_peak()
        with suppress(OSError):
            Path(f"/proc/{self._service}/clear_refs").write_text("5")  # its peak

    def harm(self) -> list[str]:
        """Say what is wrong once the arena has had time to settle; empty when nothing is."""
        ends = time.monotonic() + SETTLE_S
        while (found := _differences(self._before, self._look())) and time.monotonic() < ends:
            time.sleep(0.05)
        if (peak := self._arena.peak_bytes()) >= PEAK_BYTES:
            found.append(f"memory of {peak >> 20} MiB")
        if (most := memory_kb(self._service, "VmHWM")) >= RSS_KB:
            found.append(f"the verifier took {most >> 10} MiB")
        if not alive(self._service):
            found.append("the verifier is dead")
        return found

    def _settled(self) -> State:
        """Look until two looks are alike: what is about to end is nothing to compare with."""
        before, ends = self._look(), time.monotonic() + SETTLE_S
        while time.monotonic() < ends:
            time.sleep(SETTLE_S / 20)
            now, before = before, self._look()
            if now == before:
                break
        return before

    def _look(self) -> State:
        reap()
        members = [process for process in self._arena.members() if process != self._service]
        counts = Counter(
            {
                "threads or zombies": self._arena.tasks(),
                "refused forks: the arena's limit of processes was met": self._arena.refused_forks(),
                "namespaces": len({space for process in members for space in _namespaces(process)}),
                "mounts": len(Path("/proc/self/mountinfo").read_text().splitlines()),
                "SysV objects": sum(len(path.read_text().splitlines()) - 1 for path in _IPC),
                "message queues": len(list(QUEUES.iterdir())),
                "open files of the verifier": _listed(f"/proc/{self._service}/fd"),
                "packets": packets(),
                "calls at a canary": self._canaries.callers,
            }
        )
        kinds = Counter(kind for process in members if (kind := _kind(process)))
        kinds.update(_marked())
        return State(kinds, frozenset(_files(self._libraries)), counts, self._canaries.intact())


def _differences(before: State, after: State) -> list[str]:
    found = [
        f"{count} process(es) left, {kind.pids}: {kind.command[:40]!r}"
        for kind, count in (after.processes - before.processes).items()
    ]
    found += [f"file left: {name}" for name in sorted(after.files - before.files)[:3]]
    found += [f"{count} more {name}" for name, count in (after.counts - before.counts).items()]
    return found if after.intact else [*found, "a canary was touched"]


def memory_kb(process: int, name: str) -> int:
    """Return a line of a process's status in KiB; 0 when it has ended."""
    for line in _read(f"/proc/{process}/status").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


def alive(process: int) -> bool:
    """Tell whether a process has not ended."""
    return (_read(f"/proc/{process}/stat").rpartition(")")[2].split() or ["Z"])[0] != "Z"


def _kind(process: int) -> Kind | None:
    command = _read(f"/proc/{process}/cmdline").replace("\0", " ")
    line = next((line for line in _read(f"/proc/{process}/status").splitlines() if line.startswith("NSpid:")), "")
    ids = [int(word) for word in line.split()[1:]]
    if not ids:
        return None  # it has ended meanwhile
    return Kind(command, (len(ids), ids[-1]) if len(ids) > 1 else (1,))


def _marked() -> list[Kind]:
    """Return the processes of the whole machine, in or out of the arena, that call themselves an attack."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if MARK in (command := _read(f"{folder}/cmdline").replace("\0", " ")):
            found.append(Kind(command, ()))
    return found


def _namespaces(process: int) -> list[str]:
    folder = Path(f"/proc/{process}/ns")
    try:
        return [str(path.readlink()) for path in folder.iterdir() if not path.name.endswith("_for_children")]
    except OSError:
        return []


def _files(libraries: Sequence[str]) -> list[str]:
    """Return all files of the arena's own folders, and what a program may have put among the libraries or beside."""
    listed = subprocess.run(
        ["find", *FRESH, "-mindepth", "1", "-maxdepth", "3"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    found = listed.stdout.splitlines()
    for folder in ("/", "/root", "/home", *libraries):
        with suppress(OSError):
            found += [str(path) for path in Path(folder).iterdir() if MARK in path.name or path.name in _LIBRARY_NAMES]
    return found


def _listed(folder: str) -> int:
    try:
        return len(list(Path(folder).iterdir()))
    except OSError:
        return 0


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
