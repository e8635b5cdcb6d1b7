"""A simulated R1 in a process of its own: streams as vLLM does, at a pace, and counts what it generates.

`python -m benchmarks.r1_teacher COUNT` prints its address and serves the mix of COUNT problems until its input ends.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SO_SNDBUF, SOL_SOCKET

from aiohttp import web

from benchmarks.r1_mix import Problem, draw, mix
from benchmarks.r1_text import Piece, pieces

TOKENS_PER_S, TICK_S = 3_000, 0.02
"""Pace of one stream: a hundred times a real one's, so that what a client's delay costs is overstated as much."""
PROMPT_TOKENS = 30
BUFFER_BYTES = 8_192
"""How much a stream may be ahead of its client on this side."""


class Teacher:
    """Answers the k-th request about a problem with its k-th completion."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = {one.name: one for one in problems}
        self._asked: Counter[str] = Counter()
        self._generated: Counter[str] = Counter()

    def app(self) -> web.Application:
        """Make the server."""
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/generated", self._figures)
        app.router.add_post("/v1/chat/completions", self._chat)
        return app

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "r1", "object": "model", "owned_by": "bench"}]})

    async def _figures(self, _: web.Request) -> web.Response:
        return web.json_response(self._generated)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        found = re.search(r"\[(\d+-\d+)\]", body["messages"][-1]["content"])
        assert found, "a problem that is not of the mix"
        problem, index = self._problems[found[1]], self._asked[found[1]]
        self._asked[found[1]] += 1
        reply = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await reply.prepare(request)
        if request.transport is not None:
            request.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES)
            request.transport.set_write_buffer_limits(high=BUFFER_BYTES)  # type: ignore[attr-defined]
        with suppress(ConnectionResetError):
            await self._stream(reply, problem, pieces(problem, draw(problem, index), index), body["max_tokens"])
        return reply

    async def _stream(self, reply: web.StreamResponse, problem: Problem, text: Iterator[Piece], most: int) -> None:
        generated, finish = 0, "stop"
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), b""
        for piece in text:
            if generated + piece.tokens > most:
                finish = "length"
                break
            generated += piece.tokens
            self._generated[problem.name] += piece.tokens
            sent += _event(generated, {"index": 0, "delta": {"content": piece.text}, "finish_reason": None})
            ahead = began + generated / TOKENS_PER_S - loop.time()
            if ahead > TICK_S:
                await reply.write(sent)
                sent = b""
                await asyncio.sleep(ahead)
        end = _event(generated, {"index": 0, "delta": {}, "finish_reason": finish}) + _event(generated)
        await reply.write(sent + end + b"data: [DONE]\n\n")
        await reply.write_eof()


def _event(generated: int, *choices: dict[str, object]) -> bytes:
    usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": generated}
    return b"data: " + json.dumps({"choices": choices, "usage": usage}).encode() + b"\n\n"


class Running:
    """A teacher process."""

    def __init__(self, url: str) -> None:
        self.url = url

    def generated(self) -> Counter[str]:
        """Ask how many tokens it generated, by problem."""
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/generated") as answer:
            return Counter(json.load(answer))


@contextmanager
def running(count: int) -> Iterator[Running]:
    """Serve the mix of `count` problems until the block ends."""
    command = [sys.executable, "-m", "benchmarks.r1_teacher", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        yield Running(process.stdout.readline().strip())
        process.stdin.close()


async def _serve(count: int) -> None:
    runner = web.AppRunner(Teacher(mix(count)).app(), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}/v1\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
