"""A bench for stories inside one process: a store that they share, and a teacher whose every reply a story decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from curator.progress import Progress
from curator.prompts import load_templates
from curator.sampling.plan import Plan
from curator.sampling.sampler import Sampler
from curator.sampling.stopping import StopRule
from curator.session import run_until_done, session
from curator.store.client import Store
from curator.teacher.base import Completion, FailureReason, Request, TeacherError
from curator.teacher.retry import RetryPolicy
from schemas.candidate import Run, SamplingParameters, sampled_id
from schemas.policy import default_policy
from schemas.problem import Problem
from verifiers.settings import VerifierSettings

GOOD = "<think>two and two</think><answer>B</answer>"
START = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLING = SamplingParameters(max_tokens=100)
AT_ONCE = RetryPolicy(tries=3, wait_initial_s=0.0, wait_max_s=0.0, jitter_s=0.0)
SETTINGS = VerifierSettings()


def completion(content: str = GOOD, **fields: Any) -> Completion:
    values = {"reasoning": None, "reasoning_field": "inline", "finish_reason": "stop", "prompt_tokens": 7}
    values |= {"completion_tokens": 10, "elapsed_s": 0.5, "ttft_s": 0.1, "endpoint": None} | fields
    return Completion(content=content, **values)


class Teacher:
    """Gives its replies in turn, the last one for ever. None never comes; a function is called for its reply."""

    kind, model = "fake", "teacher-7b"

    def __init__(self, *replies: Completion | TeacherError | Callable[[], Completion | None] | None) -> None:
        self.replies = replies
        self.asked: list[Request] = []
        self.in_flight = self.most = 0
        self.meets = 1
        """Requests that must have been in flight at once before the first is answered."""

    async def check(self) -> None: ...

    async def aclose(self) -> None: ...

    async def complete(self, request: Request) -> Completion:
        reply = self.replies[min(len(self.asked), len(self.replies) - 1)]
        self.asked.append(request)
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await asyncio.sleep(0)
        while self.most < self.meets:
            await asyncio.sleep(0)
        self.in_flight -= 1
        if callable(reply):
            reply = reply()
        if reply is None:
            await asyncio.Event().wait()
        if isinstance(reply, TeacherError):
            raise reply
        return reply


class Slots:
    """Asks a teacher for no more at once than was allowed, as every teacher does that a command opens."""

    def __init__(self, teacher: Any, slots: int) -> None:
        self.kind, self.model, self.teacher = teacher.kind, teacher.model, teacher
        self.free = asyncio.Semaphore(slots)

    async def complete(self, request: Request) -> Completion:
        async with self.free:
            return await self.teacher.complete(request)


class Bench:
    """Everything of one story lies under its own run and its own prompts."""

    rules = default_policy()
    completion = staticmethod(completion)
    teacher = Teacher

    def __init__(self, store: Store, path: Path, run: str) -> None:
        self.store, self.path, self.run = store, path, run
        self.progress = Progress()

    def problem(self, number: int = 0, **fields: Any) -> Problem:
        values = {"id": f"{self.run}-{number}", "domain": "choice", "prompt": f"{self.run} {number}?\nA. x\nB. y"}
        return Problem(**{**values, "answer": "B", **fields})

    def problems(self, count: int) -> list[Problem]:
        return [self.problem(number) for number in range(count)]

    def fault(self, reason: FailureReason) -> TeacherError:
        return TeacherError(f"it says {reason}", reason=reason, hint="look")

    def sample(self, teacher: Any, *problems: Problem, **options: Any) -> Progress:
        """Run the sampler as `curator sample` does; nothing is judged unless `rules` are given."""
        values = {"stop": StopRule(options.pop("n", 1)), "concurrency": 4, "retry": AT_ONCE, "rules": ()} | options
        store, settings = values.pop("store", self.store), values.pop("settings", SETTINGS)
        run = Run(self.run, teacher.kind, teacher.model, SAMPLING, "b2:t", START)
        plan = Plan(run, SAMPLING, load_templates({}), few_shot=False, **values)
        slots = Slots(teacher, plan.concurrency)
        self.progress = Progress(wanted=plan.stop.max_n * len(problems), problems=len(problems))

        async def work(panel: Any, writer: Any) -> None:
            await Sampler(plan, slots, store, panel, writer, self.progress, settings).run(problems)

        run_until_done(session(store, plan.rules, settings, self.progress, work, quiet=True))
        return self.progress

    def id(self, problem: Problem, index: int = 0) -> str:
        messages = load_templates({}).messages(problem, few_shot=False)
        return sampled_id(self.run, messages, Teacher.model, SAMPLING, index)

    def rows(self, columns: str, table: str, order: str = "1", group: str = "") -> list[tuple[Any, ...]]:
        """Read what this story's run left in a table or view."""
        grouped = f"GROUP BY {group}" if group else ""
        query = f"SELECT {columns} FROM {table} WHERE run_id = ? {grouped} ORDER BY {order}"
        return [tuple(row.values()) for row in self.store.rows(query, [self.run])]

    def decisions(self) -> list[tuple[str, str]]:
        return self.rows("decision, reason", "decisions", "ALL")


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    """One store process for all stories of a file; files know nothing of each other, whichever run together."""
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        with Store.open(folder / "s.duckdb") as store:
            yield store, folder / "s.duckdb"


@pytest.fixture
def bench(shared_store: tuple[Store, Path], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The shared store under this story's own run."""
    store, path = shared_store
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(path.parent))
    return Bench(store, path, f"{request.node.path.stem}-{request.node.name}")
