"""Encoded rows on disk: written once per training, read from there a batch at a time, so memory stays flat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Dataset

from trainer.rows import Encoded

_SCHEMA = pa.schema({"input_ids": pa.list_(pa.int32()), "labels": pa.list_(pa.int32())})
_ROWS_AT_A_TIME = 256


def write_encoded(rows: Iterable[Encoded], file: Path) -> None:
    """Write rows as an Arrow stream, which `datasets` maps into memory."""
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_stream(sink, _SCHEMA) as writer:
        for some in _some(rows):
            columns = zip(*some, strict=True)
            writer.write_batch(pa.record_batch(list(columns), schema=_SCHEMA))


def open_encoded(file: Path) -> Any:
    """Open the rows as a `datasets.Dataset` with the columns `input_ids` and `labels`."""
    return Dataset.from_file(str(file))


def lengths(rows: Any) -> list[int]:
    """Return the tokens of each row."""
    return pc.list_value_length(rows.data.column("input_ids")).to_pylist()  # type: ignore[no-any-return]


def fitting(rows: Any, longest: int) -> Any:
    """Leave out rows of more than `longest` tokens."""
    kept = [at for at, length in enumerate(lengths(rows)) if length <= longest]
    return rows if len(kept) == len(rows) else rows.select(kept)


def _some(rows: Iterable[Encoded]) -> Iterator[list[Encoded]]:
    batch: list[Encoded] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS_AT_A_TIME:
            yield batch
            batch = []
    if batch:
        yield batch
