"""`curator report --html`: the figures of a report drawn, a few traces for each reason; or two runs side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from curator.comparison import Comparison
from curator.comparison_report import comparison_rows, pair_of_rates, pairing_sentences
from curator.cost import bill_lines, per
from curator.funnel import STYLES
from curator.lengths import Lengths
from curator.page import render
from curator.stops import WORDS
from curator.trace_examples import Example
from curator.yield_report import RATES, left_out
from curator.yields import Outcome, Reason, YieldReport, by_reason

HEAT_LEVELS = 9
"""Shades of a cell that is not empty."""
MOST_TEACHERS = 60
"""Teachers that the page lists."""
CHART_WIDTH, CHART_HEIGHT = 720.0, 44.0
"""Of one histogram, in the units of its drawing."""


class Cell(NamedTuple):
    """How many candidates of a row came to a reason."""

    reason: Reason
    candidates: int
    share: float
    heat: int
    """0 for none, up to `HEAT_LEVELS` for all."""


class HeatRow(NamedTuple):
    """One domain or teacher."""

    name: str
    candidates: int
    cells: Sequence[Cell]


class Bar(NamedTuple):
    """One bin of a histogram, placed in the drawing."""

    left: float
    top: float
    width: float
    height: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Histograms of several decisions over one axis of tokens."""

    bars: Mapping[str, Sequence[Bar]]
    """By decision; the highest bin of each is as high as the drawing."""
    ticks: Sequence[tuple[float, str]]
    """Where a number of tokens stands."""
    width: float = CHART_WIDTH
    height: float = CHART_HEIGHT


def report_page(report: YieldReport, examples: Mapping[Outcome, Sequence[Example]], written: datetime) -> str:
    """Lay a report out as one HTML page.

    Args:
        report: The figures.
        examples: Traces to show for each outcome.
        written: When, as the page is to say; UTC.
    """
    reasons = order_of_reasons(report.total.outcomes)
    return render(
        "report.html.j2",
        report=report,
        total=report.total,
        decisions=list(STYLES),
        pass_rates=RATES,
        stop_words=WORDS,
        reasons=reasons,
        domains=heat_rows(report.domains, reasons),
        teachers=heat_rows(report.teachers, reasons)[:MOST_TEACHERS],
        chart=lengths_chart(report.lengths),
        outcomes=sorted(report.total.outcomes.items(), key=lambda item: (_rank(item[0].decision), -item[1], item[0])),
        examples=examples,
        left_out=left_out,
        bill_lines=bill_lines,
        per=per,
        written=written,
    )


def comparison_page(comparison: Comparison, written: datetime) -> str:
    """Lay a comparison out as one HTML page; `written` is when, in UTC."""
    return render(
        "comparison.html.j2",
        comparison=comparison,
        rows=comparison_rows(comparison),
        sentences=pairing_sentences(comparison.pairing),
        widest=[(one, pair_of_rates(one)) for one in comparison.pairing.widest],
        written=written,
    )


def order_of_reasons(outcomes: Mapping[Outcome, int]) -> list[Reason]:
    """List the reasons: accepted ones first, then the commonest of each decision."""
    totals = by_reason(outcomes)
    return sorted(totals, key=lambda reason: (_rank(reason.decision), -totals[reason], reason))


def heat_rows(groups: Mapping[str, Mapping[Outcome, int]], reasons: Sequence[Reason]) -> list[HeatRow]:
    """Count each group's candidates by reason."""
    rows = []
    for name, outcomes in groups.items():
        counts = by_reason(outcomes)
        rows.append(HeatRow(name, counts.total(), [_cell(reason, counts) for reason in reasons]))
    return rows


def lengths_chart(lengths: Mapping[str, Lengths]) -> Chart | None:
    """Draw how long the candidates of each decision are; None when no length is known."""
    histograms = {name: one.histogram() for name, one in lengths.items() if one.total}
    if not histograms:
        return None
    bins = [at for histogram in histograms.values() for at in histogram]
    first, last = min(bins), max(bins) + 1
    step = CHART_WIDTH / (last - first)
    bars = {name: _bars(histogram, first, step) for name, histogram in histograms.items()}
    ticks = [((at - first) * step, _tokens(at)) for at in range(first, last + 1) if at % 2 == 0]
    return Chart(bars, ticks)


def _bars(histogram: Counter[int], first: int, step: float) -> list[Bar]:
    most, total = max(histogram.values()), histogram.total()
    bars = []
    for at, number in sorted(histogram.items()):
        height = CHART_HEIGHT * number / most
        label = f"{_tokens(at)} to {_tokens(at + 1)} tokens: {number:,} ({number / total:.1%})"
        bars.append(Bar((at - first) * step, CHART_HEIGHT - height, step - 1, height, label))
    return bars


def _tokens(half_doublings: int) -> str:
    return f"{round(2 ** (half_doublings / 2)):,}"


def _cell(reason: Reason, counts: Counter[Reason]) -> Cell:
    number = counts[reason]
    share = number / counts.total()
    return Cell(reason, number, share, min(HEAT_LEVELS, 1 + int(share * HEAT_LEVELS)) if number else 0)


def _rank(decision: str) -> int:
    return list(STYLES).index(decision)
