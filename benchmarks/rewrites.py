"""Golds in other spellings: every one of the same value is accepted, every one of another value rejected.

Each math problem's gold stands before the whole verifier, in a worker, as completions that say the same and others that
do not, known by how they were made (`benchmarks.rewriting.rewrite`). FILE is JSONL or JSONL.gz with `answer` or `gold`,
and `source`, `domain`, `problem` or `prompt` where known; without one the starter problems are taken. Prints right of
all per rewrite and source, then per source how many golds accept themselves, how many keep the promise (at least
`LEAST` right of either kind) and what was missed; the last line is the totals as JSON. Fails at a false accept.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.rewriting.rewrite import Rewrite, rewrites
from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Verdict
from verifiers.pool import WorkerPool

STARTER = Path(__file__).parents[1] / "curator/data/starter.jsonl"
LEAST = 5
"""Rewrites of either kind that the promise asks for."""
WORKERS = 2
RIGHT, UNDECIDED = "right", "undecided"
MISSES = ("false accept", "false reject", UNDECIDED)
_PERCENT = re.compile(r"%|％|percent|百分|prozent|por ciento|pour cent|процент|パーセント|শতাংশ", re.IGNORECASE)


class Judged(NamedTuple):
    """One rewrite of one gold, and what the verifier said."""

    source: str
    problem: Problem
    rewrite: Rewrite
    verdict: Verdict

    @property
    def result(self) -> str:
        """`right`, or which of the `MISSES`."""
        if self.verdict.outcome not in (Outcome.ACCEPT, Outcome.REJECT):
            return UNDECIDED
        accepted = self.verdict.outcome is Outcome.ACCEPT
        return RIGHT if accepted is self.rewrite.right else MISSES[not accepted]


def main() -> None:
    """Rewrite, judge, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", nargs="?", type=Path, default=STARTER, help="JSONL or JSONL.gz of problems")
    parser.add_argument("--limit", type=int, help="most problems per source")
    parser.add_argument("--misses", type=int, default=0, help="how many misses to list")
    asked = parser.parse_args()
    judged = asyncio.run(_judge(list(_problems(asked.file, asked.limit))))
    _matrix(judged)
    _by_source(judged)
    missed = [one for one in judged if one.result != RIGHT]
    for one in missed[: asked.misses]:
        told = (one.result, one.rewrite.name, one.problem.answer, one.rewrite.answer, one.verdict.extracted)
        print(*(repr(each) for each in told), one.verdict.reason, one.verdict.detail, sep=" | ")
    results = Counter(one.result for one in judged)
    print(json.dumps({"rewrites": len(judged), **{name: results[name] for name in (RIGHT, *MISSES)}}))
    if results[MISSES[0]]:
        sys.exit("FAILED")


def _problems(path: Path, limit: int | None) -> Iterator[Problem]:
    """Yield the math problems of a file, of each source as many as wanted."""
    taken = Counter[str]()
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            problem = _problem(row)
            if problem.domain == "math" and problem.answer and (limit is None or taken[problem.source or ""] < limit):
                taken[problem.source or ""] += 1
                yield problem


def _problem(row: dict[str, Any]) -> Problem:
    prompt, gold = row.get("prompt", row.get("problem", "")), row.get("answer", row.get("gold", ""))
    source = re.split(r" \(|, ", row.get("source", "all"))[0]
    return Problem(str(row.get("id", "")), row.get("domain", "math"), prompt, str(gold), source=source)


async def _judge(problems: list[Problem]) -> list[Judged]:
    """Judge every rewrite of every gold, problem by problem."""
    async with WorkerPool(WORKERS) as pool, asyncio.TaskGroup() as group:
        tasks = [group.create_task(_judge_one(pool, problem, turn)) for turn, problem in enumerate(problems)]
    return [one for task in tasks for one in task.result()]


async def _judge_one(pool: WorkerPool, problem: Problem, turn: int) -> list[Judged]:
    percent, judged = bool(_PERCENT.search(problem.prompt)), []
    for rewrite in rewrites(problem.answer or "", percent=percent, turn=turn):
        content = f"<think>\nCould it be \\boxed{{6}}?\n</think>\n<answer>\n{rewrite.answer}\n</answer>"
        candidate = Candidate("c", "r", problem.id, 0, None, content, "inline", "stop", "m")
        (verdict,) = await pool.verify(problem, candidate, ["math"])
        judged.append(Judged(problem.source or "", problem, rewrite, verdict))
    return judged


def _matrix(judged: list[Judged]) -> None:
    """Print right of all, a line per rewrite and a column per source."""
    all_, right = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in judged:
        cell = ("= " if one.rewrite.right else "≠ ") + one.rewrite.name, one.source
        all_[cell] += 1
        right[cell] += one.result == RIGHT
    sources = list(dict.fromkeys(one.source for one in judged))
    print(f"{'right of all':24}", *(f"{source.rpartition('/')[2][:12]:>12}" for source in sources))
    for name in sorted({name for name, _ in all_}):
        cells = (_share(right[name, source], all_[name, source]) for source in sources)
        print(f"{name:24}", *(f"{cell:>12}" for cell in cells))


def _share(right: int, all_: int) -> str:
    return "" if not all_ else str(all_) if right == all_ else f"{right}/{all_}"


def _by_source(judged: list[Judged]) -> None:
    """Print what came of each source, and how many of its golds kept the promise."""
    print(f"\n{'':34}{'golds':>7}{'itself':>8}{'promise':>9}{'rewrites':>10}", *(f"{name:>14}" for name in MISSES))
    for source in dict.fromkeys(one.source for one in judged):
        mine = [one for one in judged if one.source == source]
        by_gold: dict[str, list[Judged]] = {}
        for one in mine:
            by_gold.setdefault(one.problem.id, []).append(one)
        itself = sum(golds[0].result == RIGHT for golds in by_gold.values())
        kept = sum(all(_kept(golds, right) >= LEAST for right in (True, False)) for golds in by_gold.values())
        results = Counter(one.result for one in mine)
        print(
            f"{source:34}{len(by_gold):7}{itself:8}{kept:9}{len(mine):10}", *(f"{results[name]:14}" for name in MISSES)
        )


def _kept(judged: list[Judged], right: bool) -> int:
    """Count the rewrites of one kind that were judged as they should be."""
    return sum(one.rewrite.right is right and one.result == RIGHT for one in judged)


if __name__ == "__main__":
    main()
