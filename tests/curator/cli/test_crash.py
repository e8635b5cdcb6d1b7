"""Whatever dies, nothing is lost and nothing is doubled."""

from __future__ import annotations

import json
import signal
import time

import psutil
import pytest

SLOW = {"content": "<think>two and two</think><answer>4</answer>", "delay_s": 0.25, "tokens": 9}
COMMAND = ("sample", "sums.jsonl", "--n", 4, "--teacher", "scripted:script.jsonl", "--concurrency", 8)
AGAIN = (*COMMAND, "--concurrency", 64)  # how many are asked for at once is no part of a candidate
WANTED = 480


@pytest.fixture
def running(user):
    """A run of 480 candidates that takes some 15 seconds, just begun."""
    process = _begun(user, WANTED // 4)
    yield user, process
    process.kill()
    process.communicate()


def _begun(user, problems: int):
    user.writes("script.jsonl", [{"replies": [SLOW]}])
    user.writes("sums.jsonl", [{"domain": "math", "prompt": f"{i}+4-{i}?", "answer": "4"} for i in range(problems)])
    process = user.start(*COMMAND)
    _until((user.folder / "curator.duckdb").exists)
    _until(lambda: _count(user) > 0)
    return process


def _until(condition) -> None:
    """Wait for a state that must come."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def _count(user) -> int:
    done = user.types("sql", "SELECT count(*) AS n FROM candidates", "--format", "json")
    return json.loads(done.stdout)[0]["n"] if done.returncode == 0 else 0


def _whole(user) -> bool:
    query = "SELECT count(*) AS c, count(DISTINCT id) AS d, (SELECT count(*) FROM accepted) AS a FROM candidates"
    return user.asks(query) == [{"c": WANTED, "d": WANTED, "a": WANTED}]


def test_rows_are_seen_while_the_run_goes_on(user) -> None:
    """`curator sql` in another terminal sees what is committed, and later more."""
    process = _begun(user, 1000)  # longer than any machine takes to look twice
    first = _count(user)
    _until(lambda: _count(user) > first)
    assert process.poll() is None
    process.kill()
    process.communicate()


def test_a_killed_run_goes_on_where_it_stopped(running) -> None:
    """After `kill -9` only what was in flight or uncommitted is asked again."""
    user, process = running
    process.send_signal(signal.SIGKILL)
    process.wait()
    stored = _count(user)
    report = json.loads(user.does(*AGAIN, "--json"))
    assert 0 < stored < WANTED
    assert report["session"]["sampled"] == WANTED - stored
    assert _whole(user)


def test_a_killed_store_process_does_not_stop_the_run(running) -> None:
    """The run starts the store again and sends what was not acknowledged."""
    user, process = running
    for found in psutil.process_iter(["cmdline"]):
        words = " ".join(found.info["cmdline"] or [])
        if "curator.store" in words and str(user.folder) in words:
            found.kill()
    assert process.wait(60) == 0
    assert _whole(user)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_saves_and_says_how_to_resume(running, number) -> None:
    """Ctrl-C and SIGTERM end in order: exit 130, everything received is stored."""
    user, process = running
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "the same command" in err
    user.does(*AGAIN)
    assert _whole(user)


def test_two_runs_share_one_store(user) -> None:
    """Two `curator sample` at once work beside each other, and no candidate is paid for twice."""
    user.writes("script.jsonl", [{"replies": [SLOW]}])
    user.writes("sums.jsonl", [{"domain": "math", "prompt": f"{i}+4-{i}?", "answer": "4"} for i in range(WANTED // 4)])
    runs = [user.start(*AGAIN, "--json") for _ in range(2)]
    reports = [json.loads(run.communicate(timeout=60)[0])["session"] for run in runs]
    assert sum(report["sampled"] for report in reports) == WANTED
    assert _whole(user)
