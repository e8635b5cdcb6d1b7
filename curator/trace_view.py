"""One candidate as a person reads it: problem, trace, verdicts. All model text is shown as plain text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import click
from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from curator.errors import UsageError
from curator.escape import one_line, plain
from curator.store import queries
from curator.store.client import Store

STYLES = {"accept": "green", "reject": "red", "abstain": "yellow", "error": "magenta"}
VERDICT_COLUMNS = ("verifier", "version", "outcome", "reason", "detail", "extracted", "expected", "score", "elapsed_ms",
                   "requirement")  # fmt: skip
DECISION_STYLES = {"accepted": "bold green", "rejected": "bold red", "undecided": "bold yellow"}


class View(NamedTuple):
    """A candidate with its problem and decision, its latest verdicts, and what people decided about it."""

    candidate: dict[str, Any]
    verdicts: list[dict[str, Any]]
    reviews: list[dict[str, Any]]


def find_candidate(store: Store, prefix: str) -> View:
    """Find the one candidate whose id begins with `prefix`, with or without its `b2:`.

    Raises:
        UsageError: None begins so, or several do.
    """
    found = store.rows(queries.CANDIDATES_BEGINNING, [prefix])
    if not found:
        raise UsageError(
            f"no candidate's id begins with {prefix!r}",
            hint='list some with: curator sql "SELECT id FROM candidates LIMIT 5"',
        )
    if len(found) > 1:
        raise UsageError(f"several candidates' ids begin with {prefix!r}", hint="give more of the id")
    return load_view(store, str(found[0]["id"]))


def load_view(store: Store, candidate_id: str) -> View:
    """Read a stored candidate by its whole id."""
    rows = store.rows(queries.CANDIDATE_VIEW, [candidate_id])
    verdicts = [{name: row[name] for name in VERDICT_COLUMNS} for row in rows if row["verifier"] is not None]
    candidate = {name: value for name, value in rows[0].items() if name not in VERDICT_COLUMNS}
    return View(candidate, verdicts, store.rows(queries.REVIEWS_OF, [candidate_id]))


def print_candidate(view: View, *, as_json: bool) -> None:
    """Print a candidate for a person, or as JSON for a program."""
    if as_json:
        data = {**view.candidate, "verdicts": view.verdicts, "reviews": view.reviews}
        click.echo(json.dumps(data, ensure_ascii=True, default=str))
        return
    print_whole(Console(), view)


def print_whole(console: Console, view: View) -> None:
    """Print everything about a candidate, its texts exactly as they were sent."""
    row = view.candidate
    console.print(_facts(row))
    for title, text in (
        ("problem", row["prompt"]),
        ("reasoning", row["reasoning"]),
        ("content", row["content"]),
        ("gold answer", row["answer"]),
    ):
        if text is not None:
            console.print(Rule(title, align="left", style="dim"))
            console.print(Text(plain(str(text))), soft_wrap=True)
    console.print(Rule("verdicts", align="left", style="dim"))
    console.print(_verdicts(view.verdicts))
    for line in review_lines(view):
        console.print(line, soft_wrap=True)


def review_lines(view: View) -> list[Text]:
    """Say what people decided, the oldest first."""
    return [_review_line(row) for row in view.reviews]


def decision_text(row: Mapping[str, Any]) -> Text:
    """Say what became of a candidate, why, and who decided."""
    decision = Text(str(row["decision"]), style=DECISION_STYLES.get(str(row["decision"]), ""))
    return decision.append(f" ({row['decision_reason']}, by {row['decided_by']})", style="not bold")


def _review_line(row: Mapping[str, Any]) -> Text:
    words = {"accept": "accepted it", "reject": "rejected it", "withdraw": "took the decision back"}
    note = f": {row['note']}" if row["note"] else ""
    when = f"{row['created_at']:%Y-%m-%d %H:%M}"
    return Text(one_line(f"review: {row['reviewer']} {words[row['outcome']]} on {when} UTC{note}"))


def _facts(row: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("candidate", Text(str(row["id"])))
    table.add_row("decision", decision_text(row))
    table.add_row("problem", Text(one_line(f"{row['problem_id']} ({row['domain']}, {row['language']})")))
    table.add_row("run", Text(one_line(f"{row['run_id']}, sample {row['sample_index']}, {row['model']}")))
    tokens = "unknown" if row["completion_tokens"] is None else f"{row['completion_tokens']:,}"
    estimated = " (estimated)" if row["tokens_estimated"] else ""
    ended = f"aborted ({row['abort_reason']})" if row["abort_reason"] else f"ended by {row['finish_reason']}"
    table.add_row("completion", Text(one_line(f"{tokens} tokens{estimated}, {ended}")))
    return table


def _verdicts(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("verifier", "outcome", "reason", "detail", "extracted", "expected", "score"):
        table.add_column(name, overflow="fold")
    for row in rows:
        score = "" if row["score"] is None else f"{row['score']:.6g}"
        outcome = Text(str(row["outcome"]), style=STYLES.get(str(row["outcome"]), ""))
        if row["requirement"] == "advisory" and row["outcome"] != "accept":
            outcome.append(" (advisory)", style="dim")
        texts = [Text(one_line(str(row[name] or ""), 200)) for name in ("reason", "detail", "extracted", "expected")]
        table.add_row(Text(str(row["verifier"])), outcome, *texts, score)
    return table
