"""Opening the DuckDB file: its layout, its limits, and plain words for what can be wrong with it.

Rows lie in groups of 2,048, DuckDB's smallest: a checkpoint rewrites every group that grew, and with the usual
122,880 rows a group of traces is gigabytes, so that commits would stall for seconds.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import duckdb

from curator.errors import StoreError
from curator.store.migrations import migrate

ROW_GROUP_SIZE = 2048
STORAGE_VERSION = "v1.2.0"
"""Oldest DuckDB that can read the file; from this version on, text can be compressed with zstd."""
DATABASE_MEMORY_MB = 1024
"""Most memory that DuckDB counts as its own, on a machine with four times as much or more."""
SPILL_LIMIT = "4GiB"
"""Most disk that sorting and joining may take beside the file."""
LOCK_PATIENCE_S = 2.0
"""How long a file may stay locked by a store process that is just ending."""

_HEADER = 8
_MAGIC = b"DUCK"
_PID = re.compile(r"\(PID (\d+)\)")
NO_SPACE = re.compile("no space left|ENOSPC|file too large|disk quota", re.IGNORECASE)


def open_database(path: Path, *, create: bool) -> duckdb.DuckDBPyConnection:
    """Open the store, making it when it does not exist, and bring its schema up to date.

    Raises:
        StoreError: not a store, corrupt, newer than this program, locked by another one, or no space or right
            to write beside it.
    """
    try:
        _check_directory(path)
        if not path.exists():
            if not create:
                raise StoreError(f"{path} is gone", hint="put it back, or start again")
            _create(path)
        _check_header(path)
        connection = _attach(path)
        migrate(connection, str(path))
    except (duckdb.Error, OSError) as err:
        raise explain(err, path) from err
    return connection


def connect(root: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return one more connection to the open store."""
    connection = root.cursor()
    connection.execute("USE store")
    connection.execute("SET streaming_buffer_size = '1KB'")  # one chunk; it counts no long text, so 1 MB is gigabytes
    return connection


def explain(err: Exception, path: Path) -> StoreError:
    """Say in plain words what DuckDB or the operating system found wrong with the file."""
    text = str(err)
    if NO_SPACE.search(text):
        return StoreError(
            f"no space left for {path}",
            hint="free some space on that disk and run the same command again: everything committed is safe",
        )
    if "lock on file" in text:
        pid = _PID.search(text)
        who = f"process {pid[1]}" if pid else "another program"
        return StoreError(
            f"{path} is locked by {who}, which opened it without r1-curator",
            hint="close that program (a duckdb shell, a notebook); `curator sql` reads the store at any time",
        )
    if "read_only" in text or isinstance(err, PermissionError) or "Permission denied" in text:
        return StoreError(f"{path} cannot be written", hint="check the rights of the file and its directory")
    if "version number" in text:
        return StoreError(f"{path} was written by a newer DuckDB: {_first_line(text)}", hint="upgrade r1-curator")
    if "orrupt" in text or "checksum" in text or "Serialization" in text:
        return StoreError(f"{path} is damaged: {_first_line(text)}", hint="restore it from a copy")
    return StoreError(f"the store {path} failed: {_first_line(text)}", hint="see `curator doctor`")


def _create(path: Path) -> None:
    """Make a new store under another name first, so that it appears complete or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    _set_aside(Path(f"{path}.wal"))
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(
            f"ATTACH {_literal(draft)} AS store (STORAGE_VERSION '{STORAGE_VERSION}', ROW_GROUP_SIZE {ROW_GROUP_SIZE})"
        )
        connection.execute("USE store")
        migrate(connection, str(path))
        connection.execute("CHECKPOINT")
        connection.close()
        draft.rename(path)
    finally:
        connection.close()
        draft.unlink(missing_ok=True)
        Path(f"{draft}.wal").unlink(missing_ok=True)


def _set_aside(log: Path) -> None:
    """Keep the log of a store that was removed from being replayed into the new one."""
    if log.exists():
        log.rename(f"{log}.orphan")


def _attach(path: Path) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,  # every query runs on its own connection's thread, so that its priority can be its own
        "memory_limit": f"{_memory_mb()}MB",
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "python_enable_replacements": False,
        "temp_directory": f"{path}.tmp",
        "max_temp_directory_size": SPILL_LIMIT,
        "allowed_configs": ["streaming_buffer_size"],  # `connect` sets it, and a person's SQL may not SET at all
    }
    connection = duckdb.connect(":memory:", config=config)
    give_up = time.monotonic() + LOCK_PATIENCE_S
    while True:
        try:
            connection.execute(f"ATTACH {_literal(path)} AS store (ROW_GROUP_SIZE {ROW_GROUP_SIZE})")
            break
        except duckdb.IOException as err:
            if "lock on file" not in str(err) or time.monotonic() > give_up:
                raise
            time.sleep(0.05)
    connection.execute("USE store")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _check_directory(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a directory", hint="name a file with --store")
    if not path.parent.is_dir():
        raise StoreError(f"the directory {path.parent} does not exist", hint=f"make it: mkdir -p {path.parent}")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise StoreError(f"{path} cannot be written", hint="check the rights of the file and its directory")


def _check_header(path: Path) -> None:
    """Look before DuckDB does: it would try to download an extension for a SQLite file."""
    with path.open("rb") as file:
        header = file.read(_HEADER + len(_MAGIC))
    if header[_HEADER:] != _MAGIC:
        raise StoreError(f"{path} is not a DuckDB file", hint="name another file with --store")


def _memory_mb() -> int:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return min(DATABASE_MEMORY_MB, total // 4)


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:300]
