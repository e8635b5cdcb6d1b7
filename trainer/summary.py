"""What a training came to, in a few figures, out of what was logged."""

from __future__ import annotations

import math
import resource
from pathlib import Path

import torch

from trainer.recording import read_metrics

_FEW, _SHARE = 5, 4
"""Logged steps whose mean stands for the beginning or the end of the curve: five, or a quarter where that is fewer."""


def summary(folder: Path) -> dict[str, float]:
    """Return the figures of `training.json`; those that were not measured are left out.

    `loss_first` and `loss_last` are means over the first and last few logged steps, `eval_loss_first` and `_last` the
    first and last evaluation (nats per token); `tokens` were read in `runtime_s` seconds of training, those before a
    kill included. `peak_memory_bytes` is this process's, or the GPU's.
    """
    lines = read_metrics(folder)
    losses = [line["loss"] for line in lines if "loss" in line]
    evaluated = [line["eval_loss"] for line in lines if "eval_loss" in line]
    found: dict[str, float] = {"peak_memory_bytes": peak_memory()}
    if losses:
        few = max(1, min(_FEW, len(losses) // _SHARE))
        found |= {"loss_first": _mean(losses[:few]), "loss_last": _mean(losses[-few:])}
    if evaluated:
        found |= {"eval_loss_first": evaluated[0], "eval_loss_last": evaluated[-1]}
    if lines:
        runtime = max(line["elapsed_s"] for line in lines)
        tokens = max((line.get("tokens", 0.0) for line in lines), default=0.0)
        found |= {"runtime_s": runtime, "tokens": tokens, "tokens_per_s": tokens / max(runtime, 1e-9)}
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def peak_memory() -> float:
    """Return the most memory that this process has held, or its GPU for it, in bytes."""
    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
