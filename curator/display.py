"""What a person sees while a command works: a live table on a terminal, plain lines elsewhere. All on stderr."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from curator.progress import Progress

REFRESH_S = 0.25
PLAIN_EVERY_S = 10.0
TOP_REASONS = 6


@asynccontextmanager
async def display(progress: Progress, *, quiet: bool = False) -> AsyncIterator[None]:
    """Show `progress` until the block ends."""
    console = Console(stderr=True)
    if quiet:
        yield
        return
    task = asyncio.create_task(_live(console, progress) if console.is_terminal else _plain(console, progress))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@contextmanager
def waiting(text: str, *, quiet: bool) -> Iterator[None]:
    """Say on a terminal what is being waited for, until the block ends."""
    console = Console(stderr=True, quiet=quiet)
    if not console.is_terminal:
        console.print(Text(text))
    with console.status(text):
        yield


async def _live(console: Console, progress: Progress) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            live.update(_table(progress), refresh=True)
            await asyncio.sleep(REFRESH_S)


async def _plain(console: Console, progress: Progress) -> None:
    while True:
        await asyncio.sleep(PLAIN_EVERY_S)
        console.print(Text(line(progress)), soft_wrap=True)


def line(progress: Progress) -> str:
    """Say where a run stands in one line."""
    parts = [
        _done(progress),
        *(f"{progress.count(name)} {name}" for name in ("accepted", "rejected", "undecided")),
    ]
    if progress.completion_tokens:
        parts.append(f"{progress.in_flight} in flight, {progress.tokens_per_s():,.0f} tokens/s")
    if (yield_ := progress.accepted_per_million()) is not None:
        parts.append(f"{yield_:,.0f} accepted per million tokens")
    if progress.cut:
        parts.append(f"{progress.cut:,} cut")
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.retries:
        parts.append(f"{progress.retries} tried again")
    if (eta := progress.eta_s()) is not None:
        parts.append(f"{clock(eta)} left")
    return ", ".join(parts)


def _done(progress: Progress) -> str:
    """Say how far the work is: in candidates, or in problems where nobody knows how many candidates there will be."""
    done = progress.stored + progress.sampled
    if not progress.adaptive:
        return f"{done:,} of {progress.wanted:,} {progress.verb}"
    return f"{progress.ended.total():,} of {progress.problems:,} problems done, {done:,} {progress.verb}"


def clock(seconds: float) -> str:
    """Write a duration as people read it: 45s, 3m20s, 2h05m."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def _table(progress: Progress) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold")
    table.add_column()
    bar = "█" * round(30 * progress.share)
    table.add_row(progress.verb, Text(f"{bar:░<30} {_done(progress)}"))
    for name, style in (("accepted", "green"), ("rejected", "red"), ("undecided", "yellow")):
        table.add_row(name, Text(f"{progress.count(name):,}  {_reasons(progress, name)}", style=style))
    if progress.verb == "sampled":
        rate = f"{progress.in_flight} in flight, {progress.tokens_per_s():,.0f} tokens/s"
        cut = f", {progress.cut:,} cut" if progress.cut else ""
        table.add_row("teacher", f"{rate}{cut}, {progress.judging} being judged")
    if (yield_ := progress.accepted_per_million()) is not None:
        table.add_row("yield", f"{yield_:,.0f} accepted per million tokens")
    if progress.failed or progress.retries:
        table.add_row("trouble", f"{progress.retries} tried again, {progress.failed} failed for good")
    eta = progress.eta_s()
    table.add_row("time", f"{clock(progress.elapsed_s)}" + (f", about {clock(eta)} left" if eta is not None else ""))
    return table


def _reasons(progress: Progress, decision: str) -> str:
    if decision == "accepted":
        return ""
    counts = [(number, reason) for (name, reason), number in progress.decisions.items() if name == decision]
    return ", ".join(f"{reason} {number:,}" for number, reason in sorted(counts, reverse=True)[:TOP_REASONS])
