"""Where the store process of one file listens, and which locks keep it the only one.

Everything lies in one directory that only this user can enter; names derive from the file's real path, so that
two spellings of one path meet in one store process.

Not covered: one file reached through two mounts or by two users has two names; DuckDB's own lock then refuses the
second process, and the error names the first.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from curator.errors import StoreError

MAX_SOCKET_PATH = 100
"""Bytes; the kernel allows 108 with the closing NUL."""


@dataclass(frozen=True, slots=True)
class Location:
    """The paths that belong to one store file."""

    file: Path
    """The DuckDB file, absolute and without links."""
    base: str
    """What the paths below have in common."""

    @property
    def socket(self) -> Path:
        """Unix socket of the store process."""
        return Path(self.base + ".sock")

    @property
    def start_lock(self) -> Path:
        """Held by the one client that starts the store process."""
        return Path(self.base + ".start")

    @property
    def owner_lock(self) -> Path:
        """Held by the store process for as long as it lives."""
        return Path(self.base + ".owner")


def locate(path: Path) -> Location:
    """Name the paths of a store file, and make their directory.

    Raises:
        StoreError: the directory belongs to somebody else.
    """
    file = path.expanduser().resolve()
    key = _digest(str(file))
    directory = _private_directory(len(key) + len("/.sock"))
    return Location(file, str(directory / key))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock, waiting for whoever has it."""
    descriptor = _lock(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        release(path, descriptor)


def hold(path: Path) -> int | None:
    """Take a lock until `release` or the end of this process, and leave our pid in it.

    Returns:
        The open descriptor, or None when another process holds the lock.
    """
    try:
        descriptor = _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def release(path: Path, descriptor: int) -> None:
    """Let go of a lock and remove its file."""
    path.unlink(missing_ok=True)
    os.close(descriptor)


def holder(path: Path) -> str:
    """Return the pid that the lock's holder left, or `unknown`."""
    try:
        return path.read_text() or "unknown"
    except OSError:
        return "unknown"


def _lock(path: Path, operation: int) -> int:
    """Lock the file that lies at `path` then; one that was removed while we waited locks nothing."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, operation)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _digest(text: str) -> str:
    return hashlib.blake2b(os.fsencode(text), digest_size=8).hexdigest()


def _private_directory(name_length: int) -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        directory = Path(runtime) / "curator"
        if len(os.fsencode(directory)) + name_length <= MAX_SOCKET_PATH and os.access(runtime, os.W_OK):
            return _own(directory)
    return _own(Path(f"/tmp/curator-{os.getuid()}"))  # noqa: S108 - checked below: ours, and closed to others


def _own(directory: Path) -> Path:
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise StoreError(
            f"{directory} is not a directory that only you can enter, so it is not safe for the store's socket",
            hint=f"remove it, or point XDG_RUNTIME_DIR at a directory of your own, then: chmod 700 {directory}",
        )
    return directory
