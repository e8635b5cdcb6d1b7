"""What `curator train` wrote into the folder of a training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from schemas.training import CONFIG, DATASET, TrainingConfig
from trainer.errors import BadInput

T = TypeVar("T", bound=BaseModel)


class Manifest(BaseModel):
    """What `export.json` says of the rows, as far as it is needed."""

    split: str
    fingerprint: str
    recipe: Mapping[str, Any]
    layout: str


def read_config(folder: Path) -> TrainingConfig:
    """Read `train.json`.

    Raises:
        BadInput: It is missing, or is none.
    """
    return _read(folder / CONFIG, TrainingConfig)


def read_manifest(folder: Path) -> Manifest:
    """Read where the rows come from.

    Raises:
        BadInput: `dataset/export.json` is missing, or is none.
    """
    return _read(folder / DATASET / "export.json", Manifest)


def _read(file: Path, kind: type[T]) -> T:
    try:
        return kind.model_validate_json(file.read_bytes())
    except OSError as err:
        hint = "curator train NAME --model M --to DIR writes it"
        raise BadInput(f"{file} cannot be read: {err.strerror}", hint=hint) from err
    except ValidationError as err:
        first = err.errors()[0]
        raise BadInput(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from err
