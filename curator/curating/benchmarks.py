"""Benchmarks that training must not have seen: the problem of every row, out of whatever files they come in.

A folder is read whole, with all of its splits, since the part that matters is mostly called `test`. Of a dataset of
the hub the split `test` is read, unless another is named: `hf:OWNER/NAME:SPLIT` or `hf:OWNER/NAME:SUBSET:SPLIT`.

Not covered: answers and solutions of a benchmark (only its problems are read), and several texts in one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from curator.errors import UsageError
from curator.reading.columns import LIKELY, SHOWN_COLUMNS, Columns
from curator.reading.rows import Row, kind_of, reader, rows
from curator.reading.sources import HUB, Choice, Opened, open_source
from schemas.identity import content_hash

FLAG = "--benchmark-field"
USUAL_SPLIT = "test"
_NAMES = ("prompt", *LIKELY["prompt"])


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The problems of one benchmark."""

    name: str
    """As it was typed."""
    rows: Sequence[tuple[str, str]]
    """Place and text of each row: `12`, in a folder of several files `test.jsonl/12`; counted from 1."""
    notes: Sequence[str]
    """What was read of it, and what was decided for the user, one line each."""

    def fingerprint(self) -> str:
        """Hash what was read, so that a split can name it."""
        return content_hash([text for _, text in self.rows])


def read_benchmark(typed: str, fields: Mapping[str, str]) -> Benchmark:
    """Read the problem of every row.

    Args:
        typed: A file (JSONL, JSONL.gz, CSV, Parquet, Arrow), a folder of them or of `save_to_disk`, `hf:NAME`.
        fields: Under `prompt` the column that holds the problem, may be a path (`extra.problem`); without it, the
            column is known by its name.

    Raises:
        UsageError: There is no such file, it cannot be read or has no rows, or no column for the problem.
    """
    found: list[tuple[str, str]] = []
    notes: list[str] = []
    for place, opened in _parts(typed):
        part = _Part(typed, place, opened)
        column, texts = part.read(fields.get("prompt"))
        filled = [(f"{place}{number}", text) for number, text in enumerate(texts, start=1) if text]
        empty = f", {len(texts) - len(filled):,} rows without one left out" if len(filled) < len(texts) else ""
        notes += [*opened.notes, f"{part}: {len(filled):,} problems, column {column}{empty}"]
        found += filled
    return Benchmark(typed, found, notes)


def _parts(typed: str) -> Sequence[tuple[str, Opened]]:
    """Find the files or splits of a benchmark, and what the places of their rows begin with."""
    if typed.startswith(HUB):
        return [("", _open_hub(typed))]
    folder = Path(typed)
    parts = _inside(folder) if folder.is_dir() else []
    if not parts:
        return [("", open_source(typed))]
    return [("" if part == folder else f"{part.relative_to(folder)}/", open_source(part)) for part in parts]


def _inside(folder: Path) -> Sequence[Path]:
    """List the datasets that `save_to_disk` wrote into a folder; else its data files."""
    names = ((path, path.relative_to(folder).parts) for path in sorted(folder.rglob("*")))
    paths = [path for path, parts in names if not any(part.startswith((".", "__")) for part in parts)]
    saved = [path.parent for path in paths if path.name == "state.json"]
    return saved or [path for path in paths if path.is_file() and reader(path)]


def _open_hub(typed: str) -> Opened:
    name, *chosen = typed.removeprefix(HUB).split(":")
    choice = Choice(chosen[-1] if chosen else USUAL_SPLIT, chosen[0] if len(chosen) > 1 else None)
    try:
        return open_source(HUB + name, choice)
    except UsageError as error:
        if "--s" not in error.message + error.hint:
            raise
        hint = f"Name the split: {HUB}{name}:SPLIT, or {HUB}{name}:SUBSET:SPLIT"
        raise UsageError(error.message.removeprefix("--"), hint=hint) from error


class _Part:
    """One file or split of a benchmark."""

    def __init__(self, typed: str, place: str, opened: Opened) -> None:
        self._name, self._source = typed + (f"/{place}".rstrip("/") if place else ""), opened.source

    def __str__(self) -> str:
        return self._name

    def read(self, column: str | None) -> tuple[str, list[str]]:
        """Read the texts of a column, or of that which is known to hold problems; say which."""
        values = self._values()
        first = next(values, None)
        if first is None:
            raise UsageError(f"{self}: the benchmark holds no rows", hint="Give it one row per problem.")
        column = column or self._known(first)
        columns = Columns({"prompt": column}, ("prompt",))
        texts = [
            self._text(number, column, columns.pick(row).get("prompt"))
            for number, row in enumerate(chain([first], values), start=1)
        ]
        if not any(texts):
            raise self._without(f"no row has a column {column!r} with text", first)
        return column, texts

    def _values(self) -> Iterator[dict[str, Any]]:
        for row in rows(self._source):
            if not isinstance(row, Row):
                raise UsageError(f"{self}:{row.line}: {row.text}", hint=row.hint)
            yield row.values

    def _known(self, first: Mapping[str, Any]) -> str:
        columns = {name.lower(): name for name in first}
        known = next((columns[name] for name in _NAMES if name in columns), None)
        if known is None:
            raise self._without("none of its columns is known to hold problems", first)
        return known

    def _text(self, number: int, column: str, value: object) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            hint = f"Name a column of text, or a path to text: {FLAG} {column}.0.content"
            raise UsageError(f"{self}: row {number}: {column} is {kind_of(value)}, not text", hint=hint)
        return value.strip()

    def _without(self, what: str, first: Mapping[str, Any]) -> UsageError:
        more = ", …" if len(first) > SHOWN_COLUMNS else ""
        names = ", ".join(list(first)[:SHOWN_COLUMNS]) + more
        return UsageError(f"{self}: {what}; columns: {names}", hint=f"Name the column of the problems: {FLAG} COLUMN")
