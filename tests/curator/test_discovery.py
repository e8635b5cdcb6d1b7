"""Teachers that run on this machine are found without any setting."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from curator.discovery import running_teachers


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


def test_whatever_else_listens_is_no_teacher() -> None:
    """A web page or an odd JSON on a usual port is passed over."""
    with _server(b"<html>hello</html>") as page, _server(b'{"data": 3}') as odd:
        assert running_teachers([page, odd]) == []
