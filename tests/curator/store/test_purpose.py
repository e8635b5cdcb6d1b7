"""What a student says in an evaluation is stored beside the teachers' candidates, and changes nothing about them."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import polars as pl
import pytest

from curator.splits import save_split
from curator.store import export_queries, queries, split_queries
from curator.store.client import Store
from curator.store.migrations import CREATE_APPLIED, MIGRATIONS, RECORD_APPLIED
from curator.store.tables import to_tables
from schemas.split import Split
from schemas.verdict import Outcome

UNTOUCHED = {
    "problem_stats": "SELECT * FROM problem_stats ORDER BY problem_id",
    "pool": "SELECT * FROM pool ORDER BY place",
    "accepted for a split": split_queries.ACCEPTED,
    "to choose from": split_queries.CANDIDATE_TOTAL,
}


def _ask(store) -> dict[str, list]:
    return {name: store.rows(query) for name, query in UNTOUCHED.items()}


@pytest.fixture(scope="module")
def evaluated(shared, records):
    """Two candidates of a teacher, and what was asked then; later two of a student on the same problem."""
    store, _ = shared
    right, wrong = records.candidates(2)
    store.write([right, wrong, *records.verdicts(right), *records.verdicts(wrong, math=Outcome.REJECT)])
    before = _ask(store)
    said = records.candidates(3, run_id="eval", model="student")
    verdicts = [*records.verdicts(said[0]), *records.verdicts(said[1], math=Outcome.REJECT)]
    run = replace(records.run, id="eval", purpose="evaluation")
    store.write([run, *records.policy("eval"), *said, *verdicts, *records.verdicts(said[2], math=Outcome.ABSTAIN)])
    return store, before


def test_an_evaluation_changes_no_pass_rate_and_no_pool(evaluated) -> None:
    """Pass rates, what a split is chosen from, and how many there are to choose from stay as they were."""
    store, before = evaluated
    assert [len(rows) for rows in before.values()] == [1, 2, 1, 1]
    assert _ask(store) == before


def test_a_condition_cannot_reach_an_evaluation(evaluated) -> None:
    """Not even one that names the run, or all decisions."""
    store, _ = evaluated
    chosen = split_queries.CHOSEN.format(base="complete", where="run_id = 'eval' OR decision <> 'accepted'")
    (batch,) = store.sql(chosen)
    assert batch.num_rows == 1


def test_an_evaluation_is_decided_and_shown_as_any_run(evaluated) -> None:
    """Decisions, accepted and rejected traces hold it; `run_stats` says what each run is for."""
    store, _ = evaluated
    for view, expected in {"decisions": 3, "accepted": 1, "rejected": 1, "undecided": 1}.items():
        assert len(store.rows(f"SELECT candidate_id FROM {view} WHERE run_id = 'eval'")) == expected
    assert len(store.rows("SELECT candidate_id FROM latest_verdicts")) == 25
    rows = store.rows("SELECT run_id, purpose, candidates, accepted FROM run_stats ORDER BY run_id")
    assert [tuple(row.values()) for row in rows] == [("eval", "evaluation", 3, 1), ("first", "curation", 2, 1)]
    assert [(row["id"], row["purpose"]) for row in store.rows(queries.ALL_RUNS)] == [
        ("eval", "evaluation"), ("first", "curation"),
    ]  # fmt: skip


def test_a_wrong_answer_of_a_student_is_nobodys_rival(evaluated, records) -> None:
    """Pairs for DPO are made of teachers' traces, also where an evaluation asked the same problem."""
    store, _ = evaluated
    members = pl.DataFrame({"candidate_id": [records.candidate(0).id], "part": ["test"]})
    save_split(store, Split("s", {}, [], "b2:s", records.start), members, [])
    places = store.rows("SELECT rowid AS place FROM candidates WHERE run_id = 'first' ORDER BY 1")
    found = store.rows(export_queries.RIVALS, ["s", "s", ["math"]])
    assert [row["place"] for row in found] == [row["place"] for row in places]
    assert [(row["member"], row["decision"]) for row in found] == [(True, "accepted"), (False, "rejected")]


def _previous(path, rows) -> None:
    """Write a file as the schema before purposes left it, with one run."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(CREATE_APPLIED)
        for number, migration in enumerate(MIGRATIONS[:3], 1):
            connection.execute(migration.sql)
            connection.execute(RECORD_APPLIED, [number, migration.name, "2026-01-01"])
        connection.execute("INSERT INTO runs VALUES ('old', 't', 'm', NULL, 't', '2026-01-01')")
        for name, table in to_tables(rows).items():
            known = {column for column, *_ in connection.execute(f"DESCRIBE {name}").fetchall()}
            connection.register("incoming", table.select([one for one in table.column_names if one in known]))
            connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")


def test_runs_of_the_previous_schema_are_for_curation(path, records) -> None:
    """The file opens, keeps its rows and what follows from them, and takes evaluations."""
    said = records.candidate(0, run_id="old")
    _previous(path, [records.problem, said, *records.policy("old"), *records.verdicts(said)])
    with Store.open(path) as store:
        store.write([replace(records.run, id="new", purpose="evaluation")])
        runs = store.rows(queries.ALL_RUNS)
        assert {row["id"]: row["purpose"] for row in runs} == {"old": "curation", "new": "evaluation"}
        assert store.rows("SELECT candidate_id, pass_rate FROM pool") == [{"candidate_id": said.id, "pass_rate": 1.0}]
