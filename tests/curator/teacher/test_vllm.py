"""A user names a vLLM model: a server is found or started, watched, and ended."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from curator.errors import CuratorError, UsageError
from curator.teacher.base import TeacherError
from curator.teacher.spec import TeacherOptions
from curator.teacher.vllm import VllmTeacher

PROGRAM = f"'{sys.executable}' '{Path(__file__).with_name('fake_server.py')}' {{port}} "


class Told(list):
    """What the user was told."""

    @property
    def log(self) -> Path:
        return Path(re.search(r"its log is (\S+)", "\n".join(self))[1])


@pytest.fixture
def told(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return Told()


@asynccontextmanager
async def teacher(told, command="{model}", ports=(), timeout_s=30.0, key=None):
    """Open the teacher `vllm:m` whose server would be the fake program with these arguments."""
    options = TeacherOptions(vllm_command=PROGRAM + command, vllm_start_timeout_s=timeout_s, tell=told.append)
    opened = VllmTeacher("m", None, key, options, ports=ports)
    try:
        yield opened
    finally:
        await opened.aclose()


def servers():
    """List the fake programs that run as children of our children."""
    found = psutil.Process().children(recursive=True)
    return [one for one in found if any(word.endswith("fake_server.py") for word in one.cmdline()[1:2])]


def check(told, **options):
    """Run `check` and report the error that it must raise."""

    async def story():
        async with teacher(told, **options) as opened:
            await opened.check()

    with pytest.raises(CuratorError) as caught:
        asyncio.run(story())
    assert not servers()
    return caught.value


def test_a_named_url_is_asked_as_any_other_endpoint(endpoint) -> None:
    """`vllm:m@URL` starts nothing and sends the key."""
    endpoint.models = endpoint.json({"data": [{"id": "m", "owned_by": "vllm"}]})

    async def story():
        async with endpoint.serve(endpoint.message({"content": "5"})) as url:
            opened = VllmTeacher("m", url, "k-1")
            await opened.check()
            completion = await opened.complete(endpoint.request)
            await opened.aclose()
            return opened.kind, completion.content

    assert asyncio.run(story()) == ("vllm", "5")
    assert endpoint.headers[-1]["Authorization"] == "Bearer k-1"


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:9"], ids=["", "behind a proxy"])
def test_a_running_server_is_found_and_left_alone(endpoint, told, monkeypatch, proxy) -> None:
    """A server on a usual port that lists the model is used; it never sees a key that is not meant for it."""
    endpoint.models = endpoint.json({"data": [{"id": "m"}]})
    if proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)

    async def story():
        async with (
            endpoint.serve(endpoint.message({"content": "5"})) as url,
            teacher(told, ports=(9, urlsplit(url).port), key="s3cret") as opened,
        ):
            await opened.check()
            return f"{url}/v1", await opened.complete(endpoint.request)

    found, completion = asyncio.run(story())
    assert (completion.content, completion.endpoint) == ("5", found)
    assert told == [f"using the server that runs at {found}"]
    assert "s3cret" not in str(endpoint.headers)


def test_a_found_server_that_vanishes_is_unreachable(endpoint, told) -> None:
    """We did not start it, so it may well come back."""
    endpoint.models = endpoint.json({"data": [{"id": "m"}]})

    async def story():
        async with endpoint.serve(endpoint.message({"content": "5"})) as url:
            opened = VllmTeacher("m", None, options=TeacherOptions(), ports=[urlsplit(url).port])
            await opened.check()
        try:
            await opened.complete(endpoint.request)
        finally:
            await opened.aclose()

    with pytest.raises(TeacherError) as caught:
        asyncio.run(story())
    assert caught.value.reason == "unreachable"


def test_else_a_server_is_started_and_ended(endpoint, told) -> None:
    """A server that serves other models is no help; ours answers, and is gone in the end."""
    endpoint.models = endpoint.json({"data": [{"id": "other"}]})

    async def story():
        async with (
            endpoint.serve(endpoint.message(None)) as url,
            teacher(told, ports=[urlsplit(url).port]) as opened,
        ):
            await opened.check()
            return servers(), await opened.complete(endpoint.request)

    started, completion = asyncio.run(story())
    assert "4" in completion.content
    assert len(started) == 1
    assert not started[0].is_running()
    assert told.log.exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [("vllm serve {modle} {port}", r"vllm_command has an unknown placeholder \{modle\}"), ("vllm", r"has no \{port\}")],
)
def test_a_faulty_command_is_refused_before_anything_is_tried(command, words) -> None:
    """The fault is named with its setting."""
    with pytest.raises(UsageError, match=words):
        VllmTeacher("m", options=TeacherOptions(vllm_command=command))


def test_a_program_that_is_missing_is_explained(told) -> None:
    """The hint is a setting to paste."""
    options = TeacherOptions(vllm_command="no-such-vllm {port}", tell=told.append)
    with pytest.raises(TeacherError, match="cannot start 'no-such-vllm'") as caught:
        asyncio.run(VllmTeacher("m", options=options, ports=()).check())
    assert 'vllm_command = "/PATH/TO/venv/bin/vllm serve {model}' in caught.value.hint
    assert not told


def test_a_server_that_gives_up_is_quoted(told) -> None:
    """The end of its log, made fit for a terminal, and where the rest is."""
    error = check(told, command="m --die '\x1b[31mno GPU\x07'")
    assert "ended before it was ready (exit code 3)" in error.message
    assert "\\x1b[31mno GPU\\x07" in error.message
    assert str(told.log) in error.message


def test_a_server_that_serves_other_models_says_which(told) -> None:
    """The hint names them and how to go on."""
    error = check(told, command="smollm2-135m")
    assert "does not serve the model 'm'" in error.message
    assert "it serves: smollm2-135m" in error.hint
    assert "vllm:NAME" in error.hint


def test_a_server_that_is_never_ready_is_ended(told) -> None:
    """The time it may take is a setting."""
    error = check(told, command="m --loading", timeout_s=1.0)
    assert "was not ready within 1 s" in error.message
    assert "vllm_start_timeout" in error.hint


def test_an_interrupt_while_it_starts_ends_it(told) -> None:
    """Ctrl-C does not leave a model loading behind."""

    async def story():
        async with teacher(told, command="m --loading") as opened:
            checking = asyncio.create_task(opened.check())
            while not servers():
                await asyncio.sleep(0.02)
            checking.cancel()
            await asyncio.wait({checking})
            return servers()

    assert asyncio.run(story()) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_dies_fails_every_request_at_once(endpoint, told, number) -> None:
    """Whatever was in flight says `ended`, and so does whatever comes after; nobody tries again for minutes."""

    async def story():
        async with teacher(told, command="m --answers 0") as opened:
            await opened.check()
            (server,) = servers()
            asking = [asyncio.create_task(opened.complete(endpoint.request)) for _ in range(8)]
            while "asked 8" not in told.log.read_text():
                await asyncio.sleep(0.02)
            os.kill(server.pid, number)
            began = time.monotonic()
            faults = await asyncio.gather(*asking, opened.complete(endpoint.request), return_exceptions=True)
            return faults, time.monotonic() - began

    faults, took = asyncio.run(story())
    assert {fault.reason for fault in faults} == {"ended"}
    assert took < 5
    assert "the server that was started here for vllm:m has ended (SIG" in faults[0].message
    assert "the same command" in faults[0].hint
