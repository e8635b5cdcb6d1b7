"""The HTTP of every teacher behind a server: aiohttp by itself, bounded by us and not by the client.

The openai client would carry URL, key and types, over the same aiohttp; but its import alone takes 0.8 s of CPU, and a
plain request through it five times the CPU of one through aiohttp. Nothing of it is left on the way of a token.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import aiohttp
import orjson

from curator.teacher.base import TeacherError

CHECK_S = 30.0
"""Longest that a server may take to say what it serves."""
TAIL_S = 5.0
"""Seconds to wait for the rest of a reply once its text is whole."""
_CONNECT_S = 10.0
_KEEP_ALIVE_S = 4.0  # below the 5 s after which common servers and proxies close idle connections
_MOST_QUOTED = 1 << 16


class Refusal(NamedTuple):
    """What a server answered instead of what it was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """The connections to one server; made when first needed, because that takes a running event loop.

    Args:
        url: What the user typed: loopback is reached without the proxies of the environment, and a query goes with
            every request.
        headers: Sent with every request.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._direct = _on_this_machine(url)
        self._query = parse_qsl(urlsplit(url).query)
        self._headers = dict(headers)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str) -> aiohttp.ClientResponse:
        """Ask; return once the head of the response is there."""
        return await self._open().get(url, params=self._query)

    async def post(self, url: str, body: bytes) -> aiohttp.ClientResponse:
        """Send JSON; return once the head of the response is there."""
        return await self._open().post(url, data=body, params=self._query)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Content-Type": "application/json", **self._headers},
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=not self._direct,
            )
        return self._session


async def refusal(response: aiohttp.ClientResponse) -> Refusal:
    """Read what a server says beside its status, as far as anyone would quote it."""
    try:
        body = await response.content.readexactly(_MOST_QUOTED)
    except asyncio.IncompleteReadError as err:
        body = err.partial
    return Refusal(response.status, response.headers, body)


def basic_auth(url: str) -> str | None:
    """Make the header's value of `user:password@` in a URL; None when there is neither."""
    parts = urlsplit(url)
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return "Basic " + b64encode(pair.encode()).decode()


def packed(body: dict[str, object]) -> bytes:
    """Write the body of a request as JSON.

    Raises:
        TeacherError: It holds half a surrogate pair, which no JSON text can carry.
    """
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError as err:
        raise TeacherError(f"the prompt cannot be sent: {err}", reason="refused") from err


def _on_this_machine(url: str) -> bool:
    """Tell loopback, which no proxy of the environment can reach for us."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
