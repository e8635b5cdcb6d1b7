"""Whether students can be trained here, and on what: found out without torch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from curator.doctor.finding import Finding, Status
from curator.doctor.training import training

GPU = "echo 'NVIDIA H200, 143771 MiB'"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A machine with the given nvidia-smi, a shell script, and the given torch; every library is there."""

    def make(nvidia_smi: str | None, torch: str = "2.13.0") -> Finding:
        monkeypatch.setenv("PATH", str(tmp_path))
        if nvidia_smi is not None:
            (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{nvidia_smi}\n")
            (tmp_path / "nvidia-smi").chmod(0o755)
        for name in ("torch", "transformers", "trl", "peft", "accelerate", "datasets"):
            (tmp_path / f"{name}.py").touch()
        (tmp_path / f"torch-{torch}.dist-info").mkdir()
        (tmp_path / f"torch-{torch}.dist-info" / "METADATA").write_text(f"Name: torch\nVersion: {torch}\n")
        monkeypatch.syspath_prepend(tmp_path)
        [found] = training()
        return found

    return make


def test_a_gpu_that_torch_can_use_is_named(machine) -> None:
    """All is well: which GPU, how much memory, which torch."""
    found = machine(GPU)
    assert (found.status, found.advice) == (Status.OK, "")
    assert found.detail == "on NVIDIA H200, 143771 MiB, by torch 2.13.0"


def test_a_torch_that_cannot_use_the_gpu_is_pointed_out(machine) -> None:
    """Training would take the CPU and say nothing; the advice installs the other build."""
    found = machine(GPU, "2.13.0+cpu")
    assert found.status is Status.WARN
    assert found.advice.endswith("pip install --force-reinstall torch==2.13.0")


def test_a_driver_that_fails_is_quoted(machine) -> None:
    """What nvidia-smi says is told, on one line; nobody who does not train is told of a failure."""
    found = machine("echo NVIDIA-SMI has failed; echo no driver >&2; exit 9")
    assert found.status is Status.WARN
    assert "nvidia-smi fails: NVIDIA-SMI has failed no driver" in found.detail


def test_without_a_gpu_the_cpu_trains_small_students(machine) -> None:
    """No fault, but a word on what it is fit for."""
    found = machine(None)
    assert found.status is Status.INFO
    assert "on the CPU" in found.detail and "below a billion" in found.advice


def test_missing_packages_are_named_with_their_extra(monkeypatch) -> None:
    """Whoever does not train needs none of them."""
    monkeypatch.setitem(sys.modules, "trl", None)
    [found] = training()
    assert (found.status, "trl" in found.detail) == (Status.INFO, True)
    assert "pip install 'r1-curator[train]'" in found.advice
