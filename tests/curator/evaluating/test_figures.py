"""What a run came to: estimators against their definitions, and figures that say what they leave out."""

from __future__ import annotations

import math
import random
from itertools import combinations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.evaluating.figures import Z95, Share, measured, pass_at_k, share, wilson

COUNTS = """candidates accepted rejected undecided format_accepted format_rejected answer_accepted answer_rejected
    truncated counted completion_tokens timed_tokens timed_s"""


def row(**counts) -> dict:
    return {"median_s": None} | dict.fromkeys(COUNTS.split(), 0) | counts


@st.composite
def attempts(draw):
    n = draw(st.integers(1, 8))
    return n, draw(st.integers(0, n)), draw(st.integers(1, n))


@given(attempts())
def test_pass_at_k_is_the_share_of_choices_that_hold_a_pass(attempt) -> None:
    """Of all ways to choose k of the n attempts, counted one by one."""
    n, c, k = attempt
    chosen = [any(one < c for one in some) for some in combinations(range(n), k)]
    assert pass_at_k(n, c, k) == pytest.approx(fmean(chosen))


@given(st.floats(0, 1), st.integers(1, 6), st.data())
def test_pass_at_k_is_unbiased(rate, n, data) -> None:
    """Averaged over what n attempts may bring, it is the chance that one of k passes: 1 - (1 - rate)^k."""
    k = data.draw(st.integers(1, n))
    chances = [math.comb(n, c) * rate**c * (1 - rate) ** (n - c) for c in range(n + 1)]
    mean = math.fsum(chance * pass_at_k(n, c, k) for c, chance in enumerate(chances))
    assert mean == pytest.approx(1 - (1 - rate) ** k)


def test_pass_at_k_survives_many_attempts() -> None:
    """Of thousands of attempts there are more choices than a float can count."""
    assert pass_at_k(4000, 1, 2000) == 0.5


@pytest.mark.parametrize(("n", "c", "k"), [(2, 1, 3), (2, 1, 0), (2, 3, 1), (2, -1, 1), (0, 0, 1)])
def test_pass_at_k_is_not_made_up(n, c, k) -> None:
    """More attempts than there were say nothing."""
    with pytest.raises(ValueError, match=f"pass@{k}"):
        pass_at_k(n, c, k)


@given(st.floats(0, 1), st.integers(1, 10**6))
def test_wilson_ends_where_the_score_test_does(p, n) -> None:
    """Each end m is Z95 standard errors from p, by the variance m(1 - m)/n; p lies between, within 0 and 1."""
    low, high = wilson(p, n)
    for end in (low, high):
        assert (p - end) ** 2 == pytest.approx(Z95**2 * end * (1 - end) / n, rel=1e-6, abs=1e-12)
    assert 0 <= low <= p <= high <= 1


@given(st.floats(0, 1), st.integers(0, 10**6))
def test_wilson_is_never_a_point(p, n) -> None:
    """All right or all wrong is not certain, and nothing seen is nothing known; what is left has its mirror image."""
    low, high = wilson(p, n)
    assert low < high
    assert n or (low, high) == (0, 1)
    assert wilson(1 - p, n) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(
    ("n", "hits", "expected"), [(10, 0, (0, 0.2775)), (10, 10, (0.7225, 1)), (20, 9, (0.2582, 0.6579))]
)
def test_wilson_gives_the_textbook_values(n, hits, expected) -> None:
    """The 95 % intervals that other software prints for these counts."""
    assert wilson(hits / n, n) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(("alpha", "beta"), [(0.3, 0.3), (0.2, 1.8), (2.0, 2.0), (1.0, 9.0)])
def test_intervals_hold_the_truth_where_samples_are_clustered(alpha, beta) -> None:
    """Problems of unequal difficulty, four samples each: in at least 95 of 100 repetitions of an evaluation."""
    rng, truth, held, repetitions = random.Random(7), alpha / (alpha + beta), 0, 2000
    for _ in range(repetitions):
        rates = (rng.betavariate(alpha, beta) for _ in range(30))
        found = share([sum(rng.random() < rate for _ in range(4)) / 4 for rate in rates])
        held += found.low <= truth <= found.high
    assert held / repetitions >= 0.95


def test_a_share_is_a_mean_over_problems() -> None:
    """A problem with many samples weighs no more than one with few; what cannot be counted is said."""
    found = share([1.0, None, 0.0, 0.5])
    assert (found.value, found.problems, found.left_out) == (0.5, 3, 1)
    assert (found.low, found.high) == wilson(0.5, 3)
    assert share([None]) == Share(None, 0.0, 1.0, 0, 1)


def test_a_run_is_summed_up() -> None:
    """Two problems of four samples, one of them without a token count: shares by problem, tokens and times by all."""
    solved = row(candidates=4, accepted=3, rejected=1, format_accepted=4, answer_accepted=3, answer_rejected=1)
    missed = row(candidates=4, rejected=4, format_accepted=2, format_rejected=2, answer_accepted=1, answer_rejected=3)
    total = row(candidates=8, counted=7, completion_tokens=70, timed_tokens=60, timed_s=12.0, median_s=1.5)
    found = measured([solved, missed | {"truncated": 2}, total], k=4)
    assert (found.k, found.problems, found.candidates, found.undecided) == (4, 2, 8, 0)
    shares = (found.pass1, found.passk, found.answer_right, found.valid_format, found.truncated)
    assert [one.value for one in shares] == [0.375, 0.5, 0.5, 0.75, 0.25]
    assert {one.problems for one in shares} == {2}
    assert (found.mean_tokens, found.median_s, found.tokens_per_s) == (10, 1.5, 5)


def test_what_nobody_could_judge_is_neither_right_nor_wrong() -> None:
    """One of three decided passed: a third; pass@4 leaves the problem out, and says so."""
    half = row(
        candidates=4, accepted=1, rejected=2, undecided=1, format_accepted=4, answer_accepted=1, answer_rejected=2
    )
    found = measured([half, row(candidates=4, undecided=4), half | {"undecided": 5, "candidates": 8}], k=4)
    assert (found.pass1.value, found.pass1.problems, found.pass1.left_out) == (pytest.approx(1 / 3), 1, 1)
    assert (found.passk.value, found.passk.low, found.passk.high, found.passk.left_out) == (None, 0, 1, 2)
    assert found.answer_right.value == pytest.approx(1 / 3)
    assert found.undecided == 5


def test_a_run_without_candidates_has_no_figures() -> None:
    """None where nothing was measured, not 0 and not a division by it."""
    found = measured([row(), row()], k=2).as_json()
    assert (found["problems"], found["candidates"], found["pass1"]["value"], found["truncated"]["value"]) == (
        1, 0, None, None,
    )  # fmt: skip
    assert (found["mean_tokens"], found["median_s"], found["tokens_per_s"]) == (None, None, None)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 3)), max_size=12), st.integers(1, 5))
def test_one_pass_is_never_likelier_than_one_of_k(counts, k) -> None:
    """For the problems that both count, pass@1 is at most pass@k; every problem is counted or left out."""
    rows = [row(candidates=a + r + u, accepted=a, rejected=r, undecided=u) for a, r, u in counts]
    found = measured([*rows, row()], k)
    for one in (found.pass1, found.passk):
        assert one.problems + one.left_out == len(counts)
        assert one.value is None or one.low <= one.value <= one.high
    both = measured([*(one for one in rows if one["accepted"] + one["rejected"] >= k), row()], k)
    assert both.pass1.value is None or both.pass1.value <= both.passk.value + 1e-12
