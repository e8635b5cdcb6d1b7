"""Rows out of files: JSONL, JSONL.gz, CSV, Parquet and Arrow, one at a time, each with the line it stands on.

Values are JSON data whatever the format: dates and decimals of Parquet become text, NaN (how missing values are
often written) becomes null, an empty CSV cell is null, a numbered class of a Hugging Face column is told by its name.
A row that cannot be read is a `Fault`, never an exception, so that one pass names them all.

Not covered: JSON arrays, compressed CSV, delimiters other than the comma, encodings other than UTF-8. One line (in
CSV: one quoted cell) is held in memory however long it is. A damaged Parquet or Arrow file ends the reading.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curator.errors import UsageError

SHOWN_FAULTS = 20
"""Faulty rows that one error message lists."""
_BOM = b"\xef\xbb\xbf"
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_ENCODING_HINT = "Save the file as UTF-8; from GBK: iconv -f GB18030 -t UTF-8 FILE > NEWFILE"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: JSON data by column."""

    line: int
    """Line on which the row begins, from 1; in Parquet and Arrow, and across files, the number of the row."""
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one row cannot be used."""

    line: int
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are no single file: a split of a dataset, or problems that are made."""

    name: str
    """What messages call it."""
    read: Callable[[], Iterator[Row | Fault]]
    """Streams the rows, as often as it is called."""
    origin: str | None = None
    """`source` of the problems whose rows name none."""

    def __str__(self) -> str:
        return self.name


Source = Path | Table
"""Where rows come from; both have a `name`."""


class BadRows(UsageError):
    """Some rows of a file cannot be used.

    Args:
        path: The file, or whatever else it was.
        faults: The first of them, in file order.
        total: How many there are.
    """

    def __init__(self, path: Source, faults: Sequence[Fault], total: int) -> None:
        shown = [f"{path.name}:{fault.line}: {fault.text}" for fault in faults[:SHOWN_FAULTS]]
        if total > len(shown):
            shown.append(f"and {total - len(shown)} more")
        hints = dict.fromkeys(fault.hint for fault in faults if fault.hint)
        message = shown[0] if total == 1 else "\n  ".join([f"{path.name}: {total} rows cannot be used", *shown])
        super().__init__(message, hint=" ".join([*list(hints)[:3], "--skip-bad goes on without faulty rows."]))
        self.faults = tuple(faults)
        self.total = total


def rows(path: Source) -> Iterator[Row | Fault]:
    """Stream the rows of a file in order; its name's suffix says the format.

    Raises:
        UsageError: no such file, a format that is not read, a CSV header or Parquet file that cannot be read.
    """
    if isinstance(path, Table):
        yield from path.read()
        return
    read = reader(path)
    if read is None:
        known = ", ".join(_READERS)
        raise UsageError(f"{path}: cannot tell the format from its name", hint=f"Files that are read: {known}.")
    if not path.is_file():
        raise UsageError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    try:
        yield from read(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error


def reader(path: Path) -> Callable[[Path], Iterator[Row | Fault]] | None:
    """Find the reader of a file by its name; None when the format is not read."""
    name = path.name.lower()
    return next((read for suffix, read in _READERS.items() if name.endswith(suffix)), None)


def json_value(text: str) -> Any:
    """Parse JSON; NaN becomes null, an infinity becomes text, so that the value can be written as JSON again.

    Raises:
        ValueError: not JSON, or nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg.removesuffix(' at')} at column {error.colno}") from error


def constant(name: str) -> str | None:
    """Say in JSON what JSON has no number for: NaN is null, an infinity its name."""
    return None if name == "NaN" else name


def _finite(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _jsonl(path: Path) -> Iterator[Row | Fault]:
    with path.open("rb") as file:
        yield from _json_rows(file)


def _jsonl_gz(path: Path) -> Iterator[Row | Fault]:
    line = 0
    try:
        with gzip.open(path, "rb") as file:
            for row in _json_rows(file):
                line = row.line
                yield row
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield Fault(line + 1, "the compressed file is torn or damaged from here on" if line else "not a gzip file")


def _json_rows(lines: Iterable[bytes]) -> Iterator[Row | Fault]:
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix(_BOM) if number == 1 else raw
        if line.strip():
            yield _json_row(number, line)


def _json_row(number: int, line: bytes) -> Row | Fault:
    try:
        value = json_value(line.rstrip(b"\r\n").decode("utf-8"))
    except UnicodeDecodeError as error:
        return Fault(number, f"not UTF-8 (byte {error.start + 1} of the line)", _ENCODING_HINT)
    except ValueError as error:
        torn = "" if line.endswith(b"\n") else " (the file ends within this row)"
        return Fault(number, f"not JSON: {error}{torn}")
    if not isinstance(value, dict):
        return Fault(number, f"{kind_of(value)}, where each line is to be one JSON object")
    if _HALF_PAIR.search(line) and not _is_text(json.dumps(value, ensure_ascii=False)):
        return Fault(number, "holds half of a surrogate pair, which is no character")
    return Row(number, value)


def kind_of(value: object) -> str:
    """Name the kind of a JSON value in plain words, with article."""
    kinds = {bool: "true or false", str: "text", dict: "an object", list: "a list", type(None): "null"}
    return kinds.get(type(value), "a number")


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _csv(path: Path) -> Iterator[Row | Fault]:
    # The limit is the process's; the module's own 128 KiB is shorter than many traces.
    csv.field_size_limit(2**31 - 1)
    with path.open("rb") as file:
        reader = csv.reader(_decoded(file), strict=True)
        try:
            header = next(reader, [])
        except csv.Error as error:
            raise UsageError(f"{path.name}:1: the header is not CSV: {error}") from error
        _check_header(path, header)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Fault(line, f"not CSV: {error}")
                continue
            if any(cell.strip() for cell in cells):
                yield _csv_row(line, header, cells)


def _decoded(file: Iterable[bytes]) -> Iterator[str]:
    """Decode line by line; bytes that are no UTF-8 stay recognisable, so that the row they are in can be named."""
    for number, line in enumerate(file):
        yield (line if number else line.removeprefix(_BOM)).decode("utf-8", "surrogateescape")


def _check_header(path: Path, header: Sequence[str]) -> None:
    if not _is_text("".join(header)):
        raise UsageError(f"{path.name}:1: the header is not UTF-8", hint=_ENCODING_HINT)
    if len(header) == 1 and ";" in header[0]:
        text = f"{path.name}:1: the header is one column with semicolons: {header[0][:80]!r}"
        raise UsageError(text, hint="Columns are separated by commas: save the file again with the comma as delimiter.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise UsageError(f"{path.name}:1: two columns have one name: {', '.join(twice)}", hint="Rename one of them.")


def _csv_row(line: int, header: Sequence[str], cells: Sequence[str]) -> Row | Fault:
    if len(cells) != len(header):
        return Fault(line, f"{len(cells)} cells, where the header has {len(header)}")
    if not _is_text("".join(cells)):
        return Fault(line, "not UTF-8", _ENCODING_HINT)
    return Row(line, {name: cell or None for name, cell in zip(header, cells, strict=True)})


def _parquet(path: Path) -> Iterator[Row | Fault]:
    from curator.reading.batches import parquet  # noqa: PLC0415 - pyarrow takes longer to import than files to read

    return parquet(path)


def _arrow(path: Path) -> Iterator[Row | Fault]:
    from curator.reading.batches import arrow  # noqa: PLC0415

    return arrow(path)


_READERS: dict[str, Callable[[Path], Iterator[Row | Fault]]] = {
    ".jsonl": _jsonl,
    ".jsonl.gz": _jsonl_gz,
    ".csv": _csv,
    ".parquet": _parquet,
    ".arrow": _arrow,
}
