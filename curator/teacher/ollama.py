"""Teachers behind an Ollama server, over its native API.

The OpenAI-compatible one cannot set the context, and Ollama's own is 4,096 tokens on many machines: prompts and
traces longer than that lose their beginning without a word. Here the context holds the prompt and all that may be
written, a prompt too long for it is an error, and a completion that fills it ends with `length`.

Facts are from Ollama's documentation (docs/api.md, docs/faq.mdx, docs/capabilities/thinking.mdx, docs/api/errors.mdx)
and its server's source.

Not covered: keys (a user and password may stand in the URL), named levels of thinking, and stop texts, which Ollama
would cut off the completion. What neither the request nor the model's Modelfile sets, such as `top_k`, is Ollama's own
default. Servers before 0.12.6 cut long prompts all the same.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import aiohttp

from curator.errors import CuratorError
from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.faults import TRANSPORT_ERRORS
from curator.teacher.ollama_faults import OllamaFaults
from curator.teacher.ollama_host import default_url
from curator.teacher.ollama_models import ModelCard, read_card, read_names
from curator.teacher.ollama_reply import OllamaReply
from curator.teacher.spec import TeacherOptions, public_url
from curator.teacher.transport import CHECK_S, TAIL_S, Transport, basic_auth, packed, refusal

PROMPT_TOKENS = 4096
"""Room for the prompt beside `max_tokens`."""
KEEP_ALIVE = "10m"
"""How long the model stays loaded after a request: longer than any wait between two of them."""
SIGNS_OF_LIFE = 20
"""How many times within the limit on silence those who wait learn that the server is alive."""
_NO_SUCH = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}


class OllamaTeacher:
    """One model of one Ollama server.

    Ollama answers few requests at a time and lets the others wait, so a request counts as stalled only when the server
    is silent to all of them.

    Args:
        model: Name as `ollama list` shows it; without a tag it means `:latest`.
        url: Root of the server; `user:password@` is sent as basic authentication, a query with every request. None
            takes `OLLAMA_HOST`, else this machine.
        options: Time limits, and whether to stream.

    Raises:
        UsageError: `OLLAMA_HOST` holds no host and port.
    """

    kind = "ollama"

    def __init__(self, model: str, url: str | None = None, options: TeacherOptions | None = None) -> None:
        url, given = url or default_url(), url
        self.model = model
        self.endpoint = public_url(url).removesuffix("/v1").removesuffix("/api")
        self._options = options or TeacherOptions()
        self._card = ModelCard()
        self._faults = OllamaFaults(self.endpoint, model, url_given=given is not None)
        self._patience_s = self._options.first_byte_timeout_s if self._options.stream else self._options.reply_timeout_s
        self._waiting: set[asyncio.Timeout] = set()
        self._heard = 0.0
        auth = basic_auth(url)
        self._transport = Transport(url, {"Authorization": auth} if auth else {})

    async def check(self) -> None:
        """Fail early when no request can succeed; learn whether the model thinks, and its context length.

        Raises:
            CuratorError: unreachable, no Ollama server, no such model, or one that only makes embeddings.
        """
        try:
            async with asyncio.timeout(CHECK_S):
                self._card = await self._show()
        except TRANSPORT_ERRORS as err:
            raise self._faults.unreachable(err) from err
        except TimeoutError as err:
            raise self._faults.silent(CHECK_S) from err
        if not self._card.chats:
            raise self._faults.embeds()

    async def complete(self, request: Request) -> Completion:
        """Ask once; leaving early, be it cancelled or cut, closes the connection so that Ollama stops generating.

        Raises:
            TeacherError: The request failed.
        """
        reply = OllamaReply(self.endpoint, request.watch and request.watch())
        context = self._context(request.sampling.max_tokens)
        try:
            response = await self._post(self._body(request, context))
            try:
                if not response.ok:
                    raise await self._refusal(response, context)
                await self._read(response, reply)
            finally:
                response.close()
        except TRANSPORT_ERRORS as err:
            if not reply.finished:  # once the text is whole, a lost connection loses nothing
                raise self._faults.unreachable(err) from err
        return reply.completion()

    async def aclose(self) -> None:
        """Close the connections; the model stays loaded for a while, the server is the user's."""
        await self._transport.aclose()

    async def _show(self) -> ModelCard:
        async with await self._transport.post(f"{self.endpoint}/api/show", packed({"model": self.model})) as response:
            if response.status in _NO_SUCH:
                raise await self._no_such_model()
            if not response.ok:
                raise self._faults.refusal(await refusal(response))
            card = read_card(await response.read())
        if card is None:
            raise self._faults.foreign()
        return card

    async def _no_such_model(self) -> CuratorError:
        async with await self._transport.get(f"{self.endpoint}/api/tags") as tags:
            names = read_names(await tags.read()) if tags.ok else None
        return self._faults.foreign() if names is None else self._faults.missing(names)

    async def _post(self, body: bytes) -> aiohttp.ClientResponse:
        """Send the request and wait for the head of the response: queueing, loading and prefill come before it."""
        try:
            async with asyncio.timeout(self._patience_s) as clock:
                self._waiting.add(clock)
                try:
                    return await self._transport.post(f"{self.endpoint}/api/chat", body)
                finally:
                    self._waiting.discard(clock)
        except aiohttp.ServerTimeoutError:
            raise  # of the connection: nothing was asked yet
        except TimeoutError as err:
            raise self._faults.silent(self._patience_s) from err

    async def _refusal(self, response: aiohttp.ClientResponse, context: int) -> TeacherError:
        try:
            async with asyncio.timeout(self._options.stall_timeout_s):
                return self._faults.refusal(await refusal(response), context)
        except TimeoutError:
            return self._faults.silent(self._options.stall_timeout_s)

    def _context(self, max_tokens: int) -> int:
        """Return the context to ask for: the same in every request of a run, for another one reloads the model."""
        wanted = max_tokens + PROMPT_TOKENS
        return min(wanted, self._card.context_length or wanted)

    def _body(self, request: Request, context: int) -> bytes:
        sampling = request.sampling
        body: dict[str, object] = {
            "model": self.model,
            "messages": list(request.messages),
            "stream": self._options.stream,
            "keep_alive": KEEP_ALIVE,
            "truncate": False,  # a prompt that does not fit is an error, not a shorter prompt
            "shift": False,  # a full context ends the completion instead of losing its beginning
            "options": {
                "temperature": sampling.temperature,
                "top_p": sampling.top_p,
                "num_predict": sampling.max_tokens,
                "num_ctx": context,
                "seed": request.seed,
            },
        }
        if self._card.thinks:  # a model that does not think refuses the word
            body["think"] = True
        return packed(body)

    async def _read(self, response: aiohttp.ClientResponse, reply: OllamaReply) -> None:
        """Read the body into `reply`, with a limit on silence, until it ends or the stream is lost."""
        if "html" in response.headers.get("content-type", "").lower():
            raise self._faults.web_page()
        now, limit = asyncio.get_running_loop().time, self._options.stall_timeout_s
        try:
            async with asyncio.timeout(limit) as clock:
                async for data in response.content.iter_any():
                    reply.feed(data)
                    self._hear(now())
                    if reply.doom is not None:
                        return
                    limit = TAIL_S if reply.finished else self._options.stall_timeout_s
                    clock.reschedule(now() + limit)
        except TimeoutError as err:
            if not reply.finished:
                raise self._faults.silent(limit) from err

    def _hear(self, now: float) -> None:
        """Let every request that waits in the server's queue wait on, for the server is alive."""
        if now < self._heard + self._patience_s / SIGNS_OF_LIFE:
            return
        self._heard = now
        for clock in self._waiting:
            if not clock.expired():
                clock.reschedule(now + self._patience_s)
