"""The folder of an export: it appears whole, or not at all.

Files are written into a draft beside it, which takes its name at the end. A draft that a killed export left is removed
by the next export to the same place. What is replaced is only ever an export of ours, or an empty folder.

Not covered: a power cut just after the end, as files are not forced onto the disk.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from curator.errors import CuratorError, UsageError

MANIFEST = "export.json"
"""Says what an export holds; a folder without it is none."""
MADE_BY = "r1-curator"

_DRAFT, _REPLACED = "draft", "replaced"
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def new_folder(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give an empty draft, which becomes `target` when the block ends well, and vanishes when it does not.

    Args:
        target: Where the export is to lie; folders above it are made.
        overwrite: Whether an earlier export may be replaced.

    Raises:
        UsageError: `target` is there and may not be replaced.
        CuratorError: It cannot be written; nothing is left of it then.
    """
    place = target.resolve()
    try:
        _recover(place)
        refuse(place, overwrite=overwrite)
        with _parents(place), draft_beside(place) as draft:
            yield draft
            _put(draft, place, overwrite=overwrite)
    except OSError as error:
        raise _unwritable(target, error) from error


def refuse(target: Path, *, overwrite: bool) -> None:
    """Stop before something is lost.

    Raises:
        UsageError: `target` is no folder, holds an export and `overwrite` is not given, or holds anything else.
    """
    blocking = next((folder for folder in target.parents if folder.exists() and not folder.is_dir()), None)
    if blocking:
        raise UsageError(f"--to {target}: {blocking} is a file", hint="name another folder")
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise UsageError(f"--to {target}: there is a file of that name", hint="name a folder")
    there = {path.name for path in target.iterdir()}
    if not there:
        return
    foreign = sorted(there - _ours(target))
    if foreign:
        what = f"holds files that are no export's: {', '.join(foreign[:3])}"
        raise UsageError(f"--to {target}: the folder {what}", hint="name another folder; nothing was written")
    if not overwrite:
        raise UsageError(f"--to {target}: there is an export already", hint="--overwrite replaces it")


@contextmanager
def draft_beside(target: Path) -> Iterator[Path]:
    """Give an empty folder of a hidden name beside `target`, locked while it is in use; it is removed at the end."""
    draft = target.with_name(f"{_prefix(target, _DRAFT)}{token_hex(4)}")
    draft.mkdir()
    lock = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)  # gone already when it took its name
        os.close(lock)


@contextmanager
def _parents(target: Path) -> Iterator[None]:
    """Make the folders above, and take them away again when nothing comes to lie in them."""
    made = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _ours(folder: Path) -> set[str]:
    """Names of what an export wrote into a folder; empty when none did."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        if manifest["made_by"] == MADE_BY:
            return {MANIFEST, *manifest["files"]}
    return set()


def _put(draft: Path, target: Path, *, overwrite: bool) -> None:
    """Give the draft its name; what it replaces keeps one by which `_recover` finds it, until all is done."""
    refuse(target, overwrite=overwrite)
    if not target.exists():
        draft.rename(target)
        return
    replaced = target.with_name(f"{_prefix(target, _REPLACED)}{token_hex(4)}")
    target.rename(replaced)
    draft.rename(target)
    shutil.rmtree(replaced, ignore_errors=True)


def _recover(target: Path) -> None:
    """Tidy up after exports that were killed: put back what one was about to replace, and remove their drafts."""
    beside = list(target.parent.iterdir()) if target.parent.is_dir() else []
    for path in beside:
        if path.name.startswith(_prefix(target, _REPLACED)) and not target.exists():
            path.rename(target)
        elif path.name.startswith((_prefix(target, _REPLACED), _prefix(target, _DRAFT))) and _abandoned(path):
            shutil.rmtree(path, ignore_errors=True)


def _abandoned(draft: Path) -> bool:
    """Tell whether nobody works in a draft; the lock of one that was killed is gone with it."""
    lock = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def _prefix(target: Path, state: str) -> str:
    return f".{target.name}.{state}-"


def _unwritable(target: Path, error: OSError) -> CuratorError:
    if error.errno in _FULL:
        return CuratorError(f"no space left for {target}", hint="free some space and try again; nothing was written")
    why = error.strerror or str(error)
    return UsageError(f"--to {target}: it cannot be written: {why}", hint="name another folder; nothing was written")
