"""The file itself: how it is laid out, how old ones are opened, and what is said of files that are none."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys

import duckdb
import pytest

from curator.errors import StoreError
from curator.store.client import Store
from curator.store.m001_initial import M001_INITIAL
from curator.store.migrations import CREATE_APPLIED, MIGRATIONS, RECORD_APPLIED


def _oldest(path, number: int = 1) -> None:
    """Write a file as the first schema left it."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(M001_INITIAL)
        connection.execute(CREATE_APPLIED)
        connection.execute(RECORD_APPLIED, [number, MIGRATIONS[0].name, "2026-01-01"])
        connection.execute("INSERT INTO runs VALUES ('old', 't', 'm', NULL, 't', '2026-01-01')")


def test_long_text_is_compressed_with_zstd(seeded, path, process, records) -> None:
    """Reasoning, content and prompt lie in the file compressed, in small row groups."""
    text = [" ".join(str(hash((number, word)) % 9973) for word in range(400)) for number in range(3000)]
    seeded.write([records.candidate(i, reasoning=text[i], content=text[-i]) for i in range(3000)])
    seeded.close()
    process.wait_gone()
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute("FROM pragma_storage_info('candidates')").to_arrow_table().to_pylist()
    used = {row["column_name"]: row["compression"] for row in found if row["segment_type"] == "VARCHAR"}
    assert (used["reasoning"], used["content"]) == ("ZSTD", "ZSTD")
    assert max(row["count"] for row in found) <= 2048
    assert path.stat().st_size < sum(map(len, text)) * 1.3


def test_a_clean_end_leaves_one_file(seeded, path, process) -> None:
    """No log, no spilled data, no draft stays beside the store."""
    seeded.close()
    process.wait_gone()
    assert list(path.parent.iterdir()) == [path]


def test_the_views_work_in_a_plain_duckdb_shell(seeded, path, process, records) -> None:
    """Whoever opens the file with DuckDB itself finds the same views under the same names."""
    seeded.write([records.candidate(0)])
    seeded.close()
    process.wait_gone()
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT reason, count(*) FROM undecided GROUP BY 1").fetchall() == [("not_judged", 1)]


def test_a_file_of_the_oldest_schema_opens_and_keeps_its_rows(path, records) -> None:
    """Old rows stay, and new ones can be written beside them."""
    _oldest(path)
    with Store.open(path) as store:
        store.write([records.run])
        assert store.rows("SELECT id FROM runs ORDER BY 1") == [{"id": "first"}, {"id": "old"}]
        assert store.rows("SELECT candidate_id FROM flips UNION ALL SELECT candidate_id FROM verdict_changes") == []


def test_a_newer_schema_asks_for_an_upgrade(path) -> None:
    """The message says both numbers; the file stays as it is."""
    newer = len(MIGRATIONS) + 1
    _oldest(path, number=newer)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"newer r1-curator \(schema {newer}; this one knows {newer - 1}\)") as err:
        Store.open(path)
    assert "upgrade" in err.value.hint
    assert path.read_bytes() == before


def _sqlite(path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE a (b)")
    connection.close()


def _foreign(path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE invoices (a INT)")


def _damaged(path) -> None:
    _oldest(path)
    data = bytearray(path.read_bytes())
    data[4096:12288] = os.urandom(8192)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_text("hello " * 999), "is not a DuckDB file"),
        (lambda path: path.write_bytes(b""), "is not a DuckDB file"),
        (_sqlite, "is not a DuckDB file"),
        (_foreign, "not a store of r1-curator .*invoices"),
        (_damaged, "is damaged"),
        (lambda path: path.mkdir(), "is a directory"),
    ],
)
def test_a_file_that_is_no_store_is_refused_in_plain_words(path, make, said) -> None:
    """One sentence that names the file and what is wrong with it."""
    make(path)
    with pytest.raises(StoreError, match=said) as err:
        Store.open(path)
    assert str(path) in err.value.message
    assert err.value.hint


def test_a_missing_directory_is_named(path) -> None:
    """The hint is the command that makes it."""
    with pytest.raises(StoreError, match="does not exist") as err:
        Store.open(path.parent / "nowhere" / path.name)
    assert "mkdir" in err.value.hint


def test_a_file_open_in_another_program_names_its_pid(path) -> None:
    """A duckdb shell on the file is told apart from a broken file."""
    _oldest(path)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    shell = subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    shell.stdout.readline()
    with pytest.raises(StoreError, match=f"locked by process {shell.pid}"):
        Store.open(path)
    shell.communicate()
    Store.open(path).close()
