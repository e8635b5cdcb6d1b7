"""`curator curate` for a person: what each step kept and why, and what the split holds."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from curator.curating.curate import Curated
from curator.escape import one_line
from curator.funnel import in_store
from curator.grid import cell, grid, print_grid

COLUMNS = ("traces", "dropped", "problems")


def print_curated(curated: Curated, command: str) -> None:
    """Print to stdout; `command` is how the user calls us."""
    console = Console()
    table = grid(("step", *COLUMNS, "why"), numbers=COLUMNS)
    for step in curated.split.report:
        counts = (f"{step[name]:,}" for name in ("candidates", "dropped", "problems"))
        notes = Text("\n").join(cell(note) for note in step["notes"])
        table.add_row(cell(step["name"]), *counts, notes)
    print_grid(console, table)
    console.print(Text(_headline(curated)), soft_wrap=True)
    name, where = curated.split.name, in_store(curated.store)
    console.print(Text("\nNext:", style="bold"))
    console.print(Text(f"  {command} export {name} --format hf --to {name}{where}"), soft_wrap=True)
    console.print(Text(f"  {command} train {name} --model local --to {name}-student --merge{where}"), soft_wrap=True)
    drops = f"SELECT reason, problem_id, match, detail FROM split_drops WHERE split = '{name}'"  # noqa: S608 - to be typed
    if any(step["name"] in {"dedup problems", "decontaminate"} and step["dropped"] for step in curated.split.report):
        console.print(Text(f'  {command} sql "{drops}"{where}'), soft_wrap=True)


def as_json(curated: Curated) -> dict[str, Any]:
    """Everything a script might read."""
    split = curated.split
    return {
        "split": split.name,
        "store": str(curated.store),
        "unchanged": curated.unchanged,
        "fingerprint": split.fingerprint,
        "recipe": split.recipe,
        "steps": list(split.report),
        "parts": {part: count._asdict() for part, count in curated.parts.items()},
    }


def _headline(curated: Curated) -> str:
    parts = curated.parts
    total = sum(count.candidates for count in parts.values())
    text = f"Split {curated.split.name}: {total:,} traces"
    for part, count in parts.items():
        if count.candidates:
            text += f"; {part} {count.candidates:,} of {count.problems:,} problems, {count.tokens:,} tokens"
    if curated.unchanged:
        text += f". It was stored already, with the same rows ({curated.split.created_at:%Y-%m-%d %H:%M} UTC)"
    return one_line(text)
