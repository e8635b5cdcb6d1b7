"""Limits of one person's query: time, memory, and the presence of whoever asked.

`interrupt()` ends most queries at their limit. One that does not stop within a second, or grows too fast to wait
for, is ended together with the store process, which clients start again without loss.

What is not covered: several queries at once share DuckDB's memory, so that one may fail for another's appetite.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

LOOK_EVERY_S = 0.05
GRACE_S = 1.0
"""How long an interrupted query may take to stop."""
CRITICAL = 1.5
"""Share of its memory limit at which a query is not asked to stop, but ended with the process."""


class Query:
    """One running statement, as its watchdog sees it."""

    HINT = "narrow it with WHERE or LIMIT; aggregate before you join"

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, peer: socket.socket, time_limit_s: float, memory_limit_mb: int
    ) -> None:
        self.connection, self.peer = connection, peer
        self.time_limit_s, self.memory_limit_mb = time_limit_s, memory_limit_mb
        self.ended: str | None = None
        """Why the query was interrupted, for its user; None while it may run."""
        self._memory_before = resident_mb()
        self._spent = 0.0
        self._since: float | None = None
        self._interrupted_at = 0.0

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Count this time; waiting for a slow reader is not the query's fault."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._spent += time.monotonic() - self._since
            self._since = None

    def interrupt(self, why: str) -> None:
        """Ask DuckDB to stop; the first reason given stays."""
        if self.ended is None:
            self.ended, self._interrupted_at = why, time.monotonic()
        self.connection.interrupt()

    def beyond_limits(self) -> bool:
        """Interrupt a query that passed a limit; return whether only the end of the process can stop it."""
        since = self._since
        if since is None:
            return False
        grown = resident_mb() - self._memory_before
        if grown > self.memory_limit_mb:
            self.interrupt(f"the query was ended: it passed its memory limit of {self.memory_limit_mb} MB")
        elif self._spent + time.monotonic() - since > self.time_limit_s:
            self.interrupt(f"the query was ended after {self.time_limit_s:g} s")
        elif _hung_up(self.peer):
            self.interrupt("the client went away")
        stuck = self.ended is not None and time.monotonic() - max(since, self._interrupted_at) > GRACE_S
        return stuck or grown > self.memory_limit_mb * CRITICAL


class Watchdog:
    """Ends queries that pass their limits, from a thread of its own.

    A query is looked at under the lock that it needs to leave: its connection and its peer are open meanwhile.

    Args:
        end_process: Called with the query that nothing else can stop; does not return.
    """

    def __init__(self, end_process: Callable[[Query], None]) -> None:
        self._end_process = end_process
        self._running: set[Query] = set()
        self._changed = threading.Condition()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    @contextmanager
    def watching(self, query: Query) -> Iterator[None]:
        """Watch one query."""
        with self._changed:
            self._running.add(query)
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running.discard(query)

    def make_room(self) -> bool:
        """Interrupt every query because a write needs their memory; return whether there was one."""
        with self._changed:
            for query in self._running:
                query.interrupt("the query was ended: it left no memory for a run's writes")
            return bool(self._running)

    def _watch(self) -> None:
        try:
            while True:
                self._look()
                time.sleep(LOOK_EVERY_S)
        finally:
            os._exit(1)  # without a watch there are no limits; clients start the process again

    def _look(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._running))
            for query in self._running:
                if query.beyond_limits():
                    self._end_process(query)


def resident_mb() -> int:
    """Return this process's resident memory in MB; DuckDB's own limit does not bound it."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - looked at twenty times a second
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def _hung_up(peer: socket.socket) -> bool:
    poll = select.poll()
    poll.register(peer, select.POLLRDHUP)
    return bool(poll.poll(0))
