"""A teacher answers: what it sent is what is kept."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from curator.teacher.spec import TeacherOptions

PLAIN = TeacherOptions(stream=False)
USAGE = {"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46}


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content", "thinking"])
def test_each_reasoning_field_is_kept(endpoint, field):
    """Streamed or plain, the three names that servers use for reasoning are read and recorded."""
    chunk = endpoint.chunk
    stream = endpoint.stream(
        chunk({"role": "assistant", "content": "", field: None}),
        chunk({field: "2+3"}),
        chunk({field: "=5"}),
        chunk({"content": "5"}),
        chunk({}, "stop"),
        endpoint.done,
    )
    plain = endpoint.message({"content": "5", field: "2+3=5"})
    for done in (endpoint.ask(stream), endpoint.ask(plain, options=PLAIN)):
        assert (done.reasoning, done.content, done.reasoning_field) == ("2+3=5", "5", field)
        assert done.finish_reason == "stop"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("<think>2+3=5</think>5", "inline"),
        ("2+3=5</think>5", "inline"),
        ("<think>2+3", "inline"),
        ("<think>\n\n</think>5", "inline"),
        ("just 5", "none"),
        ("", "none"),
    ],
)
def test_reasoning_in_the_content_stays_there(endpoint, content, field):
    """Inline tags, closed or not, are recorded as inline and the content is kept as it came."""
    done = endpoint.ask(endpoint.stream(*[endpoint.chunk({"content": c}) for c in content], endpoint.chunk({}, "stop")))
    assert (done.reasoning, done.content, done.reasoning_field) == (None, content, field)


def test_one_delta_may_hold_reasoning_and_answer(endpoint):
    """Neither half of a delta that holds both is lost."""
    both = endpoint.chunk({"reasoning": "=5", "content": "5"}, "stop")
    done = endpoint.ask(endpoint.stream(endpoint.chunk({"reasoning": "2+3"}), both))
    assert (done.reasoning, done.content) == ("2+3=5", "5")


def test_the_same_reasoning_under_two_names_is_kept_once(endpoint):
    """Some servers send both names for compatibility; the text must not double."""
    twice = [endpoint.chunk({"reasoning": text, "reasoning_content": text}) for text in ("2+3", "=5")]
    done = endpoint.ask(endpoint.stream(*twice, endpoint.chunk({"content": "5"}, "stop")))
    assert (done.reasoning, done.reasoning_field) == ("2+3=5", "reasoning")


def test_reasoning_that_never_ended_leaves_an_empty_content(endpoint):
    """A null content is the empty text, and a length finish is data, not a failure."""
    done = endpoint.ask(endpoint.message({"content": None, "reasoning": "2+3"}, "length"), options=PLAIN)
    assert (done.reasoning, done.content, done.finish_reason) == ("2+3", "", "length")


def test_usage_comes_from_the_last_event(endpoint):
    """The last counts that came are the ones that hold, and events without choices are read; times are measured."""
    early, chunk = {"prompt_tokens": 12, "completion_tokens": 1}, endpoint.chunk
    stream = endpoint.stream(chunk({"content": "5"}, None, early), chunk({}, "stop"), chunk(usage=USAGE), chunk())
    done = endpoint.ask(stream)
    assert (done.prompt_tokens, done.completion_tokens) == (12, 34)
    assert 0 < done.ttft_s <= done.elapsed_s


def test_a_server_without_usage_leaves_it_unknown(endpoint):
    """No count is invented; a plain reply has no time to first token either."""
    done = endpoint.ask(endpoint.message({"content": "5"}), options=PLAIN)
    assert (done.prompt_tokens, done.completion_tokens, done.ttft_s) == (None, None, None)


def test_text_cut_inside_a_character_is_whole(endpoint):
    """Chinese and emoji survive a network that cuts anywhere."""
    text = "设 $x^2=9$，所以 x=±3 😀"
    raw = endpoint.chunk({"content": text}) + endpoint.chunk({}, "stop")
    assert endpoint.ask(endpoint.stream(*[raw[i : i + 1] for i in range(len(raw))])).content == text


@pytest.mark.parametrize(
    ("sent", "finish", "why"),
    [
        ("stop", "stop", None),
        ("eos", "stop", None),
        ("tool_calls", "stop", None),
        ("length", "length", None),
        ("content_filter", "aborted", "content_filter"),
        ("repetition", "aborted", "repetition"),
        ("abort", "aborted", "abort"),
        ("something new", "aborted", "something new"),
    ],
)
def test_finish_reasons_are_put_in_our_words(endpoint, sent, finish, why):
    """What the server cut short is aborted, with the server's word for it."""
    done = endpoint.ask(endpoint.stream(endpoint.chunk({"content": "5"}, sent)))
    assert (done.finish_reason, done.abort_reason) == (finish, why)


def test_the_request_says_what_was_asked(endpoint):
    """Model, messages and sampling parameters are sent; fields that only vLLM knows are not."""
    endpoint.ask(endpoint.stream(endpoint.chunk({"content": "5"}, "stop")), key="k-123456789")
    assert endpoint.bodies == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "2+3?"}],
            "temperature": 0.6,
            "top_p": 0.95,
            "max_tokens": 64,
            "seed": 7,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]
    assert endpoint.headers[0]["Authorization"] == "Bearer k-123456789"


def test_vllm_is_asked_to_keep_the_stop_text_and_to_send_fewer_events(endpoint):
    """Once `check` has met vLLM, stop texts are sent with the request to keep them."""
    endpoint.models = endpoint.json({"data": [{"id": "m", "owned_by": "vllm"}]})

    async def story():
        async with endpoint.teacher(endpoint.stream(endpoint.chunk({"content": "5"}, "stop"))) as teacher:
            await teacher.check()
            await teacher.complete(endpoint.request)

    asyncio.run(story())
    body = endpoint.bodies[0]
    assert (body["stop"], body["include_stop_str_in_output"]) == (["</answer>"], True)
    assert body["stream_interval"] > 1


def test_without_a_key_none_is_sent(endpoint, monkeypatch):
    """A key in the environment goes nowhere by itself."""
    monkeypatch.setenv("OPENAI_API_KEY", "k-123456789")
    endpoint.ask(endpoint.message({"content": "5"}))
    assert "Authorization" not in endpoint.headers[0]


@pytest.mark.parametrize("status", [400, 422])
def test_an_endpoint_that_refuses_streams_is_asked_plainly(endpoint, status):
    """The refusal costs one request; from then on none is streamed."""
    refuse = endpoint.json({"error": {"message": "`stream` is not supported"}}, status=status)
    answer = endpoint.message({"content": "5"}, usage=USAGE)

    async def handler(request: web.Request) -> web.StreamResponse:
        return await (refuse if endpoint.bodies[-1]["stream"] else answer)(request)

    async def story():
        async with endpoint.teacher(handler) as teacher:
            return [await teacher.complete(endpoint.request) for _ in range(2)]

    assert [done.content for done in asyncio.run(story())] == ["5", "5"]
    assert [body["stream"] for body in endpoint.bodies] == [True, False, False]


def test_an_endpoint_that_ignores_streams_is_read_plainly(endpoint):
    """A plain reply to a stream request is used, and no stream is asked for again."""

    async def story():
        async with endpoint.teacher(endpoint.message({"content": "5", "thinking": "2+3"})) as teacher:
            return [await teacher.complete(endpoint.request) for _ in range(2)]

    assert [(done.reasoning, done.content) for done in asyncio.run(story())] == [("2+3", "5")] * 2
    assert [body["stream"] for body in endpoint.bodies] == [True, False]


def test_a_connection_lost_after_the_end_loses_nothing(endpoint):
    """Once the finish_reason is there the text is whole, whatever becomes of the connection."""
    done = endpoint.ask(endpoint.stream(endpoint.chunk({"content": "5"}, "stop"), then="reset"))
    assert (done.content, done.completion_tokens) == ("5", None)


def test_one_connection_serves_many_requests(endpoint):
    """A stream that was read to its end leaves its connection for the next request."""
    peers = set()

    async def handler(request: web.Request) -> web.StreamResponse:
        peers.add(request.transport.get_extra_info("peername"))
        return await endpoint.stream(endpoint.chunk({"content": "5"}, "stop"), endpoint.done)(request)

    async def story():
        async with endpoint.teacher(handler) as teacher:
            for _ in range(3):
                await teacher.complete(endpoint.request)

    asyncio.run(story())
    assert len(peers) == 1
