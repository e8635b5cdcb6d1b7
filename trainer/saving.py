"""What a training leaves: the adapter, its record, and on request the merged model; each whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from schemas.training import ADAPTER, ADAPTER_CONFIG, MERGED, RECORD, TrainingRecord
from trainer.drafts import told_when_full, whole_folder
from trainer.errors import TrainerError
from trainer.students import load_config, load_model, load_tokenizer
from trainer.tokens import grow
from trainer.whole_file import write_whole

LIBRARIES = ("r1-curator", "torch", "transformers", "trl", "peft", "accelerate", "datasets")
TRIAL = "What is 2 + 3? <think>2 + 3 = 5</think>"
"""Text on which adapter and merged model are compared."""
TOLERANCE = 1e-2
"""Largest difference of a logit in float32 that merging may make; it makes some 1e-4."""


def save_adapter(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write the adapter with tokenizer and chat template into `folder/adapter`.

    Embeddings are left out: those of added tokens are in the adapter, all others are the base's.

    Raises:
        TrainerError: The disk is full.
    """
    with whole_folder(folder / ADAPTER) as draft:
        model.save_pretrained(draft, save_embedding_layers=False)
        tokenizer.save_pretrained(draft)
        (draft / "README.md").unlink(missing_ok=True)  # peft's card, of placeholders only


def save_record(folder: Path, record: TrainingRecord) -> None:
    """Write `training.json`, by which a training counts as finished."""
    with told_when_full(folder / RECORD):
        write_whole(folder / RECORD, f"{record.model_dump_json(indent=2)}\n".encode())


def load_adapted(base: Path, adapter: Path, dtype: torch.dtype) -> Any:
    """Load a base with an adapter on it; the same in every process, to the bit.

    Raises:
        BadInput: Either cannot be read.
    """
    model = load_model(base, dtype)
    grow(model, load_tokenizer(adapter))
    return PeftModel.from_pretrained(model, adapter).eval()


def save_merged(base: Path, folder: Path) -> float:
    """Merge `folder/adapter` into its base as `folder/merged`, which loads without peft.

    Weights are added in float32 and saved in the base's own type; a base trained in 4 bits is merged into whole.

    Returns:
        The largest difference of a logit between the adapter and the merged model, on a short text, in float32.

    Raises:
        TrainerError: The disk is full, or the merged model says something else than the adapter.
    """
    tokenizer = load_tokenizer(folder / ADAPTER)
    adapted = load_adapted(base, folder / ADAPTER, torch.float32)
    before = _logits(adapted, tokenizer)
    merged = adapted.merge_and_unload()
    difference = float((before - _logits(merged, tokenizer)).abs().max())
    if not difference <= TOLERANCE:
        raise TrainerError(f"the merged model differs from the adapter by {difference:.2g} in a logit; it is not saved")
    _end_with(merged, tokenizer.eos_token_id)
    with whole_folder(folder / MERGED) as draft:
        merged.to(load_config(base).dtype or torch.float32).save_pretrained(draft)
        tokenizer.save_pretrained(draft)
    return difference


def hash_of(adapter: Path) -> str:
    """Hash what makes an adapter this adapter: its weights, its settings, its tokens and template."""
    digest = hashlib.blake2b(digest_size=16)
    for name in ("adapter_model.safetensors", ADAPTER_CONFIG, "tokenizer.json", "chat_template.jinja"):
        file = adapter / name
        digest.update(file.read_bytes() if file.is_file() else b"")
    return f"b2:{digest.hexdigest()}"


def versions() -> Mapping[str, str]:
    """Return the versions of what trained."""
    return {name: metadata.version(name) for name in LIBRARIES}


def now() -> datetime:
    """Return the time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def _end_with(model: Any, token: int) -> None:
    """Let generation end at the tokenizer's end token too; a mended chat template may end answers with another."""
    known = model.generation_config.eos_token_id
    ends = known if isinstance(known, list) else [known] if known is not None else []
    if token not in ends:
        model.generation_config.eos_token_id = [*ends, token]


def _logits(model: Any, tokenizer: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(torch.tensor([tokenizer(TRIAL, add_special_tokens=False)["input_ids"]])).logits  # type: ignore[no-any-return]
