"""Runs inside, in the program's own process, just before the program: gives up all that it must not have.

In this order, because each step needs what a later one takes: capabilities, the way to new privileges, files and
signals by Landlock, system calls by seccomp. What is given up stays given up, for every process that it starts as well.

Not covered: what Landlock does not know in the running kernel; before its version 6 it lets signals through, and each
rung has other means against these. Landlock never hides that a file exists.
Source of the numbers: the kernel's linux/landlock.h, linux/prctl.h and linux/capability.h.
"""

from __future__ import annotations

import ctypes
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

LIBC = ctypes.PyDLL(None, use_errno=True)
"""Calls keep the interpreter's lock: a raw clone must not happen while it is let go."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_PR_SET_CHILD_SUBREAPER, _PR_CAP_AMBIENT, _CLEAR_ALL, _FILTER_MODE = 36, 47, 4, 2
_CAPABILITY_VERSION_3 = 0x20080522
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _PATH_BENEATH, _ASK_VERSION = 444, 445, 446, 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_ALL_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1}
_ALL_FROM_3 = (1 << 15) - 1
_SCOPED_FROM, _SCOPED = 6, 3
_ABSTRACT_SOCKETS_AND_SIGNALS_BYTES, _FILES_ONLY_BYTES = 24, 8
_INSTRUCTION_BYTES = 8
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_USE = _WRITE_FILE | _READ_FILE


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(rules: dict[str, Any]) -> None:
    """Bind this process to `rules`: {seccomp, readable, writable, devices}; see `verifiers.program.harness`.

    Raises:
        OSError: the kernel refuses; then no program may be run.
    """
    succeed(LIBC.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0))
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    succeed(LIBC.capset(header, bytes(24)))
    succeed(LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    succeed(LIBC.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0))
    version = landlock_version()
    if version > 0:
        _bind_files(rules, version)
    instructions = rules["seccomp"]
    compiled = _Filter(len(instructions) // _INSTRUCTION_BYTES, instructions)
    succeed(LIBC.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(compiled), 0, 0))


def protect() -> None:
    """Keep this process out of its children's hands: none may trace it or write to its memory."""
    succeed(LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))


def adopt() -> None:
    """Become the parent of every orphan among this process's descendants."""
    succeed(LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies."""
    succeed(LIBC.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0))


def landlock_version() -> int:
    """Return which version of Landlock the kernel has; -1 for none."""
    return int(LIBC.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION))


def succeed(returned: int) -> int:
    """Return what a C function returned.

    Raises:
        OSError: it failed.
    """
    if returned < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return returned


def _bind_files(rules: dict[str, Any], version: int) -> None:
    handled = _ALL_OF_VERSION.get(version, _ALL_FROM_3)
    attributes = struct.pack("QQQ", handled, 0, _SCOPED)
    size = _ABSTRACT_SOCKETS_AND_SIGNALS_BYTES if version >= _SCOPED_FROM else _FILES_ONLY_BYTES
    ruleset = succeed(LIBC.syscall(_CREATE_RULESET, attributes, size, 0))
    for access, paths in ((_READ, rules["readable"]), (handled, rules["writable"]), (_USE, rules["devices"])):
        _grant(ruleset, access, paths)
    succeed(LIBC.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _grant(ruleset: int, access: int, paths: Sequence[str]) -> None:
    for path in paths:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # there is none on this machine
        is_folder = os.path.isdir(path)  # noqa: PTH112  pathlib would delay every program
        granted = access if is_folder else access & (_EXECUTE | _USE)
        succeed(LIBC.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", granted, place), 0))
        os.close(place)
