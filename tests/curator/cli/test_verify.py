"""Judging again as its user lives it: mend a gold, change the policy, see what flips; no teacher is asked."""

from __future__ import annotations

import json
import signal
import time

import pytest

from curator.store.client import Store

GOOD, WRONG = ("<think>two and two</think><answer>4</answer>", "<think>hm</think><answer>5</answer>")
SUMS = [{"id": f"sum-{i}", "domain": "math", "prompt": f"What is {i}+4-{i}?", "answer": "4"} for i in range(3)]
MANY = 1000


def test_a_corrected_gold_flips_the_decisions_of_its_problem_only(user, monkeypatch) -> None:
    """New verdicts are the answer's of that one problem; flips are printed and stored; the teacher is gone."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", user.env["XDG_RUNTIME_DIR"])
    user.writes("script.jsonl", [{"replies": [GOOD, GOOD, WRONG]}])
    user.writes("sums.jsonl", [*SUMS[:2], {**SUMS[2], "answer": "5"}])
    user.does("sample", "sums.jsonl", "--n", 3, "--teacher", "scripted:script.jsonl")
    (user.folder / "script.jsonl").unlink()
    user.writes("sums.jsonl", [*SUMS, {"prompt": "1+1?", "answer": "2"}])
    with Store.open(user.folder / "curator.duckdb") as store:
        before = {row["candidate_id"]: row["decision"] for row in store.rows("SELECT * FROM decisions")}
        out = user.does("verify", "sums.jsonl")
        after = {row["candidate_id"]: row["decision"] for row in store.rows("SELECT * FROM decisions")}
        flips = {
            row["candidate_id"]: (row["old_decision"], row["decision"]) for row in store.rows("SELECT * FROM flips")
        }
    assert "math 3" in out
    assert "format" not in out
    assert out.count("sum-2") == len(flips) == 3
    assert "problems of the file that are not in the store: 1" in out
    assert flips == {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    again = json.loads(user.does("verify", "sums.jsonl", "--json"))
    assert (again["candidates"], again["new_verdicts"], again["flips"]) == (9, 0, [])


def test_every_flip_is_in_the_json_and_hostile_ids_stay_text(user) -> None:
    """One object on stdout that holds what is stored; on paper ids are shown without obeying them."""
    row = {"id": "\x1b[2J[bold]x", "domain": "math", "prompt": "2+2?", "answer": "5"}
    user.writes("traces.jsonl", [{**row, "completion": GOOD}, {**row, "completion": WRONG}])
    user.does("import", "traces.jsonl")
    user.writes("golds.jsonl", [{**row, "answer": "4"}])
    report = json.loads(user.does("verify", "golds.jsonl", "--json"))
    assert {(one["before"], one["after"], one["candidates"]) for one in report["transitions"]} == {
        ("accepted", "rejected", 1),
        ("rejected", "accepted", 1),
    }
    assert report["flips"] == user.asks("SELECT * FROM flips")
    assert report["flipped"] == 2
    user.writes("golds.jsonl", [row])
    assert "\\x1b[2J[bold]x" in user.does("verify", "golds.jsonl")


def test_misspelt_names_get_the_right_ones(types, tmp_path) -> None:
    """An unknown verifier or run is a usage error that names what there is."""
    with Store.open(tmp_path / "curator.duckdb"):
        pass
    assert types("verify", "--verifier", "lenght").exception.exit_code == 2
    assert "did you mean 'length'?" in types("verify", "--verifier", "lenght").exception.message
    assert "no runs yet" in types("verify", "--run", "mine").exception.hint
    assert "Looked at 0 candidates" in types("verify").stdout


def test_without_a_store_there_is_nothing_to_verify(types, tmp_path) -> None:
    """Nothing is created by asking."""
    assert "no store at" in types("verify").exception.message
    assert not (tmp_path / "curator.duckdb").exists()


@pytest.fixture
def watched(user, monkeypatch):
    """Many accepted traces and a policy that will reject them all; the store stays open to look at."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", user.env["XDG_RUNTIME_DIR"])
    rows = [{"domain": "math", "prompt": f"{i}+4-{i}等于几?", "answer": "4", "completion": GOOD} for i in range(MANY)]
    user.writes("traces.jsonl", rows)
    (user.folder / "curator.toml").write_text('[policy.math]\nlanguage = "off"\nrepetition = "off"\n')
    user.does("import", "traces.jsonl")
    (user.folder / "curator.toml").write_text('[policy.math]\nlanguage = "required"\nrepetition = "off"\n')
    with Store.open(user.folder / "curator.duckdb") as store:
        yield user, store


def test_a_killed_verify_loses_no_flip(watched) -> None:
    """After `kill -9` the old policy still decides, and the same command ends with each flip stored once."""
    user, store = watched
    (made,) = store.rows("SELECT count(*) AS n FROM verdicts")
    process = user.start("verify")
    deadline = time.monotonic() + 60
    while not store.rows("SELECT 1 FROM verdicts WHERE verifier = 'language' LIMIT 1"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    decided = "SELECT decision, count(*) AS n FROM decisions GROUP BY 1"
    assert store.rows(decided) == [{"decision": "accepted", "n": MANY}]
    report = json.loads(user.does("verify", "--json"))
    assert 0 < report["held_verdicts"] - made["n"] < MANY
    assert "policy of run import: language added (required) in math" in report["notes"]
    assert store.rows(decided) == [{"decision": "rejected", "n": MANY}]
    counted = "SELECT count(*) AS n, count(DISTINCT candidate_id) AS ids FROM flips"
    assert store.rows(counted) == [{"n": MANY, "ids": MANY}]
