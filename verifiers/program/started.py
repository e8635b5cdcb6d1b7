"""What the ways to start a sandbox (`bubblewrap`, `unwrapped`) have in common."""

from __future__ import annotations

import functools
import importlib.util
import marshal
import resource
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
