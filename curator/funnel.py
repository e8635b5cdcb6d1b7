"""How candidates were decided, as every summary prints it: decisions, and under each its reasons."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

DEFAULT_STORE = Path("curator.duckdb")
STYLES = {"accepted": "green", "rejected": "red", "undecided": "yellow"}


class ReasonCount(NamedTuple):
    """How many candidates came to one decision for one reason."""

    decision: str
    reason: str
    candidates: int


def funnel(reasons: Iterable[ReasonCount]) -> Table:
    """Lay out counts and shares; an acceptance needs no reason."""
    rows = list(reasons)
    total = max(1, sum(row.candidates for row in rows))
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "right"):
        table.add_column(justify=justify)
    for name, style in STYLES.items():
        own = [row for row in rows if row.decision == name]
        number = sum(row.candidates for row in own)
        table.add_row(Text(name, style=f"bold {style}"), f"{number:,}", f"{number / total:.1%}")
        for row in own if name != "accepted" else ():
            table.add_row(Text(f"  {row.reason}", style=style), f"{row.candidates:,}", f"{row.candidates / total:.1%}")
    return table


def per_million(number: int, tokens: int) -> float | None:
    """`number` per million completion tokens; None without tokens."""
    return 1e6 * number / tokens if tokens else None


def in_store(path: Path) -> str:
    """Return what makes a suggested command use this store; nothing for the default one."""
    return "" if path == DEFAULT_STORE else f" --store {shlex.quote(str(path))}"


def to_show(examples: Mapping[str, str], path: Path, command: str) -> list[str]:
    """Suggest to look at one trace per decision; `command` is how the user calls us."""
    return [
        f"{command} show {examples[decision]}{in_store(path)}  # one {decision} trace"
        for decision in ("rejected", "accepted", "undecided")
        if decision in examples
    ]
