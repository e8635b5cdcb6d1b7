"""A teacher fails: what failed is said in plain words, and whether another try may help is known."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import orjson
import pytest
from aiohttp import web

from curator.teacher.base import TeacherError
from curator.teacher.faults import retry_after
from curator.teacher.openai import OpenAITeacher
from curator.teacher.spec import TeacherOptions

KEY = "k-very-secret-123456789"


def fail(endpoint, handler, **how) -> TeacherError:
    with pytest.raises(TeacherError) as caught:
        endpoint.ask(handler, **how)
    return caught.value


@pytest.mark.parametrize(
    ("status", "reason", "retryable"),
    [
        (400, "refused", False),
        (401, "unauthorized", False),
        (402, "refused", False),
        (403, "unauthorized", False),
        (404, "refused", False),
        (408, "server_error", True),
        (422, "refused", False),
        (429, "rate_limited", True),
        (500, "server_error", True),
        (503, "rate_limited", True),
        (529, "server_error", True),
    ],
)
def test_statuses_are_told_apart(endpoint, status, reason, retryable):
    """Faults of the request are final, faults of the server are tried again; its words are quoted."""
    err = fail(endpoint, endpoint.json({"error": {"message": "no such\nthing"}}, status=status))
    assert (err.reason, err.retryable) == (reason, retryable)
    assert f"answered {status}" in err.message
    assert err.message.endswith(": no such thing")


def test_a_wrong_key_is_not_repeated(endpoint):
    """The key is in no message, even when the server echoes it; the hint names where it came from."""
    err = fail(endpoint, endpoint.json({"error": {"message": f"bad key {KEY}"}}, status=401), key=KEY)
    assert KEY not in str(err) + err.message + err.hint + repr(err)
    assert "OPENAI_API_KEY" in err.hint
    assert "--api-key-env" in err.hint


def test_a_web_page_is_not_quoted(endpoint):
    """HTML of a proxy never reaches the user, whatever its status."""
    page = "<html><body>502 Bad Gateway nginx</body></html>"
    gateway = fail(endpoint, endpoint.text(page, kind="text/html", status=502))
    portal = fail(endpoint, endpoint.text(page, kind="text/html"))
    assert (gateway.reason, portal.reason) == ("server_error", "bad_reply")
    assert "html" not in gateway.message
    assert "web page" in portal.message


def test_long_words_of_a_server_are_shortened(endpoint):
    """A server that repeats the whole prompt in its error fills no screen."""
    err = fail(endpoint, endpoint.json({"detail": [{"msg": "x" * 10_000}]}, status=422))
    assert len(err.message) < 500


def test_a_spent_quota_is_not_waited_for(endpoint):
    """A 429 that no waiting mends is final."""
    body = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    assert not fail(endpoint, endpoint.json(body, status=429)).retryable


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_when_to_come_back(endpoint, status):
    """Retry-After reaches whoever retries."""
    assert fail(endpoint, endpoint.json({}, status=status, headers={"Retry-After": "7"})).retry_after == 7


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("12", 12), ("0.5", 0.5), ("-3", 0), ("inf", None), ("soon", None), ("", None), (None, None)],
)
def test_retry_after_in_seconds(value, seconds):
    """What is no number of seconds is no answer."""
    assert retry_after(value) == seconds


def test_retry_after_as_a_date():
    """An HTTP date counts from now; one in the past is no wait."""
    now = datetime.now(UTC)
    assert retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True)) == pytest.approx(90, abs=2)
    assert retry_after(format_datetime(now - timedelta(days=1), usegmt=True)) == 0


def test_a_server_that_is_not_there_is_named(endpoint):
    """A refused connection says so, with the URL but not its password."""

    async def story():
        teacher = OpenAITeacher("m", "http://me:s3cret@127.0.0.1:9/v1")
        try:
            await teacher.complete(endpoint.request)
        finally:
            await teacher.aclose()

    with pytest.raises(TeacherError, match=r"cannot reach http://127\.0\.0\.1:9/v1: connection refused") as caught:
        asyncio.run(story())
    assert caught.value.reason == "unreachable"


def test_a_prompt_that_is_no_text_is_refused(endpoint):
    """Half a surrogate pair, as broken data sets hold it, fails one request and not the run."""

    async def story():
        async with endpoint.teacher(endpoint.message({"content": "5"})) as teacher:
            broken = [{"role": "user", "content": "\ud83d"}]
            await teacher.complete(replace(endpoint.request, messages=broken))

    with pytest.raises(TeacherError, match="cannot be sent") as caught:
        asyncio.run(story())
    assert not caught.value.retryable


def test_a_reset_in_the_middle_is_unreachable(endpoint):
    """Half a reply is no reply, and worth another try."""
    for handler in (
        endpoint.stream(endpoint.chunk({"content": "5"}), then="reset"),
        endpoint.stream(then="reset"),
    ):
        err = fail(endpoint, handler)
        assert (err.reason, err.retryable) == ("unreachable", True)


def test_a_stream_that_falls_silent_is_stalled(endpoint):
    """After the first byte silence is bounded, and the connection is closed."""
    hanging = endpoint.stream(endpoint.chunk({"content": "5"}), then="hang")
    err = fail(endpoint, hanging, options=TeacherOptions(stall_timeout_s=0.1))
    assert (err.reason, err.message.endswith("sent nothing for 0.1 s")) == ("stalled", True)


@pytest.mark.parametrize("stream", [True, False])
def test_a_server_that_never_answers_is_stalled(endpoint, stream):
    """The first byte may take longer than the others, but not for ever."""

    async def silent(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    options = TeacherOptions(stream=stream, stall_timeout_s=0.01, first_byte_timeout_s=0.2, reply_timeout_s=0.2)
    err = fail(endpoint, silent, options=options)
    assert (err.reason, err.message.endswith("sent nothing for 0.2 s")) == ("stalled", True)


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b'data: {"choices": [{"delta": {"content": "5"'],
        [b'data: {"choices": [{"delta": {"con\n\n'],
        [b'data: {"choices": []}\n\n', b"data: [DONE]\n\n"],
        [b'data: {"choices": [{"index": 0, "delta": {"content": "5"}}]}\n\n', b"data: [DONE]\n\n"],
        [b'data: {"object": "something else"}\n\n'],
        [b"data: [1, 2]\n\n"],
        [b'data: {"choices": [{"delta": {"content": 5}, "finish_reason": "stop"}]}\n\n'],
        [b'data: {"choices": [{"delta": {"content": "\xff"}, "finish_reason": "stop"}]}\n\n'],
    ],
)
def test_a_broken_stream_is_a_bad_reply(endpoint, pieces):
    """Truncated, empty, foreign or unfinished: never taken for a completion, always worth another try."""
    err = fail(endpoint, endpoint.stream(*pieces))
    assert (err.reason, err.retryable) == ("bad_reply", True)


@pytest.mark.parametrize("body", ["", '{"choices": [{"mess', '{"choices": []}', '{"choices": [{"message": {}}]}', "[]"])
def test_a_broken_plain_reply_is_a_bad_reply(endpoint, body):
    """The same holds without streaming."""
    reply = endpoint.text(body, kind="application/json")
    assert fail(endpoint, reply, options=TeacherOptions(stream=False)).reason == "bad_reply"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"message": "engine died", "code": 500}, "server_error"),
        ({"message": "prompt too long", "code": 400}, "refused"),
        ("overloaded", "server_error"),
    ],
)
def test_an_error_inside_a_reply_is_read(endpoint, error, reason):
    """An error object in place of a reply, or among the events, says what went wrong."""
    event = b"data: " + orjson.dumps({"error": error}) + b"\n\n"
    for handler in (endpoint.json({"error": error}), endpoint.stream(endpoint.chunk({"content": "5"}), event)):
        err = fail(endpoint, handler)
        assert err.reason == reason
        assert (error if isinstance(error, str) else error["message"]) in err.message


def test_what_does_not_speak_http_is_said_so(endpoint):
    """A wrong port, say of an SSH server, is told from a broken reply."""

    async def story():
        async def greet(reader, writer):
            await reader.readline()
            writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            teacher = OpenAITeacher("m", f"http://127.0.0.1:{port}/v1")
            try:
                await teacher.complete(endpoint.request)
            finally:
                await teacher.aclose()

    with pytest.raises(TeacherError, match="does not speak HTTP"):
        asyncio.run(story())


@pytest.mark.parametrize("stream", [True, False])
def test_leaving_before_the_first_byte_stops_the_server(endpoint, stream):
    """Cancelling a request that is still queued closes its connection."""
    asked = asyncio.Event()

    async def queued(request: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.Event().wait()
        return web.Response()

    asyncio.run(leave(endpoint, queued, asked, stream=stream))


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json"])
def test_leaving_in_the_middle_stops_the_server(endpoint, kind):
    """Cancelling a reply that is being read closes its connection."""
    read = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        await response.write(b" " * 2**25)  # more than the socket buffers hold: the client must be reading
        read.set()
        await asyncio.Event().wait()
        return response

    asyncio.run(leave(endpoint, endless, read, stream=True))


@pytest.mark.parametrize(
    ("piece", "kind"),
    [(b"data: {oops\n\n", "text/event-stream"), (b"data: ", "text/event-stream"), (b"<html>", "text/html")],
)
def test_giving_up_stops_the_server(endpoint, piece, kind):
    """A reply that is broken, stalls or is something else is not waited for to its end."""
    options = TeacherOptions(stall_timeout_s=0.1)

    async def story():
        async with endpoint.teacher(endpoint.stream(piece, then="hang", kind=kind), options=options) as teacher:
            try:
                await teacher.complete(endpoint.request)
            except TeacherError as err:  # kept alive: nothing may hang on its being collected
                await asyncio.wait_for(endpoint.left.wait(), 5)
                raise err

    with pytest.raises(TeacherError):
        asyncio.run(story())


async def leave(endpoint, handler, moment: asyncio.Event, *, stream: bool) -> None:
    """Ask, cancel at the moment, and wait until the server has noticed."""
    async with endpoint.teacher(handler, options=TeacherOptions(stream=stream)) as teacher:
        asking = asyncio.create_task(teacher.complete(endpoint.request))
        await asyncio.wait_for(moment.wait(), 5)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(endpoint.left.wait(), 5)
