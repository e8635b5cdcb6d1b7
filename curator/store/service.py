"""What the store process does for its clients: one thread per connection, one batch written at a time."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import threading
import time
from pathlib import Path
from typing import NoReturn

import duckdb
import pyarrow as pa

from curator.errors import StoreError
from curator.store import adhoc, limits, wire
from curator.store.claims import Claims
from curator.store.database import NO_SPACE, connect, explain, open_database
from curator.store.guard import refused_functions
from curator.store.writing import write_batch

FIRST_CLIENT_S = 15.0
"""How long a process that just started waits for the client that started it."""
LINGER_S = 0.5
"""How long it stays after its last client, for the next command of a script."""
READER_PATIENCE_S = 600.0
"""How long a client may leave a result unread."""
ROOM_TRIES = 40
"""How often a write that found no memory is tried again, a quarter of a second apart."""


class Service:
    """All connections of one open file.

    Args:
        path: The DuckDB file.
        create: Whether to make it when it does not exist.

    Raises:
        StoreError: it cannot be opened.
    """

    def __init__(self, path: Path, *, create: bool) -> None:
        self._path, self._root = path, open_database(path, create=create)
        self._inode = path.stat().st_ino
        self._write_lock = threading.Lock()
        self._refused = refused_functions(self._root)
        self._watchdog = limits.Watchdog(self._end_with)
        self._clients: set[threading.Thread] = set()
        self._claims = Claims()

    def serve(self, listener: socket.socket) -> None:
        """Answer clients until the last one has been gone for a while."""
        listener.settimeout(0.1)
        leave_at = time.monotonic() + FIRST_CLIENT_S
        while time.monotonic() < leave_at:
            try:
                peer, _ = listener.accept()
            except TimeoutError:
                pass
            else:
                thread = threading.Thread(target=self._answer_all, args=(peer,), daemon=True)
                thread.start()
                self._clients.add(thread)
            if self._alive():
                leave_at = time.monotonic() + LINGER_S

    def close(self) -> None:
        """Write the log into the file and let go of it."""
        self._root.close()
        spilled = Path(f"{self._path}.tmp")
        if spilled.is_dir():
            shutil.rmtree(spilled, ignore_errors=True)

    def _alive(self) -> bool:
        self._clients = {thread for thread in self._clients if thread.is_alive()}
        return bool(self._clients)

    def _answer_all(self, peer: socket.socket) -> None:
        with peer:
            peer.settimeout(None)
            try:
                if not _is_ours(peer):
                    return
                while True:
                    self._answer(peer, *wire.receive(peer))
            except OSError:
                return
            finally:
                self._claims.release(peer)

    def _answer(self, peer: socket.socket, header: wire.Header, payload: bytearray) -> None:
        """Do what one frame asks; a fault is answered, and a broken database ends the process."""
        try:
            getattr(self, f"_on_{header['op']}")(peer, header, payload)
        except StoreError as err:
            wire.send(peer, {"error": err.message, "hint": err.hint})
        except duckdb.Error as err:
            fault = explain(err, self._path)
            broken = isinstance(err, duckdb.FatalException) or "invalidated" in str(err)
            retry = broken or bool(NO_SPACE.search(str(err))) or isinstance(err, duckdb.OutOfMemoryException)
            wire.send(peer, {"error": fault.message, "hint": fault.hint, "retry": retry})
            if broken:
                os._exit(1)
        except OSError:
            raise
        except Exception as err:  # noqa: BLE001 - the process's one boundary: no fault of one client ends the others
            wire.send(peer, {"error": f"the store failed: {type(err).__name__}: {err}"})

    def _on_hello(self, peer: socket.socket, header: wire.Header, _: bytearray) -> None:
        if self._file_is_gone():
            os._exit(1)  # the client starts a process for what is there now
        wire.send(peer, {"pid": os.getpid(), "protocol": wire.PROTOCOL})

    def _on_write(self, peer: socket.socket, header: wire.Header, payload: bytearray) -> None:
        view, batch = memoryview(payload), {}
        for name, size in header["tables"]:
            batch[name] = wire.unpack(view[:size]).read_all()
            view = view[size:]
        if self._file_is_gone():
            raise StoreError(
                f"{self._path} was removed or replaced while it was in use", hint="put it back, or start again"
            )
        with self._write_lock:
            self._write(batch)
        if "candidates" in batch:
            self._claims.settle(batch["candidates"]["id"].to_pylist())
        wire.send(peer, {"done": True})

    def _file_is_gone(self) -> bool:
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def _write(self, batch: dict[str, pa.Table]) -> None:
        """Commit, ending queries that leave no memory for it."""
        for _ in range(ROOM_TRIES):
            try:
                return self._commit(batch)
            except duckdb.OutOfMemoryException:
                if not self._watchdog.make_room():
                    break
                time.sleep(0.25)
        return self._commit(batch)

    def _commit(self, batch: dict[str, pa.Table]) -> None:
        connection = connect(self._root)
        try:
            write_batch(connection, batch)
        finally:
            connection.close()

    def _on_claim(self, peer: socket.socket, header: wire.Header, _: bytearray) -> None:
        granted = self._claims.claim(peer, header["candidates"])
        wire.send(peer, {"granted": len(granted)}, "\n".join(granted).encode())

    def _on_rows(self, peer: socket.socket, header: wire.Header, _: bytearray) -> None:
        connection = connect(self._root)
        try:
            table = connection.execute(header["query"], header["params"]).to_arrow_table()
        finally:
            connection.close()
        wire.send(peer, {"rows": table.num_rows}, wire.pack(table.schema, table.to_batches()))

    def _on_sql(self, peer: socket.socket, header: wire.Header, _: bytearray) -> None:
        connection = connect(self._root)
        query = limits.Query(connection, peer, header["time_limit_s"], header["memory_limit_mb"])
        peer.settimeout(READER_PATIENCE_S)
        try:
            with self._watchdog.watching(query):
                adhoc.run(query, header["statement"], self._refused)
        finally:
            connection.close()

    def _end_with(self, query: limits.Query) -> NoReturn:
        """End the process because one query cannot be stopped; every commit is on disk already."""
        query.peer.settimeout(1.0)
        try:
            wire.send(query.peer, {"error": query.ended, "hint": query.HINT})
        finally:
            os._exit(1)


def _is_ours(peer: socket.socket) -> bool:
    """Whether the client belongs to this user, or to root."""
    credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return uid in (os.getuid(), 0)
