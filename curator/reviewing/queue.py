"""Which candidates wait for a person: ids only, for there may be a million; texts are read one candidate at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
import pyarrow as pa
from rich.console import Console
from rich.text import Text

from curator.errors import UsageError, did_you_mean
from curator.grid import cell, grid, print_grid
from curator.runs import select_runs
from curator.store import queries, review_queries
from curator.store.client import Store
from curator.trace_view import find_candidate
from schemas.verdict import CUTS, JUDGE_DISAGREES, NOT_JUDGED, Reason

REASONS = (*(reason.value for reason in Reason), NOT_JUDGED, JUDGE_DISAGREES)
COLUMNS = ("candidate_id", "problem_id", "run_id", "decision", "reason", "decided_by")
NOT_FOR_PEOPLE = sorted({NOT_JUDGED, *CUTS})
"""Reasons for which the undecided wait for no person: verifiers have yet to judge, or half a trace is all there is."""
BATCH = 10_000
"""Rows that are written as JSON at a time."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Candidates in the order in which they are shown."""

    table: pa.Table
    """One row each: `COLUMNS`."""
    waiting: int
    """How many wait, those beyond `--limit` too."""
    named: bool = False
    """Whether a person named them: then they are shown also when somebody decided them before."""

    def __len__(self) -> int:
        """Candidates to be shown."""
        return int(self.table.num_rows)

    def ids(self) -> Iterator[str]:
        """Yield their ids."""
        return (str(value) for value in self.table["candidate_id"])

    def reasons(self) -> Counter[str]:
        """Count them by reason."""
        counted = self.table["reason"].value_counts().to_pylist()
        return Counter({row["values"]: row["counts"] for row in counted})


def find_queue(store: Store, runs: Sequence[str], reasons: Sequence[str], limit: int | None) -> Queue:
    """Find what nobody has reviewed: the undecided, disputed ones first, or whatever was decided for `reasons`.

    Evaluations are left out unless `runs` names them, and so is what the verifiers have yet to judge, and what was cut.

    Raises:
        UsageError: There is no such run or reason.
    """
    for reason in reasons:
        if reason not in REASONS:
            raise UsageError(
                f"there is no reason {reason!r}{did_you_mean(reason, REASONS)}",
                hint='see those stored: curator sql "SELECT reason, count(*) FROM decisions GROUP BY 1"',
            )
    table = store.table(review_queries.QUEUE, [list(reasons), NOT_FOR_PEOPLE, reviewable(store, runs), limit])
    return Queue(table.select(COLUMNS), table["waiting"][0].as_py() if table.num_rows else 0)


def name_queue(store: Store, prefixes: Sequence[str]) -> Queue:
    """Make a queue of the candidates whose ids begin so.

    Raises:
        UsageError: No candidate's id begins so, or several do.
    """
    found = [find_candidate(store, prefix).candidate for prefix in prefixes]
    rows = [
        {
            "candidate_id": row["id"], "problem_id": row["problem_id"], "run_id": row["run_id"],
            "decision": row["decision"], "reason": row["decision_reason"], "decided_by": row["decided_by"],
        }
        for row in {row["id"]: row for row in found}.values()
    ]  # fmt: skip
    return Queue(pa.Table.from_pylist(rows), len(rows), named=True)


def reviewable(store: Store, runs: Sequence[str]) -> list[str]:
    """Name the runs that are asked about: by default all but evaluations, which never become training data."""
    if runs:
        return select_runs(store, runs)
    return [str(row["id"]) for row in store.rows(queries.ALL_RUNS) if row["purpose"] == "curation"]


def write_json(queue: Queue) -> None:
    """Write the queue as one JSON object to stdout."""
    click.echo(f'{{"waiting": {queue.waiting}, "candidates": [', nl=False)
    comma = ""
    for batch in queue.table.to_batches(max_chunksize=BATCH):
        for row in batch.to_pylist():
            click.echo(comma + json.dumps(row, ensure_ascii=True), nl=False)
            comma = ", "
    click.echo("]}")


def print_nothing(store: Store, runs: Sequence[str], command: str) -> None:
    """Say that nothing waits, and what else a person could look at."""
    console = Console()
    console.print(Text("Nothing waits for a person's decision."))
    rows = store.rows(review_queries.TO_LOOK_AT, [reviewable(store, runs)])
    if not rows:
        return
    console.print(Text(f"Any reason can be looked at, for example: {command} review --reason {rows[0]['reason']}"))
    table = grid(("decision", "reason", "candidates"), numbers=("candidates",))
    for row in rows:
        table.add_row(cell(str(row["decision"])), cell(str(row["reason"])), f"{row['candidates']:,}")
    print_grid(console, table)
