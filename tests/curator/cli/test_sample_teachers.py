"""`curator sample` with a server that it starts itself, and with several endpoints of one model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from click.testing import Result

from curator.errors import UsageError
from curator.teacher.base import TeacherError
from curator.teacher.launch import free_port

PROGRAM = Path(__file__).parents[1] / "teacher" / "fake_server.py"
START = f"'{sys.executable}' '{PROGRAM}' {{port}} {{model}}"
SUMS = [{"domain": "math", "prompt": f"What is {i}+4-{i}?", "answer": "4"} for i in range(6)]
COMMAND = ("sample", "sums.jsonl", "--n", 2, "--concurrency", 3)
STARTED = (*COMMAND, "--teacher", "vllm:m")


@pytest.fixture(autouse=True)
def sums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six sums; temporary files stay in their folder."""
    (tmp_path / "sums.jsonl").write_text("".join(json.dumps(row) + "\n" for row in SUMS))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@contextmanager
def serving(model: str = "m") -> Iterator[str]:
    """Run a server of its own; yields its URL."""
    port = free_port()
    words = [sys.executable, str(PROGRAM), str(port), model]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline() == "ready\n"
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def servers(command: int) -> list[psutil.Process]:
    """List the server programs that a command has started."""
    found = psutil.Process(command).children(recursive=True)
    return [one for one in found if one.cmdline()[1:2] == [str(PROGRAM)]]


def until_asked(user, number: int) -> None:
    """Wait until the server that a command started was asked so many times."""
    deadline = time.monotonic() + 30
    while not any(f"asked {number}\n" in log.read_text() for log in user.folder.glob("curator-vllm-*.log")):
        assert time.monotonic() < deadline, "it never was"
        time.sleep(0.02)


def session(result: Result) -> dict[str, int]:
    assert result.exception is None, result.exception
    return json.loads(result.stdout)["session"]


def test_a_server_is_started_used_and_ended(types, tmp_path) -> None:
    """Its log is named and nothing is left running; how a server came to be is no part of a run, nor where it is."""
    done = types(*STARTED, "--vllm-command", START)
    assert "12 candidates of 6 problems by m" in done.stdout
    (log,) = tmp_path.glob("curator-vllm-*.log")
    assert f"its log is {log}" in done.stderr
    assert "asked 12" in log.read_text()
    assert not servers(os.getpid())
    with serving() as one, serving() as two:
        assert session(types(*COMMAND, "--teacher", f"vllm:m@{one}", "--json"))["stored_before"] == 12
        both = ("--teacher", f"vllm:m@{one}", "--teacher", f"openai:m@{two}/v1")
        assert session(types(*COMMAND, *both, "--n", 3, "--json"))["sampled"] == 6


def test_a_server_killed_on_the_way_ends_the_run_in_order(user) -> None:
    """Exit 1 and plain words; what came is stored and judged, and the same command finishes the run."""
    process = user.start(*STARTED, "--vllm-command", f"{START} --answers 5")
    until_asked(user, 8)
    servers(process.pid)[0].kill()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert re.search(r"the server that was started here for vllm:m has ended \(SIGKILL.*\n.*the same command", err)
    assert user.asks("SELECT decision, count(*) AS n FROM decisions GROUP BY 1") == [{"decision": "accepted", "n": 5}]
    again = json.loads(user.does(*STARTED, "--vllm-command", START, "--json"))["session"]
    assert (again["stored_before"], again["sampled"]) == (5, 7)


@pytest.mark.parametrize("how", ["kill", "terminate"])
def test_a_command_that_is_killed_leaves_no_server_behind(user, how) -> None:
    """`kill -9` too: a server holds the GPU."""
    process = user.start(*STARTED, "--vllm-command", f"{START} --answers 0")
    until_asked(user, 1)
    (server,) = servers(process.pid)
    getattr(process, how)()
    process.communicate(timeout=60)
    server.wait(timeout=30)


def test_a_server_that_cannot_be_started_is_explained(types) -> None:
    """The fault, the end of the log, and what to do."""
    Path("curator.toml").write_text(f'[teacher]\nvllm_command = """{START} --die "no GPU" """\n')
    fault = types(*STARTED).exception
    assert isinstance(fault, TeacherError)
    assert "ended before it was ready (exit code 3)" in fault.message
    assert "\n  no GPU" in fault.message
    assert "[teacher] vllm_command" in fault.hint


def test_two_endpoints_share_the_load(types) -> None:
    """`spec` may be a list; each candidate says who answered."""
    with serving() as one, serving() as two:
        Path("curator.toml").write_text(f'[teacher]\nspec = ["vllm:m@{one}", "vllm:m@{two}"]\n')
        types(*COMMAND)
    query = "SELECT endpoint, count(*) AS n FROM candidates GROUP BY 1 ORDER BY 1"
    rows = json.loads(types("sql", query, "--format", "json").stdout)
    assert [row["endpoint"] for row in rows] == sorted([f"{one}/v1", f"{two}/v1"])
    assert min(row["n"] for row in rows) >= 3  # of the first six each gets three; then the faster one may get more


def test_an_endpoint_that_is_down_is_named_and_the_others_go_on(types) -> None:
    """The report repeats what was left out, for scripts too."""
    down = f"http://127.0.0.1:{free_port()}"
    with serving() as one, serving("n") as other:
        urls = [word for url in (down, other, one) for word in ("--teacher", f"vllm:m@{url}")]
        report = json.loads(types(*COMMAND, *urls, "--json").stdout)
    assert (report["session"]["sampled"], report["session"]["failed"]) == (12, 0)
    assert any(f"left out for now: cannot reach {down}" in note for note in report["notes"])
    assert any("does not serve the model 'm' (it serves: n)" in note for note in report["notes"])


def test_endpoints_of_two_models_are_refused(types) -> None:
    """Nothing is asked; the error names both."""
    fault = types(*COMMAND, "--teacher", "vllm:m@http://a", "--teacher", "vllm:n@http://b").exception
    assert isinstance(fault, UsageError)
    assert "the teachers vllm:m@http://a and vllm:n@http://b are two models" in fault.message


@pytest.mark.parametrize("spec", ["5", '["vllm:m", 5]'])
def test_a_spec_that_is_no_text_is_refused(types, spec) -> None:
    """The setting is named once, with what to write."""
    Path("curator.toml").write_text(f"[teacher]\nspec = {spec}\n")
    fault = types(*COMMAND).exception
    assert isinstance(fault, UsageError)
    assert fault.message.startswith('curator.toml: [teacher] spec: Value error, write one "SPEC" or several')
    assert "\n" not in fault.message
