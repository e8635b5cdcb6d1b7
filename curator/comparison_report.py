"""`curator report --compare` in words and rows, and on the terminal."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from curator.comparison import Comparison, PairedProblem, Pairing, sign_verdict
from curator.escape import one_line
from curator.funnel import STYLES
from curator.grid import cell, grid, print_grid
from curator.yields import Figures


class Row(NamedTuple):
    """One figure of both runs."""

    name: str
    first: str
    second: str
    difference: str
    """Second less first; empty where one of them has none."""
    decision: str = ""
    """Whose figure it is, if any decision's."""
    is_reason: bool = False


def comparison_rows(comparison: Comparison) -> list[Row]:
    """Lay out the figures of both runs, with their differences."""
    one, two = (comparison.report.runs[run] for run in (comparison.first, comparison.second))
    rows = [
        _counts("problems", one.problems, two.problems),
        _parts("solved problems", (one.solved, one.problems), (two.solved, two.problems)),
        _counts("candidates", one.candidates, two.candidates),
    ]
    for decision in STYLES:
        first, second = ((figures.count(decision), figures.candidates) for figures in (one, two))
        rows.append(_parts(decision, first, second)._replace(decision=decision))
        rows += _reasons(decision, one, two)
    return [
        *rows,
        _numbers("tokens per candidate", _tokens_each(one), _tokens_each(two)),
        _numbers("accepted per million tokens", _accepted_yield(one), _accepted_yield(two)),
        _numbers("solved per million tokens", one.per_million(one.solved), two.per_million(two.solved)),
    ]


def pairing_sentences(pairing: Pairing) -> list[str]:
    """Say what became of the shared problems, calling the runs A and B."""
    if not pairing.problems:
        return ["The runs share no problem, so their shares and rates are of different problems."]
    solved = pairing.solved
    sentences = [
        f"{len(pairing.problems):,} problems are in both runs: {solved['both']:,} solved by both, "
        f"{solved['first']:,} only by A, {solved['second']:,} only by B, {solved['neither']:,} by neither."
    ]
    if pairing.means is None:
        return [*sentences, "None of them was decided in both, so there are no pass rates to compare."]
    first, second = pairing.means
    better = pairing.better
    tied = len(pairing.rates) - sum(better)
    return [
        *sentences,
        f"Mean pass rate over the {len(pairing.rates):,} that were decided in both: "
        f"A {first:.1%}, B {second:.1%}, difference {_points(first, second)}.",
        f"A does better on {better[0]:,}, B on {better[1]:,}, they tie on {tied:,}: {_verdict(*better)}.",
    ]


def rate(accepted: int, decided: int) -> str:
    """Write a pass rate with what it is made of."""
    return f"{accepted / decided:.0%} ({accepted:,} of {decided:,})" if decided else "undecided"


def print_comparison(comparison: Comparison) -> None:
    """Print both runs side by side to stdout."""
    console = Console()
    report, pairing = comparison.report, comparison.pairing
    for letter, run in (("A", comparison.first), ("B", comparison.second)):
        console.print(Text(one_line(f"{letter}  {run} by {report.models[run]}")), soft_wrap=True)
    numbers = ("A", "B", "B − A")
    table = grid(("", *numbers), numbers=numbers)
    for row in comparison_rows(comparison):
        name = Text(one_line(("  " if row.is_reason else "") + row.name), style=STYLES.get(row.decision, ""))
        table.add_row(name, row.first, row.second, row.difference)
    print_grid(console, table)
    for sentence in pairing_sentences(pairing):
        console.print(Text(sentence), soft_wrap=True)
    if pairing.widest:
        _print_widest(console, pairing)


def _print_widest(console: Console, pairing: Pairing) -> None:
    console.print(Text("\nProblems on which they differ most, by pass rate", style="bold"))
    table = grid(("problem", "A", "B", "text"), numbers=("A", "B"))
    for one in pairing.widest:
        table.add_row(cell(one.problem_id, 32), *pair_of_rates(one), cell(pairing.prompts[one.problem_id], 60))
    print_grid(console, table)


def pair_of_rates(one: PairedProblem) -> tuple[str, str]:
    """Write the pass rates of both runs."""
    return rate(one.first_accepted, one.first_decided), rate(one.second_accepted, one.second_decided)


def _verdict(first: int, second: int) -> str:
    return "no difference" if first == second else sign_verdict(first, second)


def _reasons(decision: str, one: Figures, two: Figures) -> list[Row]:
    """Compare how often each reason was given; an acceptance needs none."""
    counts = [Counter[str](), Counter[str]()]
    for own, figures in zip(counts, (one, two), strict=True):
        for outcome, number in figures.outcomes.items():
            if outcome.decision == decision != "accepted":
                own[outcome.reason] += number
    first, second = counts
    return [
        _parts(reason, (first[reason], one.candidates), (second[reason], two.candidates))._replace(
            decision=decision, is_reason=True
        )
        for reason, _ in (first + second).most_common()
    ]


def _counts(name: str, first: int, second: int) -> Row:
    return Row(name, f"{first:,}", f"{second:,}", f"{second - first:+,}")


def _parts(name: str, first: tuple[int, int], second: tuple[int, int]) -> Row:
    (one, all_one), (two, all_two) = first, second
    if not (all_one and all_two):
        return Row(name, f"{one:,}", f"{two:,}", "")
    shares = one / all_one, two / all_two
    return Row(name, f"{one:,} ({shares[0]:.1%})", f"{two:,} ({shares[1]:.1%})", _points(*shares))


def _points(first: float, second: float) -> str:
    """Write a difference of shares; what rounds to nothing has no minus sign."""
    return f"{round(100 * (second - first), 1) + 0.0:+.1f} points"


def _numbers(name: str, first: float | None, second: float | None) -> Row:
    if first is None or second is None:
        return Row(name, _number(first), _number(second), "")
    return Row(name, _number(first), _number(second), f"{round(second) - round(first):+,}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _tokens_each(figures: Figures) -> float | None:
    return figures.completion_tokens / figures.candidates if figures.completion_tokens else None


def _accepted_yield(figures: Figures) -> float | None:
    return figures.per_million(figures.count("accepted"))
