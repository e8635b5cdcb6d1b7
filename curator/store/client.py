"""The store as every command sees it: a client of the store process, which it starts when none is there.

The process may die at any time (killed, out of memory, ended with a query that would not stop). Calls then start
it again and repeat what was not acknowledged; writes are idempotent by id, so repeating them is safe.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from curator.errors import StoreError
from curator.store import wire
from curator.store.location import Location, locate, locked
from curator.store.tables import Record, to_tables

START_S = 120.0
"""Longest that opening the file may take; a crash's log is replayed then."""
ANSWER_S = 300.0
"""Longest that one write or internal read may take."""
PAUSES_S = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Before each further try of a call that found the store process dead or unable for a moment."""
QUERY_MEMORY_MB = 2048
"""Memory an ad hoc query may take by default, beyond what the store process has."""

_PACKAGES = Path(__file__).resolve().parents[2]


class _Unavailable(StoreError):
    """The same call may succeed in a moment."""


class _Link:
    """One connection to the store process, made when first needed; one call at a time."""

    def __init__(self, location: Location, peer: socket.socket | None = None) -> None:
        self._location, self._peer = location, peer
        self._lock = threading.Lock()

    def ask(self, header: wire.Header, payload: bytes | memoryview = b"") -> bytearray:
        """Call, again if need be, and return the answer's payload."""
        with self._lock:
            for pause in PAUSES_S:
                try:
                    return self._ask(header, payload)
                except (_Unavailable, ConnectionError):
                    self._hang_up()
                    time.sleep(pause)
            try:
                return self._ask(header, payload)
            except ConnectionError as err:
                raise _keeps_ending(self._location) from err

    def close(self) -> None:
        """Hang up, after the call that may be under way."""
        with self._lock:
            self._hang_up()

    def _ask(self, header: wire.Header, payload: bytes | memoryview) -> bytearray:
        if self._peer is None:
            self._peer = connect(self._location)
        try:
            wire.send(self._peer, header, payload)
            answer, rows = wire.receive(self._peer)
        except TimeoutError as err:
            self._hang_up()
            raise StoreError(f"the store process did not answer within {ANSWER_S:g} s") from err
        _raise_fault(answer)
        return rows

    def _hang_up(self) -> None:
        if self._peer is not None:
            self._peer.close()
            self._peer = None


class Store:
    """One store file, for any number of threads. Use it as a context manager, or call `close`."""

    def __init__(self, location: Location, peer: socket.socket) -> None:
        self._location = location
        self._writing = _Link(location, peer)
        self._reading = threading.local()
        self._links = [self._writing]

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Self:
        """Open a store; the store process is started when none runs.

        Args:
            path: The DuckDB file.
            create: Whether to make the file when it does not exist.

        Raises:
            StoreError: there is no such store, or it cannot be opened; the message says why.
        """
        location = locate(path)
        if not create and not location.file.exists():
            raise StoreError(f"no store at {path}", hint="`curator sample` makes one; --store names another file")
        return cls(location, connect(location, create=create))

    def write(self, records: Sequence[Record]) -> None:
        """Commit records in one transaction; return when they are on disk.

        A problem that is stored gets its new answer, tests, language, verifier, source and meta. The rules of a run
        replace all it had. Any other record that is stored already stays as it is.

        Raises:
            StoreError: a stored problem has another prompt; no space; or the store process keeps dying.
        """
        if not records:
            return
        self.write_tables(to_tables(records))

    def write_tables(self, tables: Mapping[str, pa.Table]) -> None:
        """Commit rows like `write`, as the columns of `curator.store.tables.SCHEMAS`.

        Raises:
            StoreError: as `write` does.
        """
        packed = {name: wire.pack(table.schema, table.to_batches()) for name, table in tables.items()}
        sizes = [(name, len(payload)) for name, payload in packed.items()]
        self._writing.ask({"op": "write", "tables": sizes}, memoryview(b"".join(packed.values())))

    def rows(self, query: str, params: Sequence[object] = ()) -> list[dict[str, object]]:
        """Ask one of the constants of `curator.store.queries`; the whole answer is held in memory.

        Args:
            query: Trusted SQL with `?` for each parameter.
            params: Text, numbers, or lists of them.
        """
        found: list[dict[str, object]] = self.table(query, params).to_pylist()
        return found

    def table(self, query: str, params: Sequence[object] = ()) -> pa.Table:
        """Ask like `rows`, for many rows: they stay columns."""
        payload = self._reader().ask({"op": "rows", "query": query, "params": list(params)})
        return wire.unpack(payload).read_all()

    def sql(self, statement: str, *, time_limit_s: float = 60.0, memory_limit_mb: int = QUERY_MEMORY_MB) -> QueryResult:
        """Run one reading statement of a person's own; see `curator.store.adhoc` for what is allowed.

        Args:
            statement: SQL.
            time_limit_s: Seconds the query may compute; the time you take to read the rows does not count.
            memory_limit_mb: How far the store process may grow meanwhile.

        Raises:
            StoreError: the statement is wrong, not allowed, or passed a limit. Reading the rows may raise it too.
        """
        header = {"statement": statement, "time_limit_s": time_limit_s, "memory_limit_mb": memory_limit_mb}
        peer = connect(self._location)
        peer.settimeout(None)  # the store process keeps the limits
        try:
            wire.send(peer, {"op": "sql", **header})
            return QueryResult(peer, _next_frame(peer))
        except BaseException:
            peer.close()
            raise

    def claim(self, candidate_ids: Sequence[str]) -> set[str]:
        """Reserve candidates that are about to be asked for; return those that no other client has reserved.

        Reservations end when the candidate is written, or with this client.
        """
        granted = self._writing.ask({"op": "claim", "candidates": list(candidate_ids)})
        return set(granted.decode().split())

    def close(self) -> None:
        """Hang up; the store process ends with its last client."""
        for link in self._links:
            link.close()

    def _reader(self) -> _Link:
        """Return this thread's own connection, so that two threads' questions are answered side by side."""
        link: _Link | None = getattr(self._reading, "link", None)
        if link is None:
            link = self._reading.link = _Link(self._location)
            self._links.append(link)
        return link

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class QueryResult:
    """Rows of one ad hoc query, streamed: iterate over it once. Closing it early cancels the query."""

    def __init__(self, peer: socket.socket, first: bytearray) -> None:
        self._peer = peer
        self.schema: pa.Schema = wire.unpack(first).schema
        """Names and types of the columns."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in batches of a few MB.

        Raises:
            StoreError: the query failed or passed a limit on the way.
        """
        try:
            while payload := _next_frame(self._peer):
                yield from wire.unpack(payload)
        finally:
            self.close()

    def close(self) -> None:
        """Hang up; a query that still runs is cancelled."""
        self._peer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def connect(location: Location, *, create: bool = False) -> socket.socket:
    """Connect to the store process, starting it when none answers.

    Raises:
        StoreError: it cannot start, ends again and again, or another version of r1-curator started it.
    """
    for pause in PAUSES_S:
        try:
            return _greet(location)
        except (FileNotFoundError, ConnectionError):
            with locked(location.start_lock):
                try:
                    return _greet(location)
                except (FileNotFoundError, ConnectionError):
                    _start(location, create=create)
        try:
            return _greet(location)
        except (FileNotFoundError, ConnectionError):
            time.sleep(pause)
    raise _keeps_ending(location)


def _keeps_ending(location: Location) -> StoreError:
    return StoreError(f"the store process of {location.file} keeps ending", hint="see `curator doctor`")


def _greet(location: Location) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(ANSWER_S)
    try:
        peer.connect(str(location.socket))
        wire.send(peer, {"op": "hello"})
        answer, _ = wire.receive(peer)
    except BaseException:
        peer.close()
        raise
    if answer["protocol"] != wire.PROTOCOL:
        peer.close()
        raise StoreError(
            f"the store process {answer['pid']} belongs to another version of r1-curator",
            hint="let the commands that use it end, then try again",
        )
    return peer


def _start(location: Location, *, create: bool) -> None:
    """Start the store process and wait until it listens."""
    command = [sys.executable, "-m", "curator.store.server", str(location.file)] + ["--create"] * create
    try:
        started = subprocess.run(
            command, cwd=_PACKAGES, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=START_S,
            start_new_session=True, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as err:
        raise StoreError(
            f"the store process did not open {location.file} within {START_S:g} s",
            hint="it may still be replaying the log of a crash: try again in a while",
        ) from err
    last = (started.stdout or started.stderr).strip().rpartition("\n")[2]
    try:
        _raise_fault(json.loads(last))
    except ValueError as err:
        raise StoreError(f"the store process could not start: {last}", hint="see `curator doctor`") from err


def _next_frame(peer: socket.socket) -> bytearray:
    """Return the next frame of a query's result; empty when there are no more."""
    try:
        header, payload = wire.receive(peer)
    except ConnectionError as err:
        raise StoreError(
            "the store process ended while the query ran", hint="run the query again; nothing stored is lost"
        ) from err
    _raise_fault(header)
    return payload


def _raise_fault(answer: wire.Header) -> None:
    if "error" in answer:
        kind = _Unavailable if answer.get("retry") else StoreError
        raise kind(answer["error"], hint=answer.get("hint", ""))
