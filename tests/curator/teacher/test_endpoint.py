"""What one endpoint takes is found out, kept to, and followed when it changes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.pool import TeacherPool
from curator.teacher.retry import RetryPolicy, complete_with_retries
from schemas.candidate import SamplingParameters
from tests.leaping import clock, live

REQUEST = Request([{"role": "user", "content": "2+3?"}], SamplingParameters(max_tokens=64), seed=7)


class Server:
    """Serves `capacity` requests at a time in about `service_s` each, refuses what is more, and notes all of it."""

    kind, model = "openai", "m"

    def __init__(self, capacity: int, service_s: float = 2.0, retry_after: float | None = None) -> None:
        self.capacity, self.service_s, self.retry_after = capacity, service_s, retry_after
        self.luck = random.Random(5)
        self.unlucky = 0.0
        """Share of requests refused for no reason."""
        self.in_flight = self.served = self.refused = 0
        self.asked_at: list[float] = []

    async def check(self) -> None: ...

    async def aclose(self) -> None: ...

    async def complete(self, request: Request) -> Completion:
        self.asked_at.append(clock())
        await asyncio.sleep(0.005)
        if self.in_flight >= self.capacity or self.luck.random() < self.unlucky:
            self.refused += 1
            raise TeacherError("too many", reason="rate_limited", retry_after=self.retry_after)
        self.in_flight += 1
        await asyncio.sleep(self.service_s * self.luck.uniform(0.5, 1.5))
        self.in_flight -= 1
        self.served += 1
        return Completion(None, "5", "none", "stop", 1, 1, 0.1, None, "s")


def sample(count: int, *servers: Server, concurrency: int = 64, meanwhile: Callable[[], object] | None = None) -> float:
    """Ask for `count` completions as a run does, more of them open than may be in flight; return how long it took."""

    async def run() -> float:
        pool = TeacherPool(servers, concurrency, lambda _: None)
        await pool.check()
        owed = iter(range(count))

        async def work() -> None:
            for _ in owed:
                await complete_with_retries(pool, REQUEST, RetryPolicy())

        side = asyncio.ensure_future(meanwhile()) if meanwhile else None
        await asyncio.gather(*(work() for _ in range(2 * concurrency * len(servers))))
        if side:
            await side
        return clock()

    return live(run())


def test_what_a_server_takes_is_used_to_the_full() -> None:
    """As many in flight as asked for, while nothing is refused."""
    server = Server(capacity=64)
    assert sample(3200, server) <= 1.1 * 3200 * 2 / 64
    assert server.refused == 0


@pytest.mark.parametrize("retry_after", [None, 1.0])
@pytest.mark.parametrize("capacity", [1, 4, 16, 60])
def test_a_server_that_takes_less_is_asked_for_less(capacity, retry_after) -> None:
    """Nearly all of what it takes is used, and few requests are refused for it."""
    server = Server(capacity, retry_after=retry_after)
    took = sample(100 * capacity, server)
    assert took <= 1.2 * 100 * server.service_s
    assert server.refused <= 0.1 * server.served + 200


def test_more_room_is_found_and_used() -> None:
    """A server that takes more later is given more."""
    server = Server(capacity=8)

    async def grow() -> None:
        await asyncio.sleep(60)
        server.capacity = 64
        await asyncio.sleep(200)
        assert server.in_flight > 32

    sample(5000, server, meanwhile=grow)


def test_refusals_that_do_not_go_with_load_lower_nothing() -> None:
    """One request in five is refused whatever the load: the others keep every place busy."""
    server = Server(capacity=64)
    server.unlucky = 0.2
    assert sample(3200, server) <= 1.1 * 3200 * 2 / 64


def test_retry_after_holds_everybody_back() -> None:
    """While a server takes nothing and asks for half a minute, hardly anybody asks; then work goes on."""
    server = Server(capacity=0, retry_after=30)

    async def recover() -> None:
        await asyncio.sleep(40)
        server.capacity = 64

    took = sample(640, server, meanwhile=recover)
    assert sum(0.1 < at < 29 for at in server.asked_at) == 0
    assert server.refused <= 140
    assert took <= 110


def test_who_was_held_back_does_not_return_all_at_once() -> None:
    """After a pause one request tries the server; the crowd comes when it got through."""
    server = Server(capacity=0, retry_after=30)

    async def recover() -> None:
        await asyncio.sleep(20)
        server.capacity = 64

    sample(640, server, meanwhile=recover)
    back = min(at for at in server.asked_at if at > 1)
    assert sum(back <= at < back + 0.9 for at in server.asked_at) == 1


def test_who_asks_for_more_than_an_hour_is_given_up() -> None:
    """A quota that is used up until tomorrow ends the run in order, not in a day of silence."""

    async def story() -> None:
        pool = TeacherPool([Server(capacity=0, retry_after=20_000)], 64, lambda _: None)
        await pool.check()
        await asyncio.gather(*(pool.complete(REQUEST) for _ in range(64)), return_exceptions=True)
        with pytest.raises(TeacherError, match="nothing gets through any more: too many"):
            await pool.complete(REQUEST)
        assert clock() < 1

    live(story())


def test_the_share_served_follows_capacity() -> None:
    """Of two endpoints one takes four times the load of the other, and serves four times as much."""
    small, large = Server(capacity=8), Server(capacity=32)
    sample(4000, small, large, concurrency=64)
    assert small.served / 4000 == pytest.approx(0.2, abs=0.03)


def test_a_slow_endpoint_serves_less() -> None:
    """Where nothing is refused, speed decides."""
    slow, fast = Server(capacity=64, service_s=8), Server(capacity=64, service_s=2)
    sample(2000, slow, fast, concurrency=16)
    assert slow.served / 2000 == pytest.approx(0.2, abs=0.05)


def test_an_endpoint_that_dies_and_returns_takes_its_share_again() -> None:
    """Nothing is lost meanwhile, and afterwards both serve as before."""
    mortal, other = Server(capacity=64), Server(capacity=64)
    shares = []

    async def die_and_return() -> None:
        for capacity in (64, 0, 64, 64):
            before = mortal.served, other.served
            mortal.capacity = capacity
            await asyncio.sleep(60)
            mine, its = mortal.served - before[0], other.served - before[1]
            shares.append(mine / (mine + its))

    sample(6000, mortal, other, concurrency=32, meanwhile=die_and_return)
    assert mortal.served + other.served == 6000
    assert shares == [pytest.approx(share, abs=0.08) for share in (0.5, 0.02, 0.42, 0.5)]
