"""A real store in a folder of its own, and records to put in it."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest

from curator.store.client import Store
from curator.store.location import hold, holder, locate, release
from curator.store.tables import RunPolicy
from schemas.candidate import Candidate, Run, SamplingParameters
from schemas.identity import content_hash
from schemas.policy import default_policy
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
PROBLEM = Problem("sum", "math", "甲有 2 个苹果, 乙有 3 个, 共几个?", "5", language="zh", meta={"grade": 1})
DEFAULT_POLICY = default_policy()
RUN = Run("first", "scripted", "teacher-7b", SamplingParameters(), "b2:template", START)


class Records:
    """Makes records that differ only where a test says so."""

    problem, run, start = PROBLEM, RUN, START

    def policy(self, run_id: str = "first", rules=DEFAULT_POLICY):
        return [RunPolicy(run_id, rule) for rule in rules]

    def candidate(self, number: int, **fields) -> Candidate:
        values = {"reasoning": "二加三", "content": "5", "reasoning_field": "reasoning", "finish_reason": "stop"}
        values |= {"run_id": "first", "problem_id": "sum", "model": "teacher-7b", "completion_tokens": 100} | fields
        return Candidate(id=content_hash([values["run_id"], number]), sample_index=number, **values)

    def candidates(self, count: int, first: int = 0, **fields) -> list[Candidate]:
        return [self.candidate(number, **fields) for number in range(first, first + count)]

    def verdict(self, candidate: Candidate, verifier: str, outcome=Outcome.ACCEPT, reason=Reason.OK, minute=0):
        when = START + timedelta(minutes=minute)
        return Verdict(candidate.id, verifier, "1", "b2:c", outcome, reason, "说明", "5", "5", None, 1.5, when)

    def verdicts(self, candidate: Candidate, **outcomes):
        judges = [one.verifier for one in default_policy() if (one.domain, one.requirement) == ("math", "required")]
        found = dict.fromkeys(judges, Outcome.ACCEPT) | outcomes
        reasons = {Outcome.ACCEPT: Reason.OK, Outcome.REJECT: Reason.WRONG_ANSWER}
        return [self.verdict(candidate, n, o, reasons.get(o, Reason.NO_GOLD)) for n, o in found.items()]


class Process:
    """The store process of one file, as the operating system sees it."""

    def __init__(self, path) -> None:
        self.location = locate(path)

    @property
    def pid(self) -> int:
        return int(holder(self.location.owner_lock))

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait_gone(self, within_s: float = 10.0) -> None:
        deadline = time.monotonic() + within_s
        while self.location.owner_lock.exists():
            assert time.monotonic() < deadline, "the store process stayed"
            time.sleep(0.02)

    def end(self) -> None:
        """Take the process and its traces away, whatever state a test left it in."""
        owner = hold(self.location.owner_lock)
        if owner is None:
            self.kill()
        else:
            release(self.location.owner_lock, owner)
        for left in self.location.socket.parent.glob(f"{self.location.socket.stem}.*"):
            left.unlink()


@pytest.fixture(scope="session")
def records():
    """Makes records."""
    return Records()


@pytest.fixture(scope="module")
def shared(tmp_path_factory, records):
    """A seeded store for all stories of one file, and its process."""
    path = tmp_path_factory.mktemp("shared") / "s.duckdb"
    with Store.open(path) as store:
        store.write([records.problem, records.run, *records.policy()])
        yield store, Process(path)
    Process(path).end()


@pytest.fixture
def path(tmp_path):
    """Where the store lies; its process ends with the test."""
    path = tmp_path / "轨迹 s'tore.duckdb"
    yield path
    Process(path).end()


@pytest.fixture
def store(path):
    """An open, empty store."""
    with Store.open(path) as store:
        yield store


@pytest.fixture
def process(path):
    """The process that owns the store."""
    return Process(path)


@pytest.fixture
def seeded(store, records):
    """A store with one run, its policy and one problem."""
    store.write([records.problem, records.run, *records.policy()])
    return store
