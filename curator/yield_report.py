"""`curator report` on a terminal: funnel, pass rates, lengths, yield, and where it comes from. Figures, no trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from curator.cost import bill_lines
from curator.display import clock
from curator.escape import one_line
from curator.funnel import STYLES, ReasonCount, funnel, in_store
from curator.grid import cell, grid, print_grid
from curator.lengths import QUANTILES
from curator.yields import PASS_RATES, CutStreams, Figures, Outcome, YieldReport, by_reason

COLUMNS = ("problems", "solved", "candidates", "accepted", "share", "tokens", "accepted/M tok")
RATES = {
    "0": "none accepted",
    "(0, 0.5]": "up to a half",
    "(0.5, 1)": "more than a half",
    "1": "all accepted",
    "stopped": "solved, and stopped at that",
    "undecided": "all undecided",
}
MOST_ROWS = 12
"""Teachers that the terminal lists."""
MOST_REASONS = 3
"""Reasons that are named for one of them."""


def print_yield(report: YieldReport, command: str) -> None:
    """Print the report to stdout; `command` is how the user calls us."""
    console = Console()
    total = report.total
    if report.evaluations_left_out:
        console.print(Text(f"note: {left_out(report.evaluations_left_out)}", style="yellow"), soft_wrap=True)
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
    _lengths(console, report)
    console.print(Text("\nWhy candidates were not accepted, by domain and by teacher", style="bold"))
    _refusals(console, "domain", report.domains)
    _refusals(console, "teacher", report.teachers)
    console.print(Text("\nBy domain and language", style="bold"))
    _table(console, ("domain", "language"), report.slices.items())
    console.print(Text(_yield(total)), soft_wrap=True)
    console.print(Text(_cost(report)), soft_wrap=True)
    for line in report.stops.lines():
        console.print(Text(one_line(line)), soft_wrap=True)
    if report.cut.streams:
        console.print(Text(_cut(report.cut)), soft_wrap=True)
    for judge in report.judges:
        replies = "1 reply" if judge.replies == 1 else f"{judge.replies:,} replies"
        text = f"judge {judge.model}: {replies}, {judge.tokens:,} tokens, prompts included"
        console.print(Text(one_line(text)), soft_wrap=True)
    for line in bill_lines(report.bill) if report.bill else ():
        console.print(Text(line), soft_wrap=True)
    for row in report.advisory:
        text = f"advisory: {row.verifier} would reject {row.candidates:,} ({row.reason}); it does not decide"
        console.print(Text(one_line(text)), soft_wrap=True)
    _failures(console, report)
    console.print(Text("\nNext:", style="bold"))
    query = '"SELECT problem_id, pass_rate FROM problem_stats ORDER BY 2, 1"'
    console.print(Text(f"  {command} sql {query}{in_store(report.store)}"), soft_wrap=True)


def left_out(runs: int) -> str:
    """Say that evaluations are not counted."""
    which = "run left out: --run NAME shows it" if runs == 1 else "runs left out: --run NAME shows one"
    return f"{runs:,} evaluation {which}"


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
        if name not in {"stopped", "undecided"} or pass_rates[name]:
            part = pass_rates[name] / max(1, pass_rates.total())
            table.add_row(f"  {RATES[name]}", f"{pass_rates[name]:,}", f"{part:.1%}")
    return table


def _lengths(console: Console, report: YieldReport) -> None:
    known = {decision: lengths for decision, lengths in report.lengths.items() if lengths.total}
    if not known:
        return
    console.print(Text("\nTokens per candidate, estimated from the text where its teacher did not count", style="bold"))
    names = ("candidates", *QUANTILES)
    table = grid(("decision", *names), numbers=names)
    for decision, lengths in known.items():
        numbers = (lengths.total, *(lengths.quantiles().values()))
        table.add_row(Text(decision, style=STYLES[decision]), *map("{:,}".format, numbers))
    print_grid(console, table)


def _refusals(console: Console, name: str, groups: Mapping[str, Counter[Outcome]]) -> None:
    """Print a line per group: what share of it was accepted, and the commonest reasons why the rest was not."""
    table = grid((name, "candidates", "accepted", "not accepted because of"), numbers=("candidates", "accepted"))
    for group, outcomes in list(groups.items())[:MOST_ROWS]:
        figures = Figures(outcomes)
        accepted = share(figures.count("accepted"), figures.candidates)
        table.add_row(cell(group, 32), f"{figures.candidates:,}", accepted, _commonest(outcomes))
    print_grid(console, table)
    if len(groups) > MOST_ROWS:
        console.print(Text(f" … and {len(groups) - MOST_ROWS:,} more; --html and --json name them all"))


def share(number: int, total: int) -> str:
    """Write a part in whole percent; what is not nothing is never written as 0 %."""
    if 0 < number * 100 < total:
        return "<1%"
    return f"{number / total:.0%}"


def _commonest(outcomes: Counter[Outcome]) -> Text:
    reasons = by_reason({one: number for one, number in outcomes.items() if one.decision != "accepted"})
    named = [
        Text(f"{one_line(reason)} {share(number, outcomes.total())}", style=STYLES[decision])
        for (decision, reason), number in reasons.most_common(MOST_REASONS)
    ]
    more = len(reasons) - len(named)
    return Text(", ").join(named + [Text(f"{more} more")] * (more > 0))


def _table(console: Console, names: tuple[str, ...], rows: Iterable[tuple[tuple[str, str], Figures]]) -> None:
    table = grid((*names, *COLUMNS), numbers=COLUMNS)
    for name, figures in rows:
        table.add_row(*(cell(one, 40) for one in name), *_cells(figures))
    print_grid(console, table)


def _cells(figures: Figures) -> list[str]:
    accepted = figures.count("accepted")
    rate = figures.per_million(accepted)
    counts = (figures.problems, figures.solved, figures.candidates, accepted)
    part = f"{accepted / figures.candidates:.1%}" if figures.candidates else ""
    tokens = f"{figures.completion_tokens:,}"
    return [*map("{:,}".format, counts), part, tokens, "" if rate is None else f"{rate:,.0f}"]


def _yield(total: Figures) -> str:
    accepted, solved = total.per_million(total.count("accepted")), total.per_million(total.solved)
    text = f"{total.solved:,} of {total.problems:,} problems solved"
    if accepted is None or solved is None:
        return text
    return f"{accepted:,.0f} accepted traces and {solved:,.0f} solved problems per million completion tokens; {text}"


def _cost(report: YieldReport) -> str:
    total = report.total
    prompts = _counted(total.prompt_tokens, "prompts", total.prompts_estimated, total.prompts_unknown)
    completions = _counted(total.completion_tokens, "completions", total.estimated, total.unknown)
    text = f"tokens of {total.candidates:,} candidates: {prompts}, {completions}"
    times = f"requests took {clock(total.teacher_s)} and verdicts {clock(report.judging_s)}, each added up"
    return f"{text}; {times}"


def _cut(cut: CutStreams) -> str:
    streams = "1 lost stream was" if cut.streams == 1 else f"{cut.streams:,} lost streams were"
    return f"{streams} cut after {cut.tokens:,} tokens; up to the limit, {cut.spared:,} more could have come"


def _counted(tokens: int, of: str, estimated: int, unknown: int) -> str:
    """Write a sum of tokens, and how many of its parts no server counted."""
    notes = [f"{estimated:,} estimated"] * bool(estimated) + [f"{unknown:,} not counted"] * bool(unknown)
    return f"{tokens:,} in {of}" + (f" ({', '.join(notes)})" if notes else "")


def _failures(console: Console, report: YieldReport) -> None:
    for row in report.failures:
        owed = f"; {row.owed:,} candidates are still owed" if row.owed else "; later ones brought every candidate"
        text = f"{row.requests:,} requests failed for good: {row.reason}{owed}"
        console.print(Text(one_line(text), style="red" if row.owed else ""), soft_wrap=True)
