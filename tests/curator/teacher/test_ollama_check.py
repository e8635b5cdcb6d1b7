"""A user names an Ollama model: what is wrong is said before any token is spent."""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path

import pytest

from curator.errors import CuratorError, UsageError
from curator.teacher.base import TeacherError
from curator.teacher.ollama import OllamaTeacher
from curator.teacher.ollama_host import default_url

_STUB = runpy.run_path(str(Path(__file__).with_name("ollama_stub.py")))


@pytest.fixture
def ollama():
    """A running server with a thinking, a plain and an embedding model."""
    with _STUB["OllamaStub"]() as stub:
        yield stub


def check(model, url=None):
    """Run `check`; return the teacher."""

    async def story():
        teacher = OllamaTeacher(model, url)
        try:
            await teacher.check()
        finally:
            await teacher.aclose()
        return teacher

    return asyncio.run(story())


@pytest.mark.parametrize("model", ["deepseek-r1:8b", "gemma3", "gemma3:latest"])
def test_a_pulled_model_is_accepted(ollama, model):
    """A name without a tag is the latest, as `ollama run` has it."""
    check(model, ollama.url)


@pytest.mark.parametrize("path", ["", "/", "/v1", "/api"])
def test_the_url_may_be_any_of_the_servers(ollama, path):
    """Whether it was copied from an OpenAI client or from the documentation, the server is found."""
    assert check("gemma3", ollama.url + path).endpoint == ollama.url


def test_a_missing_model_says_how_to_get_it(ollama):
    """The hint is a command to paste, and names what is there; a missing tag is explained."""
    with pytest.raises(CuratorError, match="has no model 'deepseek-r1', which means 'deepseek-r1:latest'") as caught:
        check("deepseek-r1", ollama.url)
    assert f"OLLAMA_HOST={ollama.url} ollama pull deepseek-r1;" in caught.value.hint
    assert "it has: deepseek-r1:8b, " in caught.value.hint


def test_a_server_without_models_says_so(ollama, monkeypatch):
    """A fresh installation has none; its own default host needs no word in the command."""
    ollama.cards = {}
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{ollama.port}")
    with pytest.raises(CuratorError, match=r"has no model 'qwen3:8b'$") as caught:
        check("qwen3:8b")
    assert caught.value.hint == "get it with: ollama pull qwen3:8b; it has no model yet"


def test_an_embedding_model_is_refused(ollama):
    """It could not write a word."""
    with pytest.raises(CuratorError, match="'nomic-embed-text' only makes embeddings"):
        check("nomic-embed-text", ollama.url)


def test_no_server_says_how_to_start_one():
    """Nobody listens: the command that changes it is named."""
    with pytest.raises(TeacherError, match=r"cannot reach http://127\.0\.0\.1:9: connection refused") as caught:
        check("gemma3", "http://127.0.0.1:9")
    assert "ollama serve" in caught.value.hint


@pytest.mark.parametrize("status", [404, 405])
def test_another_server_is_no_ollama(endpoint, status):
    """An OpenAI-compatible server is told from one that lacks the model, with the SPEC that fits it."""

    async def story():
        async with endpoint.serve(endpoint.json({}, status=status)) as url:
            teacher = OllamaTeacher("m", url)
            try:
                await teacher.check()
            finally:
                await teacher.aclose()

    with pytest.raises(CuratorError, match="is no Ollama server") as caught:
        asyncio.run(story())
    assert "openai:m@http://127.0.0.1:" in caught.value.hint


def test_user_and_query_of_the_url_are_sent_and_not_shown(ollama):
    """A proxy before Ollama may ask for them; neither is in the endpoint."""
    teacher = check("gemma3", ollama.url.replace("//", "//me:s3%40cret@") + "?team=3")
    assert ollama.headers[0]["authorization"] == "Basic bWU6czNAY3JldA=="
    assert ollama.paths == ["/api/show?team=3"]
    assert teacher.endpoint == ollama.url


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        (None, "http://127.0.0.1:11434"),
        ("", "http://127.0.0.1:11434"),
        ("gpu-box", "http://gpu-box:11434"),
        ("gpu-box:8080", "http://gpu-box:8080"),
        (":8080", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        (" '0.0.0.0:8080' ", "http://127.0.0.1:8080"),
        ("::1", "http://[::1]:11434"),
        ("[::]:8080", "http://[::1]:8080"),
        ("http://gpu-box", "http://gpu-box:80"),
        ("https://gpu-box/ollama/", "https://gpu-box:443/ollama"),
        ("https://me:pw@gpu-box:1", "https://me:pw@gpu-box:1"),
    ],
)
def test_the_environment_names_the_server(monkeypatch, variable, url):
    """`OLLAMA_HOST` means what it means to Ollama's own clients; what a server listens on is made reachable."""
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    if variable is not None:
        monkeypatch.setenv("OLLAMA_HOST", variable)
    assert default_url() == url


@pytest.mark.parametrize("variable", ["gpu-box:eleven", "gpu box", "ftp://gpu-box", "http://me:s3cret@gpu-box:99999"])
def test_an_unusable_environment_is_a_usage_error(monkeypatch, variable):
    """The variable is named, the password in it is not."""
    monkeypatch.setenv("OLLAMA_HOST", variable)
    with pytest.raises(UsageError, match="OLLAMA_HOST") as caught:
        OllamaTeacher("m")
    assert "s3cret" not in str(caught.value)
