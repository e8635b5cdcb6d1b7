"""Training: is what it needs installed, and on what would it compute. torch is not imported to find out."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib import metadata

from curator.doctor.finding import Finding, Status

ANSWER_S = 20.0
"""Longest that nvidia-smi may take; a sleeping driver needs seconds to wake."""
_LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")
_INSTALL = "pip install 'r1-curator[train]'"


def training() -> Iterator[Finding]:
    """Look for the packages of the extra `train`, then for an NVIDIA GPU that torch can use."""
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        detail = f"not possible here; not installed: {', '.join(missing)}"
        yield Finding(Status.INFO, "training", detail, f"to train students: {_INSTALL}")
    elif shutil.which("nvidia-smi") is None:
        detail = f"on the CPU ({os.cpu_count()} cores), as there is no NVIDIA GPU"
        advice = "fit for students below a billion weights; larger ones need a GPU"
        yield Finding(Status.INFO, "training", detail, advice)
    else:
        yield _on_gpu()


def _on_gpu() -> Finding:
    command = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=ANSWER_S, check=False)
    torch = metadata.version("torch")
    if done.returncode:
        said = " ".join((done.stdout + done.stderr).split())
        return Finding(Status.WARN, "training", f"on the CPU, as nvidia-smi fails: {said}", "mend the GPU's driver")
    gpus = "; ".join(done.stdout.splitlines())
    if torch.endswith("+cpu"):
        advice = f"install the build for GPUs: pip install --force-reinstall torch=={torch.removesuffix('+cpu')}"
        return Finding(Status.WARN, "training", f"on the CPU, as torch {torch} cannot use {gpus}", advice)
    return Finding(Status.OK, "training", f"on {gpus}, by torch {torch}")
