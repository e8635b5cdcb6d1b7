"""The HTTP client of every teacher behind a server: aiohttp underneath, bounded by us and not by the client."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2
import openai
import orjson

from curator.teacher.base import TeacherError

CHECK_S = 30.0
"""Longest that a server may take to say what it serves."""
TAIL_S = 5.0
"""Seconds to wait for the rest of a reply once its text is whole."""
_CONNECT_S = 10.0
_KEEP_ALIVE_S = 4.0  # below the 5 s after which common servers and proxies close idle connections
_MAX_CONNECTIONS = 65_536  # the sampler bounds concurrency; the client's own default would queue without a word


def http_client(url: str, *, auth: httpx2.Auth | None = None, params: str | None = None) -> openai.DefaultAioHttpClient:
    """Make a client for the server at `url`; `auth` and the query `params` go with every request."""
    return openai.DefaultAioHttpClient(
        auth=auth,
        params=params,
        trust_env=not _on_this_machine(url),
        timeout=httpx2.Timeout(None, connect=_CONNECT_S),
        limits=httpx2.Limits(max_connections=_MAX_CONNECTIONS, keepalive_expiry=_KEEP_ALIVE_S),
    )


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
