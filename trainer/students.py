"""The student: found by the name that the user gave it, and loaded."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any, Literal

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from schemas.training import ADAPTER, ADAPTER_CONFIG, EMBEDDED, MERGED, TrainingConfig, read_record
from trainer.errors import BadInput
from trainer.unpack import embedded, unpacked

_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model")
_MODELS = "name a Hugging Face folder, a .gguf file, OWNER/NAME on the hub, or local"
_PARTS = ("*.json", "*.safetensors", "*.model", "*.jinja", "*.txt")
"""Files of a hub's repository that a student consists of."""

transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def find_student(name: str) -> Path:
    """Return the folder of a model, which holds a configuration and a tokenizer; unpacks or downloads it if need be.

    Of a training's folder that is the merged model.

    Raises:
        BadInput: There is no such model, or it lacks something.
    """
    path = embedded() if name == EMBEDDED else Path(name).expanduser()
    if path.is_file():
        path = unpacked(path)
    elif not path.exists():
        path = _downloaded(name)
    elif read_record(path) is not None:
        path = path / MERGED
        if not path.is_dir():
            raise BadInput(f"{name} holds an adapter and no merged model", hint="train it again with --merge")
    if not (path / "config.json").is_file():
        raise BadInput(f"{name} has no config.json, so it is no model folder", hint=_MODELS)
    _require_tokenizer(path)
    return path.resolve()


def adapter_of(name: str) -> Path | None:
    """Return the folder of the adapter that `name` means: itself or, of a training without merged model, its own."""
    path = Path(name).expanduser()
    if (path / ADAPTER_CONFIG).is_file():
        return path
    if path.is_dir() and read_record(path) is not None and not (path / MERGED).is_dir():
        return path / ADAPTER
    return None


def base_of(adapter: Path) -> Path:
    """Return the folder of the model that an adapter was trained on.

    Raises:
        BadInput: The adapter does not name one that can be found.
    """
    try:
        name = json.loads((adapter / ADAPTER_CONFIG).read_bytes())["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise BadInput(f"{adapter / ADAPTER_CONFIG} does not say what the adapter's base is") from err
    return find_student(str(name))


def load_tokenizer(folder: Path) -> Any:
    """Load the tokenizer of a model or adapter.

    Raises:
        BadInput: There is none, or it cannot be read.
    """
    _require_tokenizer(folder)
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as err:
        raise BadInput(f"the tokenizer in {folder} cannot be read: {_first_line(err)}") from err


def load_config(folder: Path) -> Any:
    """Read a model's configuration.

    Raises:
        BadInput: It is no causal language model's.
    """
    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as err:
        raise BadInput(f"the model in {folder} cannot be read: {_first_line(err)}") from err


def load_model(folder: Path, dtype: torch.dtype, **options: Any) -> Any:
    """Load a model's weights, by default onto the CPU.

    Raises:
        BadInput: They cannot be read.
    """
    try:
        return AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=dtype, **options)
    except (OSError, ValueError, KeyError) as err:
        raise BadInput(f"the model in {folder} cannot be loaded: {_first_line(err)}") from err


def loading_options(config: TrainingConfig, dtype: torch.dtype) -> dict[str, Any]:
    """Say how the weights are to be loaded for training.

    Raises:
        BadInput: 4 bits or flash attention are asked for, and cannot be had here.
    """
    options: dict[str, Any] = {"attn_implementation": "flash_attention_2" if config.flash_attention else "sdpa"}
    if config.flash_attention:
        _require("flash_attn", "--flash-attention", "pip install flash-attn --no-build-isolation, or leave it out")
    if config.load_4bit:
        _require("bitsandbytes", "--load-4bit", "pip install bitsandbytes, or leave it out")
        options["quantization_config"] = transformers.BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype, bnb_4bit_use_double_quant=True
        )
    return options


def device_and_dtype() -> tuple[Literal["cpu", "cuda"], torch.dtype]:
    """Choose where to compute and how precisely: bfloat16 or float16 on a GPU, by what it can; float32 on a CPU."""
    if not torch.cuda.is_available():
        return "cpu", torch.float32
    return "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _require(package: str, flag: str, hint: str) -> None:
    if not torch.cuda.is_available():
        raise BadInput(f"{flag} needs an NVIDIA GPU, and torch sees none here", hint=f"leave {flag} out")
    if importlib.util.find_spec(package) is None:
        raise BadInput(f"{flag} needs the package {package}, which is not installed", hint=hint)


def _require_tokenizer(folder: Path) -> None:
    # Without these files, transformers makes up a tokenizer that knows no word.
    if not any((folder / name).is_file() for name in _TOKENIZERS):
        raise BadInput(f"{folder} has no tokenizer: no {', '.join(_TOKENIZERS)}", hint="copy the model's own beside it")


def _downloaded(name: str) -> Path:
    """Fetch a model from the hub, or find it in the hub's cache."""
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise BadInput(f"the model {name} does not exist", hint=_MODELS)
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - a second that most trainings do not need
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    try:
        return Path(snapshot_download(name, allow_patterns=list(_PARTS)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as err:
        hint = f"is the name right, is the network up, is HF_TOKEN set for a gated model? {_MODELS}"
        raise BadInput(
            f"the model {name} is no folder here and cannot be downloaded: {_first_line(err)}", hint=hint
        ) from err


def _first_line(err: Exception) -> str:
    return (str(err).strip() or type(err).__name__).splitlines()[0]
