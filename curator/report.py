"""What a run came to, read from the store: decisions by reason, tokens, and the yield."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from curator.config import PriceSection
from curator.cost import NO_PRICES, Bill, bill_lines, bill_of, expenses
from curator.display import clock
from curator.escape import plain
from curator.funnel import STYLES, ReasonCount, funnel, in_store, per_million, to_show
from curator.progress import Progress
from curator.stops import WORDS
from curator.store import queries
from curator.store import yield_queries as questions
from curator.store.client import Store
from schemas.candidate import Run
from schemas.verdict import CUTS, NOT_JUDGED, Reason

FIRST_QUERY = '"SELECT reason, count(*) FROM rejected GROUP BY 1 ORDER BY 2 DESC"'


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run as it stands in the store, and what this session added to it."""

    run_id: str
    model: str
    store: Path
    reasons: Sequence[ReasonCount]
    problems: int
    solved: int
    completion_tokens: int
    session: Progress
    bill: Bill | None = None
    """What teacher and judge cost; None where curator.toml has no prices."""
    notes: Sequence[str] = ()
    examples: dict[str, str] = field(default_factory=dict)
    """Decision → one candidate that came to it."""

    @property
    def candidates(self) -> int:
        """Candidates of the run, over all sessions."""
        return sum(row.candidates for row in self.reasons)

    @property
    def failed(self) -> int:
        """Candidates that this session asked for and did not get."""
        return self.session.failed

    def count(self, decision: str) -> int:
        """Candidates that came to `decision`."""
        return sum(row.candidates for row in self.reasons if row.decision == decision)

    def per_million(self, number: int) -> float | None:
        """`number` per million completion tokens of the run; None when it has no tokens."""
        return per_million(number, self.completion_tokens)

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {
            "run": self.run_id,
            "model": self.model,
            "store": str(self.store),
            "problems": self.problems,
            "solved_problems": self.solved,
            "candidates": self.candidates,
            **{name: self.count(name) for name in STYLES},
            "reasons": [row._asdict() for row in self.reasons],
            "completion_tokens": self.completion_tokens,
            "accepted_per_million_tokens": self.per_million(self.count("accepted")),
            "solved_per_million_tokens": self.per_million(self.solved),
            "cost": None if self.bill is None else self.bill.as_json(),
            "failures": dict(self.session.failures),
            "last_failure": self.session.last_failure,
            "session": self.session.as_json(),
            "notes": list(self.notes),
        }


def run_report(
    store: Store,
    run: Run,
    path: Path,
    session: Progress,
    notes: Sequence[str] = (),
    prices: PriceSection = NO_PRICES,
) -> RunReport:
    """Read one run's figures from the store."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in store.rows(queries.RUN_SUMMARY, [run.id]):
        counts[str(row["decision"]), str(row["reason"])] += _int(row["candidates"])
    reasons = [ReasonCount(*key, candidates) for key, candidates in counts.most_common()]
    (totals,) = store.rows(queries.RUN_TOTALS, [run.id])
    examples = {str(row["decision"]): str(row["candidate_id"]) for row in store.rows(queries.RUN_EXAMPLES, [run.id])}
    spent = expenses(prices, "teacher", store.rows(questions.TOKENS, [[run.id]]))
    asked = expenses(prices, "judge", store.rows(questions.JUDGES, [[run.id]]))
    return RunReport(
        run_id=run.id,
        model=run.model,
        store=path,
        reasons=reasons,
        problems=_int(totals["problems"]),
        solved=_int(totals["solved"]),
        completion_tokens=_int(totals["completion_tokens"]),
        session=session,
        bill=bill_of(
            prices,
            [*spent, *asked],
            sum(row.candidates for row in reasons if row.decision == "accepted"),
            _int(totals["solved"]),
        ),
        notes=notes,
        examples=examples,
    )


def print_report(report: RunReport, command: str) -> None:
    """Print the report and the commands to try next; `command` is how the user calls us."""
    console = Console()
    for note in report.notes:
        console.print(Text(f"note: {plain(note)}", style="yellow"), soft_wrap=True)
    console.print(Text(_headline(report)), soft_wrap=True)
    console.print(funnel(report.reasons))
    console.print(Text(_yield(report)), soft_wrap=True)
    for line in bill_lines(report.bill) if report.bill else ():
        console.print(Text(line), soft_wrap=True)
    for line in _plan(report):
        console.print(Text(line), soft_wrap=True)
    if line := report.session.judge.line():
        console.print(Text(line), soft_wrap=True)
    if report.session.sampled and report.session.stored + report.session.sampled < report.candidates:
        counts = ", ".join(f"{report.session.count(name):,} {name}" for name in STYLES)
        console.print(Text(f"Of this command's {report.session.sampled:,} new candidates: {counts}"), soft_wrap=True)
    if report.failed:
        failures = ", ".join(f"{reason} {number}" for reason, number in report.session.failures.most_common())
        text = (
            f"{report.failed} candidates failed ({failures}); the same command asks for them again. The last failure:"
        )
        console.print(Text(f"{text}\n  {plain(report.session.last_failure)}", style="red"), soft_wrap=True)
    console.print(Text("\nNext:", style="bold"))
    for suggestion in _next(report, command):
        console.print(Text(f"  {suggestion}"), soft_wrap=True)


def _headline(report: RunReport) -> str:
    session = report.session
    text = f"Run {report.run_id}: {report.candidates:,} candidates of {report.problems:,} problems"
    if report.model:
        text += f" by {plain(report.model)}"
    text += f"; {session.sampled:,} new in {clock(session.elapsed_s)}"
    if session.stored:
        text += f", {session.stored:,} were stored already"
    if session.elsewhere:
        text += f", {session.elsewhere:,} are being sampled by another process"
    return text


def _yield(report: RunReport) -> str:
    rate = report.per_million(report.count("accepted"))
    if rate is None:
        return f"{report.solved:,} of {report.problems:,} problems solved"
    return (
        f"{rate:,.0f} accepted traces per million teacher tokens ({report.completion_tokens:,} tokens); "
        f"{report.solved:,} of {report.problems:,} problems solved"
    )


def _plan(report: RunReport) -> list[str]:
    """Say why problems need no more candidates, and what a budget left open."""
    session = report.session
    if not session.adaptive:
        return []
    told = [f"  {meaning}: {session.ended[reason]:,}" for reason, meaning in WORDS.items() if session.ended[reason]]
    lines = ["problems, by why no more is asked about them:", *told] if told else []
    if session.left_open:
        lines.append(
            f"the budget of {session.budget_tokens:,} completion tokens is spent: {report.completion_tokens:,} were "
            f"taken; {session.left_open:,} problems are left open: a larger --budget-tokens goes on with them"
        )
    return lines


def _next(report: RunReport, command: str) -> list[str]:
    first = f"{command} sql {FIRST_QUERY}{in_store(report.store)}"
    unjudged = sum(row.candidates for row in report.reasons if row.reason == Reason.NO_JUDGE)
    judge = f"{command} verify --judge SPEC{in_store(report.store)}  # a model judges the {unjudged:,} without a judge"
    nobodys = sum(row.candidates for row in report.reasons if row.reason in {NOT_JUDGED, *CUTS})
    waiting = report.count("undecided") - unjudged - nobodys
    review = f"{command} review{in_store(report.store)}  # decide yourself where nobody could: {waiting:,}"
    asking = [*([judge] if unjudged else []), *([review] if waiting else [])]
    return [first, *to_show(report.examples, report.store, command), *asking]


def _int(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0
