"""Lengths of traces, summed up and drawn."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.exporting.card_lengths import BINS, LABELS, QUANTILES, Length, histogram, summarise

TOKENS = st.lists(st.integers(0, 130_000), min_size=1, max_size=200) | st.lists(st.integers(0, 9), min_size=1)


def _lengths(tokens):
    return [Length(*pair) for pair in sorted(Counter(tokens).items())]


@given(TOKENS)
def test_a_quantile_is_a_length_that_occurs(tokens):
    """Each is the smallest length that its share of the traces does not exceed."""
    found = summarise(_lengths(tokens))
    ordered = sorted(tokens)
    assert list(found.quantiles) == [ordered[math.ceil(percent * len(ordered) / 100) - 1] for percent in QUANTILES]
    assert (found.traces, found.total) == (len(tokens), sum(tokens))
    assert (found.shortest, found.longest) == (ordered[0], ordered[-1])


@given(TOKENS)
def test_every_trace_stands_in_one_bar_within_the_plot(tokens):
    """Heights add up to all traces; bars lie side by side from edge to edge."""
    plot = histogram(_lengths(tokens))
    top = plot.traces[-1].value
    assert sum(bar.height for bar in plot.bars) * top == pytest.approx(len(tokens))
    assert len(plot.bars) <= BINS
    assert max(bar.height for bar in plot.bars) <= 1
    ends = [bar.left + bar.width for bar in plot.bars]
    assert [bar.left for bar in plot.bars] == pytest.approx([0, *ends[:-1]], abs=1e-9)
    assert ends[-1] == pytest.approx(1)


@given(TOKENS)
def test_labels_are_few_and_within_the_plot(tokens):
    """No label stands outside, and there are never too many to read."""
    plot = histogram(_lengths(tokens))
    for marks in (plot.tokens, plot.traces):
        assert len(marks) <= LABELS
        assert all(0 <= mark.place <= 1 for mark in marks)
    assert 0 <= plot.median.place <= 1


def test_a_wide_range_is_drawn_on_a_logarithmic_axis():
    """Traces of 50 and of 30,000 tokens are both seen."""
    plot = histogram(_lengths([50, 100, 1_000, 30_000]))
    assert plot.growing
    assert [mark.value for mark in plot.tokens] == [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]


def test_a_narrow_range_is_drawn_as_it_is():
    """Lengths of one magnitude need no logarithm."""
    plot = histogram(_lengths([100, 150, 300]))
    assert not plot.growing
    assert [mark.value for mark in plot.tokens] == [100, 200, 300]


def test_one_length_is_one_bar():
    """A split of one trace has a plot too."""
    (bar,) = histogram(_lengths([7])).bars
    assert (bar.left, bar.width, bar.height) == (0, 1, 1)
