"""A stream that is lost is cut: what there was of it is kept, and the server learns at once that nobody reads on."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from itertools import count, repeat

from aiohttp import web

from curator.cuts import watch_for
from curator.teacher.base import Completion, Request
from curator.teacher.ollama import OllamaTeacher
from schemas.policy import default_policy
from schemas.problem import Problem
from tests.curator.teacher.ollama_stub import OllamaStub
from verifiers.settings import LengthBounds, LengthSettings, VerifierSettings
from verifiers.watch import BLOCK

PROBLEM = Problem("p", "math", "How many apples are left?", "4")
LOOP = "Wait, let me check that again, the farmer has too many. "
BRIEF = VerifierSettings(length=LengthSettings(math=LengthBounds(max_tokens=20)))
SLACK = 4 * BLOCK
"""Characters that may be on their way while a stream is closed."""


def watched(request: Request, settings: VerifierSettings | None = None) -> Request:
    """The same request, whose stream is watched as the default policy has it."""
    return replace(request, watch=watch_for(PROBLEM, settings or VerifierSettings(), default_policy()))


def cut(
    endpoint, settings: VerifierSettings | None = None, usage: bool = False, **delta: str
) -> tuple[Completion, int]:
    """Ask a server that writes `delta` for ever; return what came, and the events that were written in vain."""
    written = count()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for number in written:
            tokens = {"prompt_tokens": 5, "completion_tokens": 10 * number} if usage else None
            await response.write(endpoint.chunk(delta, usage=tokens))
            await asyncio.sleep(0)

    async def story() -> tuple[Completion, int]:
        async with endpoint.teacher(endless) as teacher:
            completion = await teacher.complete(watched(endpoint.request, settings))
            await asyncio.wait_for(endpoint.left.wait(), 5)
            return completion, next(written)

    return asyncio.run(story())


def test_an_endless_loop_is_cut_and_the_server_stops(endpoint) -> None:
    """The text so far is kept, without a count; the server got no more than a few blocks further."""
    got, written = cut(endpoint, content=LOOP)
    assert (got.finish_reason, got.prompt_tokens, got.completion_tokens) == ("aborted", None, None)
    assert got.abort_reason is not None
    assert got.abort_reason.startswith("cut_loop: 'Wait, let me")
    assert (LOOP * written).startswith(got.content)
    assert 0 <= written * len(LOOP) - len(got.content) <= SLACK


def test_a_loop_in_the_reasoning_field_is_cut_too(endpoint) -> None:
    """Whatever the field is called, what came of it stays reasoning."""
    got, _ = cut(endpoint, reasoning_content=LOOP)
    assert (got.finish_reason, got.content, got.reasoning_field) == ("aborted", "", "reasoning_content")
    assert got.reasoning is not None
    assert got.reasoning.startswith(LOOP)


def test_what_the_server_counts_cuts_before_a_block_is_full(endpoint) -> None:
    """A count that comes with every event is kept; without one, every event is a token at least."""
    counted, _ = cut(endpoint, BRIEF, usage=True, content="so ")
    guessed, _ = cut(endpoint, BRIEF, content="so ")
    assert (counted.prompt_tokens, guessed.completion_tokens) == (5, None)
    assert 21 < (counted.completion_tokens or 0) < BLOCK
    for got in (counted, guessed):
        assert (got.abort_reason or "").startswith("cut_budget: ")
        assert len(got.content) < SLACK


def test_a_stream_that_nobody_watches_runs_on(endpoint) -> None:
    """Without a watch, a loop comes whole, as with `--no-cut`."""
    got = endpoint.ask(endpoint.stream(*[endpoint.chunk({"content": LOOP})] * 99, endpoint.chunk(finish="stop")))
    assert (got.finish_reason, got.content) == ("stop", LOOP * 99)


def test_ollama_stops_writing_as_well(endpoint) -> None:
    """Its connection is closed, which is what makes it stop; thinking that loops stays thinking."""
    line = (
        json.dumps({"message": {"role": "assistant", "content": "", "thinking": LOOP}, "done": False}).encode() + b"\n"
    )

    async def story(ollama: OllamaStub) -> Completion:
        teacher = OllamaTeacher("deepseek-r1:8b", ollama.url)
        try:
            await teacher.check()
            return await teacher.complete(watched(endpoint.request))
        finally:
            await teacher.aclose()

    with OllamaStub() as ollama:
        ollama.lines = repeat(line)
        got = asyncio.run(story(ollama))
        assert ollama.left.wait(5)
    assert (got.finish_reason, got.reasoning_field, got.completion_tokens) == ("aborted", "thinking", None)
    assert (got.abort_reason or "").startswith("cut_loop: ")
