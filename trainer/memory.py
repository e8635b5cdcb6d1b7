"""How much memory a training will take: told before the weights are loaded, from the model's configuration alone.

What is kept per token and layer was counted with autograd's hooks on a Llama of transformers 5.23 under peft 0.21,
float32 and bfloat16; what the head takes was read in trl 1.16's fused one, which never holds all logits at once.

Against the peak of eight real trainings of SmolLM2-135M's shape on two CPU cores (rows of 128, 512 and 1024 tokens,
batches of 2 and 8, with and without checkpointing: 1.7 to 9.7 GB) the estimate lies between 7% too high and 5% too
low; the same training twice differed by 7%. For a GPU it was derived, not measured.

Not covered: mixtures of experts and layers that are not a Llama's kind (their activations are told too low or high),
what other processes take meanwhile, sharding over several devices, fragmentation on a GPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import psutil  # type: ignore[import-untyped]
import torch

from schemas.training import TrainingConfig

Device = Literal["cpu", "cuda"]

_GIGA = 1_000_000_000
_FULL, _HALF = 4, 2
"""Bytes of a number: float32; bfloat16 or float16."""
_FOUR_BITS = 0.55
"""Bytes of a weight in 4 bits, its share of the scales included."""
_ADAM = 16
"""Bytes of a trained weight: itself, its gradient and AdamW's two averages, in float32."""
_TILE_ROWS, _TILE_COLUMNS = 4096, 32_768
"""Tokens and words of the logits that trl's fused head computes at a time."""
_TILES: Mapping[Device, int] = {"cpu": 14, "cuda": 1}
"""Tiles that a process grows by. Where there is no Triton, each step of the gradient makes a new one (8 at once), and
the C library keeps much of what is freed; 14 is what fits the measurements."""
_RUNTIME: Mapping[Device, int] = {"cpu": 650_000_000, "cuda": 600_000_000}
"""The libraries themselves; on a GPU, CUDA's context."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that a training takes at its peak, by what they are for."""

    device: Device
    weights: int
    adapter: int
    """Trained weights, their gradients and AdamW's averages."""
    activations: int
    logits: int
    runtime: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.adapter + self.activations + self.logits + self.runtime

    def as_json(self) -> dict[str, Any]:
        """Return the figures for `training.json`."""
        return asdict(self) | {"total": self.total}

    def line(self) -> str:
        """Say it beside what is free now, and what to do where that may not suffice."""
        free = available(self.device)
        told = f"about {self.total / _GIGA:.1f} GB of memory, of {free / _GIGA:.1f} GB that are free"
        if self.total <= free:
            return told
        return f"{told}: it may run out; a smaller --batch-size or --max-length, or --gradient-checkpointing takes less"


def estimate(model: Any, parameters: int, config: TrainingConfig, length: int, device: Device) -> Memory:
    """Estimate the peak of a training.

    Args:
        model: The student's `transformers` configuration.
        parameters: Its weights.
        config: The training.
        length: Tokens of the longest row or, with packing, of a packed one.
        device: Where it is computed: float32 on a CPU, 2 bytes a number on a GPU.
    """
    shape = _shape(model.get_text_config())
    tokens = config.batch_size * length
    layer = tokens * _per_token(shape, config, length, device)
    number = _FULL if device == "cpu" else _HALF
    twice = device == "cuda" if config.gradient_checkpointing is None else config.gradient_checkpointing
    between = tokens * shape.hidden * number
    return Memory(
        device=device,
        weights=_weights(parameters, shape, config, number),
        adapter=_ADAM * config.rank * shape.layers * _ends(shape, config.target_modules),
        activations=shape.layers * between + layer if twice else (shape.layers + 1) * layer,
        logits=_TILES[device] * number * min(tokens, _TILE_ROWS) * min(shape.words, _TILE_COLUMNS),
        runtime=_RUNTIME[device],
    )


def available(device: Device) -> int:
    """Return the bytes that are free on the device; on a CPU, what can be had without swapping."""
    if device == "cuda":
        return int(torch.cuda.mem_get_info()[0])
    return int(psutil.virtual_memory().available)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Widths of a decoder, in numbers per token."""

    layers: int
    hidden: int
    attention: int
    """All heads' queries together."""
    shared: int
    """All heads' keys together."""
    inner: int
    words: int
    matrices: int
    """Embeddings, and the head where it is another matrix."""


def _shape(model: Any) -> _Shape:
    heads, hidden = model.num_attention_heads, model.hidden_size
    width = getattr(model, "head_dim", None) or hidden // heads
    return _Shape(
        layers=model.num_hidden_layers,
        hidden=hidden,
        attention=heads * width,
        shared=(getattr(model, "num_key_value_heads", None) or heads) * width,
        inner=getattr(model, "intermediate_size", None) or 4 * hidden,
        words=model.vocab_size,
        matrices=1 if model.tie_word_embeddings else 2,
    )


def _weights(parameters: int, shape: _Shape, config: TrainingConfig, number: int) -> int:
    """Return the bytes of the frozen weights; embeddings are never held in 4 bits."""
    if not config.load_4bit:
        return parameters * number
    outside = shape.matrices * shape.words * shape.hidden
    return int(outside * number + (parameters - outside) * _FOUR_BITS)


def _ends(shape: _Shape, modules: tuple[str, ...]) -> int:
    """Return the widths of both ends of one layer's adapted modules, summed; unknown names count as all of them."""
    both = {
        "q_proj": shape.hidden + shape.attention,
        "k_proj": shape.hidden + shape.shared,
        "v_proj": shape.hidden + shape.shared,
        "o_proj": shape.attention + shape.hidden,
        "gate_proj": shape.hidden + shape.inner,
        "up_proj": shape.hidden + shape.inner,
        "down_proj": shape.inner + shape.hidden,
    }
    return sum(both[name] for name in (modules if set(modules) <= set(both) else both))


def _per_token(shape: _Shape, config: TrainingConfig, length: int, device: Device) -> int:
    """Return the bytes that one layer keeps of a token for the backward pass, when all linear layers are adapted.

    Norms keep their inputs in float32. The attention keeps queries, keys, values (written out for every head) and its
    result, and the mask's row; the gated layer four times its width; each adapter what goes into it and its narrow
    middle. In float32 adapters share their inputs; in half precision peft makes a copy for each.
    """
    hidden, attention, inner = shape.hidden, shape.attention, shape.inner
    adapted = 5 * hidden + attention + inner
    kept = 4 * attention + 4 * inner + 7 * config.rank + length
    if device == "cpu":
        dropped = 2 * adapted - 2 * hidden - inner if config.dropout else 0
        return _FULL * (4 * hidden + kept + dropped)
    return _FULL * 2 * hidden + _HALF * (kept + adapted - inner) + (adapted if config.dropout else 0)
