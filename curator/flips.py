"""What `curator verify` did, for a person and for programs: new verdicts, and the decisions that flipped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from curator.display import clock
from curator.escape import one_line, plain
from curator.funnel import STYLES, in_store
from curator.grid import cell, grid, print_grid
from curator.judge.tally import Tally
from curator.store import queries
from curator.store.client import Store
from schemas.flip import Flip

SHOWN = 20
"""Flips that are printed; the store has all."""
PAGE = 1000
"""Flips read from the store at a time."""


@dataclass(slots=True)
class VerifyReport:
    """What judging again came to; flips are kept in the store, not here."""

    store: Path
    runs: list[str]
    began: datetime
    dry_run: bool = False
    """Whether nothing was stored: then of the flips only those `shown` are known."""
    notes: list[str] = field(default_factory=list)
    candidates: int = 0
    """Candidates that were looked at."""
    new: Counter[str] = field(default_factory=Counter)
    """By verifier, verdicts that were made."""
    held: int = 0
    """Verdicts that still hold, and were not made again."""
    first: int = 0
    """Candidates that nothing had been decided about before."""
    flips: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(decision before, decision after) → candidates."""
    shown: list[Flip] = field(default_factory=list)
    """The first of them."""
    judge: Tally = field(default_factory=Tally)
    elapsed_s: float = 0.0

    def add(self, flip: Flip) -> None:
        """Count a decision that flipped."""
        self.flips[flip.old_decision, flip.decision] += 1
        if len(self.shown) < SHOWN:
            self.shown.append(flip)

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read, but for the flips themselves."""
        return {
            "store": str(self.store),
            "dry_run": self.dry_run,
            "runs": self.runs,
            "candidates": self.candidates,
            "new_verdicts": self.new.total(),
            "new_verdicts_by_verifier": dict(self.new.most_common()),
            "held_verdicts": self.held,
            "decided_first": self.first,
            "flipped": self.flips.total(),
            "transitions": [
                {"before": before, "after": after, "candidates": number}
                for (before, after), number in self.flips.most_common()
            ],
            "judge": self.judge.as_json(),
            "elapsed_s": round(self.elapsed_s, 2),
            "notes": self.notes,
        }


def write_json(report: VerifyReport) -> None:
    """Write one JSON object to stdout; its flips come from the store, page by page."""
    head = json.dumps(report.as_json(), ensure_ascii=True)
    click.echo(f'{head[:-1]}, "flips": [', nl=False)
    for number, flip in enumerate(_stored_flips(report)):
        click.echo(f"{', ' if number else ''}{json.dumps(flip, ensure_ascii=True)}", nl=False)
    click.echo("]}")


def _stored_flips(report: VerifyReport) -> Iterator[dict[str, object]]:
    """Read back what this verify stored."""
    if not report.flips:
        return
    if report.dry_run:
        yield from ({**asdict(flip), "created_at": flip.created_at.isoformat()} for flip in report.shown)
        return
    since, place = report.began.astimezone(UTC).replace(tzinfo=None).isoformat(), -1
    with Store.open(report.store, create=False) as store:
        while page := store.rows(queries.FLIP_PAGE, [report.runs, since, place, PAGE]):
            for row in page:
                place = int(str(row.pop("place")))
                yield {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def print_flips(report: VerifyReport, command: str) -> None:
    """Print the report to stdout; `command` is how the user calls us."""
    console = Console()
    for note in report.notes:
        console.print(Text(f"note: {plain(note)}", style="yellow"), soft_wrap=True)
    console.print(Text(_headline(report)), soft_wrap=True)
    if judged := report.judge.line():
        console.print(Text(judged), soft_wrap=True)
    told = "decisions that would flip" if report.dry_run else "decisions that flipped"
    if not report.flips:
        console.print(Text(f"{told}: none" if report.dry_run else "no decision flipped"))
        return
    console.print(Text(f"{told}: {report.flips.total():,}", style="bold"))
    for (before, after), number in report.flips.most_common():
        line = Text("  ").append(before, style=STYLES[before]).append(" → ").append(after, style=STYLES[after])
        other = ", for another reason" if before == after else ""
        console.print(line.append(f"{other}  {number:,}"))
    print_grid(console, _table(report.shown))
    if report.flips.total() > len(report.shown):
        text = f"… and {report.flips.total() - len(report.shown):,} more" + ": --json lists all" * (not report.dry_run)
        console.print(Text(text, style="dim"))
    console.print(Text("\nNext:", style="bold"))
    for command_line in _next(report, command):
        console.print(Text(f"  {command_line}"), soft_wrap=True)


def _headline(report: VerifyReport) -> str:
    runs = f"run {one_line(report.runs[0])}" if len(report.runs) == 1 else f"{len(report.runs):,} runs"
    text = f"Looked at {report.candidates:,} candidates of {runs} in {clock(report.elapsed_s)}: "
    by_verifier = ", ".join(f"{name} {number:,}" for name, number in report.new.most_common())
    text += f"{report.new.total():,} new verdicts" + (f" ({by_verifier})" if by_verifier else "")
    text += f", {report.held:,} still hold"
    if report.first:
        text += f"; candidates decided for the first time: {report.first:,}"
    return text


def _table(flips: list[Flip]) -> Table:
    table = grid(("candidate", "problem", "before", "after", "decided by"))
    for flip in flips:
        before, after = _said(flip.old_decision, flip.old_reason), _said(flip.decision, flip.reason)
        table.add_row(cell(flip.candidate_id[:11]), cell(flip.problem_id, 40), before, after, cell(flip.decided_by))
    return table


def _said(decision: str, reason: str) -> Text:
    text = decision if decision == "accepted" else f"{decision} ({reason})"
    return Text(text, style=STYLES[decision])


def _next(report: VerifyReport, command: str) -> list[str]:
    store = in_store(report.store)
    if report.dry_run:
        return [f"{command} verify{store}  # the same without --dry-run: stores them"]
    query = '"SELECT * FROM flips ORDER BY created_at DESC"'
    return [f"{command} sql {query}{store}", f"{command} show {report.shown[0].candidate_id}{store}"]
