"""What OpenAI's own client would send and read is what the teacher sends and reads, at a fraction of its CPU."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import openai
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.teacher.openai import OpenAITeacher
from tests.curator.teacher.conftest import DONE, REQUEST, FakeEndpoint, chunk

KEY = "k-123456789"
ASKED = replace(REQUEST, sampling=replace(REQUEST.sampling, stop=()))
USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=12)


async def _both(endpoint: FakeEndpoint, handler) -> tuple[str, str]:
    """Ask through the client, then through the teacher; return both contents."""
    sampling = ASKED.sampling
    async with endpoint.serve(handler) as url:
        client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)
        stream = await client.chat.completions.create(
            model="m", messages=list(ASKED.messages), temperature=sampling.temperature, top_p=sampling.top_p,
            max_tokens=sampling.max_tokens, seed=ASKED.seed, stream=True, stream_options={"include_usage": True},
        )  # fmt: skip
        theirs = "".join([event.choices[0].delta.content or "" async for event in stream if event.choices])
        await client.close()
        teacher = OpenAITeacher("m", f"{url}/v1", KEY)
        ours = (await teacher.complete(ASKED)).content
        await teacher.aclose()
    return theirs, ours


def _events(texts: list[str]) -> list[bytes]:
    return [*(chunk({"content": text}) for text in texts), chunk(finish="stop"), chunk(usage=USAGE), DONE]


def test_the_same_request_is_sent() -> None:
    """Path, key, kind of content, and every field of the body."""
    endpoint = FakeEndpoint()
    asyncio.run(_both(endpoint, endpoint.stream(*_events(["5"]))))
    theirs, ours = endpoint.bodies
    assert ours == theirs
    assert endpoint.paths[0] == endpoint.paths[1]
    for name in ("Authorization", "Content-Type"):
        assert endpoint.headers[0][name] == endpoint.headers[1][name]


@given(st.lists(TEXTS, min_size=1, max_size=6), st.integers(1, 60))
@settings(max_examples=15, deadline=None)
def test_the_same_text_is_read(texts: list[str], size: int) -> None:
    """Whatever the text is, and wherever the network cuts it."""
    endpoint, sent = FakeEndpoint(), b"".join(_events(texts))
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    theirs, ours = asyncio.run(_both(endpoint, endpoint.stream(*pieces)))
    assert ours == theirs == "".join(texts)
