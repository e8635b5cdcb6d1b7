"""`curator report` for a person: funnel, pass rates, yield, and where it comes from. Figures only, no trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from curator.display import clock
from curator.escape import one_line
from curator.funnel import ReasonCount, funnel, in_store
from curator.grid import cell, grid, print_grid
from curator.yields import PASS_RATES, Figures, YieldReport

COLUMNS = ("problems", "solved", "candidates", "accepted", "share", "rejected", "undecided", "tokens", "accepted/M tok")
RATES = {
    "0": "none accepted",
    "(0, 0.5]": "up to a half",
    "(0.5, 1)": "more than a half",
    "1": "all accepted",
    "undecided": "all undecided",
}


def print_yield(report: YieldReport, command: str) -> None:
    """Print the report to stdout; `command` is how the user calls us."""
    console = Console()
    total = report.total
    if not total.candidates:
        console.print(Text(f"{report.store} holds no candidates yet"), soft_wrap=True)
        _failures(console, report)
        return
    if len(report.runs) > 1:
        _table(console, ("run", "model"), (((run, report.models[run]), one) for run, one in report.runs.items()))
    console.print(Text(_headline(report)), soft_wrap=True)
    console.print(funnel(_reasons(total)))
    console.print(Text("\nProblems by the share of their candidates that was accepted", style="bold"))
    console.print(_rates(total.pass_rates))
    console.print(Text("\nBy domain and language", style="bold"))
    _table(console, ("domain", "language"), report.slices.items())
    console.print(Text(_yield(total)), soft_wrap=True)
    console.print(Text(_cost(report)), soft_wrap=True)
    for row in report.advisory:
        text = f"advisory: {row.verifier} would reject {row.candidates:,} ({row.reason}); it does not decide"
        console.print(Text(one_line(text)), soft_wrap=True)
    _failures(console, report)
    console.print(Text("\nNext:", style="bold"))
    query = '"SELECT problem_id, pass_rate FROM problem_stats ORDER BY 2, 1"'
    console.print(Text(f"  {command} sql {query}{in_store(report.store)}"), soft_wrap=True)


def _headline(report: YieldReport) -> str:
    total = report.total
    text = f"{total.candidates:,} candidates of {total.problems:,} problems"
    if len(report.runs) == 1:
        [(run, model)] = report.models.items()
        return one_line(f"Run {run}: {text} by {model}")
    return f"{len(report.runs):,} runs: {text}"


def _reasons(total: Figures) -> list[ReasonCount]:
    """Name the deciding verifier beside each reason."""
    return [
        ReasonCount(outcome.decision, one_line(f"{outcome.reason}, by {outcome.decided_by}"), number)
        for outcome, number in total.outcomes.most_common()
    ]


def _rates(pass_rates: Counter[str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "right"):
        table.add_column(justify=justify)
    for name in PASS_RATES:
        if name != "undecided" or pass_rates[name]:
            share = pass_rates[name] / max(1, pass_rates.total())
            table.add_row(f"  {RATES[name]}", f"{pass_rates[name]:,}", f"{share:.1%}")
    return table


def _table(console: Console, names: tuple[str, ...], rows: Iterable[tuple[tuple[str, str], Figures]]) -> None:
    table = grid((*names, *COLUMNS), numbers=COLUMNS)
    for name, figures in rows:
        table.add_row(*(cell(one, 40) for one in name), *_cells(figures))
    print_grid(console, table)


def _cells(figures: Figures) -> list[str]:
    accepted = figures.count("accepted")
    rate = figures.per_million(accepted)
    counts = (figures.problems, figures.solved, figures.candidates, accepted)
    share = f"{accepted / figures.candidates:.1%}" if figures.candidates else ""
    rest = (figures.count("rejected"), figures.count("undecided"), figures.completion_tokens)
    return [*map("{:,}".format, counts), share, *map("{:,}".format, rest), "" if rate is None else f"{rate:,.0f}"]


def _yield(total: Figures) -> str:
    accepted, solved = total.per_million(total.count("accepted")), total.per_million(total.solved)
    text = f"{total.solved:,} of {total.problems:,} problems solved"
    if accepted is None or solved is None:
        return text
    return f"{accepted:,.0f} accepted traces and {solved:,.0f} solved problems per million completion tokens; {text}"


def _cost(report: YieldReport) -> str:
    total = report.total
    text = f"tokens: {total.prompt_tokens:,} in prompts, {total.completion_tokens:,} in completions"
    if total.estimated:
        text += f" ({total.estimated:,} of {total.candidates:,} completions estimated)"
    times = f"requests took {clock(total.teacher_s)} and verdicts {clock(report.judging_s)}, each added up"
    return f"{text}; {times}"


def _failures(console: Console, report: YieldReport) -> None:
    for row in report.failures:
        owed = f"; {row.owed:,} candidates are still owed" if row.owed else "; later ones brought every candidate"
        text = f"{row.requests:,} requests failed for good: {row.reason}{owed}"
        console.print(Text(one_line(text), style="red" if row.owed else ""), soft_wrap=True)
