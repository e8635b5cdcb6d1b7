"""Runs inside: gives a program namespaces of its own, with an empty /tmp and /dev/shm and processes numbered from 1.

A sandbox that stays needs this: what a program leaves behind (files, processes, System V memory) ends with its
namespaces, at once and completely, and the next one cannot see that it ever was.

Not covered: the network namespace is that of the whole sandbox, for no program gets a socket.
Source of the numbers: the kernel's linux/sched.h and linux/mount.h.
"""

from __future__ import annotations

import os

from verifiers.program import wire
from verifiers.program.confine import LIBC, succeed

TYPE_CHECKING = False
if TYPE_CHECKING:
    Ended = tuple[int, float, float]
    """Exit status or minus the signal, CPU seconds, MiB of the most that was resident."""

_SIGCHLD = 17
_CLONE = {"x86_64": 56, "aarch64": 220}
"""Number of the system call; other machines have to be content with rung 2."""
_NEW_FILES, _NEW_IPC, _NEW_PROCESSES = 0x20000, 0x08000000, 0x20000000
_NO_SETUID, _NO_DEVICES, _NO_EXECUTION = 2, 4, 8
_REPORT_BYTES = 200
TMP_BYTES, SHARED_BYTES, FILES = 64 << 20, 16 << 20, 8_192
"""What a program may write: bytes in /tmp and /dev/shm, and files in each."""


def possible() -> bool:
    """Tell whether this machine's calls are known."""
    return os.uname().machine in _CLONE


def fork() -> tuple[int, int]:
    """Fork into new namespaces; return 0 in the program's process, else the first process of them and a file.

    The first process stays between: it takes in orphans, and writes how the program ended to the file, as `ending`
    reads it. When it ends, the kernel ends all that still runs in the namespaces.

    Raises:
        OSError: the kernel refuses.
    """
    report, write_report = os.pipe()
    flags = _NEW_PROCESSES | _NEW_FILES | _NEW_IPC | _SIGCHLD
    first = succeed(LIBC.syscall(_CLONE[os.uname().machine], flags, 0, 0, 0, 0))
    if first:
        os.close(write_report)
        return first, report
    try:
        _mount()
        program = os.fork()
    except OSError:
        os._exit(1)
    if program:
        _await(program, write_report)
    os.close(report)
    os.close(write_report)
    return 0, -1


def ending(report: int) -> Ended | None:
    """Return how a program whose namespaces have ended did; None when all in them were killed."""
    said = os.read(report, _REPORT_BYTES)
    os.close(report)
    if not said:
        return None
    told = wire.read_ended(said)
    return told["status"], told["cpu_s"], told["memory_mb"]


def _mount() -> None:
    private = _NO_SETUID | _NO_DEVICES
    succeed(LIBC.mount(b"tmpfs", b"/tmp", b"tmpfs", private, b"mode=1777,size=%d,nr_inodes=%d" % (TMP_BYTES, FILES)))
    succeed(
        LIBC.mount(b"tmpfs", b"/dev/shm", b"tmpfs", private, b"mode=1777,size=%d,nr_inodes=%d" % (SHARED_BYTES, FILES))
    )
    succeed(LIBC.mount(b"proc", b"/proc", b"proc", private | _NO_EXECUTION, None))
    os.chdir("/tmp")  # noqa: S108  its own


def _await(program: int, report: int) -> None:
    """Be the first process: take in orphans until the program has ended, say how, and end all."""
    process, cpu_s = 0, 0.0
    while process != program:
        process, status, spent = os.wait4(-1, 0)
        cpu_s += spent.ru_utime + spent.ru_stime
    os.write(report, wire.ended(os.waitstatus_to_exitcode(status), cpu_s, spent.ru_maxrss / 1024))
    os._exit(0)
