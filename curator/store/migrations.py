"""The store's schema, as numbered migrations: append new ones, never touch old ones.

No table has a primary key: DuckDB's index of one keeps every key in memory (about 45 bytes an id) and makes a
commit of 64 rows three to five times slower than looking the ids up. One process writes, one batch at a time, and
`curator.store.writing` leaves out what is stored already; that keeps ids unique.
"""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import dedent
from typing import NamedTuple

import duckdb

from curator.errors import StoreError
from curator.store.m001_initial import M001_INITIAL
from curator.store.m002_verify import M002_VERIFY
from curator.store.m003_splits import M003_SPLITS
from curator.store.m004_purpose import M004_PURPOSE
from curator.store.m005_judge import M005_JUDGE
from curator.store.m006_plans import M006_PLANS
from curator.store.m007_prompt_tokens import M007_PROMPT_TOKENS


class Migration(NamedTuple):
    """One step of the schema; its number is its place in `MIGRATIONS`, from 1."""

    name: str
    sql: str


MIGRATIONS = (
    Migration("initial", M001_INITIAL),
    Migration("verify", M002_VERIFY),
    Migration("splits", M003_SPLITS),
    Migration("purpose", M004_PURPOSE),
    Migration("judge", M005_JUDGE),
    Migration("plans", M006_PLANS),
    Migration("prompt_tokens", M007_PROMPT_TOKENS),
)

CREATE_APPLIED = dedent("""\
    CREATE TABLE IF NOT EXISTS migrations (
        number BIGINT NOT NULL,
        name VARCHAR NOT NULL,
        applied_at TIMESTAMP NOT NULL
    )""")
RECORD_APPLIED = "INSERT INTO migrations VALUES (?, ?, ?)"
TABLE_NAMES = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal"
SCHEMA_NUMBER = "SELECT coalesce(max(number), 0) FROM migrations"


def migrate(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """Bring the file to the newest schema; rows stay.

    Raises:
        StoreError: the file holds something else, or a newer r1-curator wrote it.
    """
    number = _schema_number(connection, path)
    if number > len(MIGRATIONS):
        raise StoreError(
            f"{path} was written by a newer r1-curator (schema {number}; this one knows {len(MIGRATIONS)})",
            hint="upgrade: pip install --upgrade r1-curator",
        )
    for step in range(number, len(MIGRATIONS)):
        connection.execute("BEGIN TRANSACTION")
        connection.execute(CREATE_APPLIED)
        connection.execute(MIGRATIONS[step].sql)
        connection.execute(RECORD_APPLIED, [step + 1, MIGRATIONS[step].name, datetime.now(UTC).replace(tzinfo=None)])
        connection.execute("COMMIT")


def _schema_number(connection: duckdb.DuckDBPyConnection, path: str) -> int:
    tables = {name for (name,) in connection.execute(TABLE_NAMES).fetchall()}
    if not tables:
        return 0
    if "migrations" not in tables:
        raise StoreError(
            f"{path} is a DuckDB file, but not a store of r1-curator (it has the table {min(tables)})",
            hint="name another file with --store",
        )
    (number,) = connection.execute(SCHEMA_NUMBER).fetchone() or (0,)
    return int(number)
