"""Asks a teacher until it answers, bounded in tries and in time."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

import stamina

from curator.teacher.base import Completion, Request, Teacher, TeacherError

logging.getLogger("stamina").addHandler(logging.NullHandler())  # the live display tells of retries


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to ask; all times in seconds."""

    tries: int = 6
    """Requests per completion, the first included."""
    total_s: float = 3600.0
    """No new try starts later than this after the first one began."""
    wait_initial_s: float = 1.0
    """Wait before the second try; it doubles from try to try."""
    wait_max_s: float = 60.0
    """Longest wait, unless the teacher itself asks for a longer one."""
    jitter_s: float = 1.0
    """Up to this much is added to every wait, so that failed requests do not return all at once."""


async def complete_with_retries(
    teacher: Teacher, request: Request, policy: RetryPolicy, on_retry: Callable[[], None] | None = None
) -> tuple[Completion, int]:
    """Ask until the teacher answers; return the completion and how many tries it took.

    Waits grow exponentially, and a Retry-After of the teacher lengthens them. `on_retry` is called before each wait.

    Raises:
        TeacherError: The last one; `tries` says how many there were. What no retry mends is raised at once.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + policy.total_s
    tries, backoff = 0, 0.0

    def wait(err: Exception) -> bool | float:
        """Decide on another try: False is no, a number is the seconds until then."""
        if not isinstance(err, TeacherError) or not err.retryable:
            return False
        pause = max(backoff, err.retry_after or 0.0) + random.uniform(0, policy.jitter_s)  # noqa: S311
        if tries >= policy.tries or clock() + pause > deadline:
            return False
        if on_retry is not None:
            on_retry()
        return pause

    attempts = stamina.retry_context(
        on=wait,
        attempts=policy.tries,
        timeout=None,  # `wait` knows the deadline, and what the teacher asked for
        wait_initial=policy.wait_initial_s,
        wait_max=policy.wait_max_s,
    )
    try:
        async for attempt in attempts:
            tries, backoff = attempt.num, attempt.next_wait
            with attempt:
                return await teacher.complete(request), tries
    except TeacherError as err:
        err.tries = tries
        raise
    raise AssertionError("stamina returns or raises")
