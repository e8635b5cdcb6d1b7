"""However the work ends, what it had received is in the store."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from curator.errors import StoreError
from curator.progress import Progress
from curator.store.client import Store


def _stop() -> None:
    """Send this process the SIGTERM of a job scheduler; the reply never comes."""
    os.kill(os.getpid(), signal.SIGTERM)


def test_an_interrupted_session_commits_what_had_arrived(bench) -> None:
    """SIGTERM ends the work like Ctrl-C; nothing that was paid for is lost."""
    teacher = bench.teacher(*[bench.completion()] * 5, _stop)
    with pytest.raises(KeyboardInterrupt):
        bench.sample(teacher, *bench.problems(9), concurrency=1)
    assert bench.rows("count(*)", "candidates") == [(5,)]
    assert bench.rows("count(*)", "attempts") == [(0,)]


def test_an_interrupt_while_judging_keeps_the_candidate(bench) -> None:
    """Its verdicts are made by the next run, without asking again."""
    teacher = bench.teacher(bench.completion(), _stop)
    with pytest.raises(KeyboardInterrupt):
        bench.sample(teacher, *bench.problems(2), rules=bench.rules, concurrency=1)
    assert bench.rows("count(*)", "candidates") == [(1,)]
    progress = bench.sample(bench.teacher(bench.completion()), *bench.problems(2), rules=bench.rules)
    assert (progress.stored, progress.sampled) == (1, 1)
    assert bench.decisions() == [("accepted", "ok")] * 2


def test_a_store_that_fails_stops_the_work(bench, tmp_path: Path) -> None:
    """Asking stops when nothing can be saved any more, and the error says what was lost."""
    path = tmp_path / "s.duckdb"

    def answer():
        path.unlink(missing_ok=True)
        return bench.completion()

    teacher = bench.teacher(answer)
    with Store.open(path) as store, pytest.raises(StoreError, match="records were not saved") as err:
        bench.sample(teacher, bench.problem(), n=2000, store=store)
    assert len(teacher.asked) < 500
    assert err.value.hint


def test_the_time_before_the_work_is_no_part_of_the_pace() -> None:
    """A teacher that took an hour to start does not make the rest look slow."""
    progress = Progress(sampled=20, wanted=40)
    progress.began -= 3600
    progress.begin()
    assert progress.elapsed_s < 60
    assert progress.eta_s() is not None and progress.eta_s() < 60
