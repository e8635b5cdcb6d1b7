"""How many candidates may be open at once: a slot is never empty while those that failed wait for another try."""

from __future__ import annotations

import asyncio

AHEAD = 1 / 8
"""Candidates beyond the slots that wait for one right at the teacher, as a share of the slots."""
ASIDE = 3
"""Candidates that may wait for another try, per slot."""


class Place:
    """One open candidate's place: among those that are asked, or aside while it waits for another try."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._aside = False

    def step_aside(self) -> None:
        """Let another candidate be asked; the teacher's slots are what limits this one from now on."""
        if not self._aside:
            self._aside = True
            self._room.move(-1, +1)

    def leave(self) -> None:
        """Give the place up."""
        self._room.move(0, -1) if self._aside else self._room.move(-1, 0)


class Room:
    """Places for open candidates.

    Args:
        slots: Requests in flight at once, over all endpoints.
    """

    def __init__(self, slots: int) -> None:
        self._most = slots + max(1, int(AHEAD * slots))
        self._most_aside = ASIDE * slots
        self._asked = self._waiting = 0
        self._free = asyncio.Event()
        self._free.set()

    async def enter(self) -> Place:
        """Wait for a place and take it."""
        await self._free.wait()
        self.move(+1, 0)
        return Place(self)

    def move(self, asked: int, aside: int) -> None:
        """Change how many are asked, and how many wait aside."""
        self._asked += asked
        self._waiting += aside
        if self._asked < self._most and self._waiting < self._most_aside:
            self._free.set()
        else:
            self._free.clear()
