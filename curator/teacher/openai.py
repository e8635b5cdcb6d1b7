"""Teachers behind an OpenAI-compatible server: vLLM, SGLang, llama.cpp, DeepSeek, OpenAI and their kin.

The `openai` client carries URL, key and connections. Its typed streaming costs many times the CPU of the bytes
themselves, so events are cut by `sse` and read by `reply`.

Not covered: servers that insist on `max_completion_tokens`, and several choices per request.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import openai

from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.faults import TRANSPORT_ERRORS, status_fault, transport_fault
from curator.teacher.models import ModelList, read_models
from curator.teacher.reply import Reply
from curator.teacher.spec import TeacherOptions, public_url
from curator.teacher.sse import SSEParser
from curator.teacher.transport import CHECK_S, TAIL_S, http_client, packed

STREAM_INTERVAL = 8
"""Tokens per event asked of vLLM: fewer events, and still soon enough to cut a doomed stream."""
_NO_LIST = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_DONE = b"[DONE]"


class OpenAITeacher:
    """One model of one endpoint.

    Args:
        model: Name as the server lists it.
        url: Base URL, with or without `/v1`; `user:password@` is sent as basic authentication, a query with
            every request.
        api_key: Sent as bearer token; None sends none.
        options: Time limits, and whether to stream.
    """

    kind = "openai"

    def __init__(self, model: str, url: str, api_key: str | None = None, options: TeacherOptions | None = None) -> None:
        self.model = model
        self.endpoint = public_url(url)
        self._api_key = api_key
        self._options = options or TeacherOptions()
        self._stream = self._options.stream
        self._is_vllm = False
        self._headers = {"Content-Type": "application/json", "Authorization": _authorization(url, api_key)}
        self._client = _client(self.endpoint, dict(parse_qsl(urlsplit(url).query)))

    async def check(self) -> None:
        """Fail early when no request can succeed; learn whether the server is vLLM.

        A URL without `/v1` is corrected when the server lists its models only under `/v1`. A server that lists no
        models anywhere is taken as it is.

        Raises:
            CuratorError: unreachable, unauthorized, or the model is not served.
        """
        try:
            async with asyncio.timeout(CHECK_S):
                models = await self._models("models")
                if models is None and not self.endpoint.endswith("/v1"):
                    models = await self._models("v1/models")
                    if models is not None:
                        self.endpoint += "/v1"
                        self._client.base_url = self.endpoint
        except TimeoutError as err:
            raise self._silent(CHECK_S) from err
        if models is not None:
            self._is_vllm = models.of_vllm
            models.require(self.model, self.endpoint)

    async def complete(self, request: Request) -> Completion:
        """Ask once; leaving early, by cancellation too, closes the connection so that the server stops generating.

        Raises:
            TeacherError: The request failed.
        """
        reply = Reply(self.endpoint)
        try:
            response = await self._open(request)
            try:
                await self._read(response, reply)
            finally:
                await response.aclose()
        except openai.APIStatusError as err:
            raise self._refusal(err.response) from None
        except TRANSPORT_ERRORS as err:
            if not reply.finished:  # once the text is whole, a lost connection loses nothing
                raise transport_fault(err, self.endpoint) from err
        return reply.completion()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _open(self, request: Request) -> httpx2.Response:
        """Send the request, plainly where streams are refused, and wait for the head of the response."""
        if self._stream:
            try:
                return await self._post(request, stream=True)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as err:
                if b"stream" not in err.response.content.lower():
                    raise
        response = await self._post(request, stream=False)
        self._stream = False
        return response

    async def _post(self, request: Request, *, stream: bool) -> httpx2.Response:
        limit = self._options.first_byte_timeout_s if stream else self._options.reply_timeout_s
        body = self._body(request, stream=stream)
        try:
            async with asyncio.timeout(limit):
                response = await self._client.post(
                    "chat/completions",
                    cast_to=httpx2.Response,
                    content=body,
                    options={"headers": self._headers},
                    stream=True,  # of the transport: `_read` reads the body, plain ones too
                    stream_cls=openai.AsyncStream[object],
                )
        except TimeoutError as err:
            raise self._silent(limit) from err
        return cast(httpx2.Response, response)  # what `cast_to` says, whatever `stream_cls` is

    def _body(self, request: Request, *, stream: bool) -> bytes:
        sampling = request.sampling
        body: dict[str, object] = {
            "model": self.model,
            "messages": list(request.messages),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "seed": request.seed,
            "stream": stream,
        }
        if stream:
            body["stream_options"] = {"include_usage": True}
        if self._is_vllm and stream:
            body["stream_interval"] = STREAM_INTERVAL
        if self._is_vllm and sampling.stop:  # elsewhere the stop text would be cut off the completion
            body |= {"stop": list(sampling.stop), "include_stop_str_in_output": True}
        return packed(body)

    async def _read(self, response: httpx2.Response, reply: Reply) -> None:
        """Read the body into `reply`, as the stream or the plain JSON that it is."""
        kind = response.headers.get("content-type", "").lower()
        if "event-stream" in kind:
            await self._drain(response, reply, self._options.first_byte_timeout_s, _event_reader(reply))
            return
        if "html" in kind:
            raise TeacherError(
                f"{self.endpoint} answered with a web page", reason="bad_reply", hint="check the path of the URL"
            )
        pieces: list[bytes] = []
        await self._drain(response, reply, self._options.reply_timeout_s, pieces.append)
        reply.add(b"".join(pieces))
        self._stream = False  # even if a stream was asked for, this server does not stream

    async def _drain(
        self, response: httpx2.Response, reply: Reply, limit: float, take: Callable[[bytes], None]
    ) -> None:
        """Hand over the body's bytes as they come, with a limit on silence."""
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(limit) as clock:
                async for data in response.aiter_bytes():
                    take(data)
                    limit = TAIL_S if reply.finished else self._options.stall_timeout_s
                    clock.reschedule(now() + limit)
        except TimeoutError as err:
            if not reply.finished:
                raise self._silent(limit) from err

    async def _models(self, path: str) -> ModelList | None:
        """List the models; None when the server has no such list there."""
        try:
            response = await self._client.get(path, cast_to=httpx2.Response, options={"headers": self._headers})
        except openai.APIStatusError as err:
            if err.status_code in _NO_LIST:
                return None
            raise self._refusal(err.response) from None
        except TRANSPORT_ERRORS as err:
            raise transport_fault(err, self.endpoint) from err
        return read_models(response.content)

    def _refusal(self, response: httpx2.Response) -> TeacherError:
        fault = status_fault(response, self.endpoint, self._api_key)
        if fault.reason == "unauthorized":
            said = "is wrong or may not do this" if self._api_key else "is not set"
            fault.hint = f"the key in {self._options.api_key_env} {said}; name another variable with --api-key-env"
        return fault

    def _silent(self, seconds: float) -> TeacherError:
        return TeacherError(f"{self.endpoint} sent nothing for {seconds:g} s", reason="stalled")


def _event_reader(reply: Reply) -> Callable[[bytes], None]:
    feed, add = SSEParser().feed, reply.add

    def read(data: bytes) -> None:
        for event in feed(data):
            if event != _DONE:
                add(event)

    return read


def _client(base_url: str, query: dict[str, object]) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=base_url,
        api_key="unused",  # keeps the client from taking a key from the environment by itself; see `_authorization`
        max_retries=0,
        default_query=query,
        http_client=http_client(base_url),
    )


def _authorization(url: str, api_key: str | None) -> str | openai.Omit:
    """Make the header; user and password of the URL go before the key, for there is only one such header."""
    parts = urlsplit(url)
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return "Basic " + b64encode(pair.encode()).decode()
    return f"Bearer {api_key}" if api_key else openai.Omit()
