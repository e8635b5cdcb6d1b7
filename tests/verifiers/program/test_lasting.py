"""Judging lasts: whatever programs do, or somebody does to sandboxes, nothing is left and the next is judged."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil
import pytest

from benchmarks.hostile import HOSTILE, RIGHT
from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason
from verifiers.pool import WorkerPool
from verifiers.program.confined import WARM, Sandbox, close_idle
from verifiers.program.ladder import probe
from verifiers.program.run import run_tests
from verifiers.program.running import Limits, VanishedError
from verifiers.program.tests import read_tests
from verifiers.settings import CodeSettings

SLOW = {"loop", "deaf loop", "last words", "all closed", "sleeper", "stopped", "threads"}
"""They only take time, each of the others leaves something, or breaks something."""
ALONE = "import os\nprint(12 if os.listdir() == ['program.py'] else os.listdir())"
TESTS: dict[str, Any] = {"type": "stdin", "cases": [{"input": "3 4 5", "output": RIGHT}]}
MANY = 12
LIMITS = Limits(cpu_s=1, memory_mb=128, output_bytes=1 << 20, idle_s=1, wall_s=60)


def verdict(program: str, rung: int) -> Reason:
    """Judge a program that may not use much."""
    tests = read_tests({**TESTS, "time_limit_s": 0.5, "memory_mb": 128})
    fault = run_tests(program, tests, CodeSettings(), rung).fault
    return fault.reason if fault else Reason.OK


def held() -> tuple[set[psutil.Process], int]:
    """All processes below this one, and how many files it holds open."""
    here = psutil.Process()
    return set(here.children(recursive=True)), here.num_fds()


def sandboxes(command: psutil.Process) -> list[psutil.Process]:
    """Those that run below a command."""
    with suppress(psutil.NoSuchProcess):
        return [one for one in command.children(recursive=True) if one.name() == "bwrap"]
    return []


def until(condition: Callable[[], object]) -> None:
    """Wait for a state that must come."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def test_hostile_programs_leave_nothing(rung: int) -> None:
    """Each gets its verdict, and the next program finds an empty place; afterwards neither process nor file is left."""
    assert verdict(ALONE, rung) is Reason.OK
    before = held()
    for name in sorted(HOSTILE.keys() - SLOW):
        assert verdict(HOSTILE[name].program, rung) in HOSTILE[name].reasons, name
        assert verdict(ALONE, rung) is Reason.OK, name
    assert held() == before
    close_idle()


def test_a_sandbox_that_is_killed_at_work_says_so_and_serves_on(box: Sandbox) -> None:
    """That is no fault of the program, which can be run again."""
    others = held()[0]
    box.close()
    with pytest.raises(VanishedError), box.run("serve", "def f(): pass", LIMITS) as running:
        assert running.receive()
        min(held()[0] - others, key=psutil.Process.create_time).kill()
        running.end()
    with box.run("main", "print(12)", LIMITS) as running:
        assert running.end() is None
    assert running.output == b"12\n"


@pytest.mark.parametrize("victim", ["bwrap", "python"])
def test_a_worker_replaces_a_sandbox_that_was_killed(namespaces: None, victim: str) -> None:
    """Its candidates do not notice."""
    if probe().rung != WARM:
        pytest.skip("no sandbox stays here, so that none can be missing")
    others = held()[0]

    async def story() -> list[Outcome]:
        problem = Problem("p", "code", "Add.", tests=TESTS)
        candidate = Candidate("c", "r", "p", 0, None, "print(12)", "none", "stop", "m")
        async with WorkerPool(1) as pool:
            first = await pool.verify(problem, candidate, ["code"])
            worker = min(held()[0] - others, key=psutil.Process.create_time)
            (killed,) = (one for one in worker.children(recursive=True) if one.name().startswith(victim))
            killed.kill()
            second = await pool.verify(problem, candidate, ["code"])
            assert worker.is_running()
        return [first[0].outcome, second[0].outcome]

    assert asyncio.run(story()) == [Outcome.ACCEPT, Outcome.ACCEPT]
    assert held()[0] == others


def test_ctrl_c_leaves_no_process_and_loses_nothing(namespaces: None, user: Any) -> None:
    """Programs at work end with the command; the same command judges the rest."""
    program = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(9)\nsum(range(9**7))\nprint(12)"
    row = {"domain": "code", "tests": TESTS, "completion": f"<think>t</think>```python\n{program}\n```"}
    user.writes("traces.jsonl", [{**row, "prompt": f"Add, and go {number}."} for number in range(MANY)])
    process = user.start("import", "traces.jsonl", start_new_session=True)
    command = psutil.Process(process.pid)
    until(lambda: sandboxes(command))
    family = command.children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said) == (130, False)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
    assert json.loads(user.does("import", "traces.jsonl", "--json"))["accepted"] == MANY
