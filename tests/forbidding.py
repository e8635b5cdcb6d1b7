"""Machines that forbid something: `python -m tests.forbidding WHAT COMMAND…`, or `told` for what Python says there.

`namespaces` answers as the usual filter of a container does, `nested` lets bubblewrap make its own but nothing inside
it make more, `landlock` is a kernel without it, and `both` leaves no rung.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyseccomp
import pytest

from verifiers.program import interpreter
from verifiers.program.confine import landlock_version
from verifiers.program.unwrapped import LANDLOCK_LEAST

NOBODY = 65_534
ROOT = Path(__file__).parents[1]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
THIRD_RUNG = pytest.mark.skipif(
    os.geteuid() != 0 or landlock_version() < LANDLOCK_LEAST, reason="rung 3 needs root, and a kernel with Landlock"
)
_MAKING = ("unshare", "setns", "mount", "umount2", "pivot_root")
_CLONE_FLAGS = (0x80, 0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
"""CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
_NEWUSER, _NEWPID = 0x10000000, 0x20000000
_LANDLOCK_CREATE_RULESET = 444


def forbid(what: str) -> None:
    """Bind this process and its children; nothing lifts it again."""
    made = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refused, unknown = pyseccomp.ERRNO(errno.EPERM), pyseccomp.ERRNO(errno.ENOSYS)
    if what in ("namespaces", "both"):
        for name in _MAKING:
            made.add_rule(refused, name)
        for flag in _CLONE_FLAGS:
            made.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
        made.add_rule(unknown, "clone3")
    if what == "nested":
        made.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _NEWUSER | _NEWPID, _NEWPID))
    if what in ("landlock", "both"):
        made.add_rule(unknown, _LANDLOCK_CREATE_RULESET)
    made.load()


def told(code: str, what: str = "nothing", *, path: str | None = None, other: bool = False, **environment: str) -> Any:
    """Run Python on a machine that forbids `what`, as another user if asked; return the JSON that it prints."""
    python = _open_python() if other else sys.executable
    packages = Path(pyseccomp.__file__).parent
    done = subprocess.run(
        [python, "-m", "tests.forbidding", what, python, "-c", code],
        cwd=ROOT,
        env={"PATH": path or os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{packages}", **environment},
        stdout=subprocess.PIPE,
        check=True,
        **({"user": NOBODY, "group": NOBODY, "extra_groups": []} if other else {}),
    )
    return json.loads(done.stdout)


def _open_python() -> str:
    """Find a Python of this version that another user can start, with this project in its reach."""
    usual = Path(f"/usr/bin/python3.{sys.version_info.minor}")
    found = [
        path for path in (Path(sys.executable), usual) if path.exists() and not interpreter.is_closed(path.resolve())
    ]
    if not found or interpreter.is_closed(ROOT / "tests") or interpreter.is_closed(Path(pyseccomp.__file__)):
        pytest.skip("no Python, or not this project, can be reached by another user here")
    return str(found[0])


if __name__ == "__main__":
    forbid(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])
