"""How many programs are judged a second, against plain `subprocess.run([python, file])`, and whose the time is.

    python -m benchmarks.programs [--programs N] [--rounds N]

Two at a time each way: two threads of plain runs, two processes that judge on a forced rung, and two workers as the
service has them. Programs are tiny, or import numpy and use it; each reads a line and prints one, and each verdict must
be right. `bare` is plain without site packages: an editable installation in the environment makes each start of a
Python two to three times as slow, and flatters us. The ways take turns within a round. Compared are the best rounds,
for what else the machine does only adds, and the medians of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy
import psutil

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome
from verifiers.pool import WorkerPool
from verifiers.program.confined import FRESH, WARM
from verifiers.program.run import run_tests
from verifiers.program.tests import read_tests
from verifiers.settings import CodeSettings

PROGRAMS, ROUNDS = 60, 5
TOGETHER = 10
"""Programs that a judging process takes at a time."""
TINY = "print(sum(map(int, input().split())))\n"
NUMPY = "import numpy as np\nprint(np.array(input().split(), dtype=int).sum())\n"
CASE = ("3 4 5", "12")
TESTS: dict[str, Any] = {"type": "stdin", "cases": [dict(zip(("input", "output"), CASE, strict=True))]}
WANTED = {("tiny", WARM): 3.0, ("numpy", WARM): 10.0, ("tiny", FRESH): 0.7, ("numpy", FRESH): 0.7}

PLAIN, BARE = "plain", "bare"
NUMPY_HOME = {"PYTHONPATH": str(Path(numpy.__file__).parents[1])}
Way = Callable[[str, int], None]
"""Judges a program so many times."""


class Cost(NamedTuple):
    """CPU milliseconds of one verdict."""

    asking: float
    harness: float
    namespaces: float
    program: float


def main() -> None:
    """Measure all ways, and then whose the time is."""
    options = _options()
    with ExitStack() as stack:
        spawned = ProcessPoolExecutor(2, get_context("spawn"))
        judging = stack.enter_context(spawned)
        asking = stack.enter_context(asyncio.Runner())
        pool = WorkerPool(2)
        stack.callback(lambda: asking.run(pool.__aexit__(None, None, None)))
        ways: dict[str, Way] = {
            PLAIN: lambda program, times: _run_all([sys.executable], program, times),
            BARE: lambda program, times: _run_all([sys.executable, "-S"], program, times),
            f"rung {WARM}": lambda program, times: _judged(judging, program, times, WARM),
            f"rung {FRESH}": lambda program, times: _judged(judging, program, times, FRESH),
            "pool": lambda program, times: asking.run(_asked(pool, program, times)),
        }
        for name, program in (("tiny", TINY), ("numpy", NUMPY)):
            _compare(name, program, ways, options)
        _share(judging, options.programs)


def _compare(name: str, program: str, ways: dict[str, Way], options: argparse.Namespace) -> None:
    for judge in ways.values():
        judge(program, 2 * TOGETHER)  # starts what stays
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(options.rounds):
        for way, taken in seconds.items():
            began = time.perf_counter()
            ways[way](program, options.programs)
            taken.append(time.perf_counter() - began)
    print(f"{name} programs: {options.programs} in each of {options.rounds} rounds; load {os.getloadavg()[0]:.1f}")
    wanted = {f"rung {rung}": f" (plain: wanted {least:g})" for (kind, rung), least in WANTED.items() if kind == name}
    for way, taken in seconds.items():
        told = "".join(f"; against {base}: {_ratios(seconds[base], taken)}" for base in (PLAIN, BARE))
        print(f"  {way:7}{options.programs / median(taken):6,.0f}/s{told}{wanted.get(way, '')}")


def _ratios(base: list[float], taken: list[float]) -> str:
    usual = median(plain / ours for plain, ours in zip(base, taken, strict=True))
    return f"best {min(base) / min(taken):5.2f}, median {usual:5.2f}"


def _run_all(python: list[str], program: str, times: int) -> None:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as threads:
        file = Path(folder, "program.py")
        file.write_text(program)
        for printed in threads.map(_run, [[*python, str(file)]] * times):
            _expect(printed.strip() == CASE[1], printed)


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command, input=CASE[0], capture_output=True, text=True, check=True, timeout=60, env={**os.environ, **NUMPY_HOME}
    )
    return done.stdout


def _judged(judging: ProcessPoolExecutor, program: str, times: int, rung: int) -> None:
    for failed in judging.map(_fault, [program] * times, [rung] * times, chunksize=TOGETHER):
        _expect(not failed, failed)


def _fault(program: str, rung: int) -> str:
    fault = run_tests(program, read_tests(TESTS), CodeSettings(), rung).fault
    return fault.detail if fault else ""


async def _asked(pool: WorkerPool, program: str, times: int) -> None:
    problem = Problem(id="p", domain="code", prompt="Add.", tests=TESTS)
    candidate = Candidate(
        "c", "r", "p", 0, reasoning=None, content=program, reasoning_field="none", finish_reason="stop", model="m"
    )
    for verdicts in await asyncio.gather(*(pool.verify(problem, candidate, ["code"]) for _ in range(times))):
        _expect(verdicts[0].outcome is Outcome.ACCEPT, verdicts[0].detail)


def _share(judging: ProcessPoolExecutor, programs: int) -> None:
    cost = judging.submit(_spent, programs).result()
    print(f"a tiny verdict on rung {WARM}, CPU ms: {sum(cost):.2f}; load {os.getloadavg()[0]:.1f}")
    for name, spent in cost._asdict().items():
        print(f"  {name:11}{spent:6.2f}  {spent / sum(cost):4.0%}")


def _spent(programs: int) -> Cost:
    """Measure in a process that judges; what the kernel does after a program's end counts for nobody."""
    _fault(TINY, WARM)
    asked, (harness, forked) = time.process_time(), _sandbox_cpu()
    tests, settings = read_tests(TESTS), CodeSettings()
    program = sum(run_tests(TINY, tests, settings, WARM).cpu_s for _ in range(programs))
    asking, (harness_end, forked_end) = time.process_time() - asked, _sandbox_cpu()
    spent = (asking, harness_end - harness, forked_end - forked - program, program)
    return Cost(*(1000 * seconds / programs for seconds in spent))


def _sandbox_cpu() -> tuple[float, float]:
    """Return the CPU seconds of the sandboxes' own processes, and of all that those have forked."""
    times = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    own = sum(each.user + each.system for each in times)
    return own, sum(each.children_user + each.children_system for each in times)


def _expect(right: bool, said: object) -> None:
    if not right:
        sys.exit(f"FAILED: a program was judged wrongly: {said}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=PROGRAMS, help="how many each way in a round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
