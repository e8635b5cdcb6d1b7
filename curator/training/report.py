"""What came of `curator train`, for a person and for a script."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from curator.display import clock
from curator.escape import one_line
from curator.funnel import in_store
from curator.training.train import Outcome
from schemas.training import ADAPTER, MERGED, PLOT, TrainingRecord

_GIB = 2**30


def print_outcome(outcome: Outcome, command: str) -> None:
    """Print what was trained, where it lies, and what to do next; `command` is how the user calls us."""
    if outcome.record is None:
        if outcome.asked.dry_run and not outcome.exit_code:
            click.echo("Nothing was trained: the same command without --dry-run does so")
        return
    console, folder = Console(), outcome.asked.folder
    lines = [_headline(outcome, outcome.record), *_losses(outcome.record.metrics)]
    lines += [f"{name:<15}  {folder / name}" for name in (ADAPTER, MERGED, PLOT) if (folder / name).exists()]
    for line in lines:
        console.print(Text(one_line(line)), soft_wrap=True)
    console.print(Text("\nNext:", style="bold"))
    for line in _next(outcome, command):
        console.print(Text(f"  {line}"), soft_wrap=True)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything a script might read; what was not made is null."""
    asked, record = outcome.asked, outcome.record
    parts = {name: str(asked.folder / name) if (asked.folder / name).exists() else None for name in (ADAPTER, MERGED)}
    return {
        "split": asked.split,
        "folder": str(asked.folder),
        "rows": outcome.rows,
        "config": asked.config.model_dump(),
        "layout": asked.layout,
        "dry_run": asked.dry_run,
        "unchanged": outcome.unchanged,
        **parts,
        "record": record.model_dump(mode="json") if record else None,
    }


def _headline(outcome: Outcome, record: TrainingRecord) -> str:
    text = f"Trained {record.config.model} on split {record.split}: {record.rows:,} rows, {record.steps:,} steps"
    figures = record.metrics
    if "runtime_s" in figures:
        text += f" in {clock(figures['runtime_s'])}"
    if "tokens_per_s" in figures:
        text += f", {figures['tokens_per_s']:,.0f} tokens/s"
    if "peak_memory_bytes" in figures:
        text += f", {figures['peak_memory_bytes'] / _GIB:,.1f} GiB of memory at most"
    if outcome.unchanged:
        text += f". All of it was there already ({record.created_at:%Y-%m-%d %H:%M} UTC)"
    return text


def _losses(figures: Mapping[str, float]) -> list[str]:
    """Show each loss that was measured twice; a training without held-out rows has one only."""
    names = {"loss": "loss", "validation loss": "eval_loss"}
    return [
        f"{words:<15}  {figures[f'{name}_first']:.3f} → {figures[f'{name}_last']:.3f}"
        for words, name in names.items()
        if {f"{name}_first", f"{name}_last"} <= figures.keys()
    ]


def _next(outcome: Outcome, command: str) -> list[str]:
    folder, where = outcome.asked.folder, in_store(outcome.store)
    student = shlex.quote(str(folder))
    lines = [f"{command} eval --model {student} --split {outcome.asked.split}{where}  # before and after"]
    teacher = shlex.quote(f"local:{folder}")
    return [*lines * ("test" in outcome.rows), f"{command} sample --n 4 --teacher {teacher}{where}  # it as a teacher"]
