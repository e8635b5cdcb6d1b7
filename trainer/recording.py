"""What a training logs, kept as it comes: `metrics.jsonl` for programs and people, event files for TensorBoard.

A logged step is in both before the next one begins, so a killed training has lost none that its checkpoint knows.
One that goes on from a checkpoint forgets the steps after it and continues the curve.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from schemas.training import METRICS, TENSORBOARD
from trainer.drafts import told_when_full
from trainer.events import EventFile
from trainer.whole_file import write_whole

Metrics = dict[str, float]
"""One logged step, by name."""

_TRAINED = {
    "loss": "loss",
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "mean_token_accuracy": "mean_token_accuracy",
    "num_tokens": "tokens",
}
_EVALUATED = {name: name for name in ("eval_loss", "eval_mean_token_accuracy")}
"""What trl logs and how we call it; the first of each says which kind of log it is."""


class Recorder(TrainerCallback):
    """Writes every logged step into the folder of a training, in the main process only.

    A line of `metrics.jsonl` has `step`, `epoch`, `elapsed_s` (seconds of training, those before a kill included) and
    either `loss` (nats per token), `learning_rate`, `grad_norm`, `mean_token_accuracy` and `tokens` (read so far), or
    `eval_loss` and `eval_mean_token_accuracy`, as far as they were logged; what is not finite is null. A step is
    written once for each kind.

    Args:
        folder: The folder of the training; it exists.

    Raises:
        TrainerError: From the callbacks, when the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / METRICS
        self._events: EventFile | None = None
        self._began = 0.0
        self._tokens = 0.0
        self._written: set[tuple[str, float]] = set()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Go on after the checkpoint's step; a training from the start forgets all that is there."""
        if not state.is_world_process_zero:
            return
        at = state.global_step
        kept = [line for line in read_metrics(self._folder) if at and line["step"] <= at]
        with told_when_full(self._file):
            write_whole(self._file, "".join(map(_as_json, kept)).encode())
            self._events = EventFile(self._folder / TENSORBOARD, first_step=at + 1 if at else 0)
        self._began = time.monotonic() - max((line["elapsed_s"] for line in kept), default=0)
        self._tokens = max((line.get("tokens", 0) for line in kept), default=0)  # trl counts from 0 again
        self._written = {(_kind(line), line["step"]) for line in kept}

    def on_log(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Write one step down; what trl logs at the very end, a summary, is none."""
        logs: Mapping[str, float] = given["logs"]
        kind = _kind(logs)
        if self._events is None or not kind or (kind, state.global_step) in self._written:
            return
        names = _EVALUATED if kind == "eval_loss" else _TRAINED
        values = {ours: float(logs[theirs]) for theirs, ours in names.items() if theirs in logs}
        if "tokens" in values:
            values["tokens"] += self._tokens
        self._written.add((kind, state.global_step))
        elapsed_s = round(time.monotonic() - self._began, 3)
        line = {"step": state.global_step, "epoch": state.epoch, **values, "elapsed_s": elapsed_s}
        with told_when_full(self._file):
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(_as_json(line))
            self._events.add(state.global_step, {_tag(name): value for name, value in values.items()})


def read_metrics(folder: Path) -> list[Metrics]:
    """Read `metrics.jsonl` of a training; null becomes NaN. Lines that a kill or power cut tore are left out."""
    file = folder / METRICS
    return list(_parsed(file.read_text("utf-8", errors="replace"))) if file.is_file() else []


def _parsed(text: str) -> Iterator[Metrics]:
    for line in text.splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            continue
        yield {name: math.nan if value is None else value for name, value in values.items()}


def _kind(metrics: Mapping[str, float]) -> str:
    return next((name for name in ("eval_loss", "loss") if name in metrics), "")


def _tag(name: str) -> str:
    """Name a metric as TensorBoard groups it: train/loss, eval/loss."""
    return f"eval/{name.removeprefix('eval_')}" if name.startswith("eval_") else f"train/{name}"


def _as_json(metrics: Mapping[str, float]) -> str:
    finite = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
    return json.dumps(finite, allow_nan=False) + "\n"
