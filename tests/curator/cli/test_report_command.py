"""What came out, asked of the store at any time."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from curator.store.client import Store
from schemas.candidate import Candidate, Run

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
    by_language = one.partition("By domain and language")[2]
    assert [line.split()[:2] for line in by_language.splitlines() if line.startswith(" math")] == [
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


def test_a_summary_and_a_report_tell_the_cost(types, tmp_path) -> None:
    """Of an import, in both; what nobody counted makes it a least sum, on every way out."""
    row = {"prompt": "2+2?", "answer": "4", "completion": "<think>two</think><answer>4</answer>", "model": "r1"}
    rows = [row | {"prompt_tokens": 1000, "completion_tokens": 500}, row | {"completion_tokens": 500}]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    (tmp_path / "curator.toml").write_text('[price."r1"]\nprompt = 1000\ncompletion = 2000\n')
    line = (
        "cost: at least 3.00 USD, 1.50 USD per accepted trace, 3.00 USD per solved problem "
        "(tokens of 1 request not known and left out)"
    )
    assert line in types("import", "t.jsonl").stdout
    out = types("report", "--html", "r.html").stdout + types("report").stdout
    assert line in out
    assert "tokens of 2 candidates: 1,000 in prompts (1 not counted), 1,000 in completions" in out
    assert line in (tmp_path / "r.html").read_text()
    cost = json.loads(types("report", "--json").stdout)["cost"]
    assert (cost["total"], cost["requests_unknown"], cost["models"][0]["per_solved"]) == (3, 1, 3)


def test_a_teacher_that_counts_nothing_is_priced_by_estimates(types, tmp_path) -> None:
    """Prompts as well as completions, marked in the store and in the report; the summary misses its price."""
    (tmp_path / "p.jsonl").write_text('{"domain": "math", "prompt": "2+2?", "answer": "4"}')
    (tmp_path / "replies.jsonl").write_text(json.dumps({"prompt": "2+2?", "replies": [GOOD]}))
    settings, price = tmp_path / "curator.toml", '[price."{}"]\nprompt = 1e6\ncompletion = 1e6\n'
    settings.write_text(price.format("r1"))
    summary = types("sample", "p.jsonl", "--n", "1", "--teacher", "scripted:replies.jsonl", "--json")
    columns = "model, prompt_tokens, completion_tokens, prompt_tokens_estimated, tokens_estimated"
    [row] = json.loads(types("sql", f"SELECT {columns} FROM candidates", "--format", "json").stdout)
    assert json.loads(summary.stdout)["cost"]["without_price"] == [row["model"]]
    settings.write_text(price.format(row["model"]))
    cost = json.loads(types("report", "--json").stdout)["cost"]
    assert (row["prompt_tokens_estimated"], row["tokens_estimated"], row["prompt_tokens"] > 0) == (True, True, True)
    assert (cost["requests_estimated"], cost["requests_unknown"], cost["without_price"]) == (1, 0, [])
    assert cost["total"] == row["prompt_tokens"] + row["completion_tokens"]


def test_evaluations_are_shown_by_name_only(imported, tmp_path) -> None:
    """What students said dilutes no teacher's yield; a line says how many runs were left out."""
    before = json.loads(imported("report", "--json").stdout)
    with Store.open(tmp_path / "curator.duckdb") as store:
        problem = str(store.rows("SELECT min(id) AS id FROM problems")[0]["id"])
        run = Run("eval-a", "local", "student-1b", None, "", datetime(2026, 1, 1, tzinfo=UTC), "evaluation")
        store.write([run, Candidate("b2:e", run.id, problem, 0, None, "5", "none", "stop", "student-1b")])
    after = json.loads(imported("report", "--json").stdout)
    assert (before.pop("evaluation_runs_left_out"), after.pop("evaluation_runs_left_out")) == (0, 1)
    assert after == before
    note = "1 evaluation run left out: --run NAME shows it"
    assert imported("report").stdout.startswith(f"note: {note}\n")
    imported("report", "--html", "r.html")
    assert f"{note}." in (tmp_path / "r.html").read_text("utf-8")
    one = imported("report", "--run", "eval-a").stdout
    assert one.startswith("Run eval-a: 1 candidates of 1 problems by student-1b")


def test_the_report_is_one_html_file(imported, tmp_path) -> None:
    """Figures and traces; written again in its place, and beside the JSON that a script asked for."""
    assert imported("report", "--html", "r.html").stdout == "wrote r.html\n"
    page = (tmp_path / "r.html").read_text("utf-8")
    for text in ("Yield report of curator.duckdb", "二加三等于几?", "&lt;think&gt;two and two", "expected", "by math"):
        assert text in page
    again = imported("report", "--run", "first", "--html", "r.html", "--json")
    assert json.loads(again.stdout)["candidates"] == 2
    assert "<b>first</b> by import" in (tmp_path / "r.html").read_text("utf-8")
    assert sorted(path.name for path in tmp_path.glob("*r.html*")) == ["r.html"]


def test_two_runs_are_compared_by_name(imported) -> None:
    """As the user named them; not with themselves, not with `--run`, and an unknown one is guessed."""
    out = imported("report", "--compare", "second", "first").stdout
    assert out.startswith("A  second by import\nB  first by import\n")
    assert "2 problems are in both runs: 1 solved by both" in out
    for words, message in (
        (["second", "frist"], "there is no run 'frist' in the store (did you mean 'first'?)"),
        (["first", "first"], "these are one run"),
        (["first", "second", "--run", "first"], "do not go together"),
    ):
        error = imported("report", "--compare", *words).exception
        assert (error.exit_code, message in error.message) == (2, True)


def test_a_file_that_is_no_report_is_left_alone(types, tmp_path) -> None:
    """Before anything is asked of the store; folders that are not there, and that are in the way, are named."""
    (tmp_path / "notes.html").write_text("mine")
    for name, message in (
        ("notes.html", "is no report of ours"),
        ("none/r.html", "there is no folder none"),
        (".", "this is a folder"),
    ):
        error = types("report", "--html", name).exception
        assert (error.exit_code, message in error.message, bool(error.hint)) == (2, True, True)
    assert (tmp_path / "notes.html").read_text() == "mine"


def test_a_page_that_cannot_be_written_leaves_nothing(types, tmp_path) -> None:
    """The name is too long for a draft beside it: said in plain words, without a draft left."""
    Store.open(tmp_path / "curator.duckdb").close()
    error = types("report", "--html", f"{'r' * 250}.html").exception
    assert (error.exit_code, "cannot write" in error.message) == (1, True)
    assert not list(tmp_path.glob("*r.html*"))


def test_an_empty_store_and_an_unknown_run_are_said(types, tmp_path) -> None:
    """No table of zeros, no traceback."""
    assert "no store at" in types("report").exception.message
    Store.open(tmp_path / "curator.duckdb").close()
    assert types("report").stdout == "curator.duckdb holds no candidates yet\n"
    assert types("report", "--html", "r.html").stdout == "wrote r.html\n"
    assert "The store holds no candidates yet." in (tmp_path / "r.html").read_text()
    error = types("report", "--run", "mine").exception
    assert (error.exit_code, error.hint) == (2, "the store holds no runs yet")
