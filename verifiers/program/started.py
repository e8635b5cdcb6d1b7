"""What the ways to start a sandbox (`bubblewrap`, `unwrapped`) have in common."""

from __future__ import annotations

import fcntl
import functools
import importlib.util
import marshal
import os
import resource
import socket
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_HERE = Path(__file__).parent
_FILES = (
    *("plain", "wire", "harness", "confine", "namespaces", "script", "watching"),
    *("server", "examiner", "remote", "peer", "outside", "suites", "changes"),
)
PRELOADED = (
    *("bisect", "collections", "copy", "dataclasses", "datetime", "decimal", "fractions", "functools", "heapq"),
    *("io", "itertools", "json", "math", "numpy", "operator", "queue", "random", "re", "statistics", "string"),
    *("threading", "time", "typing"),
)
"""What a sandbox that stays has imported already: what answers import most, and numpy, which takes a tenth second."""


@dataclass(frozen=True, slots=True)
class Started:
    """A harness at work, or about to be."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    rules: dict[str, Any]
    """What holds for each of its programs: see `harness`."""
    user: int | None = None
    """Who it runs as, where that is not who we are."""
    folder: Path | None = None
    """To be removed when it has ended."""


def launch(
    command: Callable[[int], list[str]],
    prepare: Callable[[], None],
    *,
    environment: dict[str, str],
    files: Iterable[int],
    errors: IO[bytes],
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a harness; return its process and the way to it.

    Args:
        command: Makes the command line, of the descriptor of the harness's end.
        prepare: Is called between fork and exec, and waits for no lock.
        environment: All that it finds in its environment.
        files: Descriptors that it inherits.
        errors: A file that takes what is complained about.
    """
    ours, theirs = socket.socketpair()
    try:
        process = subprocess.Popen(
            command(theirs.fileno()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=environment,
            cwd="/",
            pass_fds=[theirs.fileno(), *files],
            preexec_fn=prepare,  # noqa: PLW1509  it waits for no lock
            start_new_session=True,  # Ctrl-C is for us: a bubblewrap that dies of it early leaves its child behind
        )
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return process, ours


def become(user: int) -> None:
    """Stop being root, for good."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def in_memory(name: str, content: bytes) -> int:
    """Make a file without a place, to be read alone."""
    file = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(file, "wb", closefd=False) as written:
        written.write(content)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    os.lseek(file, 0, os.SEEK_SET)
    return file


@functools.cache
def harness_files() -> dict[str, bytes]:
    """Return the harness and its neighbours by their paths inside, compiled: that would take each sandbox 10 ms."""
    header = importlib.util.MAGIC_NUMBER + bytes(12)
    files: dict[str, bytes] = {}
    for name in _FILES:
        code = compile((_HERE / f"{name}.py").read_bytes(), f"{name}.py", "exec", dont_inherit=True)
        files[f"verifiers/program/{name}.pyc"] = header + marshal.dumps(code)
    return files


def freed() -> None:
    """Lift the limits of this process that a worker has, between fork and exec."""
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (hard, hard))
