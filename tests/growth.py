"""Whether work grows with its input and no faster, told by a ratio: a busy machine slows both sides of it."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMES = 8
SLACK = 4
"""Factor beyond linear growth that still counts as linear; quadratic growth goes past it by twice as much."""
NOISE_S = 0.05
"""CPU seconds that any measurement may be off."""


def assert_linear(work: Callable[[str], object], piece: str, characters: int) -> None:
    """Give `work` a text of `piece` again and again, then one `TIMES` as long, of `characters` characters."""
    long = (piece * characters)[:characters]
    short = long[: characters // TIMES]
    allowed = TIMES * SLACK * min(_cpu_s(work, short), _cpu_s(work, short)) + NOISE_S
    spent = _cpu_s(work, long)
    if spent > allowed:  # perhaps the machine was at fault
        spent = min(spent, _cpu_s(work, long))
    assert spent <= allowed, f"{TIMES} times {piece!r} takes {spent / allowed * TIMES * SLACK:.0f} times as long"


def _cpu_s(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    work(text)
    return time.process_time() - began
