"""Whatever a script reads is one JSON value on stdout; words for people go to stderr."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.store.client import Store

GOOD = "<think>two and two</think><answer>4</answer>"
SUM = {"domain": "math", "prompt": "What is 2+2?", "answer": "4"}
COMMAND = ("sample", "sums.jsonl", "--n", 2, "--teacher", "scripted:script.jsonl", "--json")


@pytest.fixture
def writes(types, tmp_path: Path):
    """Write JSONL files into the folder that commands are typed in."""

    def do(name: str, *rows: object) -> None:
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    return do


def test_a_samples_report_sums_up(types, writes) -> None:
    """Decisions, reasons, yield and this session's counts agree with each other and with the store."""
    writes("sums.jsonl", SUM)
    writes("script.jsonl", {"replies": [GOOD]})
    report = json.loads(types(*COMMAND).stdout)
    assert report["candidates"] == report["accepted"] + report["rejected"] + report["undecided"] == 2
    assert report["reasons"] == [{"decision": "accepted", "reason": "ok", "candidates": 2}]
    assert report["session"]["sampled"] == report["session"]["wanted"] == 2
    assert report["accepted_per_million_tokens"] == pytest.approx(2e6 / report["completion_tokens"])
    query = "SELECT count(*) AS n, sum(completion_tokens)::INT AS tokens FROM candidates"
    stored = json.loads(types("sql", query, "--format", "json").stdout)
    assert stored == [{"n": 2, "tokens": report["completion_tokens"]}]


def test_failures_are_in_the_json_too(types, writes) -> None:
    """Exit code 3, the report on stdout all the same."""
    writes("sums.jsonl", SUM, {**SUM, "prompt": "hard: 1+3?"})
    writes("script.jsonl", {"prompt": "hard", "replies": [{"error": "refused"}]}, {"replies": [GOOD]})
    done = types(*COMMAND)
    report = json.loads(done.stdout)
    assert done.return_value == 3
    assert (report["failures"], report["session"]["failed"], report["accepted"]) == ({"refused": 2}, 2, 2)
    assert "refused" in report["last_failure"]


def test_an_error_leaves_stdout_empty(user) -> None:
    """A script never parses half a report."""
    done = user.types("sample", "none.jsonl", "--teacher", "scripted:none", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "none.jsonl" in done.stderr


def test_show_and_import_speak_json(types, writes) -> None:
    """An import's report; one trace with its verdicts."""
    writes("traces.jsonl", {**SUM, "completion": GOOD})
    assert json.loads(types("import", "traces.jsonl", "--json").stdout)["accepted"] == 1
    shown = json.loads(types("show", "b2:", "--json").stdout)
    assert (shown["content"], shown["decision"], shown["answer"]) == (GOOD, "accepted", "4")
    assert {verdict["outcome"] for verdict in shown["verdicts"]} == {"accept"}


def test_a_reader_that_goes_away_is_no_fault(user, monkeypatch) -> None:
    """`curator sql … | head -1` ends without a traceback."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", user.env["XDG_RUNTIME_DIR"])
    Store.open(user.folder / "curator.duckdb").close()
    process = user.start("sql", "SELECT range AS n FROM range(300000)", "--format", "csv")
    assert process.stdout.readline() == "n\n"
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 1
    assert err == ""
