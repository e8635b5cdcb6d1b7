"""Verdicts beside sampling: the verifiers may be slow, sampling goes on, and memory does not grow with what waits."""

from __future__ import annotations

import asyncio
import gc

from curator.sampling.judging import CHARACTERS, IN_MEMORY, Judging
from curator.sampling.plan import Course
from curator.writer import MAX_ROWS, Writer
from schemas.candidate import Candidate
from schemas.policy import Decision

ACCEPTED = Decision("accepted", "ok", "policy")


class Gate:
    """A panel that gives no verdict before it is told to; counts the texts that wait for it."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.waiting = self.most = self.before = 0
        self.judged: list[str] = []

    def owed(self, problem, held):
        return ["choice"]

    async def verify(self, problem, candidate, verifiers, held):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await self.opened.wait()
        self.waiting -= 1
        self.judged.append(candidate.id)
        return ACCEPTED


def texts_in_memory() -> int:
    return sum(type(one) is Candidate for one in gc.get_objects())


def judged(bench, count: int, size: int = 10) -> tuple[Gate, list[str], int]:
    """Hand over `count` candidates before there is any verdict; return what happened, and the texts kept meanwhile."""
    problem, settled, kept = bench.problem(), [], 0
    bench.store.write([problem])

    async def story() -> Gate:
        nonlocal kept
        gate, writer = Gate(), Writer(bench.store)
        writer.start()
        before = texts_in_memory()
        async with asyncio.TaskGroup() as tasks:
            judging = Judging(gate, bench.store, writer, tasks.create_task, lambda *one: settled.append(one))
            for number in range(count):
                text = f"{number:0{size}}"
                sent = Candidate(
                    f"{bench.run}-{number}", bench.run, problem.id, number, None, text, "none", "stop", "m"
                )
                writer.put(sent)
                judging.put(Course(problem.id, []), problem, sent)
                await asyncio.sleep(0)
            await writer.saved(writer.mark)
            kept = texts_in_memory() - before
            gate.before = gate.waiting
            gate.opened.set()
        await writer.close()
        return gate

    gate = asyncio.run(story())
    assert [decision for _, _, decision in settled] == [ACCEPTED] * count
    return gate, sorted(gate.judged), kept


def test_every_candidate_is_judged_once(bench) -> None:
    """Those in memory, and those whose texts are read back."""
    gate, names, _ = judged(bench, IN_MEMORY + 200)
    assert names == sorted(f"{bench.run}-{number}" for number in range(IN_MEMORY + 200))
    assert gate.most <= IN_MEMORY


def test_texts_that_wait_are_not_held(bench) -> None:
    """However many wait, no more than a bounded number is in memory; the writer may hold its last group besides."""
    assert judged(bench, 2 * IN_MEMORY)[2] <= IN_MEMORY + MAX_ROWS


def test_long_texts_fill_the_memory_sooner(bench) -> None:
    """Characters are bounded too: of 32 texts of a million, a few wait with their texts."""
    gate, names, _ = judged(bench, 32, size=1_000_000)
    assert len(names) == 32
    assert gate.before == CHARACTERS // 1_000_000


def test_sampling_does_not_wait_for_verdicts(bench) -> None:
    """All candidates are asked for although nothing is judged before the last one is; all are judged in the end."""
    problem, asked = bench.problems(IN_MEMORY + 100), []

    class Slow(bench.teacher):
        async def complete(self, request):
            asked.append(bench.progress.count("accepted"))
            return await super().complete(request)

    bench.sample(Slow(bench.completion()), *problem, concurrency=8, rules=bench.rules)
    assert max(asked) < len(problem) // 2
    assert bench.decisions() == [("accepted", "ok")] * len(problem)
