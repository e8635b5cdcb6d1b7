"""The watch over people's queries: it must outlive every query that it looks at."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pytest

from curator.store.limits import Query, Watchdog

ENDLESS = "SELECT count(*) FROM range(100_000_000_000)"


def test_queries_that_come_and_go_leave_the_watch_alive() -> None:
    """Connections and peers are closed the moment a query is done, while the watch may be looking at it."""
    ended: list[Query] = []
    watchdog, root = Watchdog(ended.append), duckdb.connect(":memory:")

    @contextmanager
    def query(time_limit_s: float) -> Iterator[Query]:
        connection, (peer, client) = root.cursor(), socket.socketpair()
        with connection, peer, client:
            asked = Query(connection, peer, time_limit_s, 4096)
            with watchdog.watching(asked), asked.computing():
                yield asked

    def come_and_go(until: float) -> None:
        while time.monotonic() < until:
            with query(60) as asked:
                asked.connection.execute("SELECT 1")

    many = [threading.Thread(target=come_and_go, args=(time.monotonic() + 2,)) for _ in range(32)]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join()

    with query(0.2) as asked, pytest.raises(duckdb.InterruptException):
        asked.connection.execute(ENDLESS)
    assert not ended
