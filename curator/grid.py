"""Tables for people: plain cells, numbers to the right, squeezed on a terminal only."""

from __future__ import annotations

from collections.abc import Container, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from curator.escape import one_line


def grid(names: Sequence[str], numbers: Container[str] = ()) -> Table:
    """Begin a table with a head; columns named in `numbers` stand to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    return table


def cell(value: str, width: int | None = None) -> Text:
    """Show what others wrote, as plain text on one line."""
    return Text(one_line(value, width))


def print_grid(console: Console, table: Table) -> None:
    """Print a table within the terminal's width; what is no terminal gets whole lines."""
    if not console.is_terminal:
        whole = console.options.update(max_width=10_000)
        console.width = max(console.width, console.measure(table, options=whole).maximum)
    console.print(table)
