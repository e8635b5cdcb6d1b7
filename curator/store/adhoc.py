"""Running a person's SQL: streamed, bounded, and out of the writers' way.

The query computes on a thread of its own at the lowest priority; DuckDB has no threads besides, so nothing of it
runs at any other. That thread does as little Python as it can: a thread of low priority that is put to sleep while
it holds the interpreter's lock would stop the writers too. Rows are packed and sent by the connection's thread.
"""

from __future__ import annotations

import os
import queue
import threading

import duckdb
import pyarrow as pa

from curator.errors import StoreError
from curator.store import wire
from curator.store.guard import check
from curator.store.limits import Query

LOWEST_PRIORITY = 19
BATCH_ROWS = 256
"""Traces are long: this many rows are some 10 MB."""

_Computed = queue.Queue[pa.Schema | pa.RecordBatch | StoreError | None]


def run(query: Query, statement: str, refused: frozenset[str]) -> None:
    """Stream the statement's result to the query's peer: a frame with the schema, frames of rows, a last frame.

    Raises:
        StoreError: not one statement, not a reading one, wrong, or ended at a limit.
        OSError: the peer went away.
    """
    try:
        parsed = check(query.connection, statement, refused)
    except (duckdb.Error, UnicodeError) as err:
        raise _explain(err, query) from err
    computed: _Computed = queue.Queue(maxsize=1)
    thread = threading.Thread(target=_compute, args=(query, parsed, computed), daemon=True)
    thread.start()
    try:
        _send(query, computed)
    finally:
        while thread.is_alive():
            query.interrupt("the client went away")
            _drain(computed)


def _send(query: Query, computed: _Computed) -> None:
    schema = _taken(computed)
    wire.send(query.peer, {"schema": True}, wire.pack(schema, ()))
    while (batch := _taken(computed)) is not None:
        for part in wire.slices(batch):
            wire.send(query.peer, {"rows": part.num_rows}, wire.pack(schema, (part,)))
    wire.send(query.peer, {"done": True})


def _taken(computed: _Computed) -> pa.Schema | pa.RecordBatch | None:
    item = computed.get()
    if isinstance(item, StoreError):
        raise item
    return item


def _drain(computed: _Computed) -> None:
    try:
        computed.get(timeout=0.05)
    except queue.Empty:
        return


def _compute(query: Query, parsed: duckdb.Statement, computed: _Computed) -> None:
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
    try:
        with query.computing():
            query.connection.execute("BEGIN TRANSACTION READ ONLY")
            reader = query.connection.execute(parsed).to_arrow_reader(BATCH_ROWS)
        computed.put(reader.schema)
        batch = reader
        while batch is not None and query.ended is None:
            with query.computing():
                batch = next(reader, None)
            computed.put(batch)
    except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as err:  # a failing reader raises OSError
        computed.put(_explain(err, query))


def _explain(err: Exception, query: Query) -> StoreError:
    text = str(err).strip()
    if query.ended:
        return StoreError(query.ended, hint=query.HINT)
    if isinstance(err, duckdb.OutOfMemoryException | MemoryError) or "Out of Memory" in text:
        return StoreError("the query was ended: it needs more memory than the store allows", hint=query.HINT)
    return StoreError(f"the query cannot run: {text}", hint="`DESCRIBE rejected` lists the columns of a view")
