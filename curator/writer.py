"""Group commit: records wait at most a quarter of a second, then go to the store in one transaction.

A transaction costs the store ten milliseconds, and a row in it a few hundredths of one: verdicts, which a crash costs
nothing but the time to judge again, go along with candidates in groups of hundreds, and wait a second by themselves.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from curator.errors import StoreError
from curator.store.client import Store
from curator.store.tables import Record
from schemas.verdict import Verdict

MAX_ROWS = 64
"""Records in a group, verdicts not counted."""
MAX_VERDICTS = 512
"""Verdicts in a group."""
MAX_WAIT_S = 0.25
VERDICTS_WAIT = 4
"""Times as long that verdicts wait for company while nothing else comes."""
MAX_QUEUED = 128
"""Records, verdicts not counted, that may wait; while there are more, nothing new should be asked for."""


class Writer:
    """Carries records from the event loop to the store, in order, without ever blocking the loop.

    What `put` took is in the store once `close` returned. A crash loses at most the records of one
    uncommitted group; they are owed again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: deque[Record] = deque()
        self._paid = 0
        """Records in the queue that are no verdicts."""
        self._put = self._written = 0
        self._closing = False
        self._task: asyncio.Task[None] | None = None
        self._some, self._enough, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._room.set()
        self._progress = asyncio.Condition()

    def start(self) -> asyncio.Task[None]:
        """Begin committing; the task ends when `close` is called, or fails with the store's error."""
        self._task = asyncio.create_task(self._run(), name="writer")
        return self._task

    def put(self, *records: Record) -> None:
        """Hand over records; they are committed soon."""
        self._queue.extend(records)
        self._put += len(records)
        self._paid += sum(not isinstance(record, Verdict) for record in records)
        self._some.set()
        if self._is_full():
            self._enough.set()
        if self._paid > MAX_QUEUED:
            self._room.clear()

    async def room(self) -> None:
        """Wait until few records wait, so that a store that is stuck does not cost what it cannot take."""
        await self._room.wait()

    @property
    def mark(self) -> int:
        """How many records were handed over so far; `saved` waits until that many are committed."""
        return self._put

    async def saved(self, mark: int) -> None:
        """Wait until what was handed over before `mark` is committed."""
        async with self._progress:
            await self._progress.wait_for(lambda: self._written >= mark)

    async def close(self) -> None:
        """Commit what is left.

        Raises:
            StoreError: The store could not take it; the message says how many records were not saved.
        """
        self._closing = True
        self._some.set()
        self._enough.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            if not self._is_full() and not self._closing:
                await self._company()
            if group := self._group():
                await self._commit(group)
            elif self._closing:
                return

    async def _company(self) -> None:
        """Wait for a full group, but not for long."""
        self._enough.clear()
        for _ in range(VERDICTS_WAIT):
            try:
                await asyncio.wait_for(self._enough.wait(), MAX_WAIT_S)
            except TimeoutError:
                if not self._paid:
                    continue
            return

    def _is_full(self) -> bool:
        return self._paid >= MAX_ROWS or len(self._queue) - self._paid >= MAX_VERDICTS

    def _group(self) -> list[Record]:
        """Take the oldest records, within the limits of one group."""
        group: list[Record] = []
        paid = 0
        while self._queue and paid < MAX_ROWS and len(group) - paid < MAX_VERDICTS:
            record = self._queue.popleft()
            paid += not isinstance(record, Verdict)
            group.append(record)
        self._paid -= paid
        if not self._queue and not self._closing:
            self._some.clear()
        return group

    async def _commit(self, group: Sequence[Record]) -> None:
        try:
            await asyncio.to_thread(self._store.write, group)
        except StoreError as err:
            unsaved = self._put - self._written
            raise StoreError(
                f"{err.message} ({unsaved} records were not saved; they are owed again)", hint=err.hint
            ) from err
        self._written += len(group)
        if self._paid <= MAX_QUEUED:
            self._room.set()
        async with self._progress:
            self._progress.notify_all()
