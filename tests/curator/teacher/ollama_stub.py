"""An Ollama server without a model: the documented native API over real HTTP on loopback.

Shapes, statuses and words are those of Ollama's documentation and server: one NDJSON object a line with nanosecond
durations, `message.thinking` before `message.content`, a last line with `done_reason` and counts that are left out
when they are 0, errors as `{"error": "…"}`. One word is one token. Tests load it by its path, for they are no package.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

THINKING, EMBEDDING = "deepseek-r1:8b", "nomic-embed-text:latest"
CARDS = {
    THINKING: (["completion", "thinking"], 131_072),
    "gemma3:latest": (["completion", "vision"], 8192),
    EMBEDDING: (["embedding"], 2048),
}
NS = 1_000_000_000


class OllamaStub:
    """Serves `CARDS`; a test changes the attributes to change what happens next."""

    def __init__(self) -> None:
        self.cards: dict[str, tuple[list[str] | None, int]] = dict(CARDS)
        self.thinking, self.content = "two and two", "<answer>4</answer>"
        self.faults: list[tuple[int, dict[str, Any]]] = []
        """Statuses and bodies that the next chats get instead of a reply."""
        self.lines: list[bytes] | None = None
        """Raw lines instead of a reply; after them the body ends."""
        self.kind = "application/x-ndjson"
        self.torn = self.hangs = False
        """Whether the connection breaks, or falls silent, after the first line."""
        self.loaded = threading.Event()
        """Nothing is written before the model is loaded."""
        self.loaded.set()
        self.parallel = threading.Semaphore(64)
        self.step = threading.Semaphore(1_000_000)
        """Taken before every line: one permit, one line."""
        self.written, self.left = threading.Event(), threading.Event()
        """A first line was sent; a client left before its reply ended."""
        self.chats: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        """By lower-case name."""
        self.paths: list[str] = []
        self.contexts: list[int] = []
        """The context of every load: a request with another one loads the model again."""

    def __enter__(self) -> OllamaStub:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stub": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.loaded.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def find(self, model: str) -> str | None:
        """Return the full name; a name without a tag is the latest."""
        name = model if ":" in model else f"{model}:latest"
        return name if name in self.cards else None


class _Handler(BaseHTTPRequestHandler):
    stub: OllamaStub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.note()
        names = list(self.stub.cards)
        replies = {
            "/api/version": {"version": "0.40.12"},
            "/api/tags": {"models": [{"name": n, "model": n, "size": 1, "digest": "f" * 64} for n in names]},
            "/v1/models": {
                "object": "list",
                "data": [{"id": n, "object": "model", "created": 1, "owned_by": "library"} for n in names],
            },
        }
        found = replies.get(self.path.partition("?")[0])
        self.reply(200, found) if found else self.plain(404, "404 page not found")

    def do_POST(self) -> None:
        self.note()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.partition("?")[0]
        if path == "/api/chat":
            self.stub.chats.append(body)
            with self.stub.parallel:
                self.chat(body)
        elif path == "/api/show":
            self.show(body["model"])
        else:
            self.plain(404, "404 page not found")

    def show(self, model: str) -> None:
        name = self.stub.find(model)
        if name is None:
            self.reply(404, {"error": f"model '{model}' not found"})
            return
        capabilities, length = self.stub.cards[name]
        card: dict[str, Any] = {"details": {"format": "gguf", "family": "qwen2"}, "template": "{{ .Prompt }}"}
        card["model_info"] = {"general.architecture": "qwen2", "qwen2.context_length": length}
        self.reply(200, card if capabilities is None else card | {"capabilities": capabilities})

    def chat(self, body: dict[str, Any]) -> None:
        stub, model, options = self.stub, body["model"], body["options"]
        name = stub.find(model)
        if stub.faults:
            self.reply(*stub.faults.pop(0))
        elif name is None:
            self.reply(404, {"error": f"model '{model}' not found"})
        elif body.get("think") and "thinking" not in (stub.cards[name][0] or ()):
            self.reply(400, {"error": f'"{model}" does not support thinking'})
        elif len(prompt_of(body)) > options["num_ctx"] and body.get("truncate") is False:
            self.reply(400, {"error": "the input length exceeds the context length"})
        else:
            if stub.contexts[-1:] != [options["num_ctx"]]:
                stub.contexts.append(options["num_ctx"])
            if self.await_load():
                self.answer(body, thinks="thinking" in (stub.cards[name][0] or ()))

    def await_load(self) -> bool:
        """Wait until the model is loaded; the client may leave meanwhile."""
        while not self.stub.loaded.wait(0.01):
            if self.gone():
                return False
        return True

    def answer(self, body: dict[str, Any], *, thinks: bool) -> None:
        lines = self.stub.lines
        if lines is None:
            lines = [json.dumps(line).encode() + b"\n" for line in self.pieces(body, thinks=thinks)]
        elif not body["stream"]:
            self.send(200, b"".join(lines), "application/json; charset=utf-8")
            return
        if body["stream"]:
            self.stream(lines)
        else:
            whole = [json.loads(line) for line in lines]
            texts = {key: "".join(line["message"].get(key, "") for line in whole) for key in ("thinking", "content")}
            message = {"role": "assistant", **{key: text for key, text in texts.items() if text or key == "content"}}
            self.reply(200, whole[-1] | {"message": message})

    def stream(self, lines: Iterable[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", self.stub.kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for line in lines:
                self.stub.step.acquire()
                self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
                self.stub.written.set()
                if self.stub.torn:
                    self.close_connection = True
                    return
                while self.stub.hangs and not self.gone():
                    self.stub.left.wait(0.01)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.stub.left.set()
            self.close_connection = True

    def gone(self) -> bool:
        """Whether the client hung up."""
        self.connection.settimeout(0.01)
        try:
            if self.connection.recv(1) == b"":
                self.stub.left.set()
                self.close_connection = True
        except TimeoutError:
            pass
        finally:
            self.connection.settimeout(None)
        return self.stub.left.is_set()

    def pieces(self, body: dict[str, Any], *, thinks: bool) -> Iterator[dict[str, Any]]:
        """Write the reply token by token, as far as `num_predict` and the context reach."""
        options, prompt = body["options"], len(prompt_of(body))
        base = {"model": body["model"], "created_at": datetime.now(UTC).isoformat()}
        thinking = self.stub.thinking if thinks and body.get("think", True) else ""
        tokens = [("thinking", word) for word in words(thinking)] + [
            ("content", word) for word in words(self.stub.content)
        ]
        kept = tokens[: min(options["num_predict"], options["num_ctx"] - prompt)]
        for key, word in kept:
            yield base | {"message": {"role": "assistant", "content": "", key: word}, "done": False}
        reason = "length" if len(kept) < len(tokens) else "stop"
        counts = {"prompt_eval_count": prompt, "eval_count": len(kept)}
        durations = {"total_duration": 3 * NS, "load_duration": NS, "eval_duration": NS}
        last = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": reason}
        yield base | last | durations | {key: count for key, count in counts.items() if count}

    def note(self) -> None:
        self.stub.paths.append(self.path)
        self.stub.headers.append({name.lower(): value for name, value in self.headers.items()})

    def reply(self, status: int, body: dict[str, Any]) -> None:
        self.send(status, json.dumps(body).encode(), "application/json; charset=utf-8")

    def plain(self, status: int, text: str) -> None:
        self.send(status, text.encode(), "text/plain")

    def send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def prompt_of(body: dict[str, Any]) -> list[str]:
    return [word for message in body["messages"] for word in message["content"].split()]


def words(text: str) -> list[str]:
    """Cut into words with the space before each."""
    cut = text.split(" ")
    return [word if at == 0 else f" {word}" for at, word in enumerate(cut)] if text else []
