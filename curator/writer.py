"""Group commit: records wait at most a quarter of a second, then go to the store in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from curator.errors import StoreError
from curator.store.client import Store
from curator.store.tables import Record

MAX_ROWS = 64
MAX_WAIT_S = 0.25
MAX_QUEUED = 128
"""Records that may wait; while there are more, nothing new should be asked for."""


class Writer:
    """Carries records from the event loop to the store, in order, without ever blocking the loop.

    What `put` took is in the store once `close` returned. A crash loses at most the records of one
    uncommitted group; they are owed again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: asyncio.Queue[Record | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._unsaved = 0
        self._room = asyncio.Event()
        self._room.set()

    def start(self) -> asyncio.Task[None]:
        """Begin committing; the task ends when `close` is called, or fails with the store's error."""
        self._task = asyncio.create_task(self._run(), name="writer")
        return self._task

    def put(self, *records: Record) -> None:
        """Hand over records; they are committed soon."""
        self._unsaved += len(records)
        for record in records:
            self._queue.put_nowait(record)
        if self._queue.qsize() > MAX_QUEUED:
            self._room.clear()

    async def room(self) -> None:
        """Wait until few records wait, so that a store that is stuck does not cost what it cannot take."""
        await self._room.wait()

    async def close(self) -> None:
        """Commit what is left.

        Raises:
            StoreError: The store could not take it; the message says how many records were not saved.
        """
        self._queue.put_nowait(None)
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        last = False
        while not last:
            group, last = await self._group()
            if group:
                await self._commit(group)
            if self._queue.qsize() <= MAX_QUEUED:
                self._room.set()

    async def _group(self) -> tuple[list[Record], bool]:
        """Wait for a first record, then for company, within the limits of one group."""
        group: list[Record] = []
        taken: Record | None = await self._queue.get()
        waited = False
        while taken is not None:
            group.append(taken)
            if len(group) == MAX_ROWS:
                return group, False
            if self._queue.empty() and not waited:
                await asyncio.sleep(MAX_WAIT_S)
                waited = True
            if self._queue.empty():
                return group, False
            taken = self._queue.get_nowait()
        return group, True

    async def _commit(self, group: Sequence[Record]) -> None:
        try:
            await asyncio.to_thread(self._store.write, group)
        except StoreError as err:
            raise StoreError(
                f"{err.message} ({self._unsaved} records were not saved; they are owed again)", hint=err.hint
            ) from err
        self._unsaved -= len(group)
