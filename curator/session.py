"""One command's work from start to end: writer, workers and display come up, and go down in order.

However the work ends (done, failed, interrupted), what it had received is committed before the error goes on.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from curator.display import display
from curator.judge.asking import AskingJudge
from curator.judge.setup import JudgeSetup, ready
from curator.panel import Panel
from curator.progress import Progress
from curator.store.client import Store
from curator.writer import Writer
from schemas.policy import PolicyRule
from verifiers.pool import WorkerPool
from verifiers.settings import VerifierSettings

MAX_WORKERS = 8
COLLECT_AFTER = (10_000, 10, 10)
"""Objects until garbage is looked for. A stream's events are thousands of objects a second, without a cycle among
them, and looking every 700 is a third of the CPU of streaming."""

Work = Callable[[Panel, Writer], Coroutine[None, None, None]]


async def session(
    store: Store,
    rules: Sequence[PolicyRule],
    settings: VerifierSettings,
    progress: Progress,
    work: Work,
    *,
    judge: JudgeSetup | None = None,
    quiet: bool = False,
) -> None:
    """Do `work` with a panel of verifiers and a writer; commit what it handed over, whatever happens.

    The judge, where there is one, must be `ready`; its verdicts name it in their settings.

    Raises:
        CuratorError: What stopped the work, or the store's error when it could not take the records.
        asyncio.CancelledError: The work was interrupted (Ctrl-C or SIGTERM); everything received is stored.
    """
    _cancel_on_sigterm()
    if judge is not None:
        settings = replace(settings, judge=judge.settings)
    async with _writer(store) as (writer, committing), WorkerPool(workers(), settings) as pool:
        asked = AskingJudge(judge, settings, store, writer, progress.judge) if judge else None
        panel = Panel(rules, settings, pool, writer, progress, asked)
        progress.begin()
        async with display(progress, quiet=quiet):
            await _until_either(work(panel, writer), committing)


@asynccontextmanager
async def _writer(store: Store) -> AsyncIterator[tuple[Writer, asyncio.Task[None]]]:
    writer = Writer(store)
    committing = writer.start()
    try:
        yield writer, committing
    finally:
        await writer.close()


async def _until_either(work: Coroutine[None, None, None], committing: asyncio.Task[None]) -> None:
    """Wait for the work; end it early when nothing can be committed any more."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, committing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        task.cancel()
        await asyncio.wait({task})
    if committing.done():
        committing.result()
    try:
        task.result()
    except BaseExceptionGroup as group:
        raise _first(group) from group


def judge_until_done(
    store: Store,
    rules: Sequence[PolicyRule],
    settings: VerifierSettings,
    progress: Progress,
    work: Work,
    *,
    judge: JudgeSetup | None,
    quiet: bool,
) -> None:
    """Run the session of a command that asks no teacher, with its judge made ready and closed.

    Raises:
        CuratorError: As `session` does, or the judge cannot be asked.
    """

    async def check_and_work() -> None:
        async with ready(judge, quiet=quiet):
            await session(store, rules, settings, progress, work, judge=judge, quiet=quiet)

    run_until_done(check_and_work())


def run_until_done(work: Coroutine[None, None, None]) -> None:
    """Run a command's work on an event loop of its own; SIGTERM interrupts it as Ctrl-C does."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    try:
        asyncio.run(work)
    except asyncio.CancelledError as err:
        raise KeyboardInterrupt from err


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Take the error that ended a task group out of it."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def workers() -> int:
    """Return how many worker processes a command starts: one more than cores, for each waits a little between two."""
    return min(MAX_WORKERS, 1 + len(os.sched_getaffinity(0)))


def _cancel_on_sigterm() -> None:
    """Let SIGTERM end the work as Ctrl-C does."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
