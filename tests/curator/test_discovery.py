"""Teachers that run on this machine are found without any setting."""

from __future__ import annotations

import json
import runpy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from curator.discovery import running_teachers

_STUB = runpy.run_path(str(Path(__file__).parent / "teacher" / "ollama_stub.py"))


@pytest.fixture
def ollama():
    """A running Ollama server with a thinking, a plain and an embedding model."""
    with _STUB["OllamaStub"]() as stub:
        yield stub


@contextmanager
def _server(body: bytes) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_running_server_becomes_a_spec_to_paste() -> None:
    """The SPEC names the model as the server lists it, slashes included."""
    with _server(json.dumps({"data": [{"id": "org/model-7b"}]}).encode()) as port:
        assert running_teachers([port]) == [f"openai:org/model-7b@http://127.0.0.1:{port}/v1"]


def test_a_vllm_server_is_named_as_one() -> None:
    """It says so in its list, and only that kind gets what vLLM alone can do."""
    rows = [{"id": "org/model-7b", "owned_by": "vllm"}, {"id": "adapter", "owned_by": "vllm"}]
    with _server(json.dumps({"data": rows}).encode()) as port:
        url = f"http://127.0.0.1:{port}/v1"
        assert running_teachers([port]) == [f"vllm:org/model-7b@{url}", f"vllm:adapter@{url}"]


def test_an_ollama_server_is_named_as_one(ollama) -> None:
    """Its native API is asked, and a model that only embeds is no teacher."""
    expected = [f"ollama:{name}@{ollama.url}" for name in ("deepseek-r1:8b", "gemma3:latest")]
    assert running_teachers([ollama.port]) == expected


def test_ollama_where_its_clients_expect_it_needs_no_url(ollama, monkeypatch) -> None:
    """The shortest SPEC that works is the one to paste."""
    monkeypatch.setenv("OLLAMA_HOST", f"0.0.0.0:{ollama.port}")
    assert running_teachers([ollama.port])[0] == "ollama:deepseek-r1:8b"


def test_a_broken_setting_does_not_hide_the_server(ollama, monkeypatch) -> None:
    """Where the SPEC without URL leads cannot be told, so it has one."""
    monkeypatch.setenv("OLLAMA_HOST", "no host")
    assert running_teachers([ollama.port])[0] == f"ollama:deepseek-r1:8b@{ollama.url}"


def test_many_models_are_not_listed(ollama) -> None:
    """Three of a server are enough to choose from."""
    ollama.cards = {f"m{i}:latest": (None, 4096) for i in range(20)}
    assert len(running_teachers([ollama.port])) == 3


def test_an_ollama_server_without_models_is_no_teacher(ollama) -> None:
    """There is nothing to ask yet."""
    ollama.cards = {}
    assert running_teachers([ollama.port]) == []


def test_whatever_else_listens_is_no_teacher() -> None:
    """A web page or an odd JSON on a usual port is passed over, and so is a port where nobody listens."""
    odd = [b"<html>hello</html>", b'{"data": 3}', b'{"data": [3]}', b'{"data": null}', b'{"data": [{}]}', b"[]"]
    for body in odd:
        with _server(body) as port:
            assert running_teachers([port, 9]) == []
