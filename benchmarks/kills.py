"""Nothing lost, nothing doubled: `kill -9` of the run and of the store process at twenty random moments.

Prints, for every kill, what had been asked, what was committed and so what may be asked again; ends with the counts in
the store and fails when one candidate is missing, doubled, or was asked more often than those sums allow, or when a
kill cost more than what was in flight and one group of commits.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.fake_teacher import FakeTeacher, running, write_sums
from curator.writer import MAX_ROWS

PROBLEMS, N, KILLS, CONCURRENCY = 300, 4, 20, 16
CURATOR = str(Path(sys.executable).with_name("curator"))


def main() -> None:
    """Kill, resume, count."""
    random.seed()
    with tempfile.TemporaryDirectory() as folder, running((0.1, 0.5)) as teacher:
        problems, store = Path(folder) / "problems.jsonl", Path(folder) / "kills.duckdb"
        write_sums(problems, PROBLEMS)
        command = [CURATOR, "sample", str(problems), "--n", str(N), "--teacher", f"openai:fake@{teacher.url}"]
        command += ["--store", str(store), "--concurrency", str(CONCURRENCY), "--json"]
        costs = [_kill_once(command, store, teacher, victim) for victim in ["run", "store"] * (KILLS // 2)]
        allowed = sum(costs)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        count, distinct = _counts(store)
        print(
            f"last run: exit {done.returncode}; store: {count} candidates, {distinct} distinct, wanted {PROBLEMS * N}"
        )
        print(f"asked again: {teacher.repeats}; in flight or uncommitted at the kills: {allowed}, at most {max(costs)}")
        if max(costs) > CONCURRENCY + MAX_ROWS:
            sys.exit(f"FAILED: a kill costs at most {CONCURRENCY} in flight and a group of {MAX_ROWS}")
        if done.returncode or (count, distinct) != (PROBLEMS * N, PROBLEMS * N) or teacher.repeats > allowed:
            sys.exit("FAILED")


def _kill_once(command: list[str], store: Path, teacher: FakeTeacher, victim: str) -> int:
    """Kill the run or the store process in the middle; return how many candidates may be asked again."""
    teacher.first_request.clear()
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    teacher.first_request.wait(20)
    time.sleep(random.uniform(0.05, 1.5))
    if victim == "store":
        for process in psutil.process_iter(["cmdline"]):
            if str(store) in (process.info["cmdline"] or []) and "curator.store.server" in process.info["cmdline"]:
                process.kill()
        time.sleep(random.uniform(0.5, 1.5))
        if run.poll() not in (None, 0):
            sys.exit(f"the run did not outlive its store process: exit {run.returncode}")
    if run.poll() is None:
        os.kill(run.pid, signal.SIGKILL)
    run.wait()
    asked = len(teacher.asked)
    committed, _ = _counts(store)
    print(f"killed the {victim:5}: {asked} asked, {committed} committed")
    return asked - committed


def _counts(store: Path) -> tuple[int, int]:
    query = "SELECT count(*) AS c, count(DISTINCT id) AS d FROM candidates"
    command = [CURATOR, "sql", query, "--store", str(store), "--format", "json"]
    (row,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return row["c"], row["d"]


if __name__ == "__main__":
    main()
