"""An event loop whose clock leaps over every wait, so that stories of minutes are lived through at once."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _LeapingLoop(asyncio.SelectorEventLoop):
    """Waits for nothing: when all tasks wait, its clock moves on to whatever comes next."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Leaping(self))

    def time(self) -> float:
        return self.now


class _Leaping(selectors.SelectSelector):
    def __init__(self, loop: _LeapingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "the story waits for something that never comes"
        self._loop.now += timeout
        return super().select(0)


def live(story: Coroutine[Any, Any, Any]) -> Any:
    """Run a story that talks to nobody outside; `loop.time()` is its clock and begins at 0."""
    with asyncio.Runner(loop_factory=_LeapingLoop) as runner:
        return runner.run(story)


def clock() -> float:
    """Tell the time of the story that is being lived."""
    return asyncio.get_running_loop().time()
