"""Runs inside the sandbox: forks a process per program, keeps its limits, and tells how it ended.

The program can neither trace this process nor send it signals, and what is judged is the program's output: no expected
value ever comes in here.

On the control socket (see `wire`) come first the rules {namespaces, confined, seccomp, readable, writable, devices,
packages, preload, folder}, then jobs {mode, cpu_s, idle_s, memory_mb, processes} with four files each: the program's
source, which is read only where it runs, and its standard streams. Modes: `main` runs a program as a script; `serve`
loads it and answers calls (`server`); `examine` runs test code that makes such calls (`examiner`). In the last two,
standard input is a socket.

This file and its neighbours are read anew by every sandbox of rung 2, so they avoid what is slow to import: `signal`
and `socket` instead of what these wrap, typing, dataclasses, json.
"""

from __future__ import annotations

import _signal
import _sitebuiltins
import _socket
import builtins
import gc
import importlib
import math
import os
import resource
import select
import struct
import sys
import time

from verifiers.program import confine, namespaces, script, watching, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, NoReturn

_STACK_BYTES = 100 << 20
_OPEN_FILES = 128
_PART = 1 << 20
_PENDING_SIGNALS = 1_024
_FOLDER = __file__.rpartition("/verifiers/program/")[0]
_PROGRAM = "program.py"
"""Where its own source lies for a script, as people expect."""
_FILES = struct.Struct("4i")


def main(control_fd: int) -> None:
    """Serve jobs until the control socket closes, and leave no folder where that lies on the machine's disk."""
    try:  # noqa: SIM105  contextlib would delay every program
        _serve(_socket.socket(fileno=control_fd))
    except ConnectionError:
        pass  # its other end is gone
    if "/curator-program-" in _FOLDER:
        os.execv("/bin/rm", ["rm", "-rf", "--", _FOLDER])  # noqa: S606  no depth of folders is too much for it
    os._exit(0)


def _serve(control: Any) -> None:
    if not (rules := wire.receive(control)):
        return  # who started us has gone already
    _prepare(rules)
    control.sendall(wire.READY)
    while (files := _receive_files(control)) and (job := wire.receive(control)):
        alarm, ring = os.pipe2(os.O_NONBLOCK)
        first, report = namespaces.fork() if rules["namespaces"] else (os.fork(), -1)
        if first == 0:
            control.close()
            _become(job, files, rules, ring)
        for file in (*files, ring):
            os.close(file)
        ended = _watch(first, report, job, control, rules)
        watching.clear()
        if not ended or _rings(alarm):
            break
        if not rules["namespaces"]:
            _tidy(rules["writable"])
        control.sendall(ended)


def _prepare(rules: dict[str, Any]) -> None:
    """Load what programs often import, once for all of them, and be no prey of theirs."""
    sys.path += rules["packages"]
    if rules["preload"]:
        for name in rules["preload"]:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()
    confine.protect()
    if os.getpid() != 1:
        confine.adopt()
    _signal.pthread_sigmask(_signal.SIG_BLOCK, [_signal.SIGCHLD])


def _tidy(folders: Sequence[str]) -> None:
    """Empty what the program could write to, for the next one."""
    if os.path.exists(_PROGRAM):  # noqa: PTH110  as below
        os.unlink(_PROGRAM)  # noqa: PTH108
    empty = ("find", *folders, "-mindepth", "1", "-delete")
    for words in (empty, ("chmod", "-R", "u+rwx", *folders), empty):
        for folder in folders:
            os.chmod(folder, 0o700)  # noqa: PTH101  pathlib would delay every program
        if any(map(os.listdir, folders)):
            os.spawnvp(os.P_WAIT, words[0], words)  # noqa: S606  no depth of folders is too much for it


def _receive_files(control: Any) -> list[int]:
    """Receive what precedes each job: one byte with four files; nothing at the end."""
    said = wire.STOP  # one that came too late for its program
    while said == wire.STOP:
        said, ancillary, _, _ = control.recvmsg(1, _socket.CMSG_SPACE(_FILES.size))
    return [file for _, _, data in ancillary for file in _FILES.unpack(data)]


def _watch(first: int, report: int, job: dict[str, Any], control: Any, rules: dict[str, Any]) -> bytes:
    """Wait for the program; end it when its processes together use too much, or sleep too long, or nobody waits.

    Returns how it ended; nothing when the control socket has closed.
    """
    watch = watching.Watch(first if report >= 0 else 0)
    most = (int(job["memory_mb"]) << 20) + watching.own_memory()
    idle, last, fault, spent = 0.0, time.monotonic(), "", 0.0
    while True:
        _signal.sigtimedwait([_signal.SIGCHLD], watching.TICK_S)
        ended, reaped = _reap(first, report)
        spent += reaped
        if ended:
            status, cpu_s, memory_mb = ended
            return wire.ended(status, max(cpu_s, spent, watch.cpu_s), memory_mb, fault)
        watch.look()
        now = time.monotonic()
        idle += 0 if watch.awake else min(now - last, 5 * watching.TICK_S)  # a machine under load looks less often
        last = now
        size, count = watching.files(rules)
        if watch.memory > most and watch.held() > most:
            fault = "memory"
        elif watch.cpu_s > job["cpu_s"] + 1:
            fault = "cpu"
        elif idle > job["idle_s"]:
            fault = "idle"
        elif size > namespaces.TMP_BYTES or count > namespaces.FILES:
            fault = "files"
        elif select.select([control], [], [], 0)[0]:
            fault = "stopped"
            if not control.recv(1):
                return b""
        if fault:
            watching.end()


def _reap(first: int, report: int) -> tuple[namespaces.Ended | None, float]:
    """Take leave of every process that has ended.

    Returns how the program itself did, nothing while it has not; and the CPU seconds of all that ended.
    """
    ended: namespaces.Ended | None = None
    cpu_s = 0.0
    try:
        while (found := os.wait4(-1, os.WNOHANG))[0]:
            process, status, spent = found
            cpu_s += spent.ru_utime + spent.ru_stime
            if process == first:
                ended = os.waitstatus_to_exitcode(status), cpu_s, spent.ru_maxrss / 1024
    except ChildProcessError:
        pass  # nothing is left
    if ended is None or report < 0:
        return ended, cpu_s
    told = namespaces.ending(report)
    if told is None and ended[0] >= 0:
        os._exit(1)  # the first process of the namespaces broke
    return told or ended, 0.0


def _rings(alarm: int) -> bool:
    """Tell whether a process could not be confined, and so never became the program."""
    try:
        return os.read(alarm, 1) != b""
    except BlockingIOError:
        return False
    finally:
        os.close(alarm)


def _become(job: dict[str, Any], files: list[int], rules: dict[str, Any], ring: int) -> NoReturn:
    """Turn this forked process into the program; write to `ring` if that cannot be."""
    source = b"".join(iter(lambda: os.read(files[0], _PART), b"")).decode("utf-8", "surrogatepass")
    for number, file in enumerate(files[1:]):
        os.dup2(file, number)
    os.setsid()
    sys.path.remove(_FOLDER)
    sys.argv = [_PROGRAM]
    for name in ("quit", "exit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D"))  # as the module `site` would
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGCHLD])
    try:
        confine.die_with_parent()
        _limit(job)
        if rules["confined"]:
            confine.confine(rules)
    except OSError:
        os.write(ring, b"!")
        os._exit(1)
    os.closerange(3, _OPEN_FILES)
    if job["mode"] == "main":
        with open(_PROGRAM, "w", encoding="utf-8", errors="replace") as own:  # noqa: PTH123  as above
            own.write(source)  # what is read of it shows in tracebacks, and `multiprocessing` reads it
        script.run(lambda: script.load(source, "__main__"))
    import socket  # noqa: PLC0415  scripts have no use for it

    channel = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if job["mode"] == "serve":
        from verifiers.program.server import serve  # noqa: PLC0415

        script.run(lambda: serve(channel, source))
    from verifiers.program.examiner import examine  # noqa: PLC0415  only test code has

    script.run(lambda: examine(channel))


def _limit(job: dict[str, Any]) -> None:
    """Set the limits that the kernel keeps, of this process and of each that it starts."""
    seconds = max(1, math.ceil(job["cpu_s"]))
    space = watching.address_space() + (int(job["memory_mb"]) << 20)
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_AS, space, space),
        (resource.RLIMIT_NPROC, job["processes"], job["processes"]),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
        (resource.RLIMIT_FSIZE, namespaces.TMP_BYTES, namespaces.TMP_BYTES),
        (resource.RLIMIT_STACK, _STACK_BYTES, _STACK_BYTES),
        (resource.RLIMIT_SIGPENDING, _PENDING_SIGNALS, _PENDING_SIGNALS),
        (resource.RLIMIT_CORE, 1, 1),  # 0 would not keep the kernel from piping a dump to root's handler
    ):
        most = resource.getrlimit(kind)[1]
        bound = most != resource.RLIM_INFINITY  # the machine's own limits may be lower
        resource.setrlimit(kind, (min(soft, most), min(hard, most)) if bound else (soft, hard))
