"""A server program for tests, started as `vllm serve` would be: it lists one model and answers 4 to everything."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MESSAGE = {"content": "<think>two and two</think><answer>4</answer>"}
REPLY = {"choices": [{"message": MESSAGE, "finish_reason": "stop"}], "usage": {"completion_tokens": 9}}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("model")
    parser.add_argument("--die", help="print this and exit 3 at once")
    parser.add_argument("--answers", type=int, default=1_000_000, help="then never answer again")
    parser.add_argument("--child", action="store_true", help="leave a child in a session of its own, print its pid")
    parser.add_argument("--stubborn", action="store_true", help="ignore SIGTERM")
    parser.add_argument("--loading", action="store_true", help="never become healthy")
    return parser.parse_args()


class Handler(BaseHTTPRequestHandler):
    wanted = options()
    count = itertools.count(1)

    def do_GET(self) -> None:
        listed = {"data": [{"id": self.wanted.model, "owned_by": "vllm"}]}
        self._send(listed if self.path == "/v1/models" else {}, 503 if self.wanted.loading else 200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        number = next(self.count)
        os.write(sys.stdout.fileno(), f"asked {number}\n".encode())  # at once: print's pieces mix with other threads'
        if number > self.wanted.answers:
            threading.Event().wait()
        self._send(REPLY)

    def _send(self, body: object, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None: ...


def main() -> None:
    wanted = Handler.wanted
    if wanted.die:
        print(wanted.die)
        sys.exit(3)
    if wanted.stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if wanted.child:
        print("child", subprocess.Popen(["sleep", "600"], start_new_session=True).pid, flush=True)
    server = ThreadingHTTPServer(("127.0.0.1", wanted.port), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
