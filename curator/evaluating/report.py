"""`curator eval` for a person: the table, what it leaves out, and three problems as each model answered them."""

from __future__ import annotations

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from curator.escape import one_line, plain
from curator.evaluating.examples import Example
from curator.evaluating.result import Evaluation
from curator.evaluating.saving import DATA, PAGE, setting
from curator.evaluating.table import caveats, heads, sign_sentence, table_rows
from curator.funnel import STYLES, in_store
from curator.grid import cell, grid, print_grid


def print_evaluation(found: Evaluation, command: str) -> None:
    """Print to stdout; `command` is how the user calls us."""
    console = Console()
    for note in found.notes:
        console.print(Text(f"note: {plain(note)}", style="yellow"), soft_wrap=True)
    console.print(Text(one_line(f"Split {found.task.split.name}: {setting(found)}")), soft_wrap=True)
    names = heads(found)
    for head, column in zip(names, found.columns, strict=True):
        session = column.session
        line = (
            f"{head:<6}  {column.name}, run {column.run.id}: {session.sampled:,} new, {session.stored:,} stored before"
        )
        console.print(Text(one_line(line)), soft_wrap=True)
    _print_table(console, found, names)
    for said in filter(None, [sign_sentence(found), *caveats(found)]):
        console.print(Text(one_line(said)), soft_wrap=True)
    _print_failures(console, found)
    for example in found.examples:
        _print_example(console, example, names)
    _print_end(console, found, command)


def _print_table(console: Console, found: Evaluation, names: list[str]) -> None:
    numbers = [*names, "difference"] if found.before else names
    table = grid(("", *numbers), numbers=numbers)
    for row in table_rows(found):
        cells = [cell(value) for value in (*row.values, row.difference)]
        table.add_row(row.name, *cells[: len(numbers)])
    print_grid(console, table)


def _print_failures(console: Console, found: Evaluation) -> None:
    for head, column in zip(heads(found), found.columns, strict=True):
        session = column.session
        if session.failed:
            text = (
                f"{head}: {session.failed:,} candidates failed; the same command asks for them again. The last failure:"
            )
            console.print(Text(f"{text}\n  {plain(session.last_failure)}", style="red"), soft_wrap=True)


def _print_example(console: Console, example: Example, names: list[str]) -> None:
    console.print(Rule(one_line(f"problem {example.problem_id}"), align="left", style="dim"))
    console.print(Text(plain(example.prompt)), soft_wrap=True)
    if example.gold is not None:
        console.print(Text(f"gold answer: {one_line(example.gold)}", style="dim"), soft_wrap=True)
    for head, said in zip(names, example.said, strict=True):
        why = "" if said.decision == "accepted" else f" ({said.reason})"
        console.print(Text(f"{head}: {said.decision}{why}", style=STYLES[said.decision]), soft_wrap=True)
        console.print(Text(plain(said.text)), soft_wrap=True)


def _print_end(console: Console, found: Evaluation, command: str) -> None:
    console.print(Text(f"\n{one_line(f'saved: {found.folder / PAGE} and {DATA}')}\n"), soft_wrap=True)
    console.print(Text("Next:", style="bold"))
    runs, where = [column.run.id for column in found.columns], in_store(found.store)
    words = f"--compare {' '.join(runs)}" if found.before else f"--run {runs[0]}"
    console.print(Text(f"  {command} report {words}{where}"), soft_wrap=True)
    shown = found.examples[0].said[-1].candidate_id if found.examples else None
    if shown:
        console.print(Text(f"  {command} show {shown}{where}"), soft_wrap=True)
