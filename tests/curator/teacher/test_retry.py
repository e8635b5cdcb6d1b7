"""A teacher fails now and then; asking again is bounded."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest

from curator.teacher.base import Completion, TeacherError
from curator.teacher.retry import RetryPolicy, complete_with_retries

QUICK = RetryPolicy(tries=4, total_s=10, wait_initial_s=0.001, wait_max_s=0.002, jitter_s=0.001)
DONE = Completion(None, "5", "none", "stop", None, None, 0.0, None, None)


class Failing:
    """A teacher that raises the given errors one after the other, then answers."""

    kind = model = "failing"

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asks: list[float] = []

    async def check(self) -> None: ...

    async def aclose(self) -> None: ...

    async def complete(self, request) -> Completion:
        self.asks.append(time.monotonic())
        if self.errors:
            raise self.errors.pop(0)
        return DONE


def fault(reason="server_error", **more) -> TeacherError:
    return TeacherError("no", reason=reason, **more)


def ask(teacher, policy=QUICK, on_retry=None):
    return asyncio.run(asyncio.wait_for(complete_with_retries(teacher, None, policy, on_retry), 5))


def test_an_answer_needs_one_try():
    """Without a failure there is one request."""
    assert ask(Failing()) == (DONE, 1)


@pytest.mark.parametrize("reason", ["unreachable", "stalled", "rate_limited", "server_error", "bad_reply"])
def test_what_may_pass_is_tried_again(reason):
    """Each failure that time may mend is retried, and told to whoever counts."""
    retries = []
    assert ask(Failing(fault(reason), fault(reason)), on_retry=lambda: retries.append(1)) == (DONE, 3)
    assert len(retries) == 2


@pytest.mark.parametrize("reason", ["refused", "unauthorized"])
def test_what_does_not_pass_is_not_tried_again(reason):
    """A refused request is refused at once."""
    teacher = Failing(fault(reason))
    with pytest.raises(TeacherError) as caught:
        ask(teacher)
    assert (len(teacher.asks), caught.value.tries) == (1, 1)


def test_our_own_bugs_are_not_retried():
    """Anything but a teacher's error goes straight up."""
    teacher = Failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        ask(teacher)
    assert len(teacher.asks) == 1


def test_tries_are_bounded():
    """The last error is raised and says how many tries there were."""
    teacher, retries = Failing(*[fault() for _ in range(9)]), []
    with pytest.raises(TeacherError) as caught:
        ask(teacher, on_retry=lambda: retries.append(1))
    assert (len(teacher.asks), caught.value.tries, len(retries)) == (4, 4, 3)


def test_the_teacher_may_ask_for_a_longer_wait():
    """Retry-After lengthens the wait past the policy's longest."""
    teacher = Failing(fault("rate_limited", retry_after=0.1))
    assert ask(teacher) == (DONE, 2)
    assert teacher.asks[1] - teacher.asks[0] >= 0.1


def test_the_teacher_cannot_shorten_the_wait():
    """A Retry-After of zero does not turn backoff off."""
    teacher = Failing(fault("rate_limited", retry_after=0.0))
    ask(teacher, RetryPolicy(tries=2, wait_initial_s=0.05, wait_max_s=0.05, jitter_s=0))
    assert teacher.asks[1] - teacher.asks[0] >= 0.05


def test_a_wait_past_the_deadline_is_not_begun():
    """A teacher that wants an hour is given up at once when there is no hour left."""
    teacher = Failing(fault("rate_limited", retry_after=3600))
    with pytest.raises(TeacherError) as caught:
        ask(teacher)
    assert caught.value.tries == 1


def test_waiting_can_be_interrupted():
    """Ctrl-C does not wait for a backoff to end."""

    async def story():
        waiting = asyncio.Event()
        policy = RetryPolicy(wait_initial_s=600, wait_max_s=600)
        asking = asyncio.create_task(complete_with_retries(Failing(fault()), None, policy, waiting.set))
        await waiting.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(asyncio.wait_for(story(), 5))


def test_retries_write_nothing_on_the_screen():
    """The live display tells of retries; no library writes into it (seen from outside: pytest takes logging over)."""
    story = """
import asyncio
from curator.teacher.base import TeacherError
from curator.teacher.retry import RetryPolicy, complete_with_retries

class Failing:
    async def complete(self, request):
        raise TeacherError("no", reason="stalled")

try:
    asyncio.run(complete_with_retries(Failing(), None, RetryPolicy(tries=2, wait_initial_s=0, jitter_s=0)))
except TeacherError as err:
    print(err.tries)
"""
    done = subprocess.run([sys.executable, "-c", story], capture_output=True, text=True, timeout=30, check=True)
    assert (done.stdout, done.stderr) == ("2\n", "")
