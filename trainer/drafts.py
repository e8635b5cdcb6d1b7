"""Folders that appear whole or not at all: written under a hidden name beside their place, then renamed."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trainer.errors import TrainerError

AGAIN = "free some space, then run the same command: it goes on from the last checkpoint"

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FULL_WORDS = (
    "No space left on device",
    "os error 28",
    "file write failed",
    "PytorchStreamWriter failed",
    "enforce fail",
)
"""How torch and safetensors, which raise errors of their own, say that a disk is full."""


@contextmanager
def whole_folder(place: Path, hint: str = AGAIN) -> Iterator[Path]:
    """Give an empty draft that becomes `place`, in the stead of what was there, when the block ends well.

    The draft that a killed process left is removed first; two processes at once are the caller's to keep apart.

    Raises:
        TrainerError: The disk is full; no draft is left then. `hint` says what to do.
    """
    draft, old = (place.with_name(f".{place.name}.{state}") for state in ("draft", "old"))
    _clear(draft, old)
    try:
        with told_when_full(place, hint):
            draft.mkdir(parents=True)
            yield draft
        if place.exists():
            place.rename(old)
        draft.rename(place)
    finally:
        _clear(draft, old)


@contextmanager
def told_when_full(place: Path, hint: str = AGAIN) -> Iterator[None]:
    """Turn the errors of a full disk, whichever library raised them, into words.

    Raises:
        TrainerError: The disk is full.
    """
    try:
        yield
    except TrainerError:
        raise
    except Exception as err:
        if _is_full(err):
            raise TrainerError(f"no space left to write {place}", hint=hint) from err
        raise


def _is_full(err: BaseException | None) -> bool:
    """Look along the causes too: torch says only that a writer failed, after an OSError that says why."""
    while err is not None:
        if isinstance(err, OSError) and err.errno in _FULL:
            return True
        if any(words in str(err) for words in _FULL_WORDS):
            return True
        err = err.__cause__ or err.__context__
    return False


def _clear(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
