"""`curator sql`: any question, no change, no harm to the run beside it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest

from curator.errors import StoreError

ENDLESS = "SELECT count(*) FROM range(10000000000) a, range(10000000000) b"
DEAF = "SELECT levenshtein(repeat('a', 3000000), repeat('b', 3000000))"
"""One call that runs for hours and never looks whether it was interrupted."""


@pytest.fixture(scope="module")
def seeded(shared):
    """The store, with one run and one problem."""
    return shared[0]


@pytest.fixture(scope="module")
def process(shared):
    """The process that owns it."""
    return shared[1]


def _all(result) -> list[dict[str, object]]:
    return [row for batch in result for row in batch.to_pylist()]


def _asking(store, statement: str, **limits) -> Future:
    """Ask from another thread."""
    asked: Future = Future()
    asked.set_running_or_notify_cancel()

    def ask() -> None:
        try:
            asked.set_result(_all(store.sql(statement, **limits)))
        except StoreError as err:
            asked.set_exception(err)

    threading.Thread(target=ask).start()
    return asked


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) AS n FROM candidates",
        "FROM runs;",
        "WITH a AS (SELECT 1 AS b) SELECT * FROM a",
        "SHOW TABLES",
        "DESCRIBE rejected",
        "SUMMARIZE problems",
        "EXPLAIN SELECT * FROM accepted",
        "SELECT * FROM pragma_storage_info('candidates')",
        "SELECT 'a'::ENUM('a', 'b') AS e, [1, 2] AS l, {'k': 1} AS s, DATE '2026-01-01' AS d",
        "SELECT 'checkpoint()' AS 检查点, prompt FROM problems -- enable_logging()",
    ],
)
def test_questions_are_answered(seeded, statement) -> None:
    """Everything that reads the store works, with names and types in the schema."""
    result = seeded.sql(statement)
    assert result.schema.names
    _all(result)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM candidates",
        "INSERT INTO runs SELECT * FROM runs",
        "WITH gone AS (DELETE FROM runs RETURNING id) SELECT * FROM gone",
        "CREATE TEMP TABLE a AS SELECT 1",
        "COPY runs TO '/tmp/stolen.csv'",
        "EXPORT DATABASE '/tmp/stolen'",
        "ATTACH '/tmp/other.duckdb'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "SET threads = 8",
        "PRAGMA enable_profiling",
        "/* a */ pragma database_size",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CALL enable_logging(storage = 'file', storage_path = '/tmp/log')",
        "SELECT * FROM enable_logging('QueryLog')",
        'SELECT * FROM "Force_Checkpoint" ()',
        "SELECT * FROM checkpoint/* */()",
        "SELECT * FROM query('SELECT * FROM check' || 'point()')",
        "SELECT * FROM arrow_scan(1, 2, 3)",
        "SELECT 1; SELECT 2",
        "PREPARE a AS SELECT 1",
        "BEGIN",
        "SELEC 1",
        "SELECT '\ud83d'",
        "",
    ],
)
def test_what_is_no_question_is_refused(seeded, process, statement) -> None:
    """Nothing is changed, read from outside or written outside; the store process goes on."""
    pid = process.pid
    with pytest.raises(StoreError):
        _all(seeded.sql(statement))
    assert _all(seeded.sql("SELECT count(*) AS n FROM runs")) == [{"n": 1}]
    assert process.pid == pid


def test_a_fault_on_the_way_is_the_querys(seeded) -> None:
    """An error after the first rows is told as what it is."""
    result = seeded.sql("SELECT CASE WHEN range = 500000 THEN 'x' ELSE '1' END::INT FROM range(1000000)")
    with pytest.raises(StoreError, match="Could not convert string 'x'"):
        _all(result)


def test_a_committed_row_is_seen_at_once(seeded, records) -> None:
    """What `write` returned from is in the next answer."""
    for number in range(3):
        seeded.write([records.candidate(number, content="fresh")])
        found = _all(seeded.sql("SELECT count(*) AS n FROM candidates WHERE content = 'fresh'"))
        assert found == [{"n": number + 1}]


def test_a_large_result_is_streamed(seeded, process) -> None:
    """Half a gigabyte passes through neither end's memory at once."""
    seeded.rows("SELECT 1")
    store_process, here = psutil.Process(process.pid), psutil.Process()
    before = store_process.memory_info().rss, here.memory_info().rss
    total = sum(batch.nbytes for batch in seeded.sql("SELECT repeat('x', 20000) || range AS t FROM range(26000)"))
    after = store_process.memory_info().rss, here.memory_info().rss
    assert total > 500e6
    assert max(new - old for new, old in zip(after, before, strict=True)) < 300e6


def test_an_endless_query_ends_at_its_limit(seeded, process) -> None:
    """The person is told; the store process does not even notice."""
    pid = process.pid
    with pytest.raises(StoreError, match=r"the query was ended after 0\.5 s"):
        _all(seeded.sql(ENDLESS, time_limit_s=0.5))
    assert process.pid == pid


def test_a_query_deaf_to_interrupts_is_ended_too(seeded, process, records) -> None:
    """The store process ends with it and starts again; the next write does not notice."""
    pid = process.pid
    with pytest.raises(StoreError, match=r"the query was ended after 0\.3 s"):
        _all(seeded.sql(DEAF, time_limit_s=0.3))
    seeded.write([records.candidate(0)])
    assert process.pid != pid


@pytest.mark.parametrize("limit", [150, 4096])
def test_a_hungry_query_is_ended_and_writes_go_on(seeded, records, limit) -> None:
    """By its own limit or by the database's; the batches written meanwhile arrive."""
    hog = _asking(seeded, "SELECT list(repeat('x', 5000) || range) FROM range(10000000000)", memory_limit_mb=limit)
    number = 0
    while hog.running():
        number += 1
        seeded.write([records.candidate(limit * 10**6 + number, content=f"beside {limit}")])
    assert "memory" in str(hog.exception())
    counted = seeded.rows("SELECT count(*) AS n FROM candidates WHERE content = ?", [f"beside {limit}"])
    assert counted == [{"n": number}]


def test_leaving_cancels_the_query(seeded, process) -> None:
    """Closing a result, as Ctrl-C does, stops its computing within a second or two."""
    with seeded.sql("SELECT a.range FROM range(100000000000) a") as result:
        next(iter(result))
    deadline = time.monotonic() + 5
    while _threads_at(process.pid, 19):
        assert time.monotonic() < deadline, "the query goes on"
        time.sleep(0.02)


def _threads_at(pid: int, nice: int) -> list[str]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            fields = (task / "stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        if int(fields[16]) == nice:
            found.append(task.name)
    return found


def test_a_hog_leaves_the_cores_to_the_writers(seeded, process, records) -> None:
    """One thread at the lowest priority is all that an endless query gets; writes beside it go on."""
    hog = _asking(seeded, ENDLESS, time_limit_s=3)
    while not (low := _threads_at(process.pid, 19)):
        time.sleep(0.01)
    seeded.write(records.candidates(16, first=10**6))
    assert hog.running()
    assert len(low) == 1
    assert "ended after 3 s" in str(hog.exception())
