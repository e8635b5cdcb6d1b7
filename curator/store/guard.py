"""Which statements a person may run: exactly one, and it only reads the store's own tables.

This is one of three layers. The statement also runs in a read-only transaction, in a database without access to
files, network, extensions or settings. It is needed because some functions change the process from within a SELECT:
they write checkpoints, redirect logs, or read memory at an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import duckdb

from curator.errors import StoreError

TABLE_FUNCTIONS = """
    SELECT function_name FROM duckdb_functions() GROUP BY function_name
    HAVING bool_and(function_type IN ('table', 'pragma', 'table_macro'))"""

_ALLOWED = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_NAME = re.compile(r'"?(\w+)')
_READING = re.compile("duckdb_|pragma_|json_(each|tree)$|generate_series$|range$|unnest$")
_PRAGMA = re.compile(r"(\s|--.*\n|/\*(.|\n)*?\*/)*pragma\b", re.IGNORECASE)
_REFUSED_SCALARS = frozenset({"write_log"})


def check(connection: duckdb.DuckDBPyConnection, statement: str, refused: frozenset[str]) -> duckdb.Statement:
    """Return the one statement, if it only reads.

    Raises:
        StoreError: it does not.
        duckdb.Error: it is no SQL.
        UnicodeError: it is no text.
    """
    statement.encode()
    parsed = connection.extract_statements(statement)
    if not parsed:
        raise StoreError(
            "this holds no SQL statement", hint="for example: SELECT reason, count(*) FROM rejected GROUP BY 1"
        )
    if len(parsed) != 1:
        raise StoreError(
            f"this holds {len(parsed)} statements; one is needed",
            hint="run them one by one; write PIVOT with its values: PIVOT … ON column IN (…)",
        )
    if parsed[0].type not in _ALLOWED or _PRAGMA.match(statement):
        word = statement.split(maxsplit=1)[0].upper()
        raise StoreError(f"{word} is not allowed: this SQL only reads", hint="use SELECT, DESCRIBE or SHOW TABLES")
    for name in called_names(statement):
        if name in refused:
            raise StoreError(f"{name}() is not allowed: this SQL only reads the store's tables")
    return parsed[0]


def refused_functions(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Name the functions that reach beyond the store's rows; some of them change settings from within a SELECT."""
    names = {str(name) for (name,) in connection.execute(TABLE_FUNCTIONS).fetchall()}
    return frozenset(name for name in names if not _READING.match(name)) | _REFUSED_SCALARS


def called_names(statement: str) -> Iterator[str]:
    """Yield every name that an opening parenthesis follows."""
    text = statement.encode()
    starts = [offset for offset, _ in duckdb.tokenize(statement)]
    tokens = [text[start:end].decode() for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    for token, following in pairwise(tokens):
        name = _NAME.match(token)
        if name and following.startswith("("):
            yield name[1].lower()
