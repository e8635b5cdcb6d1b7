"""Verdicts beside sampling: however far the verifiers are behind, sampling goes on and memory stays flat.

A bounded number of candidates waits for its verdicts in memory. Of the others only ids are kept (about 250 bytes each);
their texts are read back from the store when the verifiers get there.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import NamedTuple

from curator.panel import Panel
from curator.sampling.plan import Course
from curator.store import queries
from curator.store.client import Store
from curator.store.tables import problem_from_row
from curator.stored import Held, load_candidates, stored_verdicts
from curator.writer import Writer
from schemas.candidate import Candidate
from schemas.policy import Decision
from schemas.problem import Problem

IN_MEMORY = 256
"""Candidates that wait for their verdicts with their texts."""
CHARACTERS = 4_000_000
"""Of those texts, together; beyond it a candidate waits without its text."""
READ_AT_ONCE = 64
"""Candidates that are read back at a time."""

Spawn = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]


class Waiting(NamedTuple):
    """A candidate that waits for its verdicts in the store."""

    id: str
    course: Course
    mark: int = 0
    """Of the writer, from which on it is stored; 0 of one that was stored before, and may hold verdicts."""


class Judging:
    """Takes candidates and says when they are judged.

    Args:
        panel: Judges.
        store: Holds the texts of those that must wait.
        writer: Brings them there.
        spawn: Starts a task; whoever waits for the tasks waits for the verdicts.
        settled: Called with what became of a candidate.
    """

    def __init__(
        self,
        panel: Panel,
        store: Store,
        writer: Writer,
        spawn: Spawn,
        settled: Callable[[Course, Problem, Decision], None],
    ) -> None:
        self._panel = panel
        self._store = store
        self._writer = writer
        self._spawn = spawn
        self._settled = settled
        self._waiting: deque[Waiting] = deque()
        self._count = self._characters = 0
        self._reading = False

    def put(self, course: Course, problem: Problem, candidate: Candidate) -> None:
        """Judge a candidate that was just handed to the writer."""
        if self._waiting or self._count >= IN_MEMORY or self._characters >= CHARACTERS:
            self.put_stored(Waiting(candidate.id, course, self._writer.mark))
        else:
            self._start(course, problem, candidate, {})

    def put_stored(self, waiting: Waiting) -> None:
        """Judge a candidate that is stored, or soon will be."""
        self._waiting.append(waiting)
        self._read_on()

    def _start(self, course: Course, problem: Problem, candidate: Candidate, held: Mapping[str, Held]) -> None:
        self._count += 1
        self._characters += _characters(candidate)
        self._spawn(self._judge(course, problem, candidate, held))

    async def _judge(self, course: Course, problem: Problem, candidate: Candidate, held: Mapping[str, Held]) -> None:
        decision = await self._panel.verify(problem, candidate, self._panel.owed(problem, held), held)
        self._count -= 1
        self._characters -= _characters(candidate)
        self._settled(course, problem, decision)
        self._read_on()

    def _read_on(self) -> None:
        """Fetch those that wait as soon as half of the memory is free."""
        if self._waiting and not self._reading and self._has_room():
            self._reading = True
            self._spawn(self._read_back())

    def _has_room(self) -> bool:
        return self._count < IN_MEMORY // 2 and self._characters < CHARACTERS // 2

    async def _read_back(self) -> None:
        while self._waiting and self._has_room():
            some = [self._waiting.popleft() for _ in range(min(READ_AT_ONCE, len(self._waiting)))]
            await self._writer.saved(max(one.mark for one in some))
            candidates, problems, state = await asyncio.to_thread(self._read, some)
            for one in some:
                problem, candidate = problems[candidates[one.id].problem_id], candidates[one.id]
                self._start(one.course, problem, candidate, state.get(one.id, {}))
        self._reading = False

    def _read(
        self, some: Sequence[Waiting]
    ) -> tuple[dict[str, Candidate], dict[str, Problem], dict[str, dict[str, Held]]]:
        candidates = load_candidates(self._store, [one.id for one in some])
        wanted = sorted({candidate.problem_id for candidate in candidates.values()})
        rows = self._store.rows(queries.PROBLEMS_BY_ID, [wanted])
        problems = {problem.id: problem for problem in map(problem_from_row, rows)}
        older = [one.id for one in some if not one.mark]
        return candidates, problems, stored_verdicts(self._store, older) if older else {}


def _characters(candidate: Candidate) -> int:
    return len(candidate.reasoning or "") + len(candidate.content)
