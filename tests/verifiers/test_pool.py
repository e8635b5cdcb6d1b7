"""Real worker processes: hostile answers cost an `error`, never the run."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict
from verifiers.pool import WorkerPool
from verifiers.settings import WorkerLimits

ALL = ["format", "math", "length"]
SHORT = ["format", "length"]
PROBLEM = Problem("p", "math", "1+1", "2")
ENDLESS = r"\int \sin(x^{50})\ln(x+\cos x) dx"
"""Nobody has a closed form, and sympy looks for one for minutes."""


def candidate(answer: str, name: str = "c") -> Candidate:
    """A well-formed trace that ends in `answer`."""
    return Candidate(name, "r", "p", 0, None, f"<think>t</think>\\boxed{{{answer}}}", "inline", "stop", "m")


OTHER = candidate("2", "other")


def in_pool(
    story: Callable[[WorkerPool], Awaitable[list[Verdict]]], size: int = 1, limits: WorkerLimits | None = None
) -> list[Verdict]:
    """Run a story in a pool; afterwards no worker is left."""

    async def run() -> list[Verdict]:
        async with WorkerPool(size, limits=limits or WorkerLimits(math_cpu_s=0.5)) as pool:
            return await story(pool)

    verdicts = asyncio.run(run())
    assert workers(os.getpid()) == []
    return verdicts


def workers(parent: int) -> list[psutil.Process]:
    """The living worker processes of `parent`."""
    children = psutil.Process(parent).children(recursive=True)
    return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]


def test_one_verdict_per_name_in_order() -> None:
    """Verifiers answer in the order they were asked, unknown ones too."""
    verdicts = in_pool(lambda pool: pool.verify(PROBLEM, candidate("2"), ["length", "nobody", "math", "format"]))
    assert [verdict.verifier for verdict in verdicts] == ["length", "nobody", "math", "format"]
    assert [verdict.outcome.value for verdict in verdicts] == ["accept", "abstain", "accept", "accept"]


def test_hostile_text_arrives_whole() -> None:
    """Line ends, control characters and broken surrogates are only text."""
    nasty = candidate("2} \n\r\u2028\x00\x1b[2J\ud800 \\boxed{2")
    assert [verdict.outcome for verdict in in_pool(lambda pool: pool.verify(PROBLEM, nasty, ALL))] == [
        Outcome.ACCEPT
    ] * 3


def test_long_texts_are_judged() -> None:
    """A text of many times what a pipe holds is judged as any other."""
    long = replace(candidate("2"), content=f"<think>{'很长的推理。' * 100_000}</think>\\boxed{{2}}")
    verdicts = in_pool(lambda pool: pool.verify(PROBLEM, long, SHORT), limits=WorkerLimits())
    assert [verdict.verifier for verdict in verdicts] == ["format", "length"]
    assert verdicts[1].score is not None
    assert verdicts[1].score > 100_000


def test_libraries_of_mathematics_are_loaded_for_mathematics_only() -> None:
    """A worker starts without sympy, which costs it more than a hundred verdicts of any other kind."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, verifiers.worker; print('sympy' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "False\n"


def test_threads_have_pools_of_their_own() -> None:
    """Who judges from threads, each with an event loop, needs neither the main thread nor its signals."""

    def judge(name: str) -> Verdict:
        async def story() -> list[Verdict]:
            async with WorkerPool(1) as pool:
                return await pool.verify(PROBLEM, candidate("2", name), ["length"])

        return asyncio.run(story())[0]

    with ThreadPoolExecutor(3) as threads:
        verdicts = list(threads.map(judge, "abc"))
    assert [(verdict.candidate_id, verdict.outcome.value) for verdict in verdicts] == [
        ("a", "accept"),
        ("b", "accept"),
        ("c", "accept"),
    ]
    assert workers(os.getpid()) == []


def test_endless_answer_is_an_error_and_the_rest_goes_on() -> None:
    """The verifier at fault gets `verifier_timeout`; those before and after it keep their verdicts."""
    verdicts = in_pool(lambda pool: pool.verify(PROBLEM, candidate(ENDLESS), ALL))
    assert [verdict.outcome.value for verdict in verdicts] == ["accept", "error", "accept"]
    assert (verdicts[1].reason, verdicts[1].detail) == (Reason.VERIFIER_TIMEOUT, "no verdict after 0.5 s of CPU time")


def test_wall_clock_ends_a_worker_that_waits() -> None:
    """Whatever the CPU limit misses, the wall limit ends."""
    limits = WorkerLimits(math_cpu_s=600, wall_s=0.5)
    (verdict,) = in_pool(lambda pool: pool.verify(PROBLEM, candidate(ENDLESS), ["math"]), limits=limits)
    assert (verdict.outcome, verdict.reason) == (Outcome.ERROR, Reason.VERIFIER_TIMEOUT)
    assert verdict.elapsed_ms < 10_000


def test_too_much_memory_is_an_error() -> None:
    """A candidate that does not fit into a worker's memory is not judged, and not rejected."""
    limits = WorkerLimits(memory_mb=160)
    huge = candidate("2" + " " * 60_000_000)
    (verdict,) = in_pool(lambda pool: pool.verify(PROBLEM, huge, ["format"]), limits=limits)
    assert (verdict.outcome, verdict.reason) == (Outcome.ERROR, Reason.VERIFIER_MEMORY)


def test_memory_hog_costs_its_own_verdict_only() -> None:
    """A text that swells while it is compared is an error; its other verdicts and the next candidate are not."""
    swelling = candidate("\ufdfa" * 1_000_000)  # one character that compatibility normalisation spells with 18

    async def story(pool: WorkerPool) -> list[Verdict]:
        asked = replace(PROBLEM, domain="logic")
        swollen = await pool.verify(asked, swelling, ["format", "exact", "length"])
        return [*swollen, *await pool.verify(PROBLEM, candidate("2", "next"), ["length"])]

    verdicts = in_pool(story, limits=WorkerLimits(memory_mb=160))
    assert [verdict.outcome.value for verdict in verdicts] == ["accept", "error", "reject", "accept"]
    assert verdicts[1].reason is Reason.VERIFIER_MEMORY


def test_next_candidates_are_judged_after_a_bad_one() -> None:
    """One bad candidate among good ones changes nothing for the good ones, even where all went to a worker together."""

    async def story(pool: WorkerPool) -> list[Verdict]:
        answers = [candidate("2", "before"), candidate(ENDLESS, "bad"), candidate("2", "after"), candidate("3", "last")]
        found = await asyncio.gather(*(pool.verify(PROBLEM, answer, ["math"]) for answer in answers))
        return [verdict for verdicts in found for verdict in verdicts]

    verdicts = in_pool(story)
    assert [verdict.outcome.value for verdict in verdicts] == ["accept", "error", "accept", "reject"]
    assert [verdict.candidate_id for verdict in verdicts] == ["before", "bad", "after", "last"]


def test_bombs_do_not_move_our_own_memory() -> None:
    """What could swell without bound is looked at by workers only; the process that asks stays as small as it was."""
    bombs = [candidate(f"9^{{9^{{9^{{{top}}}}}}}", f"c{top}") for top in range(2, 22)]

    async def story(pool: WorkerPool) -> list[Verdict]:
        await pool.verify(PROBLEM, candidate("2"), ["math"])
        before = psutil.Process().memory_info().rss
        found = await asyncio.gather(*(pool.verify(PROBLEM, bomb, ["math"]) for bomb in bombs))
        assert psutil.Process().memory_info().rss - before < 16 << 20
        assert max(worker.memory_info().rss for worker in workers(os.getpid())) < 512 << 20
        return [verdict for verdicts in found for verdict in verdicts]

    assert {verdict.outcome for verdict in in_pool(story)} == {Outcome.REJECT}


def test_workers_are_recycled() -> None:
    """A worker leaves after its share of candidates, so what libraries leak stays bounded."""

    async def story(pool: WorkerPool) -> list[Verdict]:
        verdicts, pids = [], []
        for number in range(3):
            verdicts += await pool.verify(PROBLEM, candidate("2", f"c{number}"), ["length"])
            pids.append([worker.pid for worker in workers(os.getpid())])
        assert (len(pids[0]), pids[1]) == (1, [])
        assert pids[2] not in ([], pids[0])
        return verdicts

    verdicts = in_pool(story, limits=WorkerLimits(recycle_after=2))
    assert {verdict.outcome for verdict in verdicts} == {Outcome.ACCEPT}


def test_killed_worker_is_replaced() -> None:
    """`kill -9` of a worker in the middle of a verdict costs that verdict only."""

    async def story(pool: WorkerPool) -> list[Verdict]:
        await pool.verify(PROBLEM, candidate("2"), ["math"])
        (worker,) = workers(os.getpid())
        idle = worker.cpu_times().user
        asked = [pool.verify(PROBLEM, candidate(ENDLESS), ["math", "length"]), pool.verify(PROBLEM, OTHER, ["math"])]
        task = asyncio.gather(*asked)
        while worker.cpu_times().user < idle + 0.1 and not task.done():
            await asyncio.sleep(0)
        worker.kill()
        return [verdict for verdicts in await task for verdict in verdicts]

    crashed, *judged = in_pool(story)
    assert (crashed.outcome, crashed.reason) == (Outcome.ERROR, Reason.VERIFIER_CRASH)
    assert crashed.detail == "the worker process died (SIGKILL)"
    assert [verdict.outcome.value for verdict in judged] == ["accept", "accept"]


def test_event_loop_stays_free() -> None:
    """While workers compute, the loop is never blocked for more than 50 ms."""

    async def story(pool: WorkerPool) -> list[Verdict]:
        await pool.verify(PROBLEM, candidate("2"), ALL)
        task = asyncio.create_task(pool.verify(PROBLEM, candidate(ENDLESS), ["math"]))
        longest = 0.0
        while not task.done():
            before = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - before)
        assert longest < 0.05
        return await task

    in_pool(story)


def test_many_at_once_share_few_workers() -> None:
    """More candidates than workers wait their turn, and each keeps its own verdict."""

    async def story(pool: WorkerPool) -> list[Verdict]:
        asked = [pool.verify(PROBLEM, candidate(str(number), f"c{number}"), ["math"]) for number in range(40)]
        found = [verdict for verdicts in await asyncio.gather(*asked) for verdict in verdicts]
        assert len(workers(os.getpid())) <= 2
        return found

    verdicts = in_pool(story, size=2)
    assert [verdict.candidate_id for verdict in verdicts] == [f"c{number}" for number in range(40)]
    assert [verdict.candidate_id for verdict in verdicts if verdict.outcome is Outcome.ACCEPT] == ["c2"]


def test_cancelled_verification_leaves_no_stale_reply() -> None:
    """After a cancelled call the next candidate gets its own verdicts, not the leftovers."""

    async def story(pool: WorkerPool) -> list[Verdict]:
        task = asyncio.create_task(pool.verify(PROBLEM, candidate(ENDLESS), ALL))
        while not workers(os.getpid()):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await pool.verify(PROBLEM, candidate("2", "next"), ALL)

    verdicts = in_pool(story)
    assert {(verdict.candidate_id, verdict.outcome) for verdict in verdicts} == {("next", Outcome.ACCEPT)}


def test_cancelled_caller_takes_nothing_from_the_others() -> None:
    """Of candidates that a worker has together, one may be given up; the others get their verdicts."""

    async def story(pool: WorkerPool) -> list[Verdict]:
        kept, gone = (
            asyncio.create_task(pool.verify(PROBLEM, candidate("2", name), SHORT)) for name in ("kept", "gone")
        )
        while not workers(os.getpid()):
            await asyncio.sleep(0.01)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await kept

    assert [verdict.candidate_id for verdict in in_pool(story)] == ["kept"] * 2


def test_closing_a_busy_pool_ends_at_once() -> None:
    """Leaving the context kills busy workers; their callers get no verdict, rather than a false one."""

    async def run() -> None:
        async with WorkerPool(1, limits=WorkerLimits(math_cpu_s=600)) as pool:
            tasks = [asyncio.create_task(pool.verify(PROBLEM, candidate(ENDLESS), ALL)) for _ in range(3)]
            while not workers(os.getpid()):
                await asyncio.sleep(0.01)
        found = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in found] == [RuntimeError] * 3

    asyncio.run(run())
    assert workers(os.getpid()) == []


def test_workers_know_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker reads hostile text, so it inherits no key."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-workers")

    async def story(pool: WorkerPool) -> list[Verdict]:
        verdicts = await pool.verify(PROBLEM, candidate("2"), SHORT)
        (worker,) = workers(os.getpid())
        assert "OPENAI_API_KEY" not in worker.environ()
        return verdicts

    in_pool(story)


def test_no_worker_outlives_its_parent(tmp_path: Path) -> None:
    """`kill -9` of the whole program leaves no process computing for nobody."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio\nfrom tests.verifiers.test_pool import *\n"
        "async def main():\n"
        "    async with WorkerPool(1, limits=WorkerLimits(math_cpu_s=600)) as pool:\n"
        "        await pool.verify(PROBLEM, candidate('2'), SHORT)\n"
        "        print('ready', flush=True)\n"
        "        await pool.verify(PROBLEM, candidate(ENDLESS), ['math'])\n"
        "asyncio.run(main())\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, script], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        orphans = workers(parent.pid)
        parent.kill()
    assert orphans
    assert psutil.wait_procs(orphans, timeout=10)[1] == []
