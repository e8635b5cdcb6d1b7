"""Asks a teacher until it answers, bounded in tries and in time.

A failure is bad luck while failures are usual at that endpoint. A request is given up when they are not enough to
explain its own: when the chance that bad luck alone befell it, the product of the shares of failing tries that it met,
falls below `BAD_LUCK`. So a prompt that always fails is given up after six tries where all else goes well, and
nothing is lost where most tries fail.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from curator.teacher.base import Completion, Request, Teacher, TeacherError

BAD_LUCK = 1e-7
"""Low enough that of 2,000 requests none is given up by chance."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to ask; all times in seconds.

    Waits are short: they spread requests out. To leave an endpoint alone that takes none is the endpoint's business.
    """

    tries: int = 6
    """Requests per completion before bad luck is ruled out, the first included."""
    most_failures: int = 50
    """Failures per completion, whatever luck says; refusals (429, 503) are bounded by time alone."""
    total_s: float = 3600.0
    """No new try starts later than this after the first one began."""
    wait_initial_s: float = 0.2
    """Wait before the second try; it doubles from try to try."""
    wait_max_s: float = 1.0
    """Longest wait, unless the teacher itself asks for a longer one."""
    jitter_s: float = 0.2
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
    tries, failures, chance = 0, 0, 1.0
    while True:
        tries += 1
        try:
            return await teacher.complete(request), tries
        except TeacherError as err:
            chance *= err.failing
            failures += err.reason != "rate_limited"
            wait = _wait(policy, tries, err.retry_after)
            if not err.retryable or _given_up(policy, tries, failures, chance) or clock() + wait > deadline:
                err.tries = tries
                raise
        if on_retry is not None:
            on_retry()
        await asyncio.sleep(wait)
        request = replace(request, tries=tries)


def _wait(policy: RetryPolicy, tries: int, asked: float | None) -> float:
    """Choose the wait after a failed try."""
    backoff = min(policy.wait_initial_s * 2.0 ** (tries - 1), policy.wait_max_s)
    return max(backoff, asked or 0.0) + random.uniform(0, policy.jitter_s)  # noqa: S311


def _given_up(policy: RetryPolicy, tries: int, failures: int, chance: float) -> bool:
    """Decide whether a request has failed for good: too often for bad luck, or too often at all."""
    return failures >= policy.most_failures or (tries >= policy.tries and chance < BAD_LUCK)
