"""How much work one comparison may cost: counted as it is done, so that no nesting of small sums escapes it.

A unit is about ten nanoseconds. Work within `effort(most)` that spends more raises SpentError; what an inner effort
spent counts for the outer one, too. Each thread and task counts for itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_STEP = 300
"""What the smallest operation costs."""
_left: ContextVar[int | None] = ContextVar("left", default=None)


class SpentError(Exception):
    """A comparison cost more than it may."""


@contextmanager
def effort(most: int) -> Iterator[None]:
    """Allow so much work, and no more than is left of an outer effort."""
    outer = _left.get()
    granted = most if outer is None else min(most, outer)
    token = _left.set(granted)
    try:
        yield
    finally:
        left = _left.get()
        _left.reset(token)
        if outer is not None and left is not None:
            _left.set(outer - (granted - left))


def spend(bits: int = 0, times: int = 1) -> None:
    """Count operations on numbers of so many bits, whose cost grows faster than their length.

    Raises:
        SpentError: that is more than is left.
    """
    left = _left.get()
    if left is None:
        return
    left -= times * (_STEP + bits * max(1, math.isqrt(bits) // 64))
    _left.set(left)
    if left < 0:
        raise SpentError
