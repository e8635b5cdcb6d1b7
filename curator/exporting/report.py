"""What `curator export` wrote, for a person and for a script."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.text import Text

from curator.escape import one_line
from curator.exporting.export import Exported
from curator.exporting.formats import FORMATS


def as_json(exported: Exported, address: str | None) -> dict[str, Any]:
    """Everything a script might read; `address` is where the hub has it."""
    facts = exported.facts
    return {
        "split": exported.split.name,
        "folder": str(exported.folder),
        "format": facts.format,
        "layout": facts.layout,
        "rows": facts.rows,
        "left_out": facts.left_out,
        "files": facts.files,
        "load": load(exported),
        "hub": address,
    }


def load(exported: Exported) -> str:
    """Say how the export is loaded, in one line."""
    folder = json.dumps(str(exported.folder), ensure_ascii=False)
    return FORMATS[exported.facts.format].load.format(folder=folder, name=exported.split.name)


def print_exported(exported: Exported, address: str | None) -> None:
    """Print what was written, what was left out and why, and how to load it."""
    facts, console = exported.facts, Console()
    rows = ", ".join(f"{part} {number:,} row{'s' * (number != 1)}" for part, number in facts.rows.items())
    lines = [f"Exported split {exported.split.name} as {facts.format} into {exported.folder}: {rows}"]
    if facts.left_out:
        lines.append("left out:")
        width = max(map(len, facts.left_out))
        lines += [f"  {reason:<{width}}  {number:,}" for reason, number in facts.left_out.items()]
    lines.append(f"load it: {load(exported)}")
    if address:
        lines.append(f"on the hub: {address}")
    for line in lines:
        console.print(Text(one_line(line)), soft_wrap=True)
