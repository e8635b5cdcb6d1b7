"""Teachers behind an OpenAI-compatible server: vLLM, SGLang, llama.cpp, DeepSeek, OpenAI and their kin.

Events are cut out of the bytes by `sse` and read by `reply`; nothing else lies between the socket and the text.

Not covered: servers that insist on `max_completion_tokens`, and several choices per request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import aiohttp

from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.faults import TRANSPORT_ERRORS, status_fault, transport_fault
from curator.teacher.models import ModelList, read_models
from curator.teacher.reply import Reply
from curator.teacher.spec import TeacherOptions, public_url
from curator.teacher.transport import CHECK_S, TAIL_S, Refusal, Transport, basic_auth, packed, refusal

STREAM_INTERVAL = 8
"""Tokens per event asked of vLLM: fewer events, and still soon enough to cut a doomed stream."""
_NO_LIST = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
_NO_STREAM = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}


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
        auth = basic_auth(url) or (api_key and f"Bearer {api_key}")  # there is only one such header
        self._transport = Transport(url, {"Authorization": auth} if auth else {})

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
        except TRANSPORT_ERRORS as err:
            raise transport_fault(err, self.endpoint) from err
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
        reply = Reply(self.endpoint, request.watch)
        try:
            response = await self._open(request)
            try:
                await self._read(response, reply)
            finally:
                response.close()
        except TRANSPORT_ERRORS as err:
            if not reply.finished:  # once the text is whole, a lost connection loses nothing
                raise transport_fault(err, self.endpoint) from err
        return reply.completion()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _open(self, request: Request) -> aiohttp.ClientResponse:
        """Send the request, plainly where streams are refused, and wait for the head of the response."""
        if self._stream:
            response = await self._post(request, stream=True)
            if response.ok:
                return response
            refused = await self._refused(response)
            if refused.status not in _NO_STREAM or b"stream" not in refused.body.lower():
                raise self._refusal(refused)
        response = await self._post(request, stream=False)
        if not response.ok:
            raise self._refusal(await self._refused(response))
        self._stream = False
        return response

    async def _post(self, request: Request, *, stream: bool) -> aiohttp.ClientResponse:
        limit = self._options.first_byte_timeout_s if stream else self._options.reply_timeout_s
        body = self._body(request, stream=stream)
        try:
            async with asyncio.timeout(limit):
                return await self._transport.post(f"{self.endpoint}/chat/completions", body)
        except aiohttp.ServerTimeoutError:
            raise  # of the connection: nothing was asked yet
        except TimeoutError as err:
            raise self._silent(limit) from err

    async def _refused(self, response: aiohttp.ClientResponse) -> Refusal:
        try:
            async with asyncio.timeout(self._options.stall_timeout_s):
                return await refusal(response)
        except TimeoutError as err:
            raise self._silent(self._options.stall_timeout_s) from err
        finally:
            response.close()

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
            body["stream_options"] = {"include_usage": True, "continuous_usage_stats": True}
            body["stream_interval"] = STREAM_INTERVAL
        if self._is_vllm and sampling.stop:  # elsewhere the stop text would be cut off the completion
            body |= {"stop": list(sampling.stop), "include_stop_str_in_output": True}
        return packed(body)

    async def _read(self, response: aiohttp.ClientResponse, reply: Reply) -> None:
        """Read the body into `reply`, as the stream or the plain JSON that it is."""
        kind = response.headers.get("content-type", "").lower()
        if "event-stream" in kind:
            await self._drain(response, reply, self._options.first_byte_timeout_s, reply.feed)
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
        self, response: aiohttp.ClientResponse, reply: Reply, limit: float, take: Callable[[bytes], None]
    ) -> None:
        """Hand over the body's bytes as they come, with a limit on silence, until they end or the stream is lost."""
        now, stall_s = asyncio.get_running_loop().time, self._options.stall_timeout_s
        try:
            async with asyncio.timeout(limit) as clock:
                async for data in response.content.iter_any():
                    take(data)
                    if reply.doom is not None:
                        return
                    limit = TAIL_S if reply.finished else stall_s
                    clock.reschedule(now() + limit)
        except TimeoutError as err:
            if not reply.finished:
                raise self._silent(limit) from err

    async def _models(self, path: str) -> ModelList | None:
        """List the models; None when the server has no such list there."""
        async with await self._transport.get(f"{self.endpoint}/{path}") as response:
            if response.ok:
                return read_models(await response.read())
            if response.status in _NO_LIST:
                return None
            raise self._refusal(await refusal(response))

    def _refusal(self, refused: Refusal) -> TeacherError:
        fault = status_fault(refused, self.endpoint, self._api_key)
        if fault.reason == "unauthorized":
            said = "is wrong or may not do this" if self._api_key else "is not set"
            fault.hint = f"the key in {self._options.api_key_env} {said}; name another variable with --api-key-env"
        return fault

    def _silent(self, seconds: float) -> TeacherError:
        return TeacherError(f"{self.endpoint} sent nothing for {seconds:g} s", reason="stalled")
