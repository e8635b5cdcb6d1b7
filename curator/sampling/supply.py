"""Problems that wait to be asked about: looked up a little ahead of need, so that no slot waits for the store."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from curator.sampling.plan import Opened


class Supply:
    """A queue of opened problems between the look-ahead and whoever chooses what is asked for next.

    Args:
        low: Problems that must wait here; while there are fewer, further ones are to be looked up.
    """

    def __init__(self, low: int) -> None:
        self.opened: deque[Opened] = deque()
        self.complete = False
        """Whether all problems were looked up."""
        self._low = low
        self._changed = asyncio.Event()
        self._short = asyncio.Event()

    def add(self, opened: Sequence[Opened]) -> None:
        """Take new problems."""
        self.opened.extend(opened)
        self.wake()

    def take(self) -> None:
        """Drop the first one."""
        self.opened.popleft()
        if len(self.opened) < self._low:
            self._short.set()

    async def short(self) -> None:
        """Wait until more problems are needed."""
        while len(self.opened) >= self._low:
            self._short.clear()
            await self._short.wait()

    def finish(self) -> None:
        """Learn that there are no further problems."""
        self.complete = True
        self.wake()

    def wake(self) -> None:
        """Tell whoever chooses that it should look again."""
        self._changed.set()

    async def change(self) -> None:
        """Wait until somebody tells of a change after the last time this returned."""
        await self._changed.wait()
        self._changed.clear()
