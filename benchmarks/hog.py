"""An endless cross join in another terminal must not slow a run by more than a tenth, and is ended by its limit.

Runs the same sampling without and with the hog and prints the ratio of their times; fails above 1.1, or when the hog
outlives its time limit.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.fake_teacher import running, write_sums

PROBLEMS, N, CONCURRENCY, ROUNDS = 300, 4, 16, 3
HOG = "SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE a.range * b.range % 7 = 3"
HOG_LIMIT_S = 60
CURATOR = str(Path(sys.executable).with_name("curator"))


def main() -> None:
    """Measure both, alternating, and compare the medians."""
    alone, beside = [], []
    for round_ in range(ROUNDS):
        alone.append(_sample(hog=False))
        beside.append(_sample(hog=True))
        print(f"round {round_ + 1}: alone {alone[-1]:.1f} s, beside the hog {beside[-1]:.1f} s")
    ratio = sorted(beside)[ROUNDS // 2] / sorted(alone)[ROUNDS // 2]
    print(f"beside the hog / alone: {ratio:.3f} (at most 1.1)")
    print(f"the hog, with --time-limit 3: {_hog_alone()}")
    if ratio > 1.1:
        sys.exit("FAILED")


def _sample(*, hog: bool) -> float:
    """Return the seconds one run takes."""
    with tempfile.TemporaryDirectory() as folder, running((0.1, 0.5)) as teacher:
        problems, store = Path(folder) / "problems.jsonl", Path(folder) / "hog.duckdb"
        write_sums(problems, PROBLEMS)
        command = [CURATOR, "sample", str(problems), "--teacher", f"openai:fake@{teacher.url}", "--store", str(store)]
        command += ["--n", str(N), "--concurrency", str(CONCURRENCY), "--json"]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        teacher.first_request.wait(20)
        query = _query(store, HOG_LIMIT_S) if hog else None
        out, _ = run.communicate()
        if query is not None:
            assert query.poll() is None, "the hog ended before the run"
            query.kill()
            query.wait()
        report = json.loads(out)
        assert report["candidates"] == PROBLEMS * N, report
        return float(report["session"]["elapsed_s"])


def _hog_alone() -> str:
    """Return what the user of an endless query is told, and when."""
    with tempfile.TemporaryDirectory() as folder, running((0.0, 0.0)) as teacher:
        problems, store = Path(folder) / "one.jsonl", Path(folder) / "hog.duckdb"
        problems.write_text('{"prompt": "2+2?", "answer": "4"}\n')
        command = [CURATOR, "sample", str(problems), "--teacher", f"openai:fake@{teacher.url}", "--store", str(store)]
        subprocess.run(command, check=True, capture_output=True)
        began = time.monotonic()
        query = _query(store, 3)
        _, err = query.communicate(timeout=30)
        return f"exit {query.returncode} after {time.monotonic() - began:.1f} s: {err.decode().strip()}"


def _query(store: Path, limit_s: int) -> subprocess.Popen[bytes]:
    command = [CURATOR, "sql", HOG, "--store", str(store), "--time-limit", str(limit_s)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


if __name__ == "__main__":
    main()
