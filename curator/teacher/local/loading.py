"""Model and tokenizer from a Hugging Face folder, an adapter or a .gguf file; runs inside the local engine only.

Weights are float32 on the CPU. Measured with SmolLM2-135M, batch 32, 2 cores with AVX2 only: bfloat16 takes five times
as long; dynamic int8 takes half as long, but scales a whole batch together, so a text would depend on its company.

Not covered: GPUs (serve the model with vLLM there).
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import gguf
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from curator.teacher.local.attention import NAME, BatchCache
from curator.teacher.local.model import LocalModel
from curator.teacher.local.models import base_of
from schemas.training import ADAPTER_CONFIG

_TRIAL = [5, 11, 7, 13, 3, 17]
"""Arbitrary tokens on which our attention must equal the model's own."""
_TOLERANCE = 1e-2
"""Largest accepted difference of a logit; rounding stays below 1e-3."""


class ModelFault(Exception):
    """The model cannot be used; the message is for the user."""


def load(path: Path) -> LocalModel:
    """Load what is at `path`.

    Raises:
        ModelFault: no usable chat model is there.
    """
    weights, tokenizer = _read(path)
    if not tokenizer.chat_template:
        raise ModelFault(f"{path} has no chat template, so no messages can be put to it")
    weights.eval().requires_grad_(False)
    expected = _own_logits(weights)
    weights.set_attn_implementation(NAME)
    model = LocalModel(weights, tokenizer)
    if not torch.allclose(_our_logits(model), expected, atol=_TOLERANCE):
        kind = weights.config.model_type
        raise ModelFault(
            f"{path} is of type {kind}, whose attention the local engine cannot compute; serve it with vLLM"
        )
    return model


def _read(path: Path) -> tuple[Any, Any]:
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if (path / ADAPTER_CONFIG).is_file():
        return _read_adapter(path)
    if path.is_dir():
        folder, options = path, {}
    else:
        folder, options = path.parent, {"gguf_file": path.name}
        _read_gguf_once()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, **options)
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32, **options)
    return model, tokenizer


def _read_adapter(path: Path) -> tuple[Any, Any]:
    """Read an adapter and the model that it was trained on, and make one model of the two."""
    from peft import PeftModel  # noqa: PLC0415 - of another extra, which only adapters need

    model, tokenizer = _read(base_of(path))
    if (path / "tokenizer_config.json").is_file():
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:  # tokens were added before training
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    return PeftModel.from_pretrained(model, path).merge_and_unload(), tokenizer


def _read_gguf_once() -> None:
    """Remember parsed .gguf files: transformers parses one three times, and its names once per layer (15 s in all)."""
    gguf.GGUFReader = functools.cache(gguf.GGUFReader)  # type: ignore[misc,assignment]
    gguf.get_tensor_name_map = functools.cache(gguf.get_tensor_name_map)


def _own_logits(weights: Any) -> torch.Tensor:
    with torch.inference_mode():
        return weights(torch.tensor([_TRIAL]), use_cache=False).logits[0, -1]  # type: ignore[no-any-return]


def _our_logits(model: LocalModel) -> torch.Tensor:
    """Read the same tokens in three parts: shared beginning, prompt, one decoded token."""
    prompt, _ = model.read_prompt(_TRIAL[:-1], 2)
    cache = BatchCache(1)
    cache.add(prompt)
    return model.next_logits(_TRIAL[-1:], cache)[0]
