"""What went wrong with a request, in plain words: HTTP statuses, broken connections, errors inside replies.

A server's own words are quoted when they are JSON, shortened and without the key; HTML pages are never quoted.
"""

from __future__ import annotations

import math
import re
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import aiohttp
import orjson

from curator.teacher.base import FailureReason, TeacherError
from curator.teacher.transport import Refusal

TRANSPORT_ERRORS = (aiohttp.ClientError, ConnectionError)
"""What a broken connection raises."""
MAX_QUOTE = 300
_REASONS: Mapping[int, FailureReason] = {
    401: "unauthorized",
    403: "unauthorized",
    408: "server_error",
    409: "server_error",
    429: "rate_limited",
    503: "rate_limited",  # vLLM says so when its queue is full
}


def status_fault(refused: Refusal, endpoint: str, secret: str | None) -> TeacherError:
    """Explain an HTTP status other than 2xx without saying `secret`."""
    status = refused.status
    words = quote(refused.body)
    if secret:
        words = words.replace(secret, "***")
    message = f"{endpoint} answered {status} {_phrase(status)}" + (f": {words}" if words else "")
    reason = reason_of(status)
    if b"insufficient_quota" in refused.body:
        reason = "refused"  # a 429 that no waiting mends
    wait = retry_after(refused.headers.get("Retry-After"))
    return TeacherError(message, reason=reason, hint=_hint(status, words), retry_after=wait)


def _hint(status: int, words: str) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "check model and URL; base URLs usually end in /v1"
    if status == HTTPStatus.BAD_REQUEST and "max_tokens" in words:
        return "ask for less with --max-tokens"
    return ""


def error_in_reply(error: object, endpoint: str) -> TeacherError:
    """Explain the `error` object of a reply that began as a success."""
    code = error.get("code") if isinstance(error, dict) else None
    reason = reason_of(code) if isinstance(code, int) else "server_error"
    words = quote(orjson.dumps({"error": error}))
    return TeacherError(f"{endpoint} broke off with an error" + (f": {words}" if words else ""), reason=reason)


def transport_fault(err: BaseException, endpoint: str) -> TeacherError:
    """Explain a connection that failed or broke."""
    if isinstance(err, aiohttp.ClientResponseError):
        return TeacherError(f"{endpoint} does not speak HTTP", reason="bad_reply", hint="check the port in the URL")
    why, hint = _why(err)
    return TeacherError(f"cannot reach {endpoint}: {why}", reason="unreachable", hint=hint)


def reason_of(status: int) -> FailureReason:
    """Classify an HTTP status other than 2xx."""
    return _REASONS.get(status, "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused")


def retry_after(value: str | None) -> float | None:
    """Read a Retry-After header, seconds or an HTTP date, as seconds from now; None when it says nothing usable."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def quote(body: bytes) -> str:
    """Quote a JSON error body in one short line; empty when it is not JSON or says nothing."""
    try:
        words = _message(orjson.loads(body))
    except ValueError:
        return ""
    line = re.sub(r"[\x00-\x20\x7f-\x9f]+", " ", words).strip()
    return line if len(line) <= MAX_QUOTE else line[:MAX_QUOTE] + "…"


def _message(body: Any) -> str:
    """Find the message: {"error": {"message"}} | {"error"} | {"message"} | {"detail"} | [{"msg"}, …]."""
    if isinstance(body, str):
        return body
    if isinstance(body, list) and body:
        return _message(body[0])
    if isinstance(body, dict):
        found = (body[key] for key in ("error", "message", "detail", "msg") if body.get(key))
        return _message(next(found, None))
    return ""


def _why(err: BaseException) -> tuple[str, str]:
    """Find the operating system's reason down the chain of causes; (what happened, what to do next)."""
    link: BaseException | None = err
    while link is not None:
        if isinstance(link, ConnectionRefusedError):
            return "connection refused", "start the server, or correct the URL"
        if isinstance(link, socket.gaierror):
            return "its host name is unknown", "correct the URL"
        if isinstance(link, ssl.SSLError):
            return f"TLS failed ({link.reason or 'certificate'})", "check http:// against https:// in the URL"
        if isinstance(link, TimeoutError | aiohttp.ServerTimeoutError):
            return "connecting took too long", "check that the server is up and no firewall is between"
        link = link.__cause__ or link.__context__
    return "the connection was lost", "see the server's log"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
