"""What `open_teachers` opens, against real servers on loopback."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

from curator.teacher.base import Completion
from curator.teacher.open import open_teachers
from curator.teacher.retry import RetryPolicy, complete_with_retries
from curator.teacher.spec import TeacherOptions, parse_specs

QUICK = RetryPolicy(wait_initial_s=0.01, wait_max_s=0.02, jitter_s=0.01)


class Desk:
    """Answers chat completions, and knows the most that it had in hand at once."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        """Of the first replies, instead of an answer."""
        self.in_hand = self.most = self.served = 0

    async def answer(self, _: web.Request) -> web.StreamResponse:
        self.in_hand += 1
        self.most = max(self.most, self.in_hand)
        await asyncio.sleep(0.005)
        self.in_hand -= 1
        if self.statuses:
            return web.json_response({}, status=self.statuses.pop(0), headers={"Retry-After": "0"})
        self.served += 1
        message = {"content": "<think>2+3</think><answer>5</answer>"}
        return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}]})


async def complete(endpoint, urls, count: int, concurrency: int = 4) -> list[Completion]:
    """Ask all endpoints together for `count` completions at once, as often as it takes."""
    specs = parse_specs([f"openai:m@{url}/v1" for url in urls])
    teacher = open_teachers(specs, TeacherOptions(), concurrency)
    try:
        await teacher.check()
        asked = (complete_with_retries(teacher, endpoint.request, QUICK) for _ in range(count))
        return [completion for completion, _ in await asyncio.gather(*asked)]
    finally:
        await teacher.aclose()


def test_one_endpoint_is_never_asked_for_more_than_was_said(endpoint) -> None:
    """Whoever asks needs no limit of its own."""

    async def story() -> None:
        desk = Desk()
        async with endpoint.serve(desk.answer) as url:
            assert len(await complete(endpoint, [url], 20, concurrency=3)) == 20
        assert desk.most == 3

    asyncio.run(story())


def test_errors_of_every_kind_are_asked_again(endpoint) -> None:
    """429, 500, 502 and 503 pass; every completion comes, once."""

    async def story() -> None:
        desk = Desk(429, 500, 502, 503, 429, 500)
        async with endpoint.serve(desk.answer) as url:
            assert len(await complete(endpoint, [url], 8)) == 8
        assert desk.served == 8

    asyncio.run(story())


def test_two_endpoints_share_the_work(endpoint) -> None:
    """Each serves half, and says so in the completion."""

    async def story() -> None:
        first, second = Desk(), Desk()
        async with endpoint.serve(first.answer) as one, endpoint.serve(second.answer) as other:
            replies = await complete(endpoint, [one, other], 40)
        assert len({reply.endpoint for reply in replies}) == 2
        assert 10 <= first.served <= 30
        assert first.served + second.served == 40

    asyncio.run(story())


def test_an_endpoint_that_nobody_serves_costs_nothing(endpoint) -> None:
    """The other one answers everything."""

    async def story() -> None:
        desk = Desk()
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            async with endpoint.serve(desk.answer) as url:
                dead = f"http://127.0.0.1:{nobody.getsockname()[1]}"
                assert len(await complete(endpoint, [dead, url], 12)) == 12
        assert desk.served == 12

    asyncio.run(story())
