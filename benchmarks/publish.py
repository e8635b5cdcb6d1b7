"""From 200,000 stored candidates of 8 kB to a saved dataset: no slower than plain `datasets`, in under 1.5 GB.

Both read rows that are on disk and write a `DatasetDict`: accepted traces, two a problem, train and test by problem.
Ours also decides from the verdicts, keeps near duplicates on one side, and writes a card. Peak memory is that of all
of a command's processes, the store's included. Fails above a ratio of 1, or above 1.5 GB. Dedup and decontamination
are timed apart.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import datasets
import psutil

from benchmarks.full_store import fill, rows
from curator.curating import duplicates
from curator.curating.overlap import Benchmarks

CANDIDATES = int(os.environ.get("CANDIDATES", "200000"))
BENCHMARK_ROWS = 20_000
MOST_MB = 1536
CURATOR = str(Path(sys.executable).with_name("curator"))


class Cost(NamedTuple):
    """What a command took."""

    seconds: float
    peak_mb: int


def main() -> None:
    """Fill, run both ways, compare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store, plain = folder / "full.duckdb", folder / "plain"
        fill(store, plain, CANDIDATES)
        theirs = _cost(store, sys.executable, "-m", "benchmarks.plain_datasets", plain, folder / "theirs")
        curated = _cost(
            store, CURATOR, "curate", "bench", "--per-problem", "2", "--test-fraction", "0.1", "--store", store
        )
        written = _cost(store, CURATOR, "export", "bench", "--format", "hf", "--to", folder / "ours", "--store", store)
        ours = Cost(curated.seconds + written.seconds, max(curated.peak_mb, written.peak_mb))
        _same_size(folder)
    ratio = ours.seconds / theirs.seconds
    print(f"{CANDIDATES:,} candidates")
    print(f"plain datasets          {theirs.seconds:6.1f} s, peak {theirs.peak_mb:,} MB")
    print(f"curate {curated.seconds:.1f} s + export {written.seconds:.1f} s", end=" ")
    print(f"= {ours.seconds:.1f} s, peak {ours.peak_mb:,} MB")
    print(f"ours / plain datasets: {ratio:.2f} (at most 1)")
    _duplicates_and_benchmarks()
    if ratio > 1 or ours.peak_mb > MOST_MB:
        sys.exit("FAILED")


def _same_size(folder: Path) -> None:
    """Make sure that both wrote the same number of rows, but for problems that have fewer accepted traces."""
    ours, theirs = (datasets.load_from_disk(folder / name) for name in ("ours", "theirs"))
    assert sum(map(len, ours.values())) == sum(map(len, theirs.values())), (ours, theirs)


def _duplicates_and_benchmarks() -> None:
    problems = list({row.problem_id: row.prompt for row in rows(CANDIDATES)}.items())
    began = time.perf_counter()
    duplicates.find(problems)
    took = time.perf_counter() - began
    print(f"dedup: {len(problems):,} problems in {took:.1f} s, {len(problems) / took:,.0f} rows/s")
    known = Benchmarks()
    began = time.perf_counter()
    known.add("bench", ((number, prompt[::-1]) for number, (_, prompt) in enumerate(problems[:BENCHMARK_ROWS], 1)))
    indexed = time.perf_counter() - began
    for _, prompt in problems:
        known.match(prompt)
    took = time.perf_counter() - began - indexed
    print(
        f"decontaminate: {BENCHMARK_ROWS:,} benchmark rows indexed in {indexed:.1f} s; "
        f"{len(problems):,} problems in {took:.1f} s, {len(problems) / took:,.0f} rows/s"
    )


def _cost(store: Path, *words: object) -> Cost:
    """Run a command; watch it, its children and the store's process."""
    began = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak, done = [0], threading.Event()
    watch = threading.Thread(target=_watch, args=(process.pid, store, peak, done))
    watch.start()
    code = process.wait()
    seconds = time.perf_counter() - began
    done.set()
    watch.join()
    assert code == 0, f"{words} exited {code}"
    return Cost(seconds, peak[0])


def _watch(pid: int, store: Path, peak: list[int], done: threading.Event) -> None:
    while not done.wait(0.2):
        peak[0] = max(peak[0], sum(map(_resident, _processes(pid, store))) >> 20)


def _processes(pid: int, store: Path) -> list[psutil.Process]:
    try:
        own = psutil.Process(pid)
        found = [own, *own.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    serving = (one for one in psutil.process_iter(["cmdline"]) if str(store) in (one.info["cmdline"] or ())[-1:])
    return list({one.pid: one for one in [*found, *serving]}.values())


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


if __name__ == "__main__":
    main()
