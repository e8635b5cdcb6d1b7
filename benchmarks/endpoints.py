"""Two endpoints of one model, one of which takes three times the load, is killed mid-run and comes back.

Each is a process of its own and refuses with 429 what exceeds its capacity. Prints which share of all completions the
large one served before, during and after, beside its share of the capacity then; fails when a candidate is missing
or doubled, or a share is off by more than a tenth. Takes about a minute.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from benchmarks.fake_teacher import TRACE, FakeTeacher, write_sums

CAPACITIES = (4, 12)
PROBLEMS, N, CONCURRENCY = 300, 4, 16
LATENCY_S = (0.4, 0.8)
KILLED_S, BACK_S = 12.0, 24.0
"""When the large endpoint dies and comes back, counted from the first completion."""
SETTLED_S = 3.0
"""Not counted after a change, so that what was in flight does not blur the shares."""
OFF = 0.1
CURATOR = str(Path(sys.executable).with_name("curator"))


class LimitedTeacher(FakeTeacher):
    """Refuses what exceeds its capacity."""

    def __init__(self, capacity: int) -> None:
        super().__init__(LATENCY_S, TRACE)
        self._free = capacity

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """Answer one streamed chat completion, or 429."""
        if not self._free:
            return web.json_response({"error": {"message": "too many requests"}}, status=429)
        self._free -= 1
        try:
            return await super().chat(request)
        finally:
            self._free += 1


def serve(port: int, capacity: int) -> None:
    """Be an endpoint until killed."""
    teacher, app = LimitedTeacher(capacity), web.Application()
    app.router.add_get("/v1/models", teacher.models)
    app.router.add_post("/v1/chat/completions", teacher.chat)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


def main() -> None:
    """Sample from both, kill one, start it again, look at who served what."""
    ports = [free_port() for _ in CAPACITIES]
    endpoints = [start(*both) for both in zip(ports, CAPACITIES, strict=True)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            problems, store = Path(folder) / "problems.jsonl", Path(folder) / "endpoints.duckdb"
            write_sums(problems, PROBLEMS)
            command = [CURATOR, "sample", str(problems), "--n", str(N), "--store", str(store), "--no-cut"]
            command += ["--concurrency", str(CONCURRENCY), "--json"]
            for port in ports:
                command += ["--teacher", f"openai:fake@{url(port)}"]
            run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            began = wait(lambda: bool(served(store)) or run.poll() is not None)
            sleep_until(began + KILLED_S)
            endpoints[1].kill()
            endpoints[1].wait()
            sleep_until(began + BACK_S)
            endpoints[1] = start(ports[1], CAPACITIES[1])
            _, told = run.communicate()
            report(served(store), began, url(ports[1]), run.returncode, told)
    finally:
        for endpoint in endpoints:
            endpoint.kill()


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(port: int, capacity: int) -> subprocess.Popen[bytes]:
    """Start an endpoint and wait until it listens."""
    command = [sys.executable, "-m", "benchmarks.endpoints", str(port), str(capacity)]
    endpoint = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait(lambda: answers(port))
    return endpoint


def answers(port: int) -> bool:
    """Tell whether somebody listens at a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def served(store: Path) -> list[tuple[str, float]]:
    """Return the endpoint and the second of every completion, the first one first."""
    query = "SELECT endpoint, epoch(created_at) AS second FROM candidates ORDER BY 2"
    command = [CURATOR, "sql", query, "--store", str(store), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [(row["endpoint"], row["second"]) for row in json.loads(done.stdout or "[]")]


def report(rows: list[tuple[str, float]], began: float, large: str, code: int, told: str) -> None:
    """Print the shares; end with FAILED where a promise is broken."""
    if not rows:
        sys.exit(f"FAILED\n{told}")
    small_capacity, large_capacity = CAPACITIES
    usual = large_capacity / (small_capacity + large_capacity)
    back = next((at for endpoint, at in rows if endpoint == large and at > began + BACK_S), began + BACK_S)
    waited = back - began - BACK_S
    phases = [
        ("before", began + SETTLED_S, began + KILLED_S, usual),
        ("dead", began + KILLED_S + SETTLED_S, began + BACK_S, 0.0),
        ("after", back + SETTLED_S, rows[-1][1] - 1, usual),
    ]
    print(f"exit {code}; {len(rows)} of {PROBLEMS * N} candidates; served again {waited:.1f} s after it came back")
    failed = code != 0 or len(rows) != PROBLEMS * N
    for name, since, until, expected in phases:
        inside = [endpoint for endpoint, at in rows if since <= at < until]
        share = inside.count(large) / len(inside)
        failed |= abs(share - expected) > OFF
        rate = len(inside) / (until - since)
        print(f"{name:6} the large one has {expected:.2f} of the capacity, served {share:.2f} of {rate:.0f} replies/s")
    if failed:
        sys.exit(f"FAILED\n{told}")


def url(port: int) -> str:
    """Return the endpoint at a port."""
    return f"http://127.0.0.1:{port}/v1"


def wait(condition: Callable[[], bool]) -> float:
    """Wait until the condition holds; return when that was."""
    while not condition():
        time.sleep(0.2)
    return time.time()


def sleep_until(when: float) -> None:
    """Sleep until a time of the wall clock."""
    time.sleep(max(0.0, when - time.time()))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        serve(*map(int, sys.argv[1:]))
    else:
        main()
