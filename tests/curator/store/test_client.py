"""What a command does with a store: open it, write, ask, write again, share it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.errors import StoreError
from curator.store import queries
from curator.store.client import Store
from curator.store.tables import candidate_from_row, problem_from_row
from schemas.candidate import Attempt
from schemas.flip import Flip
from schemas.identity import content_hash
from schemas.policy import PolicyRule
from schemas.review import Review

IDS = "SELECT id FROM candidates ORDER BY id"


def _ids(store) -> list[str]:
    return [row["id"] for row in store.rows(IDS)]


def _python(code: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_store_that_is_not_there_is_named(path) -> None:
    """Without `create`, a missing file is an error that names it and what to do."""
    with pytest.raises(StoreError, match="no store at") as err:
        Store.open(path, create=False)
    assert "--store" in err.value.hint
    assert not path.exists()


def test_what_was_written_is_read_back_unchanged(seeded, records) -> None:
    """Problems and candidates survive the way through the file, Chinese and Nones included."""
    candidate = records.candidate(0, reasoning=None, seed=7, elapsed_s=1.25, created_at=records.start)
    seeded.write([candidate])
    (problem,) = seeded.rows(queries.PROBLEMS_BY_ID, [["sum"]])
    (stored,) = seeded.rows("SELECT * FROM candidates")
    assert problem_from_row(problem) == records.problem
    assert candidate_from_row(stored) == candidate


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text())
def test_any_text_of_a_teacher_is_kept_exactly(shared, records, text) -> None:
    """Control characters, NUL and every script come back as they were sent."""
    store, name = shared[0], content_hash(text)
    store.write([replace(records.candidate(0), id=name, reasoning=text, content=text)])
    (row,) = store.rows("SELECT reasoning, content FROM candidates WHERE id = ?", [name])
    assert (row["reasoning"], row["content"]) == (text, text)


def test_half_a_surrogate_pair_does_not_lose_the_batch(shared, records) -> None:
    """What is no Unicode is replaced; the rest of the text and of the batch is stored."""
    store, query = shared[0], "SELECT content FROM candidates WHERE run_id = 'broken'"
    broken = records.candidate(0, run_id="broken", content="ok \ud83d\ude00 \ud83d!")
    store.write([broken, records.candidate(1, run_id="broken")])
    assert {row["content"] for row in store.rows(query)} == {"ok 😀 \ufffd!", "5"}


def test_writing_a_batch_twice_stores_it_once(seeded, records) -> None:
    """Every record is idempotent: a batch may be repeated, alone or within itself."""
    candidate = records.candidate(0)
    attempt = Attempt("b2:x", "first", "sum", 1, "stalled", 3, "no byte for 60 s", records.start)
    review = Review(candidate.id, "anna", "accept", "", records.start)
    flip = Flip(candidate.id, "sum", "first", "rejected", "wrong_answer", "accepted", "ok", "policy", records.start)
    batch = [records.problem, records.run, candidate, attempt, *records.verdicts(candidate), review, flip]
    for _ in range(2):
        seeded.write(batch + batch)
    once = ("problems", "runs", "candidates", "attempts", "reviews", "flips")
    for table, count in {**dict.fromkeys(once, 1), "verdicts": 5}.items():
        assert seeded.rows(f"SELECT count(*) AS n FROM {table}") == [{"n": count}], table


def test_a_corrected_gold_replaces_the_old_one(seeded, records) -> None:
    """The same id and prompt with another answer updates the problem."""
    corrected = replace(records.problem, answer="five", source="errata")
    seeded.write([corrected])
    (row,) = seeded.rows(queries.PROBLEMS_BY_ID, [["sum"]])
    assert problem_from_row(row) == corrected
    assert seeded.rows(queries.STORED_PROBLEMS_BY_HASH, [[corrected.content_hash, "b2:none"]])[0]["id"] == "sum"


@pytest.mark.parametrize("together", [False, True])
def test_one_id_with_two_prompts_is_refused_whole(seeded, records, together) -> None:
    """The error names the id and `--id-prefix`; nothing of the batch is stored."""
    first, other = replace(records.problem, id="new"), replace(records.problem, id="new", prompt="1+1?")
    if not together:
        seeded.write([first])
    with pytest.raises(StoreError, match="problem new ") as err:
        seeded.write([records.candidate(1), *([first] * together), other])
    assert "--id-prefix" in err.value.hint
    assert _ids(seeded) == []


def test_a_run_gets_its_policy_replaced_whole(seeded, records) -> None:
    """Rules that a new policy lacks are gone; other runs keep theirs."""
    seeded.write(records.policy("second"))
    seeded.write(records.policy("first", [PolicyRule("math", "math", "required", 0)]))
    counted = seeded.rows("SELECT run_id, count(*) AS n FROM policies GROUP BY 1 ORDER BY 1")
    assert counted == [{"run_id": "first", "n": 1}, {"run_id": "second", "n": 35}]


def test_the_state_of_a_thousand_candidates_is_one_question(seeded, records) -> None:
    """Stored ones have a row per verifier, unjudged ones a row without, unknown ones none."""
    candidates = records.candidates(1000)
    seeded.write([*candidates, *records.verdicts(candidates[0]), records.verdict(candidates[0], "math", minute=5)])
    asked = [c.id for c in candidates] + ["b2:unknown"]
    rows = seeded.rows(queries.CANDIDATE_STATE, [asked])
    assert len(rows) == 999 + 5
    assert {row["verifier"] for row in rows if row["id"] == candidates[0].id} == {
        "format", "math", "language", "length", "repetition",
    }  # fmt: skip
    assert {row["verifier"] for row in rows if row["id"] != candidates[0].id} == {None}
    assert seeded.rows(queries.CANDIDATE_STATE, [[]]) == []


def test_a_candidate_is_found_by_the_beginning_of_its_id(shared, records) -> None:
    """Whole id, prefix, or prefix without `b2:`; one row per verdict, the problem beside it."""
    store, candidate = shared[0], records.candidate(0)
    store.write([candidate, *records.verdicts(candidate)])
    for typed in (candidate.id, candidate.id[:10], candidate.id[3:10]):
        assert store.rows(queries.CANDIDATES_BEGINNING, [typed]) == [{"id": candidate.id}]
    rows = store.rows(queries.CANDIDATE_VIEW, [candidate.id])
    assert [row["verifier"] for row in rows] == ["format", "math", "language", "length", "repetition"]
    assert (rows[0]["id"], rows[0]["decision"]) == (candidate.id, "accepted")
    assert rows[0]["prompt"] == records.problem.prompt


def test_ten_clients_at_once_get_one_process(path) -> None:
    """A start race ends with one store process that all use, and that ends with its last client."""
    code = """
        import sys
        from pathlib import Path
        from curator.store.client import Store
        from curator.store.location import holder, locate
        with Store.open(Path(sys.argv[1])) as store:
            store.rows("SELECT 1")
            print(holder(locate(Path(sys.argv[1])).owner_lock), flush=True)
            sys.stdin.read()
    """
    clients = [_python(code, path) for _ in range(10)]
    pids = {client.stdout.readline() for client in clients}
    for client in clients:
        client.communicate()
        assert client.returncode == 0
    assert len(pids) == 1
    assert pids.pop().strip().isdigit()


def test_two_clients_write_at_once(seeded, path, records) -> None:
    """Batches of several clients and threads all arrive."""
    with Store.open(path) as other, ThreadPoolExecutor(4) as pool:
        batches = [records.candidates(8, first=8 * number) for number in range(16)]
        list(pool.map(lambda pair: pair[0].write(pair[1]), zip([seeded, other] * 8, batches, strict=True)))
    assert len(_ids(seeded)) == 128


def test_a_candidate_is_asked_for_by_one_client(seeded, path, records) -> None:
    """What one client claimed is nobody else's until it is stored, or that client is gone."""
    ids = [candidate.id for candidate in records.candidates(4, first=500)]
    assert seeded.claim(ids[:2]) == set(ids[:2])
    with Store.open(path) as other:
        assert other.claim(ids) == set(ids[2:])
        seeded.close()
        deadline = time.monotonic() + 10
        while other.claim(ids) != set(ids):  # the store process notices a client's end by itself
            assert time.monotonic() < deadline


def test_a_stored_candidate_is_claimed_by_nobody(seeded, path, records) -> None:
    """Claims do not pile up over a long run: storing ends them."""
    candidates = records.candidates(2, first=600)
    ids = [candidate.id for candidate in candidates]
    assert seeded.claim(ids) == set(ids)
    seeded.write(candidates)
    with Store.open(path) as other:
        assert other.claim(ids) == set(ids)


def test_the_socket_is_for_this_user_only(shared) -> None:
    """Directory 0700, socket 0600, a path that the kernel accepts, whatever the store is called."""
    _, process = shared
    assert process.location.socket.stat().st_mode & 0o777 == 0o600
    assert process.location.socket.parent.stat().st_mode & 0o777 == 0o700
    assert len(str(process.location.socket)) < 108


def test_ctrl_c_does_not_reach_the_store_process(shared) -> None:
    """It runs in a session of its own and holds none of the client's files."""
    _, process = shared
    assert os.getsid(process.pid) != os.getsid(0)
    opened = {str(Path(f"/proc/{process.pid}/fd/{number}").readlink()) for number in (0, 1, 2)}
    assert opened == {os.devnull}


def test_the_client_leaves_duckdb_alone() -> None:
    """Commands that only talk to the store need not load the database."""
    code = "import sys, curator.store.client; sys.exit('duckdb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
