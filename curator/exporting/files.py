"""The files of one part of an export: JSON lines, or shards of Parquet or Arrow; rows go through, none are kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

SHARD_BYTES = 500_000_000
"""As large as `datasets` makes them."""


class PartFiles(Protocol):
    """Where the rows of one part go."""

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows."""

    def close(self) -> None:
        """Finish the files; they have their last names then."""


class Lines:
    """One file of JSON lines, in UTF-8 as it is read, without escapes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add a line per row."""
        self._file.writelines(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class Shards:
    """Files of one schema, named `STEM-00000-of-00002.SUFFIX` as `datasets` and the hub do.

    Args:
        stem: The folder and the beginning of every name.
        schema: Columns.
        suffix: `parquet` or `arrow`.
        shard_bytes: Roughly the most bytes of rows in one file, before compression.
    """

    def __init__(self, stem: Path, schema: pa.Schema, suffix: str, *, shard_bytes: int = SHARD_BYTES) -> None:
        stem.parent.mkdir(exist_ok=True)
        self._shard_bytes = shard_bytes
        self._stem, self._schema, self._suffix = stem, schema, suffix
        self._paths: list[Path] = []
        self._bytes = 0
        self._writer: Any = None

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, in another file when the last is full."""
        batch = pa.RecordBatch.from_pylist(rows, schema=self._schema)
        if self._writer is None or self._bytes + batch.nbytes > self._shard_bytes:
            self._open_next()
        self._writer.write_batch(batch)
        self._bytes += batch.nbytes

    def close(self) -> None:
        """Finish the last file, and name all by their number."""
        if self._writer:
            self._writer.close()
        for number, path in enumerate(self._paths):
            path.rename(self._named(f"-{number:05d}-of-{len(self._paths):05d}"))

    def _open_next(self) -> None:
        if self._writer:
            self._writer.close()
        path = self._named(f"-{len(self._paths):05d}")
        self._paths.append(path)
        self._writer, self._bytes = _OPEN[self._suffix](path, self._schema), 0

    def _named(self, end: str) -> Path:
        return self._stem.with_name(f"{self._stem.name}{end}.{self._suffix}")


_OPEN: Mapping[str, Callable[[Path, pa.Schema], Any]] = {
    "arrow": lambda path, schema: pa.ipc.new_stream(str(path), schema),
    "parquet": lambda path, schema: pq.ParquetWriter(path, schema, compression="zstd"),
}


def write_json(path: Path, value: object) -> None:
    """Write one value as a person can read it."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")
