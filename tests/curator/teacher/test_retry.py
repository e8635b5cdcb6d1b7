"""A teacher fails now and then; asking again is bounded, and nothing is given up for bad luck."""

from __future__ import annotations

import asyncio
import random

import pytest

from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.pool import TeacherPool
from curator.teacher.retry import RetryPolicy, complete_with_retries
from schemas.candidate import SamplingParameters
from tests.leaping import clock, live

STEADY = RetryPolicy(tries=4, total_s=100, wait_initial_s=1, wait_max_s=4, jitter_s=0)
DONE = Completion(None, "5", "none", "stop", None, None, 0.0, None, None)


def request(seed: int = 7) -> Request:
    return Request([{"role": "user", "content": "2+3?"}], SamplingParameters(max_tokens=64), seed)


class Failing:
    """A teacher that raises the given errors one after the other, then answers."""

    kind = model = "failing"

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked_at: list[float] = []
        self.tries: list[int] = []

    async def check(self) -> None: ...

    async def aclose(self) -> None: ...

    async def complete(self, request: Request) -> Completion:
        self.asked_at.append(clock())
        self.tries.append(request.tries)
        if self.errors:
            raise self.errors.pop(0)
        return DONE


class Unlucky:
    """A server where `share` of all tries fails, and every try for the seeds in `doomed`."""

    kind, model = "openai", "m"

    def __init__(self, share: float, *doomed: int) -> None:
        self.share, self.doomed = share, doomed
        self.luck = random.Random(3)

    async def check(self) -> None: ...

    async def aclose(self) -> None: ...

    async def complete(self, request: Request) -> Completion:
        await asyncio.sleep(self.luck.uniform(0.1, 0.5))
        if request.seed in self.doomed or self.luck.random() < self.share:
            raise TeacherError("no", reason=self.luck.choice(["unreachable", "stalled", "server_error", "bad_reply"]))
        return DONE


def fault(reason="server_error", **more) -> TeacherError:
    return TeacherError("no", reason=reason, **more)


def ask(teacher, policy=STEADY, on_retry=None):
    return live(complete_with_retries(teacher, request(), policy, on_retry))


def sample(server: Unlucky, count: int) -> list[tuple[int, int]]:
    """Ask for one completion per seed, 64 at once; return the seeds given up and after how many tries."""
    given_up = []

    async def run() -> None:
        pool, seeds = TeacherPool([server], 64, lambda _: None), iter(range(count))
        await pool.check()

        async def work() -> None:
            for seed in seeds:
                try:
                    await complete_with_retries(pool, request(seed), RetryPolicy())
                except TeacherError as err:
                    given_up.append((seed, err.tries))

        await asyncio.gather(*(work() for _ in range(128)))

    live(run())
    return given_up


def test_an_answer_needs_one_try():
    """Without a failure there is one request."""
    assert ask(Failing()) == (DONE, 1)


@pytest.mark.parametrize("reason", ["unreachable", "stalled", "rate_limited", "server_error", "bad_reply"])
def test_what_may_pass_is_tried_again(reason):
    """Each failure that time may mend is retried, and told to whoever counts."""
    retries, teacher = [], Failing(fault(reason), fault(reason))
    assert ask(teacher, on_retry=lambda: retries.append(1)) == (DONE, 3)
    assert (len(retries), teacher.tries) == (2, [0, 1, 2])


@pytest.mark.parametrize("reason", ["refused", "unauthorized"])
def test_what_does_not_pass_is_not_tried_again(reason):
    """A refused request is refused at once."""
    teacher = Failing(fault(reason))
    with pytest.raises(TeacherError) as caught:
        ask(teacher)
    assert (len(teacher.asked_at), caught.value.tries) == (1, 1)


def test_our_own_bugs_are_not_retried():
    """Anything but a teacher's error goes straight up."""
    teacher = Failing(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        ask(teacher)
    assert len(teacher.asked_at) == 1


def test_waits_double_up_to_the_longest():
    """The waits spread requests out; to leave an endpoint alone is another one's business."""
    teacher = Failing(*[fault() for _ in range(5)])
    for error in teacher.errors:
        error.failing = 1.0
    ask(teacher)
    assert teacher.asked_at == [0, 1, 3, 7, 11, 15]


def test_tries_are_bounded():
    """Where nobody knows how usual failures are, the fewest tries are all; the last error says how many there were."""
    teacher, retries = Failing(*[fault() for _ in range(9)]), []
    with pytest.raises(TeacherError) as caught:
        ask(teacher, on_retry=lambda: retries.append(1))
    assert (len(teacher.asked_at), caught.value.tries, len(retries)) == (4, 4, 3)


def test_where_most_tries_fail_nothing_is_lost():
    """Of 2,000 requests each succeeds in the end, though 70 % of all tries fail."""
    assert sample(Unlucky(0.7), 2000) == []


def test_a_prompt_that_always_fails_is_given_up_soon():
    """Where all else goes well, bad luck is ruled out after a few tries."""
    ((seed, tries),) = sample(Unlucky(0.02, 150), 600)
    assert (seed, 6 <= tries <= 8) == (150, True)


def test_the_more_usual_failures_are_the_longer_one_asks():
    """Where every third try fails, a dozen failures in a row prove something; fewer may be bad luck."""
    ((seed, tries),) = sample(Unlucky(0.33, 400), 1200)
    assert (seed, 11 <= tries <= 20) == (400, True)


def test_the_teacher_may_ask_for_a_longer_wait():
    """Retry-After lengthens the wait past the policy's longest."""
    teacher = Failing(fault("rate_limited", retry_after=30))
    assert ask(teacher) == (DONE, 2)
    assert teacher.asked_at == [0, 30]


def test_the_teacher_cannot_shorten_the_wait():
    """A Retry-After of zero does not turn backoff off."""
    teacher = Failing(fault("rate_limited", retry_after=0.0))
    ask(teacher)
    assert teacher.asked_at == [0, 1]


def test_requests_that_failed_together_return_apart():
    """Jitter spreads them."""

    async def story():
        teacher = Failing(*[fault() for _ in range(20)])
        await asyncio.gather(*(complete_with_retries(teacher, request(), RetryPolicy()) for _ in range(20)))
        assert len(set(teacher.asked_at[20:])) == 20

    live(story())


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
        asking = asyncio.create_task(complete_with_retries(Failing(fault()), request(), policy, waiting.set))
        await waiting.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert clock() == 0

    live(story())
