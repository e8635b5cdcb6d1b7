"""The teacher `vllm`: a server that the user names, one that runs on this machine, or one that we start.

How the server came to be is no part of a run: the same model gives the same run, whichever way it was found.

Not covered: servers on this machine that ask for a key or listen on unusual ports are not found (name their URL).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp
from aiohttp import ClientTimeout

from curator.discovery import PORTS
from curator.errors import CuratorError
from curator.teacher.base import Completion, FailureReason, Request, TeacherError
from curator.teacher.launch import ServerProcess, fill, free_port, new_log
from curator.teacher.models import read_models
from curator.teacher.openai import OpenAITeacher
from curator.teacher.spec import TeacherOptions

SETTING = "[teacher] vllm_command"
FIND_S = 1.0
POLL_S = 0.25
NOTICE_S = 2.0
"""Longest wait, after a sign that the server may be ending, for the news that it has."""
_SIGNS: frozenset[FailureReason] = frozenset({"unreachable", "bad_reply", "server_error"})
_HEALTHY = {200, 404}
"""What `/health` answers when all is well; servers other than vLLM may have no such path."""
_INSTALL = (
    "install vLLM into an environment of its own and name it in curator.toml:\n"
    '[teacher]\nvllm_command = "/PATH/TO/venv/bin/vllm serve {model} --host 127.0.0.1 --port {port}"'
)


class VllmTeacher:
    """One model of a vLLM server.

    Args:
        model: Name as the server lists it.
        url: Base URL; None looks for a running server on this machine, else starts one.
        api_key: Sent as bearer token, but never to a server that was merely found.
        options: Time limits, and how to start a server.
        ports: Where on this machine to look.

    Raises:
        UsageError: The command that starts a server makes no sense.
    """

    kind = "vllm"

    def __init__(
        self,
        model: str,
        url: str | None = None,
        api_key: str | None = None,
        options: TeacherOptions | None = None,
        *,
        ports: Sequence[int] = PORTS,
    ) -> None:
        self.model = model
        self._api_key = api_key
        self._options = options or TeacherOptions()
        self._ports = ports
        self._server: ServerProcess | None = None
        self._teacher = None if url is None else OpenAITeacher(model, url, api_key, self._options)
        if url is None:
            self._command(port=0)

    async def check(self) -> None:
        """Find or start the server, wait until it serves the model.

        Raises:
            CuratorError: unreachable, unauthorized, or the model is not served.
            TeacherError: `ended`: the server could not be started.
        """
        if self._teacher is None and (found := await running_server(self.model, self._ports)):
            self._options.tell(f"using the server that runs at {found}")
            self._teacher = OpenAITeacher(self.model, found, None, self._options)
        if self._teacher is None:
            await self._start()
        elif self._server is not None and self._server.ended.done():
            raise self._ended(self._server)
        else:
            await self._teacher.check()

    async def complete(self, request: Request) -> Completion:
        """Ask once; `check` must have succeeded.

        Raises:
            TeacherError: The request failed; `ended` when the server that was started is gone.
        """
        assert self._teacher is not None, "check comes first"
        if self._server is None:
            return await self._teacher.complete(request)
        asking = asyncio.ensure_future(self._teacher.complete(request))
        try:
            return await _unless_ended(asking, self._server)
        except TeacherError as err:
            if not self._server.ended.done():
                raise
            raise self._ended(self._server) from err
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def aclose(self) -> None:
        """Close the connections; end the server if it was started here."""
        if self._teacher is not None:
            await self._teacher.aclose()
        if self._server is not None:
            await self._server.stop()

    async def _start(self) -> None:
        """Start a server and wait until it serves the model; end it again when it does not."""
        port, log = free_port(), new_log(self.kind)
        try:
            server = await ServerProcess.start(self._command(port), log)
        except CuratorError as err:
            log.unlink()
            raise TeacherError(err.message, reason="ended", hint=_INSTALL) from err
        self._options.tell(f"started a server for {self.kind}:{self.model}; its log is {log}")
        teacher = OpenAITeacher(self.model, f"http://127.0.0.1:{port}/v1", self._api_key, self._options)
        try:
            await self._wait_until_healthy(server, f"http://127.0.0.1:{port}/health")
            await _check_started(teacher)
        except BaseException:
            await asyncio.gather(teacher.aclose(), server.stop())
            raise
        self._teacher, self._server = teacher, server

    def _command(self, port: int) -> list[str]:
        return fill(self._options.vllm_command, {"model": self.model, "port": str(port)}, SETTING)

    async def _wait_until_healthy(self, server: ServerProcess, url: str) -> None:
        limit = self._options.vllm_start_timeout_s
        try:
            async with asyncio.timeout(limit), aiohttp.ClientSession(timeout=ClientTimeout(FIND_S)) as session:
                while not await _healthy(session, url):
                    await asyncio.wait({server.ended}, timeout=POLL_S)
                    if server.ended.done():
                        raise TeacherError(
                            f"the server for {self.kind}:{self.model} ended before it was ready "
                            f"({server.ended.result()}); {server.last_words()}",
                            reason="ended",
                            hint=f"mend {SETTING}; it must stay in the foreground",
                        )
        except TimeoutError as err:
            raise TeacherError(
                f"the server for {self.kind}:{self.model} was not ready within {limit:g} s; {server.last_words()}",
                reason="ended",
                hint="allow more with [teacher] vllm_start_timeout",
            ) from err

    def _ended(self, server: ServerProcess) -> TeacherError:
        return TeacherError(
            f"the server that was started here for {self.kind}:{self.model} has ended ({server.ended.result()})",
            reason="ended",
            hint=f"its log is {server.log}; the same command starts it again and goes on",
        )


async def running_server(model: str, ports: Sequence[int]) -> str | None:
    """Return the base URL of the first server on this machine's `ports` that lists `model`; None when there is none."""
    async with aiohttp.ClientSession(timeout=ClientTimeout(FIND_S)) as session:
        urls = [f"http://127.0.0.1:{port}/v1" for port in ports]
        found = await asyncio.gather(*(_lists(session, url, model) for url in urls))
    return next((url for url, lists in zip(urls, found, strict=True) if lists), None)


async def _lists(session: aiohttp.ClientSession, url: str, model: str) -> bool:
    try:
        async with session.get(f"{url}/models") as reply:
            models = read_models(await reply.read()) if reply.ok else None
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False  # whatever listens there is no server that we can ask
    return models is not None and model in models.names


async def _healthy(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as reply:
            return reply.status in _HEALTHY
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False


async def _check_started(teacher: OpenAITeacher) -> None:
    try:
        await teacher.check()
    except TeacherError:
        raise
    except CuratorError as err:
        hint = f"{err.hint}\nwrite vllm:NAME with a name that the server lists, or change {SETTING}"
        raise TeacherError(f"the server that was started: {err.message}", reason="ended", hint=hint) from err


async def _unless_ended(asking: asyncio.Task[Completion], server: ServerProcess) -> Completion:
    """Wait for the completion, but no longer than the server lives."""
    await asyncio.wait({asking, server.ended}, return_when=asyncio.FIRST_COMPLETED)
    if not asking.done():
        raise TeacherError("the server ended", reason="ended")
    fault = asking.exception()
    if isinstance(fault, TeacherError) and fault.reason in _SIGNS:
        await asyncio.wait({server.ended}, timeout=NOTICE_S)
    return asking.result()
