"""What came out, asked of the store at any time."""

from __future__ import annotations

import json

import pytest

from curator.store.client import Store

GOOD = "<think>two and two</think><answer>4</answer>"


@pytest.fixture
def imported(types, tmp_path):
    """A store with two runs: one right and one wrong trace each."""
    rows = [
        {"domain": "math", "prompt": "2+2?", "answer": "4", "completion": GOOD, "completion_tokens": 100},
        {"domain": "math", "prompt": "二加三等于几?", "answer": "5", "completion": GOOD, "completion_tokens": 400},
    ]
    (tmp_path / "traces.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for run in ("first", "second"):
        assert types("import", "traces.jsonl", "--run", run).return_value == 0
    return types


def test_a_report_tells_yield_and_funnel(imported) -> None:
    """All runs with a line each, or one run; per domain and language; with what to ask next."""
    out = imported("report").stdout
    assert "2 runs: 4 candidates of 2 problems" in out
    assert "by math" in out
    assert "2,000 accepted traces and 1,000 solved problems per million completion tokens" in out
    one = imported("report", "--run", "second").stdout
    assert "Run second: 2 candidates of 2 problems by import" in one
    assert [line.split()[:2] for line in one.splitlines() if line.startswith(" math")] == [
        ["math", "en"],
        ["math", "zh"],
    ]


def test_a_script_reads_json(imported) -> None:
    """The same figures as one object, equal to what SQL says."""
    report = json.loads(imported("report", "--json").stdout)
    assert [run["run"] for run in report["runs"]] == ["first", "second"]
    assert (report["candidates"], report["accepted"], report["problems"], report["solved_problems"]) == (4, 2, 2, 1)
    assert report["completion_tokens"] == sum(one["completion_tokens"] for one in report["slices"]) == 1000
    stats = json.loads(imported("sql", "SELECT * FROM run_stats ORDER BY run_id", "--format", "json").stdout)
    for run, row in zip(report["runs"], stats, strict=True):
        assert {name: run[name] for name in ("accepted", "rejected", "problems")} == {
            name: row[name] for name in ("accepted", "rejected", "problems")
        }
        assert run["accepted_per_million_tokens"] == row["accepted_per_million_tokens"]


def test_an_empty_store_and_an_unknown_run_are_said(types, tmp_path) -> None:
    """No table of zeros, no traceback."""
    assert "no store at" in types("report").exception.message
    Store.open(tmp_path / "curator.duckdb").close()
    assert types("report").stdout == "curator.duckdb holds no candidates yet\n"
    error = types("report", "--run", "mine").exception
    assert (error.exit_code, error.hint) == (2, "the store holds no runs yet")
