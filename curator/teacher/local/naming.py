"""What the models of the teacher `local` are called: by their content, too.

A student that is trained anew in the same folder is another model. Under a name that the folder alone gives, its run
would go on with the candidates of the older one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from curator.teacher.base import TeacherError
from schemas.identity import PREFIX, content_hash
from schemas.training import ADAPTER, MERGED, RECORD, TrainingRecord, read_record

_SHAPING = ("*.safetensors", "*.bin", "*.json", "*.jinja", "*.model", "*.txt")
"""Files of a folder that shape what a model says: weights, configuration, tokenizer, chat template."""


def content_name(path: Path, model: Path) -> str:
    """Return `NAME@` and 8 hexadecimal digits of what the model consists of.

    What a training made has one name, merged or not: its folder's, and the hash that its record holds. Everything
    else is read: 0.6 GB/s on one core (BLAKE2b), so a second for half a gigabyte.

    Args:
        path: As the user named it; gives NAME, less the suffix .gguf.
        model: As `models.located` found it.

    Raises:
        TeacherError: The record of a training cannot be read.
    """
    home = model.resolve().parent
    record = _record(home) if model.name in (ADAPTER, MERGED) else None
    if record is not None:
        return f"{home.name}@{_short(record.weights)}"
    resolved = path.resolve()
    name = resolved.stem if resolved.suffix == ".gguf" else resolved.name
    return f"{name}@{_short(content_hash(_contents(model)))}"


def _record(folder: Path) -> TrainingRecord | None:
    try:
        return read_record(folder)
    except (ValidationError, OSError) as err:
        text, hint = f"{folder / RECORD} is no record of a training", "train again, or name a model's own folder"
        raise TeacherError(text, reason="refused", hint=hint) from err


def _contents(model: Path) -> list[list[str]]:
    """Hash every file that counts; those of a folder with their names."""
    if model.is_file():
        return [[_hash(model)]]
    files = sorted({file for pattern in _SHAPING for file in model.glob(pattern)})
    return [[file.name, _hash(file)] for file in files]


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()


def _short(content: str) -> str:
    return content.removeprefix(PREFIX)[:8]
