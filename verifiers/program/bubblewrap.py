"""Starts a sandbox in bubblewrap, for rungs 1 and 2: the command, the user it runs as, and what it can see.

What is covered: namespaces of its own (user, process ids, network, IPC, host name, cgroup), read-only system libraries
and interpreter, sized and empty /tmp and /dev/shm, nothing else writable, no environment, no further user namespaces,
and never root: root becomes `NOBODY` first, because the kernel's process limit does not bind root. On rung 1 the
harness may make namespaces, and nothing else; programs may not (`confine`).

What is not covered: a fault in the kernel, in the calls that `syscalls` leaves.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from verifiers.program import interpreter, namespaces, syscalls
from verifiers.program.confine import LIBC, die_with_parent, succeed
from verifiers.program.started import PRELOADED, Started, become, freed, harness_files, in_memory, launch

NOBODY = 65_534
_INSIDE = "/harness"
_PACKAGES = f"{_INSIDE}/packages"
_STAGE = "/tmp/shown"  # noqa: S108  in a mount namespace of its own
_CLONE_NEWNS, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
_NAMESPACES = ("user", "ipc", "pid", "net", "uts", "cgroup")


def start(errors: IO[bytes], *, warm: bool) -> Started:
    """Start a sandbox with `verifiers.program.harness` in it.

    Args:
        errors: A file that takes what bubblewrap itself complains about.
        warm: Whether it is to serve many programs (rung 1), each in namespaces of its own.

    Raises:
        BrokenSandboxError: libseccomp is not installed.
        OSError: there is no bubblewrap, or no process can be started.
        subprocess.SubprocessError: privileges cannot be dropped, or the interpreter cannot be shown.
    """
    rules = {
        "namespaces": warm,
        "confined": True,
        "seccomp": syscalls.compiled(),
        "readable": [*interpreter.SYSTEM, "/proc", _INSIDE, *map(str, interpreter.outside_usr())],
        "writable": ["/tmp", "/dev/shm"],  # noqa: S108  its own
        "devices": interpreter.DEVICES,
        "packages": [_PACKAGES],
        "preload": PRELOADED if warm else (),
        "folder": "",
    }
    files = {path: in_memory("harness", content) for path, content in harness_files().items()}
    try:
        process, control = launch(
            lambda its_end: command(files, its_end, warm=warm),
            _drop,
            environment={},
            files=files.values(),
            errors=errors,
        )
    finally:
        for file in files.values():
            os.close(file)
    return Started(process, control, rules, NOBODY if os.geteuid() == 0 else None)


def command(files: Mapping[str, int], control: int, *, warm: bool) -> list[str]:
    """Return the command line; `files` are descriptors of the harness's own files by path, `control` of its socket."""
    words = [bubblewrap() or "bwrap", *(f"--unshare-{name}" for name in _NAMESPACES)]
    words += [*_supported(), "--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    words += ["--cap-add", "CAP_SYS_ADMIN"] if warm else []
    words += ["--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "sandbox"]
    for name, value in interpreter.environment("/tmp").items():  # noqa: S108  its own
        words += ["--setenv", name, value]
    words += _visible()
    for path, file in files.items():
        words += ["--file", str(file), f"{_INSIDE}/{path}"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    words += ["--size", str(namespaces.SHARED_BYTES), "--perms", "1777", "--tmpfs", "/dev/shm"]  # noqa: S108
    words += ["--size", str(namespaces.TMP_BYTES), "--perms", "1777", "--tmpfs", "/tmp", "--chdir", "/tmp"]  # noqa: S108
    words += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*words, "--", str(interpreter.executable()), *interpreter.arguments(_INSIDE, control)]


def bubblewrap() -> str | None:
    """Find the program on PATH; None when it is not installed."""
    return shutil.which("bwrap")


def _visible() -> list[str]:
    """Return the arguments that show the system's libraries, the interpreter and the packages."""
    shown = _shown()
    words = ["--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for folder in map(Path, interpreter.ROOTS):
        if folder.is_symlink():
            words += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            words += ["--ro-bind", str(folder), str(folder)]
    prefix = Path(sys.base_prefix)
    for path in interpreter.outside_usr():
        words += ["--ro-bind", str(shown[prefix] / path.relative_to(prefix)), str(path)]
    words += [word for path in _site_packages() for word in ("--tmpfs", path)]
    for package in interpreter.packages():
        words += ["--ro-bind", str(shown[package]), f"{_PACKAGES}/{package.name}"]
    return words


@functools.cache
def _supported() -> tuple[str, ...]:
    """Return what only newer versions know."""
    said = subprocess.run([bubblewrap() or "bwrap", "--help"], capture_output=True, text=True, check=False).stdout
    return ("--disable-userns",) if "--disable-userns" in said else ()


def _site_packages() -> list[str]:
    """Return the folders of installed packages, which no program is to see."""
    base = {"base": sys.base_prefix, "platbase": sys.base_prefix}
    paths = {sysconfig.get_path(name, vars=base) for name in ("purelib", "platlib")}
    return sorted(path for path in paths if Path(path).is_dir())


@functools.cache
def _shown() -> dict[Path, Path]:
    """Return where whoever starts bubblewrap finds each folder: as root we show it, when others cannot reach it."""
    folders = [Path(sys.base_prefix), *interpreter.packages()]
    staged = os.geteuid() == 0 and any(map(interpreter.is_closed, (*interpreter.outside_usr(), *folders[1:])))
    return {folder: Path(_STAGE, str(number)) if staged else folder for number, folder in enumerate(folders)}


def _drop() -> None:
    """Between fork and exec: lift the worker's limits, and stop being root."""
    freed()
    if os.geteuid() == 0:
        if any(folder != shown for folder, shown in _shown().items()):
            _show()
        become(NOBODY)
    die_with_parent()


def _show() -> None:
    """Mount folders where everyone may look, for this process and its children only."""
    succeed(LIBC.unshare(_CLONE_NEWNS))
    succeed(LIBC.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None))
    opened = [(os.open(folder, os.O_PATH | os.O_DIRECTORY), shown) for folder, shown in _shown().items()]
    succeed(LIBC.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, b"mode=755"))  # it may hide some of them
    Path(_STAGE).mkdir()
    for folder, shown in opened:
        shown.mkdir()
        os.fchdir(folder)
        succeed(LIBC.mount(b".", str(shown).encode(), None, _MS_BIND | _MS_REC, None))
        os.close(folder)
    os.chdir("/")
