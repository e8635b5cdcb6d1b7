"""Rows out of Arrow record batches: Parquet files, the Arrow streams of `save_to_disk`, and datasets in memory.

Not covered: classes inside nested columns keep their numbers.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator.errors import UsageError
from curator.reading.rows import Fault, Row, constant

BATCH = 256
"""Rows that are Python values at once."""
_DESCRIBED = b"huggingface"
"""Under this key a file of Hugging Face describes its columns."""


def parquet(path: Path) -> Iterator[Row | Fault]:
    """Stream the rows of a Parquet file.

    Raises:
        UsageError: it is none, or it is damaged.
    """
    read = 0
    try:
        with pq.ParquetFile(path) as file:
            batches = file.iter_batches(batch_size=BATCH, use_threads=False)
            for row in batch_rows(batches, class_names(file.schema_arrow)):
                read = row.line
                yield row
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, "Parquet", read, error) from error


def arrow(path: Path) -> Iterator[Row | Fault]:
    """Stream the rows of an Arrow stream file.

    Raises:
        UsageError: it is none, or it is damaged.
    """
    read = 0
    try:
        with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as stream:
            for row in batch_rows(stream, class_names(stream.schema)):
                read = row.line
                yield row
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, "Arrow", read, error) from error


def _damaged(path: Path, kind: str, read: int, error: Exception) -> UsageError:
    reason = str(error).partition("\n")[0][:200]
    article = "an" if kind[0] in "AEIOU" else "a"
    return UsageError(f"{path.name}: not {article} {kind} file, or damaged after row {read}: {reason}")


def class_names(schema: pa.Schema) -> dict[str, list[str]]:
    """Tell which columns hold numbers of named classes, and the names; none unless Hugging Face wrote the file."""
    try:
        features = json.loads((schema.metadata or {})[_DESCRIBED])["info"]["features"]
        return {
            column: [str(name) for name in feature["names"]]
            for column, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def batch_rows(batches: Iterable[pa.RecordBatch], classes: Mapping[str, Sequence[str]]) -> Iterator[Row | Fault]:
    """Number the rows of record batches from 1; a class's number becomes its name."""
    number = 0
    for batch in batches:
        parts = (batch.slice(start, BATCH) for start in range(0, batch.num_rows, BATCH))
        for row in (row for part in parts for row in _part_rows(part)):
            number += 1
            yield Fault(number, row) if isinstance(row, str) else Row(number, _named(row, classes))


def _named(row: dict[str, Any], classes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    for column, names in classes.items():
        label = row.get(column)
        if isinstance(label, int) and 0 <= label < len(names):
            row[column] = names[label]
    return row


def _part_rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
    """Convert a small record batch; a row that has no Python value (bad UTF-8, nanoseconds) is told in words."""
    try:
        yield from [_plain(values) for values in batch.to_pylist()]
    except ValueError as error:
        if batch.num_rows == 1:
            yield f"cannot be read: {error}"
            return
        for index in range(batch.num_rows):
            yield from _part_rows(batch.slice(index, 1))


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else constant("NaN" if math.isnan(value) else str(value))
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            return str(value)
