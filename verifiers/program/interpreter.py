"""Which Python runs programs, and what of it and of the system has to be shown to them.

It is the one that runs us, without its site packages; of those, programs may import `PACKAGES`.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path

PACKAGES = ("numpy",)
ROOTS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Folders of the system's programs and libraries, or links to where they are in /usr."""
SYSTEM = ("/usr", *ROOTS, "/etc/ld.so.cache")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""A pool of threads would neither survive the fork nor fit into a small address space."""


def executable() -> Path:
    """Return the program itself, outside any virtual environment."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def arguments(inside: str, control: int) -> list[str]:
    """Return what makes it serve: the harness found in the folder `inside`, on the descriptor `control`."""
    boot = f"import sys; sys.path.insert(0, {inside!r}); from verifiers.program.harness import main; main({control})"
    return ["-P", "-s", "-S", "-B", "-X", "utf8", "-c", boot]


def environment(home: str) -> dict[str, str]:
    """Return all that a program finds in its environment."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # a set prints the same every time
        "MALLOC_ARENA_MAX": "2",  # each reserves 64 MiB of address space, one per thread if it may
        **_ONE_THREAD,
    }


def outside_usr() -> list[Path]:
    """Return what of the interpreter lies outside /usr."""
    paths = (executable(), Path(sys.base_prefix, sys.platlibdir))
    return [path for path in paths if path.parts[:2] != ("/", "usr")]


@functools.cache
def packages() -> tuple[Path, ...]:
    """Return the folders of the packages that programs may import, those with their shared libraries included."""
    found = [importlib.util.find_spec(name) for name in PACKAGES]
    homes = [Path(spec.origin).parent for spec in found if spec and spec.origin]
    libraries = [home.with_name(f"{home.name}.libs") for home in homes]
    return tuple(path.resolve() for path in (*homes, *libraries) if path.is_dir())


def is_closed(path: Path) -> bool:
    """Tell whether other users cannot reach a path."""
    return any(not parent.stat().st_mode & 0o001 for parent in path.parents if parent.exists())
