"""The store: does the file open, what does it hold, who else uses it, and is there room for more."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from curator.doctor.finding import Finding, Status
from curator.errors import CuratorError
from curator.store import queries
from curator.store.client import Store
from curator.store.location import Location, hold, holder, locate, release

LEAST_FREE_GIB = 2
"""Free disk space below which a run of any size is in danger."""
_HERE = "curator doctor"


def store(path: Path) -> Iterator[Finding]:
    """Examine the store at `path`; it is not made, and its process ends with us unless others use it."""
    location = locate(path)
    if location.file.exists():
        user = _user(location)
        yield _opened(path, location)
        if user is not None:
            yield Finding(Status.INFO, "store", f"another command is using it, through the store process {user}")
    elif os.access(location.file.parent, os.W_OK):
        yield Finding(Status.INFO, "store", f"{path} does not exist yet: `curator sample` makes it")
    else:
        advice = "make the folder or mend its rights, or name another file with --store"
        yield Finding(Status.FAIL, "store", f"{path} cannot be made in {location.file.parent}", advice)
        return
    yield _room(location.file.parent)


def _user(location: Location) -> str | None:
    """Return the pid of the store process that others have started; None when there is none."""
    owner = hold(location.owner_lock)
    if owner is None:
        return holder(location.owner_lock)
    release(location.owner_lock, owner)
    return None


def _opened(path: Path, location: Location) -> Finding:
    try:
        with Store.open(path, create=False) as opened:
            (row,) = opened.rows(queries.STORE_SIZES)
    except CuratorError as err:
        look = f"this says more: {sys.executable} -m curator.store.server {location.file}"
        return Finding(Status.FAIL, "store", err.message, look if _HERE in err.hint else err.hint)
    counts = ", ".join(f"{number:,} {name}" for name, number in row.items() if name != "schema_number")
    size = f"{location.file.stat().st_size / 2**20:,.1f} MiB"
    return Finding(Status.OK, "store", f"{path} opens: {counts}; schema {row['schema_number']}, {size}")


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 2**30
    detail = f"{free:,.1f} GiB free in {folder}"
    if free < LEAST_FREE_GIB:
        return Finding(Status.WARN, "disk", detail, "free some space there, or name a store on another disk: --store")
    return Finding(Status.OK, "disk", detail)
