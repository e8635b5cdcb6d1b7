"""Query results as a table for people, or as JSON, CSV or Parquet for programs."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain, islice
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from curator.errors import UsageError
from curator.escape import one_line, plain
from curator.store.client import QueryResult

SHOWN_ROWS = 100
SHOWN_CHARS = 300
_TERMINAL = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal may obey and JSON does not escape by itself."""


def write_result(result: QueryResult, format_: str) -> None:
    """Write a query's rows to stdout; only `table` cuts, and says so."""
    {"table": _table, "json": _json, "csv": _csv, "parquet": _parquet}[format_](result)


def _rows(result: QueryResult) -> Iterator[dict[str, Any]]:
    for batch in result:
        yield from batch.to_pylist()


def _table(result: QueryResult) -> None:
    """Print a table where it fits, else a block per row; what is no terminal gets whole lines."""
    names = result.schema.names
    rows = _rows(result)
    shown = [[_cell(row[name]) for name in names] for row in islice(rows, SHOWN_ROWS)]
    console = Console()
    widths = [max(map(cell_len, column)) for column in zip([one_line(name) for name in names], *shown, strict=True)]
    needed = sum(width + 3 for width in widths)
    if console.is_terminal and needed > console.width and shown:
        _blocks(console, names, shown)
    else:
        console.width = max(console.width, needed)
        console.print(_grid(result.schema, shown))
    more = sum(1 for _ in rows)
    if more:
        click.echo(f"… {more:,} more rows; --format json, csv or parquet gives all of them, uncut", err=True)
    elif not shown:
        click.echo("no rows", err=True)


def _grid(schema: pa.Schema, shown: list[list[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, kind in zip(schema.names, schema.types, strict=True):
        numeric = str(kind).startswith(("int", "uint", "float", "double", "decimal"))
        table.add_column(Text(one_line(name)), justify="right" if numeric else "left", overflow="fold")
    for row in shown:
        table.add_row(*map(Text, row))
    return table


def _blocks(console: Console, names: list[str], shown: list[list[str]]) -> None:
    for number, row in enumerate(shown, 1):
        block = Table.grid(padding=(0, 2))
        block.add_column(style="dim")
        block.add_column(overflow="fold")
        for name, cell in zip(names, row, strict=True):
            block.add_row(Text(one_line(name)), Text(cell))
        console.print(Text(f"── row {number} ", style="bold"))
        console.print(block)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return one_line(value if isinstance(value, str) else str(value), SHOWN_CHARS)


def _json(result: QueryResult) -> None:
    """One JSON array, a row per line, written as the rows come."""
    out = sys.stdout
    separator = "["
    for row in _rows(result):
        text = json.dumps(row, ensure_ascii=False, default=_json_value)
        out.write(separator + "\n" + _TERMINAL.sub(lambda match: f"\\u{ord(match[0]):04x}", text))
        separator = ","
    out.write("[]\n" if separator == "[" else "\n]\n")
    out.flush()


def _csv(result: QueryResult) -> None:
    """Exact text into files and pipes; a terminal gets what it would obey made visible."""
    escape = plain if sys.stdout.isatty() else str
    writer = csv.writer(sys.stdout, lineterminator="\n")
    names = result.schema.names
    for row in chain([dict(zip(names, names, strict=True))], _rows(result)):
        writer.writerow([None if row[name] is None else escape(str(row[name])) for name in names])
    sys.stdout.flush()


def _parquet(result: QueryResult) -> None:
    if sys.stdout.isatty():
        raise UsageError("parquet is no text for a terminal", hint="add a file: … --format parquet > rows.parquet")
    with pq.ParquetWriter(sys.stdout.buffer, result.schema) as writer:
        for batch in result:
            writer.write_batch(batch)


def _json_value(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
