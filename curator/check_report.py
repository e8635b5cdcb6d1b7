"""What `curator check` found, for a person: counts, the golds that fail, and what to do about each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from curator.checking import NO_REFERENCE, NOT_CHECKED, SWITCHED_OFF, TOO_LOOSE, CheckReport, Failure, Group
from curator.display import clock
from curator.escape import one_line, plain
from curator.grid import cell, grid, print_grid
from schemas.verdict import Outcome, Reason

SHOWN = 20
COLUMNS = {
    Outcome.ACCEPT: "passed",
    Outcome.REJECT: "rejected",
    Outcome.ABSTAIN: "cannot be judged",
    Outcome.ERROR: "checking failed",
    TOO_LOOSE: "accepts wrong answers",
    NOT_CHECKED: "not checked",
}
"""What an outcome is called, in the order of the summary's columns."""
STYLES = {
    Outcome.REJECT: "red",
    Outcome.ABSTAIN: "yellow",
    Outcome.ERROR: "magenta",
    TOO_LOOSE: "red",
    NOT_CHECKED: "dim",
}
_GENERAL = frozenset({Reason.NO_GOLD, Reason.NO_JUDGE, Reason.NO_VERIFIER, Reason.SANDBOX_UNAVAILABLE})
"""Reasons that one remedy mends for all problems at once: their examples are shown last."""

_OTHER_VERIFIER = "or let another verifier judge it (columns `domain` and `verifier`: math, choice, exact, …)"
_ADVICE: dict[str, str] = {
    Reason.GOLD_UNPARSABLE: "answers to these cannot be told right from wrong: write the gold as the bare final "
    f"answer, {_OTHER_VERIFIER}",
    Reason.NO_GOLD: "map the column that holds the answers (--field answer=COLUMN), or leave these problems out",
    Reason.NO_JUDGE: "answers to these are undecided until a model judges them: --judge SPEC, or [judge] spec in "
    'curator.toml; to accept them unjudged, set there: [policy.general] judge = "off"',
    NO_REFERENCE: "what judges them was tried on a wrong answer only; an `answer` that passes would show more",
    SWITCHED_OFF: "the policy in curator.toml does not ask for this verifier",
    Reason.SANDBOX_UNAVAILABLE: "programs cannot be judged on this machine: curator doctor says what to do",
    Reason.VERIFIER_TIMEOUT: f"answers to these would end alike: write the gold more simply, {_OTHER_VERIFIER}",
}
_BY_OUTCOME: dict[str, str] = {
    Outcome.REJECT: "every right answer would be rejected like this: write the gold as the bare final answer, "
    + _OTHER_VERIFIER,
    Outcome.ABSTAIN: "answers to these will be undecided",
    Outcome.ERROR: "this is our fault, not the gold's: check again, and see `curator doctor`",
    TOO_LOOSE: "nothing tells a right answer from a wrong one here: mend the tests or the tolerance",
}
_CODE_ADVICE: dict[str, str] = {
    Reason.GOLD_UNPARSABLE: 'write the tests as {"type": "stdin", "cases": [{"input": …, "output": …}]}, '
    '{"type": "call", "fn_name": …, "cases": [{"args": […], "expected": …}]} or {"type": "assert", "code": …}',
    Reason.NO_GOLD: "map the column that holds the tests (--field tests=COLUMN), or leave these problems out",
}
_REFERENCE = "the reference solution fails its own tests: mend the one or the other, or leave these problems out"


def print_check(report: CheckReport) -> None:
    """Print the report to standard output."""
    console = Console()
    for note in report.notes:
        console.print(Text(f"note: {plain(note)}", style="yellow"), soft_wrap=True)
    console.print(Text(_headline(report)), soft_wrap=True)
    print_grid(console, _summary(report.counts))
    for group, number in report.counts.most_common():
        if group.outcome != Outcome.ACCEPT:
            console.print(_remedy(group, number), soft_wrap=True)
    if not report.failures:
        return
    shown = sorted(report.failures, key=lambda failure: failure.reason in _GENERAL)[:SHOWN]
    print_grid(console, _examples(shown))
    if report.failed > len(shown):
        console.print(Text(f"… and {report.failed - len(shown):,} more: --json lists all", style="dim"))


def _headline(report: CheckReport) -> str:
    counts = ", ".join(
        f"{number:,} {name}"
        for outcome, name in COLUMNS.items()
        if (number := report.count(outcome)) or name == "passed"
    )
    return f"Checked the golds of {report.problems:,} problems in {clock(report.elapsed_s)}: {counts}"


def _summary(counts: Counter[Group]) -> Table:
    names = [name for outcome, name in COLUMNS.items() if any(group.outcome == outcome for group in counts)]
    table = grid(("domain", "verifier", *names), numbers=names)
    rows: dict[tuple[str, str], Counter[str]] = {}
    for group, number in sorted(counts.items()):
        rows.setdefault((group.domain, group.verifier), Counter())[COLUMNS[group.outcome]] += number
    for (domain, verifier), row in rows.items():
        table.add_row(domain, cell(verifier), *(f"{row[name]:,}" if row[name] else "" for name in names))
    return table


def _remedy(group: Group, number: int) -> Text:
    """Say what to do about the golds of one kind."""
    text = Text(f"\n{number:,} × ")
    text.append(f"{COLUMNS[group.outcome]}: {group.reason}", style=STYLES[group.outcome])
    text.append(f" ({group.domain}, by {one_line(group.verifier)})\n  → {_advice(group)}")
    return text


def _advice(group: Group) -> str:
    if group.verifier == "code":
        if group.outcome == Outcome.REJECT:
            return _REFERENCE
        if group.reason in _CODE_ADVICE:
            return _CODE_ADVICE[group.reason]
    return _ADVICE.get(group.reason) or _BY_OUTCOME[group.outcome]


def _examples(failures: Sequence[Failure]) -> Table:
    table = grid(("problem", "verifier", "reason", "gold", "detail"))
    for failure in failures:
        reason = Text(failure.reason, style=STYLES[failure.outcome])
        gold, detail = cell(failure.gold or "", 60), cell(failure.detail, 120)
        table.add_row(cell(failure.id, 60), cell(failure.verifier), reason, gold, detail)
    return table
