"""`curator train` as a library call: settings → folder, dataset → trainer → what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from curator.display import waiting
from curator.errors import CuratorError, UsageError
from curator.escape import one_line
from curator.exporting.facts import LayoutName
from curator.splits import load_split
from curator.store.client import Store
from curator.training.folder import Wanted, claimed, prepare, rows_of
from curator.training.launch import accelerate_command, require_trainer, run_trainer, trainer_words
from schemas.training import MERGED, RECORD, TrainingConfig, TrainingRecord, read_record


@dataclass(frozen=True, slots=True)
class Asked:
    """One `curator train`."""

    split: str
    folder: Path
    config: TrainingConfig
    layout: LayoutName = "tags"
    merge: bool = False
    dry_run: bool = False
    """Whether to stop when the rows have been looked at."""
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the command came to."""

    asked: Asked
    store: Path
    rows: Mapping[str, int]
    """Of each part of the split; a part without rows is absent."""
    exit_code: int
    """The trainer's, which has said why when it is not 0."""
    record: TrainingRecord | None
    """What was trained; None after a dry run or a failure."""
    unchanged: bool
    """Whether nothing was left to do."""


def train(asked: Asked, store: Path, *, quiet: bool) -> Outcome:
    """Prepare the folder and train on it, from its last checkpoint on; what is there already is not made again.

    Args:
        asked: What to train.
        store: The store with the split; it is closed while the trainer runs.
        quiet: Whether stdout stays free for the caller: all that the trainer says goes to stderr.

    Raises:
        UsageError: The split, the folder or the model cannot be used.
        CuratorError: Packages are missing, or the trainer was killed.
        KeyboardInterrupt: The training was interrupted; the same call goes on.
    """
    require_trainer()
    _refuse_own_model(asked)
    with claimed(asked.folder) as lock:
        with Store.open(store, create=False) as opened, waiting(f"preparing {asked.folder}", quiet=quiet):
            wanted = Wanted(asked.folder, asked.config, load_split(opened, asked.split), asked.layout)
            prepare(opened, wanted, overwrite=asked.overwrite)
        rows = rows_of(asked.folder)
        unchanged = not asked.dry_run and _is_done(asked)
        code = 0
        if not unchanged:
            _tell(asked, rows)
            words = trainer_words(asked.folder, merge=asked.merge, dry_run=asked.dry_run)
            code = run_trainer(words, holding=lock, quiet=quiet)
    record = None if code or asked.dry_run else _record(asked.folder)
    return Outcome(asked, store, rows, code, record, unchanged)


def _refuse_own_model(asked: Asked) -> None:
    model = Path(asked.config.model)
    if model.is_absolute() and model.resolve().is_relative_to(asked.folder.resolve()):
        raise UsageError(
            f"--to {asked.folder}: the model {model} lies in it", hint="name another folder for the result"
        )


def _is_done(asked: Asked) -> bool:
    return _record(asked.folder) is not None and (not asked.merge or (asked.folder / MERGED).is_dir())


def _record(folder: Path) -> TrainingRecord | None:
    try:
        return read_record(folder)
    except ValidationError as err:
        raise CuratorError(
            f"{folder / RECORD} is no record of a training of this version", hint="train it anew with --overwrite"
        ) from err


def _tell(asked: Asked, rows: Mapping[str, int]) -> None:
    """Print to stderr what a person should know before a training that may take hours."""
    notes = [f"where there are several GPUs: {accelerate_command(asked.folder, merge=asked.merge)}"]
    if "test" not in rows:
        notes.append(
            f"the split {asked.split} holds nothing out; curate it with --test-fraction to measure the student"
        )
    console = Console(stderr=True)
    for note in notes:
        console.print(Text(one_line(f"note: {note}"), style="yellow"), soft_wrap=True)
