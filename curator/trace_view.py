"""One candidate as a person reads it: problem, trace, verdicts. All model text is shown as plain text."""

from __future__ import annotations

import json
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
VERDICT_COLUMNS = ("verifier", "version", "outcome", "reason", "detail", "extracted", "expected", "score", "elapsed_ms")
DECISION_STYLES = {"accepted": "bold green", "rejected": "bold red", "undecided": "bold yellow"}


class View(NamedTuple):
    """A candidate with its problem and decision, and its latest verdicts."""

    candidate: dict[str, Any]
    verdicts: list[dict[str, Any]]


def find_candidate(store: Store, prefix: str) -> View:
    """Find the one candidate whose id begins with `prefix`, with or without its `b2:`.

    Raises:
        UsageError: None begins so, or several do.
    """
    rows = store.rows(queries.CANDIDATE_BY_PREFIX, [prefix])
    if not rows:
        raise UsageError(
            f"no candidate's id begins with {prefix!r}",
            hint='list some with: curator sql "SELECT id FROM candidates LIMIT 5"',
        )
    if len({row["id"] for row in rows}) > 1:
        raise UsageError(f"several candidates' ids begin with {prefix!r}", hint="give more of the id")
    verdicts = [{name: row[name] for name in VERDICT_COLUMNS} for row in rows if row["verifier"] is not None]
    return View({name: value for name, value in rows[0].items() if name not in VERDICT_COLUMNS}, verdicts)


def print_candidate(view: View, *, as_json: bool) -> None:
    """Print a candidate for a person, or as JSON for a program."""
    if as_json:
        data = {**view.candidate, "verdicts": view.verdicts}
        click.echo(json.dumps(data, ensure_ascii=True, default=str))
        return
    console = Console()
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


def _facts(row: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    decision = Text(str(row["decision"]), style=DECISION_STYLES.get(str(row["decision"]), ""))
    decision.append(f" ({row['decision_reason']}, by {row['decided_by']})", style="not bold")
    table.add_row("candidate", Text(str(row["id"])))
    table.add_row("decision", decision)
    table.add_row("problem", Text(one_line(f"{row['problem_id']} ({row['domain']}, {row['language']})")))
    table.add_row("run", Text(one_line(f"{row['run_id']}, sample {row['sample_index']}, {row['model']}")))
    tokens = "unknown" if row["completion_tokens"] is None else f"{row['completion_tokens']:,}"
    estimated = " (estimated)" if row["tokens_estimated"] else ""
    table.add_row("completion", Text(f"{tokens} tokens{estimated}, ended by {row['finish_reason']}"))
    return table


def _verdicts(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("verifier", "outcome", "reason", "detail", "extracted", "expected", "score"):
        table.add_column(name, overflow="fold")
    for row in rows:
        score = "" if row["score"] is None else f"{row['score']:.6g}"
        outcome = Text(str(row["outcome"]), style=STYLES.get(str(row["outcome"]), ""))
        texts = [Text(one_line(str(row[name] or ""), 200)) for name in ("reason", "detail", "extracted", "expected")]
        table.add_row(Text(str(row["verifier"])), outcome, *texts, score)
    return table
