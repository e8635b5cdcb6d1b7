"""An OpenAI-compatible teacher on loopback that counts how often each candidate was asked for."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from aiohttp import web

TRACE = ("<think>\n", "adding up ", "step by step", "\n</think>\n", "<answer>4", "</answer>")


class FakeTeacher:
    """Streams a trace in a few events; candidates are known by their seed, latencies drawn by order of arrival."""

    def __init__(self, latency_s: tuple[float, float], trace: Sequence[str]) -> None:
        self.latency_s = latency_s
        self.trace = trace
        self.asked: Counter[int] = Counter()
        self.first_request = threading.Event()
        self.began = self.ended = 0.0
        """When the first request came and the latest reply was out, in seconds of the monotonic clock."""
        self.answered = 0
        self.url = ""

    @property
    def repeats(self) -> int:
        """Requests for a candidate that had been asked for before."""
        return sum(self.asked.values()) - len(self.asked)

    async def models(self, _: web.Request) -> web.Response:
        """List one model."""
        return web.json_response({"object": "list", "data": [{"id": "fake", "object": "model", "owned_by": "bench"}]})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Answer one streamed chat completion."""
        body = await request.json()
        seed = body["seed"]
        self.asked[seed] += 1
        self.began = self.began or time.monotonic()
        self.first_request.set()
        latency = random.Random(self.asked.total()).uniform(*self.latency_s)
        reply = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await reply.prepare(request)
        with suppress(ConnectionResetError):
            for piece in self.trace:
                await asyncio.sleep(latency / len(self.trace))
                await reply.write(_event({"index": 0, "delta": {"content": piece}, "finish_reason": None}))
            await self._end(reply)
        return reply

    async def _end(self, reply: web.StreamResponse) -> None:
        await reply.write(_event({"index": 0, "delta": {}, "finish_reason": "stop"}))
        await reply.write(
            b'data: {"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":12}}\n\ndata: [DONE]\n\n'
        )
        await reply.write_eof()
        self.ended = time.monotonic()
        self.answered += 1


def write_sums(path: Path, count: int) -> None:
    """Write `count` problems whose answer is 4."""
    rows = [{"domain": "math", "prompt": f"What is {i} + 4 - {i}?", "answer": "4"} for i in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _event(choice: dict[str, object]) -> bytes:
    return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice]}).encode() + b"\n\n"


@contextmanager
def running(latency_s: tuple[float, float], trace: Sequence[str] = TRACE) -> Iterator[FakeTeacher]:
    """Serve a fake teacher from a thread until the block ends."""
    teacher = FakeTeacher(latency_s, trace)
    loop = asyncio.new_event_loop()
    app = web.Application()
    app.router.add_get("/v1/models", teacher.models)
    app.router.add_post("/v1/chat/completions", teacher.chat)
    runner = web.AppRunner(app)

    async def start() -> None:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        teacher.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(start(), loop).result()
    try:
        yield teacher
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
