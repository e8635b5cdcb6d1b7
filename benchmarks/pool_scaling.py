"""How much two worker processes judge more than one, and what a candidate costs the process that asks.

    python -m benchmarks.pool_scaling [FILE] [--problems N] [--rounds N]

FILE holds problems as for `benchmarks.math_pairs`, and their candidates are the same. Pools of one and of two workers
judge all of them in turn, once with `math` alone and once with all that a problem of mathematics is asked by default;
what a worker loads is left out. Compared are the best rounds, for what else the machine does only adds, and the medians
of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from benchmarks.math_candidates import PER_PROBLEM, STARTER, Made, candidates, math_problems
from benchmarks.math_pairs import SEED
from schemas.policy import JUDGE, default_policy
from verifiers.pool import WorkerPool

PROBLEMS, ROUNDS = 200, 5
WARM_UP = 8
"""Problems that every pool begins with, untimed."""
FEWER = 10
"""Times as few candidates for all verifiers: one takes them many times as long as `math` alone."""
IN_FLIGHT = 256
"""Candidates that wait together, as many as a run holds in memory; an import hands over more."""
WANTED = 1.8
ALL = tuple(rule.verifier for rule in default_policy() if rule.domain == "math" and rule.verifier != JUDGE)


class Cost(NamedTuple):
    """What a candidate took, in milliseconds."""

    wall: float
    parent_cpu: float
    workers_cpu: float


def main() -> None:
    """Measure both sets of verifiers."""
    options = _options()
    problems = math_problems(options.file, WARM_UP + options.problems, SEED)
    made = [one for problem in problems for one in candidates(problem, SEED)]
    _compare(made, ("math",), options.rounds)
    _compare(made[: WARM_UP * PER_PROBLEM + len(made) // FEWER], ALL, options.rounds)


def _compare(made: Sequence[Made], verifiers: Sequence[str], rounds: int) -> None:
    timed = len(made) - WARM_UP * PER_PROBLEM
    print(f"{' '.join(verifiers)}: {timed:,} candidates, {rounds} rounds")
    costs: dict[int, list[Cost]] = {1: [], 2: []}
    for _ in range(rounds):
        for size, seen in costs.items():
            seen.append(asyncio.run(_judge(made, verifiers, size)))
    for size, seen in costs.items():
        wall, parent, workers = (median(values) for values in zip(*seen, strict=True))
        each = f"CPU ms each: asking {parent:.3f}, judging {workers:.3f}"
        print(f"  {size} worker{'s' * (size > 1)}: {1000 / wall:6,.0f}/s; {each}")
    best = min(one.wall for one in costs[1]) / min(two.wall for two in costs[2])
    usual = median(one.wall / two.wall for one, two in zip(costs[1], costs[2], strict=True))
    print(f"  two against one: {best:.2f} (wanted {WANTED}), median {usual:.2f}; load {os.getloadavg()[0]:.1f}")


async def _judge(made: Sequence[Made], verifiers: Sequence[str], size: int) -> Cost:
    warm, timed = made[: WARM_UP * PER_PROBLEM], made[WARM_UP * PER_PROBLEM :]
    async with WorkerPool(size) as pool:
        await _judge_all(warm, pool, verifiers)
        began, asked, judged = time.perf_counter(), time.process_time(), _workers_cpu()
        await _judge_all(timed, pool, verifiers)
        spent = (time.perf_counter() - began, time.process_time() - asked, _workers_cpu() - judged)
    return Cost(*(1000 * seconds / len(timed) for seconds in spent))


async def _judge_all(made: Sequence[Made], pool: WorkerPool, verifiers: Sequence[str]) -> None:
    todo = iter(made)
    await asyncio.gather(*(_share(todo, pool, verifiers) for _ in range(IN_FLIGHT)))


async def _share(todo: Iterator[Made], pool: WorkerPool, verifiers: Sequence[str]) -> None:
    """Take candidates from the common stream until it ends."""
    for one in todo:
        await pool.verify(one.problem, one.candidate, verifiers)


def _workers_cpu() -> float:
    return sum(sum(worker.cpu_times()[:2]) for worker in psutil.Process().children())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=STARTER, help="problems, JSONL or JSONL.gz")
    parser.add_argument("--problems", type=int, default=PROBLEMS, help="how many of them, drawn by a fixed seed")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
