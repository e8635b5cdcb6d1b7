"""An Ollama server answers, or fails: what it sent is what is kept, and what failed is said."""

from __future__ import annotations

import asyncio
import json
import runpy
from dataclasses import replace
from pathlib import Path
from threading import Semaphore

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.teacher.base import Request, TeacherError
from curator.teacher.ollama import KEEP_ALIVE, PROMPT_TOKENS, OllamaTeacher
from curator.teacher.ollama_reply import OllamaReply
from curator.teacher.retry import RetryPolicy, complete_with_retries
from curator.teacher.spec import TeacherOptions
from schemas.candidate import SamplingParameters

_STUB = runpy.run_path(str(Path(__file__).with_name("ollama_stub.py")))
PLAIN = TeacherOptions(stream=False)
QUICK = RetryPolicy(tries=3, wait_initial_s=0.001, wait_max_s=0.002, jitter_s=0.001)
REQUEST = Request([{"role": "user", "content": "2+2 = ?"}], SamplingParameters(max_tokens=64, stop=("</answer>",)), 7)


@pytest.fixture
def ollama():
    """A running server with a thinking, a plain and an embedding model."""
    with _STUB["OllamaStub"]() as stub:
        yield stub


def play(ollama, story, model="deepseek-r1:8b", options=None):
    """Open a teacher on the server, check it, and let a story use it."""

    async def run():
        teacher = OllamaTeacher(model, ollama.url, options)
        try:
            await teacher.check()
            return await asyncio.wait_for(story(teacher), 10)
        finally:
            await teacher.aclose()

    return asyncio.run(run())


def ask(ollama, request=REQUEST, **how):
    """Ask once; return the completion."""
    return play(ollama, lambda teacher: teacher.complete(request), **how)


def fail(ollama, **how) -> TeacherError:
    with pytest.raises(TeacherError) as caught:
        ask(ollama, **how)
    return caught.value


async def until(event):
    """Wait for an event of the server's threads."""
    assert await asyncio.to_thread(event.wait, 5)


@pytest.mark.parametrize("options", [None, PLAIN])
def test_thinking_and_answer_are_kept_apart(ollama, options):
    """Streamed or plain, both texts come whole, with the counts that Ollama gives."""
    done = ask(ollama, options=options)
    assert (done.reasoning, done.content, done.reasoning_field) == ("two and two", "<answer>4</answer>", "thinking")
    assert (done.finish_reason, done.prompt_tokens, done.completion_tokens) == ("stop", 3, 4)
    assert (done.endpoint, done.ttft_s is None) == (ollama.url, options is PLAIN)


def test_a_model_that_does_not_think_is_not_asked_to(ollama):
    """It would refuse the request; what it writes between tags stays in the content."""
    ollama.content = "<think>two and two</think> <answer>4</answer>"
    done = ask(ollama, model="gemma3")
    assert (done.reasoning, done.content, done.reasoning_field) == (None, ollama.content, "inline")
    assert "think" not in ollama.chats[0]


def test_a_server_that_tells_no_capabilities_is_asked_plainly(ollama):
    """Old servers know neither the word nor the field."""
    ollama.cards = {"old:latest": (None, 4096)}
    assert ask(ollama, model="old").content == "<answer>4</answer>"


def test_the_request_says_what_was_asked(ollama):
    """Sampling, context and time in memory are set; the stop text, which Ollama would cut off, is not."""
    ask(ollama)
    assert ollama.chats == [
        {
            "model": "deepseek-r1:8b",
            "messages": [{"role": "user", "content": "2+2 = ?"}],
            "think": True,
            "stream": True,
            "keep_alive": KEEP_ALIVE,
            "truncate": False,
            "shift": False,
            "options": {
                "temperature": 0.6,
                "top_p": 0.95,
                "num_predict": 64,
                "num_ctx": 64 + PROMPT_TOKENS,
                "seed": 7,
            },
        }
    ]


def test_the_model_is_loaded_once(ollama):
    """Every request of a run asks for the same context, and never for more than the model has."""

    async def story(teacher):
        long = replace(REQUEST, messages=[{"role": "user", "content": "word " * 3000}])
        for request in (REQUEST, long, replace(REQUEST, seed=8)):
            await teacher.complete(replace(request, sampling=SamplingParameters(max_tokens=32_768)))

    play(ollama, story, model="gemma3")
    assert ollama.contexts == [8192]


def test_a_completion_that_fills_its_limit_is_data(ollama):
    """A trace cut while it thinks has no content, and is no failure."""
    done = ask(ollama, replace(REQUEST, sampling=SamplingParameters(max_tokens=2)))
    assert (done.reasoning, done.content, done.finish_reason) == ("two and", "", "length")


def test_counts_that_the_server_leaves_out_are_unknown(ollama):
    """No count is invented for a prompt that was still in its cache."""
    last = {"message": {"content": "4"}, "done": True, "done_reason": "stop", "eval_count": 1}
    ollama.lines = [json.dumps(last).encode()]
    done = ask(ollama)
    assert (done.prompt_tokens, done.completion_tokens) == (None, 1)


def test_an_unknown_end_is_an_abort(ollama):
    """What the server cut short is aborted, with the server's word for it."""
    ollama.lines = [b'{"message": {"content": "4"}, "done": true, "done_reason": "cancelled"}\n']
    done = ask(ollama)
    assert (done.finish_reason, done.abort_reason) == ("aborted", "cancelled")


@given(text=st.text(min_size=1), cuts=st.lists(st.integers(1, 9)))
def test_the_network_may_cut_anywhere(text, cuts):
    """Pieces of any size give the same text, inside characters and at line ends too."""
    lines = [{"message": {"thinking": char}, "done": False} for char in text]
    lines += [{"message": {"content": text}, "done": True, "done_reason": "stop"}]
    body = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    reply, at = OllamaReply("http://h"), 0
    for size in [*cuts, len(body)]:
        reply.feed(body[at : at + size])
        at += size
    done = reply.completion()
    assert (done.reasoning, done.content) == (text, text)


def test_a_loading_model_is_waited_for(ollama):
    """Nothing comes while the weights are read, and that is no silence of the stream."""

    async def story(teacher):
        asked = asyncio.create_task(teacher.complete(REQUEST))
        await asyncio.wait({asked}, timeout=0.1)
        assert not asked.done()
        ollama.loaded.set()
        return await asked

    ollama.loaded.clear()
    assert play(ollama, story, options=TeacherOptions(stall_timeout_s=0.05)).content == "<answer>4</answer>"


def test_a_server_that_never_answers_is_stalled(ollama):
    """The first byte may take long, but not for ever."""
    ollama.loaded.clear()
    err = fail(ollama, options=TeacherOptions(first_byte_timeout_s=0.1))
    assert (err.reason, err.message) == ("stalled", f"{ollama.url} sent nothing for 0.1 s")


def test_whoever_queues_is_not_stalled_while_another_is_served(ollama):
    """Ollama serves one request at a time by default; those behind it wait longer than any limit on silence."""

    async def story(teacher):
        both = [asyncio.create_task(teacher.complete(REQUEST)) for _ in range(2)]
        while not all(task.done() for task in both):
            ollama.step.release()
            await asyncio.wait(both, timeout=0.1)
        return [task.result().content for task in both]

    ollama.thinking = "one and one and one and one"
    ollama.parallel, ollama.step = Semaphore(1), Semaphore(0)
    assert play(ollama, story, options=TeacherOptions(first_byte_timeout_s=0.6)) == ["<answer>4</answer>"] * 2


def test_a_stream_that_falls_silent_is_stalled_and_left(ollama):
    """After the first line silence is bounded, and Ollama learns that nobody listens any more."""

    async def story(teacher):
        with pytest.raises(TeacherError, match=r"sent nothing for 0\.1 s") as caught:
            await teacher.complete(REQUEST)
        await until(ollama.left)
        return caught.value.reason

    ollama.hangs = True
    assert play(ollama, story, options=TeacherOptions(stall_timeout_s=0.1)) == "stalled"


@pytest.mark.parametrize("loading", [True, False])
def test_a_cancelled_request_frees_the_server(ollama, loading):
    """Whether it waits or writes, Ollama sees the connection close."""

    async def story(teacher):
        asked = asyncio.create_task(teacher.complete(REQUEST))
        if loading:
            await asyncio.wait({asked}, timeout=0.1)
        else:
            await until(ollama.written)
        asked.cancel()
        await until(ollama.left)

    ollama.hangs = True
    if loading:
        ollama.loaded.clear()
    play(ollama, story)


def test_a_busy_server_is_asked_again(ollama):
    """A full queue passes."""

    async def story(teacher):
        return await complete_with_retries(teacher, REQUEST, QUICK)

    busy = {"error": "server busy, please try again.  maximum pending requests exceeded"}
    ollama.faults = [(503, busy)]
    assert play(ollama, story)[1] == 2
    ollama.faults = [(503, busy)]
    err = fail(ollama)
    assert (err.reason, "--concurrency" in err.hint) == ("rate_limited", True)


@pytest.mark.parametrize(
    ("status", "words", "reason", "hint"),
    [
        (404, "model 'deepseek-r1:8b' not found", "refused", "ollama pull deepseek-r1:8b"),
        (400, "request (9999 tokens) exceeds the available context size (4160 tokens)", "refused", "4,160 tokens"),
        (500, "model requires more system memory (18 GiB) than is available (7 GiB)", "refused", "--max-tokens"),
        (500, "cudaMalloc failed: out of memory", "server_error", "--max-tokens"),
        (500, "llama runner process has terminated: exit status 2", "server_error", ""),
        (401, "unauthorized", "unauthorized", ""),
        (429, "too many requests", "rate_limited", ""),
    ],
)
def test_refusals_are_told_apart(ollama, status, words, reason, hint):
    """The server's words are quoted; what no further try mends is final, and the hint says what to do."""
    ollama.faults = [(status, {"error": words})]
    err = fail(ollama)
    assert (err.reason, err.message.endswith(words), hint in err.hint) == (reason, True, True)


def test_a_prompt_that_does_not_fit_is_refused(ollama):
    """It is never shortened without a word."""
    with pytest.raises(TeacherError, match="exceeds the context length") as caught:
        ask(ollama, replace(REQUEST, messages=[{"role": "user", "content": "word " * 9000}]), model="gemma3")
    assert (caught.value.retryable, "--max-tokens" in caught.value.hint) == (False, True)


@pytest.mark.parametrize(("status", "reason"), [(None, "server_error"), (400, "refused")])
def test_an_error_in_the_middle_of_a_stream_is_read(ollama, status, reason):
    """The status said success; the line says what went wrong, and older servers add a status."""
    error = {"error": "an error was encountered while running the model"} | ({"status": status} if status else {})
    ollama.lines = [b'{"message": {"content": "4"}, "done": false}\n', json.dumps(error).encode() + b"\n"]
    err = fail(ollama)
    assert (err.reason, err.message.endswith("while running the model")) == (reason, True)


def test_a_torn_stream_is_no_completion(ollama):
    """Half a reply is worth another try."""
    ollama.torn = True
    assert fail(ollama).reason == "unreachable"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b'{"message": {"content": "4"}, "done": false}\n'],
        [b'{"message": {"content": "4"}, "done": tr'],
        [b'{"message": {"content": 4}, "done": true, "done_reason": "stop"}\n'],
        [b'{"message": {"content": "4"}, "done": true}\n'],
        [b'{"message": {"content": "4"}, "done": true, "done_reason": 1}\n'],
        [b'{"choices": [{"message": {"content": "4"}}]}\n'],
        [b"[1]\n"],
        [b"\xff\n"],
    ],
)
@pytest.mark.parametrize("options", [None, PLAIN])
def test_what_is_no_whole_reply_is_a_bad_reply(ollama, lines, options):
    """Empty, cut, foreign or unfinished: never taken for a completion, always worth another try."""
    ollama.lines = lines
    err = fail(ollama, options=options)
    assert (err.reason, err.retryable) == ("bad_reply", True)


def test_a_model_that_was_only_loaded_is_asked_again(ollama):
    """An empty text under `load` is no completion."""
    ollama.lines = [b'{"message": {"role": "assistant", "content": ""}, "done_reason": "load", "done": true}\n']
    err = fail(ollama)
    assert (err.retryable, "wrote nothing" in err.message) == (True, True)


def test_a_web_page_is_not_quoted(ollama):
    """A portal before the server is said to be one."""
    ollama.lines, ollama.kind = [b"<html>sign in</html>"], "text/html"
    err = fail(ollama)
    assert (err.reason, "web page" in err.message, "sign in" in err.message) == ("bad_reply", True, False)


def test_a_prompt_that_is_no_text_is_refused(ollama):
    """Half a surrogate pair fails one request and not the run."""
    with pytest.raises(TeacherError, match="cannot be sent") as caught:
        ask(ollama, replace(REQUEST, messages=[{"role": "user", "content": "\ud83d"}]))
    assert not caught.value.retryable
