"""Looking at what is stored: one trace, any query, and hostile text that stays text."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

HOSTILE = "<think>[bold red]x[/] \x1b[2J\x1b]0;owned\x07 \x9b31m</think><answer>5</answer>"


@pytest.fixture
def sampled(user):
    """A store with one good and one hostile trace."""
    good = {"prompt": "2+2", "replies": ["<think>so</think><answer>4</answer>"]}
    user.writes("script.jsonl", [good, {"replies": [HOSTILE]}])
    prompts = {"good": "2+2?", "bad": "1+3?"}
    user.writes("rows.jsonl", [{"id": name, "prompt": prompt, "answer": "4"} for name, prompt in prompts.items()])
    user.does("sample", "rows.jsonl", "--n", 1, "--teacher", "scripted:script.jsonl")
    return user


def test_show_tells_the_whole_story_of_a_candidate(sampled) -> None:
    """Problem, reasoning, verdicts and the decision are on one page; a prefix of the id is enough."""
    (row,) = sampled.asks("SELECT candidate_id AS id FROM accepted")
    out = sampled.does("show", row["id"][:9])
    for expected in ("accepted", "2+2?", "so", "format", "math", "length", "accept"):
        assert expected in out


def test_hostile_text_is_shown_as_text(sampled) -> None:
    """Neither terminal escapes nor rich markup in a trace do anything in `show` and `sql`."""
    (row,) = sampled.asks("SELECT candidate_id AS id FROM rejected")
    for out in (
        sampled.does("show", row["id"]),
        sampled.does("show", row["id"], "--json"),
        sampled.does("sql", "SELECT content FROM rejected"),
        sampled.does("sql", "SELECT content FROM rejected", "--format", "json"),
    ):
        assert "\x1b" not in out
        assert "\x9b" not in out
        assert "[bold red]x[/]" in out


def test_json_gives_back_the_exact_text(sampled) -> None:
    """Escaping is for eyes; a program reads what the teacher sent."""
    assert sampled.asks("SELECT content FROM rejected") == [{"content": HOSTILE}]


def test_csv_and_parquet_hold_every_row(sampled) -> None:
    """Exports of a query are whole."""
    csv = sampled.does("sql", "SELECT id, domain FROM problems ORDER BY id", "--format", "csv")
    assert csv == "id,domain\nbad,math\ngood,math\n"
    with (sampled.folder / "rows.parquet").open("wb") as file:
        process = sampled.start("sql", "SELECT id FROM candidates", "--format", "parquet", stdout=file)
        assert process.wait(60) == 0
        process.stderr.close()
    assert pq.read_table(sampled.folder / "rows.parquet").num_rows == 2


def test_no_rows_are_valid_json(sampled) -> None:
    """An empty result is an empty list."""
    assert sampled.asks("SELECT id FROM candidates WHERE false") == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM candidates",
        "COPY candidates TO 'x.csv'",
        "SELECT 1; DROP TABLE runs",
        "SET threads = 4",
        "SELECT * FROM read_text('/etc/passwd')",
    ],
)
def test_sql_can_change_and_read_nothing_else(sampled, statement: str) -> None:
    """Queries are read-only and stay inside the store; the error says so without a traceback."""
    done = sampled.types("sql", statement)
    assert done.returncode == 1
    assert "error:" in done.stderr
    assert sampled.asks("SELECT count(*) AS n FROM candidates") == [{"n": 2}]


def test_a_wrong_query_shows_the_databases_own_words(sampled) -> None:
    """A misspelt column is named, with what there is instead."""
    done = sampled.types("sql", "SELECT reasn FROM rejected")
    assert done.returncode == 1
    assert "reasn" in done.stderr
    assert "reason" in done.stderr


def test_an_unknown_candidate_is_usage(sampled) -> None:
    """Nothing begins with zz."""
    done = sampled.types("show", "zz")
    assert done.returncode == 2
    assert json.dumps("zz").strip('"') in done.stderr


def test_piped_tables_are_never_squeezed(sampled) -> None:
    """A wide result keeps whole words on whole lines where no terminal limits it."""
    sampled.env["COLUMNS"] = "40"
    out = sampled.does("sql", "SELECT * FROM run_stats")
    assert "accepted_per_million_tokens" in out
    assert len(out.splitlines()) == 3


def test_no_rows_are_said(sampled) -> None:
    """An empty table is no riddle."""
    assert "no rows" in sampled.types("sql", "SELECT id FROM candidates WHERE false").stderr
