"""Runs inside the sandbox: forks a process per program, keeps its limits, and tells how it ended.

The program shares its user with this process and may try to be it. That wins nothing: what is judged is the program's
output, and no expected value ever comes in here. As the first process here it cannot be killed from within.

Messages on the control socket (see `plain`): a job {mode, source, cpu_s, idle_s, memory_mb, processes} with three
files, its standard streams; back comes {status, cpu_s, fault}. Modes: `main` runs a program as a script; `serve` loads
it and answers calls (`server`); `examine` runs test code that makes such calls (`examiner`). In the last two, standard
input is a socket.

Not covered: only the standard library is there, and a program finds the files that its earlier cases left in /tmp.
"""

from __future__ import annotations

import math
import os
import resource
import select
import signal
import site
import socket
import struct
import sys
import time
from types import ModuleType

from verifiers.program import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

COMPILE_FAILED = 119
"""Exit status of a program that is no Python."""
_TICK_S = 0.02
_FILE_BYTES = 64 << 20
_STACK_BYTES = 100 << 20
_OPEN_FILES = 128
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_THREE_FILES = struct.Struct("3i")
_PAGE_BYTES = resource.getpagesize()


def main(control_fd: int) -> None:
    """Serve jobs until the control socket closes. In a forked process it returns when a script has ended."""
    control = socket.socket(fileno=control_fd)
    control.sendall(plain.frame({"ready": True}))
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    while files := _receive_files(control):
        job = plain.receive(control)
        process = os.fork()
        if process == 0:
            control.close()
            _become(job, files)
            return
        for file in files:
            os.close(file)
        ended = _watch(process, job, control)
        _kill_all()
        if ended["fault"] == "closed":
            break
        control.sendall(plain.frame(ended))
    os._exit(0)


def _receive_files(control: socket.socket) -> list[int]:
    """Receive what precedes each job: one byte with three files; nothing at the end."""
    _, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(_THREE_FILES.size))
    return [file for _, _, data in ancillary for file in _THREE_FILES.unpack(data)]


def _watch(process: int, job: dict[str, Any], control: socket.socket) -> dict[str, Any]:
    """Wait for the program; end it when its processes together use too much, or sleep too long, or nobody waits."""
    idle, last, fault = 0.0, time.monotonic(), ""
    while True:
        signal.sigtimedwait([signal.SIGCHLD], _TICK_S)
        ended = _reap(process)
        if ended:
            return {**ended, "fault": fault}
        memory, cpu_s, awake = _look()
        now = time.monotonic()
        idle += 0 if awake else min(now - last, 5 * _TICK_S)  # a machine under load looks less often
        last = now
        if memory > job["memory_mb"] << 20:
            fault = "memory"
        elif cpu_s > job["cpu_s"] + 1:
            fault = "cpu"
        elif idle > job["idle_s"]:
            fault = "idle"
        elif select.select([control], [], [], 0)[0]:
            fault = "closed"
        if fault:
            _kill_all()


def _reap(process: int) -> dict[str, Any]:
    """Take leave of every process that has ended; return how the program itself did, empty while it has not."""
    ended: dict[str, Any] = {}
    try:
        while (found := os.wait4(-1, os.WNOHANG))[0]:
            if found[0] == process:
                spent = found[2].ru_utime + found[2].ru_stime
                ended = {"status": os.waitstatus_to_exitcode(found[1]), "cpu_s": spent}
    except ChildProcessError:
        pass  # nothing is left
    return ended


def _look() -> tuple[int, float, bool]:
    """Return the program's resident bytes and CPU seconds, all processes added, and whether one wants to run."""
    memory, ticks, awake = 0, 0, False
    for name in os.listdir("/proc"):  # noqa: PTH208  pathlib would delay every program
        if not name.isdigit() or name == "1":
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123  as above
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        memory += int(fields[21]) * _PAGE_BYTES + _unlinked(name)
        ticks += sum(map(int, fields[11:15]))
        awake = awake or fields[0] in (b"R", b"D")
    return memory, ticks / _TICKS_PER_S, awake


def _unlinked(process: str) -> int:
    """Return the bytes of files without a name that a process holds open: memory that no limit counts."""
    held = 0
    try:
        for file in os.listdir(f"/proc/{process}/fd"):  # noqa: PTH208  as above
            found = os.stat(f"/proc/{process}/fd/{file}")  # noqa: PTH116  as above
            held += 0 if found.st_nlink else found.st_blocks * 512
    except OSError:
        return held  # it ended meanwhile, or hides
    return held


def _kill_all() -> None:
    """End every process of the program at once; the kernel spares this one, the first of its namespace."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return


def _become(job: dict[str, Any], files: list[int]) -> None:
    """Turn this forked process into the program; whatever it raises is for the interpreter to report."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, _OPEN_FILES)
    os.setsid()
    sys.path.remove(__file__.removesuffix("/verifiers/program/harness.py"))
    sys.argv = ["program.py"]
    site.setquit()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    _limit(job)
    if job["mode"] == "main":
        load(job["source"], "__main__")
        return
    channel = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if job["mode"] == "serve":
        from verifiers.program.server import serve  # noqa: PLC0415  scripts have no use for it

        serve(channel, job["source"])
    else:
        from verifiers.program.examiner import examine  # noqa: PLC0415  only test code has

        examine(channel)


def _limit(job: dict[str, Any]) -> None:
    """Set the limits that the kernel keeps, of this process and of each that it starts."""
    seconds = max(1, math.ceil(job["cpu_s"]))
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_AS, job["memory_mb"] << 20, job["memory_mb"] << 20),
        (resource.RLIMIT_NPROC, job["processes"], job["processes"]),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
        (resource.RLIMIT_FSIZE, _FILE_BYTES, _FILE_BYTES),
        (resource.RLIMIT_STACK, _STACK_BYTES, _STACK_BYTES),
    ):
        most = resource.getrlimit(kind)[1]
        bound = most != resource.RLIM_INFINITY  # the machine's own limits may be lower
        resource.setrlimit(kind, (min(soft, most), min(hard, most)) if bound else (soft, hard))


def load(source: str, name: str) -> ModuleType:
    """Execute a program as the module `name`, exactly as it is; end this process when it is no Python."""
    module = ModuleType(name)
    module.__dict__["__file__"] = sys.argv[0]
    sys.modules[name] = module
    try:
        code = compile(source, sys.argv[0], "exec", dont_inherit=True)
    except (SyntaxError, ValueError, OverflowError, RecursionError) as err:
        os.write(2, f"{type(err).__name__}: {err}".encode("utf-8", "replace"))
        os._exit(COMPILE_FAILED)
    exec(code, module.__dict__)  # noqa: S102  running it is what the sandbox is for
    return module
