"""A user's teacher is looked at before any token is spent."""

from __future__ import annotations

import asyncio

import pytest

from curator.errors import CuratorError
from curator.teacher.openai import OpenAITeacher


async def _unused(request):
    raise AssertionError("check asks for no completion")


def check(endpoint, models, *, key=None, url="{}/v1"):
    """Run `check` of the teacher `m` on an endpoint whose model list is `models`; return the teacher."""
    endpoint.models = models

    async def story():
        async with endpoint.serve(_unused) as server:
            teacher = OpenAITeacher("m", url.format(server), key)
            try:
                await teacher.check()
            finally:
                await teacher.aclose()
            return teacher

    return asyncio.run(story())


def test_a_listed_model_is_accepted(endpoint):
    """The model is in the list, and the key is sent."""
    check(endpoint, endpoint.json({"data": [{"id": "m"}, {"id": "n"}]}), key="k-123456789")
    assert endpoint.headers[0]["Authorization"] == "Bearer k-123456789"


def test_a_model_that_is_not_served_is_named_with_what_is(endpoint):
    """The error names the model, the hint the most similar ones, and how many more there are."""
    names = [f"other-{i}" for i in range(20)] + ["m-1"]
    with pytest.raises(CuratorError, match="does not serve the model 'm'") as caught:
        check(endpoint, endpoint.json({"data": [{"id": name} for name in names]}))
    assert "m-1" in caught.value.hint
    assert "and 13 more" in caught.value.hint


@pytest.mark.parametrize("status", [404, 405, 501])
def test_an_endpoint_without_a_list_is_taken_as_it_is(endpoint, status):
    """Not every server lists its models."""
    check(endpoint, endpoint.json({}, status=status))


@pytest.mark.parametrize("body", [[], {"data": "x"}, "?"])
def test_a_list_that_cannot_be_read_is_no_list(endpoint, body):
    """Cannot tell is not wrong."""
    check(endpoint, endpoint.json(body))


@pytest.mark.parametrize(("key", "words"), [(None, "is not set"), ("k-123456789", "is wrong")])
def test_a_missing_and_a_wrong_key_are_told_apart(endpoint, key, words):
    """The hint says which variable is meant and how to name another."""
    with pytest.raises(CuratorError, match="401") as caught:
        check(endpoint, endpoint.json({"error": "who are you?"}, status=401), key=key)
    assert words in caught.value.hint
    assert "--api-key-env" in caught.value.hint


def test_a_server_that_is_loading_is_said_so(endpoint):
    """A 503 is not taken for a server without a list."""
    with pytest.raises(CuratorError, match="503 Service Unavailable: Loading model"):
        check(endpoint, endpoint.json({"error": {"message": "Loading model"}}, status=503))


@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost:9"])
def test_no_server_at_all(host):
    """The error says that nobody listens there."""

    async def story():
        teacher = OpenAITeacher("m", f"http://{host}/v1")
        try:
            await teacher.check()
        finally:
            await teacher.aclose()

    with pytest.raises(CuratorError, match=f"cannot reach http://{host}/v1: connection refused"):
        asyncio.run(story())


@pytest.mark.parametrize("url", ["{}", "{}/"])
def test_a_forgotten_v1_is_added(endpoint, url):
    """The models are found under /v1, and completions are asked for there."""
    endpoint.models = endpoint.json({"data": [{"id": "m"}]})

    async def story():
        async with endpoint.serve(endpoint.message({"content": "5"})) as server:
            teacher = OpenAITeacher("m", url.format(server))
            try:
                await teacher.check()
                return await teacher.complete(endpoint.request)
            finally:
                await teacher.aclose()

    assert asyncio.run(story()).endpoint.endswith("/v1")
    assert endpoint.paths == ["/v1/models", "/v1/chat/completions"]


def test_user_and_query_of_the_url_are_sent_and_not_shown(endpoint):
    """`user:password@` becomes basic authentication, the query goes with every request."""
    models = endpoint.json({"data": [{"id": "m"}]})
    endpoint.models = models

    async def story():
        async with endpoint.serve(_unused) as server:
            teacher = OpenAITeacher("m", server.replace("//", "//me:s3%40cret@") + "/v1?api-version=3", "k-123456789")
            await teacher.check()
            await teacher.aclose()
            return teacher

    teacher = asyncio.run(story())
    assert endpoint.headers[0]["Authorization"] == "Basic bWU6czNAY3JldA=="
    assert endpoint.paths == ["/v1/models?api-version=3"]
    assert "cret" not in teacher.endpoint + repr(teacher)
