"""A chat-completions server on loopback whose every answer a test writes itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import orjson
import pytest
from aiohttp import web

from curator.teacher.base import Completion, Request
from curator.teacher.openai import OpenAITeacher
from curator.teacher.spec import TeacherOptions
from schemas.candidate import SamplingParameters

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REQUEST = Request([{"role": "user", "content": "2+3?"}], SamplingParameters(max_tokens=64, stop=("</answer>",)), seed=7)
SSE = "text/event-stream; charset=utf-8"
DONE = b"data: [DONE]\n\n"


def chunk(delta: dict[str, object] | None = None, finish: str | None = None, usage: object = None) -> bytes:
    """Write one event; without delta and finish it has no choices, as the usage event of real servers."""
    choices = [] if delta is None and finish is None else [{"index": 0, "delta": delta or {}, "finish_reason": finish}]
    return b"data: " + orjson.dumps({"choices": choices, "usage": usage}) + b"\n\n"


class FakeEndpoint:
    """Serves `handler` (POST …/chat/completions) and `models` (GET …/models) under `prefix`."""

    request = REQUEST
    chunk = staticmethod(chunk)
    done = DONE

    def __init__(self) -> None:
        self.bodies: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.left = asyncio.Event()
        """Set once a client left before its reply ended."""
        self.models: Handler = self.json({}, status=404)
        self.prefix = "/v1"

    @asynccontextmanager
    async def serve(self, handler: Handler) -> AsyncIterator[str]:
        """Serve on a free port; yields `http://HOST:PORT`."""

        async def complete(request: web.Request) -> web.StreamResponse:
            self.bodies.append(await request.json())
            return await watch(request, handler)

        async def list_models(request: web.Request) -> web.StreamResponse:
            return await watch(request, self.models)

        async def watch(request: web.Request, answer: Handler) -> web.StreamResponse:
            self.headers.append(dict(request.headers))
            self.paths.append(request.path_qs)
            try:
                return await answer(request)
            except asyncio.CancelledError:
                self.left.set()
                raise

        app = web.Application()
        app.router.add_post(self.prefix + "/chat/completions", complete)
        app.router.add_get(self.prefix + "/models", list_models)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    @asynccontextmanager
    async def teacher(
        self, handler: Handler, *, key: str | None = None, options: TeacherOptions | None = None
    ) -> AsyncIterator[OpenAITeacher]:
        """Serve `handler` and open the teacher `m` on it."""
        async with self.serve(handler) as url:
            teacher = OpenAITeacher("m", url + self.prefix, key, options)
            try:
                yield teacher
            finally:
                await teacher.aclose()

    def ask(self, handler: Handler, *, key: str | None = None, options: TeacherOptions | None = None) -> Completion:
        """Ask once and return the completion, or raise what the teacher raises."""

        async def story() -> Completion:
            async with self.teacher(handler, key=key, options=options) as teacher:
                return await teacher.complete(REQUEST)

        return asyncio.run(story())

    @staticmethod
    def json(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
        """Answer with one JSON body."""

        async def handler(request: web.Request) -> web.StreamResponse:
            return web.json_response(body, status=status, headers=headers)

        return handler

    @staticmethod
    def text(body: str, *, kind: str, status: int = 200) -> Handler:
        """Answer with one text of a content type."""

        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(text=body, content_type=kind, status=status)

        return handler

    @staticmethod
    def stream(*pieces: bytes, then: str = "end", kind: str = SSE) -> Handler:
        """Answer with a stream written piece by piece; then end it, `hang`, or `reset` the connection."""

        async def handler(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": kind})
            await response.prepare(request)
            for piece in pieces:
                await response.write(piece)
                await asyncio.sleep(0)
            if then == "hang":
                await asyncio.Event().wait()
            if then == "reset" and request.transport is not None:
                request.transport.abort()
            return response

        return handler

    @staticmethod
    def message(message: dict[str, object] | None, finish: str = "stop", usage: object = None) -> Handler:
        """Answer plainly with one message; None is a reply without choices."""
        choices = [] if message is None else [{"index": 0, "message": message, "finish_reason": finish}]
        return FakeEndpoint.json({"choices": choices, "usage": usage})


@pytest.fixture
def endpoint() -> FakeEndpoint:
    """A fresh fake endpoint."""
    return FakeEndpoint()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback stays loopback, whatever the machine's environment says."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
