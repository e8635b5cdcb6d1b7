"""One batch, one transaction; what is stored already is left out, so that sending a batch again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from textwrap import dedent

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from curator.errors import StoreError

CHANGED_PROMPT = dedent("""\
    SELECT incoming.id
    FROM incoming
    JOIN (SELECT id, prompt FROM problems UNION ALL SELECT id, prompt FROM incoming) AS known USING (id)
    WHERE known.prompt <> incoming.prompt
    LIMIT 1""")

UPDATE_PROBLEMS = dedent("""\
    UPDATE problems
    SET content_hash = incoming.content_hash, domain = incoming.domain, answer = incoming.answer,
        tests = incoming.tests, answer_tolerance = incoming.answer_tolerance, language = incoming.language,
        verifier = incoming.verifier, source = incoming.source, meta = incoming.meta
    FROM (SELECT DISTINCT ON (id) * FROM incoming) AS incoming
    WHERE problems.id = incoming.id
        AND (problems.content_hash, problems.language, problems.verifier, problems.source, problems.meta)
            IS DISTINCT FROM
            (incoming.content_hash, incoming.language, incoming.verifier, incoming.source, incoming.meta)""")

FORGET: Mapping[str, Sequence[str]] = {
    "policies": ("DELETE FROM policies WHERE run_id IN (SELECT run_id FROM incoming)",),
    "stops": (
        dedent("""\
            DELETE FROM stops
            WHERE (run_id, problem_id) IN (SELECT (run_id, problem_id) FROM incoming)"""),
    ),
    "splits": (
        "DELETE FROM splits WHERE name IN (SELECT name FROM incoming)",
        "DELETE FROM split_members WHERE split IN (SELECT name FROM incoming)",
        "DELETE FROM split_drops WHERE split IN (SELECT name FROM incoming)",
    ),
}
"""What a batch replaces, before its own rows go in: rules of a run, why a problem was stopped, and whole splits, which
come in one batch."""

INSERT: Mapping[str, str] = {
    "problems": dedent("""\
        INSERT INTO problems BY NAME
        SELECT DISTINCT ON (id) * FROM incoming ANTI JOIN problems USING (id)"""),
    "runs": dedent("""\
        INSERT INTO runs BY NAME
        SELECT DISTINCT ON (id) * FROM incoming ANTI JOIN runs USING (id)"""),
    "policies": dedent("""\
        INSERT INTO policies BY NAME
        SELECT DISTINCT ON (run_id, domain, verifier) * FROM incoming"""),
    "sampling_plans": dedent("""\
        INSERT INTO sampling_plans BY NAME
        SELECT DISTINCT ON (run_id, created_at) * FROM incoming ANTI JOIN sampling_plans USING (run_id, created_at)"""),
    "stops": dedent("""\
        INSERT INTO stops BY NAME
        SELECT DISTINCT ON (run_id, problem_id) * FROM incoming ORDER BY created_at DESC"""),
    "candidates": dedent("""\
        INSERT INTO candidates BY NAME
        SELECT DISTINCT ON (id) * FROM incoming ANTI JOIN candidates USING (id)"""),
    "attempts": dedent("""\
        INSERT INTO attempts BY NAME
        SELECT DISTINCT ON (candidate_id, created_at) *
        FROM incoming
        ANTI JOIN (SELECT candidate_id, created_at FROM attempts WHERE created_at >= ?) AS stored
            USING (candidate_id, created_at)"""),
    "verdicts": dedent("""\
        INSERT INTO verdicts BY NAME
        SELECT DISTINCT ON (id) *
        FROM incoming
        ANTI JOIN (SELECT id FROM verdicts WHERE created_at >= ?) AS stored USING (id)"""),
    "judge_replies": dedent("""\
        INSERT INTO judge_replies BY NAME
        SELECT DISTINCT ON (id) * FROM incoming ANTI JOIN judge_replies USING (id)"""),
    "reviews": dedent("""\
        INSERT INTO reviews BY NAME
        SELECT DISTINCT ON (candidate_id, reviewer, created_at) *
        FROM incoming
        ANTI JOIN (SELECT candidate_id, reviewer, created_at FROM reviews WHERE created_at >= ?) AS stored
            USING (candidate_id, reviewer, created_at)"""),
    "flips": dedent("""\
        INSERT INTO flips BY NAME
        SELECT DISTINCT ON (candidate_id, created_at) *
        FROM incoming
        ANTI JOIN (SELECT candidate_id, created_at FROM flips WHERE created_at >= ?) AS stored
            USING (candidate_id, created_at)"""),
    "splits": "INSERT INTO splits BY NAME SELECT * FROM incoming",
    "split_members": "INSERT INTO split_members BY NAME SELECT * FROM incoming",
    "split_drops": "INSERT INTO split_drops BY NAME SELECT * FROM incoming",
}
"""Per table. A parameter is the batch's oldest time: rows that are the same have the same time, so that older ones
need not be looked at."""


def write_batch(connection: duckdb.DuckDBPyConnection, batch: Mapping[str, pa.Table]) -> None:
    """Commit a batch whole or not at all.

    Args:
        connection: One of its own for each batch, closed afterwards: that undoes what was not committed, even where
            a ROLLBACK would fail for want of memory.
        batch: Rows per table.

    Raises:
        StoreError: a problem's prompt differs from the stored one.
        duckdb.Error: the batch could not be committed.
    """
    connection.execute("BEGIN TRANSACTION")
    for name, incoming in batch.items():
        connection.register("incoming", incoming)
        _write(connection, name, incoming)
    connection.execute("COMMIT")


def _write(connection: duckdb.DuckDBPyConnection, name: str, incoming: pa.Table) -> None:
    if name == "problems":
        _refuse_changed_prompts(connection)
        connection.execute(UPDATE_PROBLEMS)
    for forget in FORGET.get(name, ()):
        connection.execute(forget)
    connection.execute(INSERT[name], [_oldest(incoming)] if "?" in INSERT[name] else None)


def _refuse_changed_prompts(connection: duckdb.DuckDBPyConnection) -> None:
    changed = connection.execute(CHANGED_PROMPT).fetchone()
    if changed:
        raise StoreError(
            f"problem {changed[0]} is already stored with another prompt",
            hint="give these problems ids of their own with --id-prefix",
        )


def _oldest(incoming: pa.Table) -> datetime:
    oldest: datetime = pc.min(incoming["created_at"]).as_py()
    return oldest
