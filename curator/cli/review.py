"""`curator review`: people decide what rules and the judge could not."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from curator.cli.options import as_json, config, program, settings_from, store
from curator.errors import UsageError

if TYPE_CHECKING:
    from curator.reviewing.queue import Queue
    from curator.store.client import Store


@click.command()
@click.argument("candidates", nargs=-1, metavar="[CANDIDATE]...")
@click.option("--run", "runs", multiple=True, metavar="NAME", help="Only this run; may be repeated (default: all).")
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    metavar="REASON",
    help="What was decided so, accepted and rejected too; may be repeated.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many.")
@click.option("--reviewer", metavar="NAME", help="Who decides (default: your login name).")
@config
@store
@as_json
def review(
    candidates: tuple[str, ...],
    runs: tuple[str, ...],
    reasons: tuple[str, ...],
    limit: int | None,
    reviewer: str | None,
    json_: bool,
    **flags: Any,
) -> None:
    """Decide by hand about candidates that are undecided, those first where the judge contradicts the rules.

    Your word outranks every verdict. It is stored at once; the same command goes on with what is left. Several people
    can review one store at the same time. --json prints the queue and asks nothing. CANDIDATE is an id or the
    beginning of one: then only these are shown, reviewed ones too.

    \b
    Example:
      curator review
      curator review --reason mixed_language --limit 20
    """
    from curator.reviewing.queue import find_queue, name_queue, print_nothing, write_json
    from curator.store.client import Store

    if candidates and (runs or reasons or limit):
        raise UsageError("CANDIDATE names what to review; --run, --reason and --limit do not go with it")
    if not json_:
        _refuse_without_terminal()
    settings = settings_from(flags)
    with Store.open(settings.store, create=False) as opened:
        queue = name_queue(opened, candidates) if candidates else find_queue(opened, runs, reasons, limit)
        if json_:
            write_json(queue)
        elif not len(queue):
            print_nothing(opened, runs, program())
        else:
            _sit(opened, queue, reviewer or _login_name())


def _sit(opened: Store, queue: Queue, reviewer: str) -> None:
    from rich.console import Console

    from curator.reviewing.desk import Desk

    with suppress(ImportError):
        import readline  # noqa: F401  # notes are then edited by characters, Chinese ones too
    desk = Desk(opened, queue, reviewer, Console())
    try:
        with suppress(EOFError):
            desk.work()
    finally:
        desk.print_summary()


def _refuse_without_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "review asks for keys, and stdin or stdout is no terminal",
            hint='print the queue with --json, or ask: curator sql "SELECT * FROM undecided"',
        )


def _login_name() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        raise UsageError(
            "this machine does not know your login name", hint="say who decides: --reviewer NAME"
        ) from None
