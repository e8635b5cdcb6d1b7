"""`curator init` writes settings that load, names a teacher that runs, and never costs the user a file."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from curator.config import load_settings
from curator.discovery import PORTS
from curator.errors import UsageError
from curator.teacher.spec import parse_spec

MODELS = ['models\\r1 "distilled".gguf', "org/model-7b"]


@pytest.fixture
def teacher() -> Iterator[str]:
    """A server on one of the usual ports, with a model named as on Windows."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"data": [{"id": name} for name in MODELS]}).encode())

        def log_message(self, *_: object) -> None: ...

    server = _on_a_usual_port(Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def _on_a_usual_port(handler: type[BaseHTTPRequestHandler]) -> HTTPServer:
    for port in reversed(PORTS):
        try:
            return HTTPServer(("127.0.0.1", port), handler)
        except OSError:
            continue
    pytest.skip("every usual port is taken on this machine")


def test_what_init_writes_loads(types) -> None:
    """The file is complete as it is, and says what to do next."""
    result = types("init")
    assert result.exit_code == 0
    assert "wrote curator.toml" in result.output
    assert "curator sample" in result.output
    settings = load_settings(Path("curator.toml"))
    assert parse_spec(settings.teacher.spec).kind in ("local", "openai", "vllm", "ollama")
    assert settings.sampling.n == 4


def test_an_existing_file_is_kept(types) -> None:
    """Settings took work; only `--force` overwrites them."""
    Path("curator.toml").write_text("# mine\n")
    refused = types("init")
    assert isinstance(refused.exception, UsageError)
    assert "--force" in refused.exception.hint
    assert Path("curator.toml").read_text() == "# mine\n"
    assert types("init", "--force").exit_code == 0
    assert "[teacher]" in Path("curator.toml").read_text()


def test_a_running_teacher_is_named(types, teacher: str) -> None:
    """Its models are listed, quotes and backslashes and all, and the file still loads."""
    result = types("init")
    assert f"openai:org/model-7b@{teacher}" in result.output
    text = Path("curator.toml").read_text("utf-8")
    spec = load_settings(Path("curator.toml")).teacher.spec
    assert spec is not None
    assert parse_spec(spec).kind == "openai"
    assert f"openai:org/model-7b@{teacher}" in text
    assert json.dumps(f"openai:{MODELS[0]}@{teacher}") in text
