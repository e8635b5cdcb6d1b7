"""Where Ollama listens unless the user names a URL: `OLLAMA_HOST`, read as Ollama's own clients read it.

Not covered: the short form `ollama.com` without a scheme, which its newest clients take for https.
"""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from curator.errors import UsageError

PORT = 11434
_PORTS = {"http": 80, "https": 443}
"""Ports of a host that is written with a scheme."""
_UNSPECIFIED = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, never bound
"""Addresses that a server listens on and a client cannot reach, and where it is reached instead."""


def default_url() -> str:
    """Return the URL of `OLLAMA_HOST`, `[scheme://]host[:port][/path]`, or of this machine when it is unset.

    Raises:
        UsageError: The variable holds no host or port.
    """
    value = os.environ.get("OLLAMA_HOST", "").strip().strip("\"'").strip()
    named = re.match(r"(https?)://", value)
    try:
        parts = urlsplit(value if named else f"http://{_bracketed(value)}")
        port = parts.port or (_PORTS[parts.scheme] if named else PORT)
    except ValueError:
        port = 0
    if port == 0 or re.search(r"\s", value) or (not named and "://" in value):
        raise UsageError(
            f"OLLAMA_HOST holds no host and port: {value.rpartition('@')[2]!r}",
            hint="set it to HOST:PORT, or write ollama:MODEL@http://HOST:PORT",
        )
    host = parts.hostname or ""
    user = "@".join(parts.netloc.split("@")[:-1])
    return f"{parts.scheme}://{user + '@' if user else ''}{_bracketed(_UNSPECIFIED.get(host, host))}:{port}" + (
        parts.path.rstrip("/")
    )


def _bracketed(host: str) -> str:
    """Put a bare IPv6 address into brackets, as URLs want it."""
    return f"[{host}]" if re.fullmatch(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*", host) else host
