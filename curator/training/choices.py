"""What one training is asked to be: a preset, under `[train]` of `curator.toml`, under the flags."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from curator.config import TrainSection
from curator.errors import UsageError
from schemas.training import ADAPTER, ADAPTER_CONFIG, EMBEDDED, MERGED, RECORD, TrainingConfig, training_config

MODEL_CONFIG = "config.json"
_SWITCHES = ("packing", "gradient_checkpointing")
_MODELS = "name a Hugging Face folder, a .gguf file, OWNER/NAME on the hub, or local"


def chosen(section: TrainSection, flags: Mapping[str, Any]) -> TrainingConfig:
    """Lay the flags over `[train]`, and both over a preset.

    Args:
        section: `[train]`; only what it sets counts.
        flags: Those of `curator train`, by the fields that they set; None and False say nothing. `chat_template` is a
            file, as in `[train]`; `target_modules` are parted by commas. Other flags are passed over.

    Raises:
        UsageError: A value is none (all faults at once), no model is named, or a file or model is not there.
    """
    settings = section.model_dump(exclude_unset=True)
    given = {name: flags[name] for name in TrainingConfig.model_fields if _says(name, flags.get(name))}
    model = given.get("model") or settings.get("model")
    if not model:
        raise UsageError("no model is named", hint=f"--model M, or model in [train]: {_MODELS}")
    given["model"] = found_model(model)
    if template := given.get("chat_template") or settings.get("chat_template"):
        given["chat_template"] = _text(Path(template))
    if "target_modules" in given:
        given["target_modules"] = tuple(name.strip() for name in given["target_modules"].split(","))
    try:
        return training_config(given.get("preset") or section.preset, settings, given)
    except ValidationError as err:
        faults = [f"{flag(str(one['loc'][0]))} {one['input']}: {one['msg']}" for one in err.errors()]
        raise UsageError("\n".join(faults), hint="curator train --help says what each one means") from err


def found_model(name: str) -> str:
    """Return the model by a name that means the same from every folder; `local` and OWNER/NAME do already.

    Not covered: whether a model on the hub is there, whether weights and tokenizer can be read. The trainer says so.

    Raises:
        UsageError: It is no whole model.
    """
    path = Path(name).expanduser()
    if name == EMBEDDED or (not path.exists() and name.count("/") == 1 and not name.startswith((".", "/", "~"))):
        return name
    if not path.exists():
        raise UsageError(f"--model {name}: there is no such folder or file", hint=_MODELS)
    if path.is_file() and path.suffix != ".gguf":
        raise UsageError(f"--model {name}: this file is no .gguf", hint=_MODELS)
    if path.is_dir() and not _is_model(path):
        if (path / ADAPTER_CONFIG).is_file() or (path / ADAPTER).is_dir():
            raise UsageError(f"--model {name}: it holds an adapter and no merged model", hint="train it with --merge")
        raise UsageError(f"--model {name}: it has no {MODEL_CONFIG}, so it is no model folder", hint=_MODELS)
    return str(path.absolute())


def flag(field: str) -> str:
    """Return what the user types for a field of `TrainingConfig`."""
    return f"--{field.replace('_', '-')}"


def _says(field: str, value: object) -> bool:
    """Tell whether a flag was given; only some have a --no- form, for which False says something."""
    return value is not None and (value is not False or field in _SWITCHES)


def _is_model(folder: Path) -> bool:
    """Tell a model folder, or the folder of a training with its merged model, from anything else."""
    return (folder / MODEL_CONFIG).is_file() or ((folder / RECORD).is_file() and (folder / MERGED).is_dir())


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as err:
        why = err.strerror if isinstance(err, OSError) else "it is not UTF-8"
        raise UsageError(f"--chat-template {file}: {why}", hint="name a file with a Jinja chat template") from err
