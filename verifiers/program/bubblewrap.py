"""How a sandbox is started: the bubblewrap command, the user it runs as, and what it can see.

What is covered: namespaces of its own (user, process ids, network, IPC, host name, cgroup), read-only system libraries
and interpreter, sized and empty /tmp and /dev/shm, nothing else writable, no environment, no capabilities, no further
user namespaces, and never root: root becomes `NOBODY` first, because the kernel's process limit does not bind root.

What is not covered: no seccomp filter and no Landlock, so the whole of the kernel's system calls can be reached;
`memfd` files and SysV shared memory count only while a process maps them.
"""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import IO

NOBODY = 65_534
TMP_BYTES = 64 << 20
SHARED_BYTES = 16 << 20
_HERE = Path(__file__).parent
_INSIDE = "/harness"
_FILES = ("plain.py", "harness.py", "server.py", "examiner.py", "remote.py")
_STAGE = "/tmp/python"  # noqa: S108  in a mount namespace of its own
_CLONE_NEWNS, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
_NAMESPACES = ("user", "ipc", "pid", "net", "uts", "cgroup")


def start(errors: IO[bytes]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a sandbox with `verifiers.program.harness` in it; return its process and the control socket.

    Args:
        errors: A file that takes what bubblewrap itself complains about.

    Raises:
        OSError: there is no bubblewrap, or no process can be started.
        subprocess.SubprocessError: privileges cannot be dropped, or the interpreter cannot be shown.
    """
    ours, theirs = socket.socketpair()
    files = [os.open(_HERE / name, os.O_RDONLY) for name in _FILES]
    try:
        process = subprocess.Popen(
            command(files, theirs.fileno()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={},
            cwd="/",
            pass_fds=[theirs.fileno(), *files],
            preexec_fn=_drop,  # noqa: PLW1509  a worker has one thread
        )
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
        for file in files:
            os.close(file)
    return process, ours


def command(files: Sequence[int], control: int) -> list[str]:
    """Return the command line; `files` are descriptors of the harness's own files, `control` of its socket."""
    prefix, shown = Path(sys.base_prefix), _sources()
    words = [bubblewrap() or "bwrap", *(f"--unshare-{name}" for name in _NAMESPACES)]
    words += [*_supported(), "--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    words += ["--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "sandbox"]
    for name, value in _ENVIRONMENT.items():
        words += ["--setenv", name, value]
    words += ["--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for folder in map(Path, ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")):
        if folder.is_symlink():
            words += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            words += ["--ro-bind", str(folder), str(folder)]
    for path in _interpreter():
        words += ["--ro-bind", str(shown / path.relative_to(prefix)), str(path)]
    words += [word for path in _packages() for word in ("--tmpfs", path)]
    for name, file in zip(_FILES, files, strict=True):
        words += ["--ro-bind-data", str(file), f"{_INSIDE}/verifiers/program/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(SHARED_BYTES), "--perms", "1777", "--tmpfs", "/dev/shm"]  # noqa: S108
    words += ["--size", str(TMP_BYTES), "--perms", "1777", "--tmpfs", "/tmp", "--chdir", "/tmp"]  # noqa: S108
    words += ["--remount-ro", "/dev", "--remount-ro", "/"]
    boot = f"import sys; sys.path.insert(0, {_INSIDE!r}); from verifiers.program.harness import main; main({control})"
    return [*words, "--", str(_executable()), "-P", "-s", "-S", "-B", "-X", "utf8", "-c", boot]


_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",  # noqa: S108  the sandbox's own
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",  # a set prints the same every time
}


def bubblewrap() -> str | None:
    """Find the program on PATH; None when it is not installed."""
    return shutil.which("bwrap")


@functools.cache
def _supported() -> tuple[str, ...]:
    """Return what only newer versions know."""
    said = subprocess.run([bubblewrap() or "bwrap", "--help"], capture_output=True, text=True, check=False).stdout
    return ("--disable-userns",) if "--disable-userns" in said else ()


def _executable() -> Path:
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def _interpreter() -> list[Path]:
    """Return what of the interpreter lies outside /usr."""
    paths = (_executable(), Path(sys.base_prefix, sys.platlibdir))
    return [path for path in paths if path.parts[:2] != ("/", "usr")]


def _packages() -> list[str]:
    """Return the folders of installed packages, which no program is to see."""
    base = {"base": sys.base_prefix, "platbase": sys.base_prefix}
    paths = {sysconfig.get_path(name, vars=base) for name in ("purelib", "platlib")}
    return sorted(path for path in paths if Path(path).is_dir())


@functools.cache
def _sources() -> Path:
    """Return where the interpreter is found by whoever starts bubblewrap: as root we show it, when others cannot."""
    closed = any(
        not parent.stat().st_mode & 0o001 for path in _interpreter() for parent in path.parents if parent.exists()
    )
    return Path(_STAGE if os.geteuid() == 0 and closed else sys.base_prefix)


def _drop() -> None:
    """Between fork and exec: lift the worker's limits, and stop being root."""
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (hard, hard))
    if os.geteuid() != 0:
        return
    if str(_sources()) == _STAGE:
        _show()
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _show() -> None:
    """Mount the interpreter where everyone may look, for this process and its children only."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.chdir(sys.base_prefix)
    _succeed(libc.unshare(_CLONE_NEWNS))
    _succeed(libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None))
    _succeed(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, b"mode=755"))
    Path(_STAGE).mkdir()
    _succeed(libc.mount(b".", _STAGE.encode(), None, _MS_BIND | _MS_REC, None))
    os.chdir("/")


def _succeed(failed: int) -> None:
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
