"""Starts a harness without namespaces, where there are none to be had: rung 3 confined, rung 4 not at all.

What is covered on rung 3: a user of its own (so this needs root, which gives itself up), no capabilities, Landlock over
files, seccomp over system calls, so no network, no System V memory, no tracing, and no file of the machine but the
system's libraries and the interpreter; CPU, memory, output and processes as on the other rungs.

What is not covered on rung 3: a program sees that files exist, though not what is in them; its files lie on the
machine's disk while it runs, where those without a name are not counted; /tmp and /dev/shm are closed to
it, only its own folder is open, so `multiprocessing` has no locks; where the interpreter lies in a folder of root's, it
cannot start another; the users that `_USERS` numbers must not be anybody's.

Rung 4 is what people do who do not know better, and only for who asks for it: nothing is covered but resource limits,
and that root does not run programs itself.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from verifiers.program import interpreter, syscalls
from verifiers.program.started import Started, become, freed, harness_files, launch

LANDLOCK_LEAST = 3
"""The first version that knows of truncation."""
_USERS = range(60_706, 61_183)
"""User ids that systemd's table (systemd.io, "Users, Groups, UIDs and GIDs") leaves to nobody."""
_HIGH = 512
"""Descriptors from here on stay open in programs, which may open fewer themselves."""


def start(errors: IO[bytes], *, confined: bool) -> Started:
    """Start `verifiers.program.harness` as a user of its own where we are root.

    Args:
        errors: A file that takes what the interpreter complains about.
        confined: Whether Landlock and seccomp hold its programs (rung 3).

    Raises:
        BrokenSandboxError: libseccomp is not installed.
        OSError: no process can be started, or no folder made.
        subprocess.SubprocessError: root cannot give itself up.
    """
    folder = Path(tempfile.gettempdir(), f"curator-program-{secrets.token_hex(8)}")
    user = _USERS[os.getpid() % len(_USERS)]
    held: list[int] = []
    try:
        python = _reached(Path(sys.base_prefix), held)
        shown = {package.name: _reached(package, held) for package in interpreter.packages()}
        process, control = _launch(folder, python, shown, held, user, errors)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        for descriptor in held:
            os.close(descriptor)
    packages = folder / "packages"
    rules = {
        "namespaces": False,
        "confined": confined,
        "seccomp": syscalls.compiled() if confined else b"",
        "readable": [
            *interpreter.SYSTEM,
            *map(str, (python, folder / "verifiers", packages, *map(packages.joinpath, shown))),
        ],
        "writable": [str(folder / "home")],
        "devices": interpreter.DEVICES,
        "packages": [str(packages)],
        "preload": (),
        "folder": str(folder),
    }
    return Started(process, control, rules, user if os.geteuid() == 0 else None, folder)


def _furnish(folder: Path, packages: Mapping[str, Path]) -> None:
    """Make what a harness needs: its own files, the packages, a home."""
    folder.mkdir(mode=0o755)
    for name, content in harness_files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "packages").mkdir()
    for name, place in packages.items():
        (folder / "packages" / name).symlink_to(place)
    (folder / "home").mkdir(mode=0o700)


def _reached(path: Path, held: list[int]) -> Path:
    """Return how another user finds a folder: where its way there is closed, through a descriptor of ours."""
    if os.geteuid() != 0 or not interpreter.is_closed(path):
        return path
    opened = os.open(path, os.O_PATH | os.O_DIRECTORY)
    held += [fcntl.fcntl(opened, fcntl.F_DUPFD, _HIGH)]
    os.close(opened)
    return Path("/proc/self/fd", str(held[-1]))


def _launch(
    folder: Path, python: Path, packages: Mapping[str, Path], held: list[int], user: int, errors: IO[bytes]
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    home = folder / "home"
    executable = python / interpreter.executable().relative_to(sys.base_prefix)
    return launch(
        lambda its_end: [str(executable), *interpreter.arguments(str(folder), its_end)],
        lambda: _settle(folder, packages, user),
        environment={
            **interpreter.environment(str(home)),
            "TMPDIR": str(home),
            "LD_LIBRARY_PATH": str(python / "lib"),
        },
        files=held,
        errors=errors,
    )


def _settle(folder: Path, packages: Mapping[str, Path], user: int) -> None:
    """Between fork and exec: lift the worker's limits, make the folder, and stop being root.

    Made in the child, which removes it when nobody talks to it, the folder outlives no worker that is killed.
    """
    freed()
    os.umask(0o022)
    _furnish(folder, packages)
    if os.geteuid() == 0:
        for owned in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
            os.chown(owned, user, user, follow_symlinks=False)
        become(user)
    os.chdir(folder / "home")
