"""The folder of a training before the trainer sees it: whose it is, what it was made for, and how it is prepared.

The dataset comes first and appears whole; `train.json` comes last. So whatever a killed command left, the same command
finishes it. A folder in which training has begun belongs to one configuration and one set of rows.

Not covered: files of the user's own inside the parts that `--overwrite` removes, such as `merged`.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from curator.errors import CuratorError, UsageError
from curator.escape import one_line
from curator.exporting.export import write_export
from curator.exporting.facts import FormatName, LayoutName
from curator.exporting.rows import student_of
from curator.exporting.target import MANIFEST, new_folder
from curator.store.client import Store
from curator.training.choices import flag
from schemas import training
from schemas.split import Split
from schemas.training import CONFIG, DATASET, TrainingConfig

FORMAT: FormatName = "prompt-completion"
_RESULTS = (training.RECORD, training.ADAPTER, training.METRICS, training.CHECKPOINTS)
"""Any of them tells that training has begun."""
_MADE = (*_RESULTS, training.MERGED, training.PLOT, training.TENSORBOARD, training.ENCODED, training.EVALUATION)
"""What trainer and evaluation add."""
_SHOWN = 60
"""Most characters of a value in a message."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the folder is to hold."""

    folder: Path
    config: TrainingConfig
    split: Split
    layout: LayoutName

    def dataset(self) -> Mapping[str, str]:
        """What tells these rows from others, as the manifest of an export names it."""
        return {
            "split": self.split.name,
            "fingerprint": self.split.fingerprint,
            "layout": self.layout,
            "student": student_of(self.split),
            "format": FORMAT,
        }


@contextmanager
def claimed(folder: Path) -> Iterator[int]:
    """Make a folder and hold it against other commands; take it away again when nothing came to lie in it.

    Yields:
        The lock's file descriptor: a process that inherits it goes on holding the folder.

    Raises:
        UsageError: It cannot be made, or a training is running in it.
    """
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
    except OSError as err:
        raise UsageError(f"--to {folder}: {err.strerror}", hint="name another folder; nothing was written") from err
    try:
        _lock(lock, folder)
        yield lock
    finally:
        os.close(lock)
        for one in made:
            with suppress(OSError):
                one.rmdir()


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        raise UsageError(f"--to {folder}: a training is running in it", hint="wait for its end, or end it") from err


def prepare(store: Store, wanted: Wanted, *, overwrite: bool) -> None:
    """Put dataset and configuration into the folder; leave alone what is as it should be.

    Args:
        store: The store with the split.
        wanted: What the folder is to hold. Until training has begun, other settings may take the place of earlier ones.
        overwrite: Whether to remove whatever a training made there, and begin anew.

    Raises:
        UsageError: The folder holds anything else or belongs to another training, or the split has nothing to train on.
        CuratorError: It cannot be written.
    """
    folder, config = wanted.folder, _held_config(wanted.folder)
    if config is None or overwrite:
        _refuse_foreign(folder, {DATASET} if config is None else {DATASET, CONFIG, *_MADE})
    rows = _rows_changed(folder, wanted)
    changed = _config_changed(config, wanted.config) + rows
    # Rows without train.json are what a killed command left, or an export of the user's own.
    begun = config is None or any(_holds(folder / name) for name in _RESULTS)
    if changed and begun and not overwrite:
        raise UsageError(
            "\n".join([f"--to {folder} was made for other settings or rows:", *changed]),
            hint="name another folder, or train anew in this one with --overwrite",
        )
    if rows or overwrite or not _manifest(folder):
        _write_dataset(store, wanted)
    if changed or overwrite:
        _remove_results(folder)
    if config != wanted.config:
        _write_config(folder, wanted.config)


def rows_of(folder: Path) -> Mapping[str, int]:
    """Return how many rows each part of a prepared folder's dataset has; a part without rows is absent."""
    found = _manifest(folder).get("rows", {})
    return {str(part): int(number) for part, number in found.items()}


def _held_config(folder: Path) -> TrainingConfig | None:
    file = folder / CONFIG
    try:
        return TrainingConfig.model_validate_json(file.read_bytes()) if file.is_file() else None
    except ValidationError as err:
        raise UsageError(
            f"--to {folder}: its {CONFIG} is no training's of this version", hint="name another folder"
        ) from err


def _refuse_foreign(folder: Path, ours: set[str]) -> None:
    names = {path.name for path in folder.iterdir() if not _is_draft(path)}
    foreign = sorted(names - ours)
    if foreign:
        raise UsageError(
            f"--to {folder}: the folder holds files that are no training's: {', '.join(foreign[:3])}",
            hint="name another folder; nothing was written",
        )


def _is_draft(path: Path) -> bool:
    """Tell what a killed command or trainer left of one of the parts."""
    return path.name.startswith(tuple(f".{name}." for name in (DATASET, CONFIG, *_MADE)))


def _holds(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _manifest(folder: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads((folder / DATASET / MANIFEST).read_bytes())
        return found if isinstance(found, dict) else {}
    return {}


def _config_changed(held: TrainingConfig | None, wanted: TrainingConfig) -> list[str]:
    """Say what differs, in the flags' words."""
    if held is None:
        return []
    pairs = {name: (getattr(held, name), getattr(wanted, name)) for name in TrainingConfig.model_fields}
    return [f"  {flag(name)} {_shown(was)} → {_shown(now)}" for name, (was, now) in pairs.items() if was != now]


def _rows_changed(folder: Path, wanted: Wanted) -> list[str]:
    held = _manifest(folder)
    words = {"split": "split", "fingerprint": "rows of the split", "layout": "--layout", "student": "prompt template"}
    return [
        f"  {words.get(name, name)} {_shown(held.get(name))} → {_shown(now)}"
        for name, now in (wanted.dataset().items() if held else ())
        if held.get(name) != now
    ]


def _shown(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "the default", True: "on", False: "off"}[value]
    return one_line(",".join(value) if isinstance(value, tuple) else str(value), _SHOWN)


def _write_dataset(store: Store, wanted: Wanted) -> None:
    with new_folder(wanted.folder / DATASET, overwrite=True) as draft:
        facts = write_export(store, wanted.split, draft, FORMAT, wanted.layout)
        if "train" not in facts.rows:
            raise UsageError(
                f"the split {wanted.split.name} has no rows to train on: all of it is held out",
                hint=f"curator curate {wanted.split.name} --overwrite with a smaller --test-fraction",
            )


def _remove_results(folder: Path) -> None:
    # The record goes first: what is left of a training is never taken for a finished one.
    for path in [*(folder / name for name in _MADE), *filter(_is_draft, folder.iterdir())]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _write_config(folder: Path, config: TrainingConfig) -> None:
    draft = folder / f".{CONFIG}.draft"
    try:
        draft.write_text(config.model_dump_json(indent=2) + "\n", "utf-8")
        draft.rename(folder / CONFIG)
    except OSError as err:
        draft.unlink(missing_ok=True)
        what = f"no space left for {folder}" if err.errno == errno.ENOSPC else f"{folder / CONFIG}: {err.strerror}"
        raise CuratorError(what, hint="the same command goes on from here") from err
