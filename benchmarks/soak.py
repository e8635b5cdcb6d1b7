"""2,000 programs in a row, 200 of them hostile, through the service: what is left, what grows, and are verdicts right?

    python -m benchmarks.soak [--programs N] [--seed N]

Needs root: all runs in an arena (`benchmarks.arena`). A tenth of the programs are `benchmarks.hostile`, mixed among
good ones of every form, wrong ones, and some that look for what others left. While the first eighth is judged, workers
and sandboxes are killed by turns: a worker may take one verdict with it, and so may two sandboxes, if one program is in
both. After the first quarter, with nothing in flight, the service is measured, and again after the last. When it is
closed, nothing may be there at all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from benchmarks.arena import FRESH, Arena, arena, reap
from benchmarks.hostile import HOSTILE, RIGHT
from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict
from verifiers.pool import WorkerPool
from verifiers.settings import CodeSettings, VerifierSettings

PROGRAMS, SEED = 2_000, 0
HOSTILE_SHARE = 10
IN_FLIGHT = 8
KILL_EVERY_S = 1.0
LIMITS: dict[str, Any] = {"time_limit_s": 0.5, "memory_mb": 128}
GROWTH_MB = 20.0
"""Most that any process may grow between the measurements; a worker keeps room for a flood of output (16 MiB)."""
WORKER, HARNESS = "verifiers.worker", "verifiers.program.harness"
GONE = "brought down its sandbox"
NEIGHBOUR = "import os\nprint(set(os.listdir('.')) - {'program.py'} or 'nothing', os.path.exists('/dev/shm/left'))"


class Job(NamedTuple):
    """A program, its tests, and what may be said of it."""

    name: str
    program: str
    tests: dict[str, Any]
    reasons: frozenset[Reason]


class Measured(NamedTuple):
    """All that could grow."""

    processes: int
    tasks: int
    files: int
    mounts: int
    namespaces: int
    descriptors: int
    memory_mb: dict[str, float]
    """Of the largest process of each kind."""


def main() -> None:
    """Judge inside an arena, measure from outside."""
    options = _options()
    if options.inside:
        asyncio.run(_judge_all(options))
        return
    with arena() as place:
        before = set(_files())
        words = [sys.executable, "-m", "benchmarks.soak", "--inside", *sys.argv[1:]]
        service = place.start(words, os.environ, Path.cwd(), sys.stderr.buffer)
        assert service.stdin is not None
        assert service.stdout is not None
        threading.Thread(target=_reap_orphans, daemon=True).start()
        seen: list[Measured] = []
        failed = False
        for line in service.stdout:
            print(line, end="", flush=True)
            failed = failed or line.startswith("wrong")
            if line.startswith("measure"):
                seen.append(_measured(place))
                print(f"  {seen[-1]}", flush=True)
                service.stdin.write("\n")
                service.stdin.flush()
        service.wait()
        grown = len(seen) < 2 or _grown(*seen)
        left = set(_files()) - before
        print(f"left: {place.tasks()} processes, files: {sorted(left)}; peak {place.peak_bytes() >> 20} MiB")
        if failed or grown or place.tasks() > 0 or left:
            sys.exit("FAILED")


def _reap_orphans() -> None:
    """Take leave of what was orphaned by kills, as the machine's first process does elsewhere."""
    while True:
        reap()
        time.sleep(0.1)


def _measured(place: Arena) -> Measured:
    members = [psutil.Process(pid) for pid in place.members()]
    spaces = {space.readlink() for one in members for space in Path("/proc", str(one.pid), "ns").iterdir()}
    memory: dict[str, float] = {}
    for one in members:
        memory[_kind(one)] = max(memory.get(_kind(one), 0.0), round(one.memory_info().rss / (1 << 20), 1))
    mounts = len(Path("/proc/self/mountinfo").read_text().splitlines())
    descriptors = sum(one.num_fds() for one in members)
    return Measured(len(members), place.tasks(), len(list(_files())), mounts, len(spaces), descriptors, memory)


def _kind(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((kind for kind in ("bwrap", WORKER, HARNESS) if kind in command.split("--")[0]), "asking")


def _files() -> Iterator[Path]:
    """Yield what lies in the folders that everybody may write to."""
    return (path for folder in FRESH for path in Path(folder).rglob("*"))


def _grown(early: Measured, late: Measured) -> bool:
    """Tell whether anything did; only memory may, a little."""
    more = {kind: late.memory_mb.get(kind, 0.0) - held for kind, held in early.memory_mb.items()}
    print("grew by, MiB: " + ", ".join(f"{kind} {grown:+.1f}" for kind, grown in more.items()))
    counts = slice(0, len(early) - 1)
    return early[counts] != late[counts] or max(more.values()) > GROWTH_MB


async def _judge_all(options: argparse.Namespace) -> None:
    jobs = _jobs(options.programs, random.Random(options.seed))
    eighth = len(jobs) // 8
    settings = VerifierSettings(code=CodeSettings(time_limit_s=5, memory_mb=256))
    async with WorkerPool(2, settings) as pool:
        killed: dict[str, int] = {}
        killing = asyncio.create_task(_kill(killed))
        odd = await _judge(jobs[:eighth], pool)
        killing.cancel()
        print(f"killed: {killed}")
        odd += await _judge(jobs[eighth : 2 * eighth], pool)  # the first may meet a worker that was killed at rest
        lost = [one for one in odd if one[1].outcome is Outcome.ERROR or GONE in one[1].detail]
        odd = [one for one in odd if one not in lost]
        _await_measurement(2 * eighth)
        odd += await _judge(jobs[2 * eighth :], pool)
        _await_measurement(len(jobs))
    for told, times in Counter(f"{job.name}: {verdict.outcome} {verdict.reason}" for job, verdict in odd).items():
        print(f"wrong: {times} × {told}, as: {next(v.detail for j, v in odd if told.startswith(j.name))}")
    may = killed.pop(WORKER, 0) + sum(killed.values()) // 2
    print(f"{len(odd)} verdicts of {len(jobs):,} are wrong, {len(lost)} went with what was killed")
    if len(lost) > may:
        print(f"wrong: at most {may} may have gone")


def _await_measurement(done: int) -> None:
    print(f"measure after {done:,}", flush=True)
    sys.stdin.readline()


async def _kill(killed: dict[str, int]) -> None:
    """Kill one process of each kind by turns, whatever it is doing."""
    while True:
        for kind in (WORKER, "bwrap", HARNESS):
            await asyncio.sleep(KILL_EVERY_S)
            with suppress(psutil.NoSuchProcess):
                living = [one for one in psutil.Process().children(recursive=True) if _is(one, kind)]
                if living:
                    random.choice(living).kill()
                    killed[kind] = killed.get(kind, 0) + 1


def _is(process: psutil.Process, kind: str) -> bool:
    """Tell a process's kind; those that a harness has forked look like it."""
    parent = process.parent()
    return _kind(process) == kind and not (parent and kind == HARNESS and _kind(parent) == kind)


async def _judge(jobs: Sequence[Job], pool: WorkerPool) -> list[tuple[Job, Verdict]]:
    """Return those that were judged wrongly."""
    began, todo, odd = time.perf_counter(), iter(jobs), list[tuple[Job, Verdict]]()

    async def share() -> None:
        for job in todo:
            problem = Problem(id="p", domain="code", prompt="Do it.", tests=job.tests)
            candidate = Candidate("c", "r", "p", 0, None, job.program, "none", "stop", "m")
            (verdict,) = await pool.verify(problem, candidate, ["code"])
            if verdict.reason not in job.reasons:
                odd.append((job, verdict))

    await asyncio.gather(*(share() for _ in range(IN_FLIGHT)))
    print(f"judged {len(jobs):,} in {time.perf_counter() - began:.0f} s")
    return odd


def _jobs(programs: int, chance: random.Random) -> list[Job]:
    names = sorted(HOSTILE)
    hostile = [names[number % len(names)] for number in range(programs // HOSTILE_SHARE)]
    tests = {"type": "stdin", "cases": [{"input": "3 4 5", "output": RIGHT}], **LIMITS}
    jobs = [Job(name, HOSTILE[name].program, tests, HOSTILE[name].reasons) for name in hostile]
    jobs += [_usual(number) for number in range(programs - len(jobs))]
    chance.shuffle(jobs)
    return jobs


def _usual(number: int) -> Job:
    """Return one of six kinds; each number has an answer of its own, so that no verdict can be another's."""
    said = {"type": "stdin", "cases": [{"input": "1", "output": f"{number + 1}"}]}
    called = {"type": "call", "fn_name": "f", "cases": [{"args": [1], "expected": [1, number]}]}
    asserted = {"type": "assert", "code": f"assert f(1) == [1, {number}]", "entry_point": "f"}
    alone = {"type": "stdin", "cases": [{"input": "", "output": "nothing False"}]}
    name, program, tests, reason = (
        ("printed", f"print(int(input()) + {number})", said, Reason.OK),
        ("numpy", f"import numpy\nprint(int(input()) + numpy.int64({number}))", said, Reason.OK),
        ("called", f"def f(x): return [x, {number}]", called, Reason.OK),
        ("asserted", f"def f(x): return [x, {number}]", asserted, Reason.OK),
        ("wrong", f"print({number})", said, Reason.WRONG_ANSWER),
        ("neighbour", NEIGHBOUR, alone, Reason.OK),
    )[number % 6]
    return Job(name, program, tests, frozenset({reason}))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=PROGRAMS)
    parser.add_argument("--seed", type=int, default=SEED, help="of the order")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
