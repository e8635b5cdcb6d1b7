"""Two runs side by side: what differs, on which problems, and whether that is more than chance."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.comparison import LISTED, Comparison, PairedProblem, Pairing, compare, sign_test
from curator.comparison_report import pairing_sentences, print_comparison
from curator.html_report import comparison_page
from curator.store.tables import RunPolicy
from curator.yields import yield_report
from schemas.candidate import Candidate, Run
from schemas.policy import PolicyRule
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
SIDES = st.integers(0, 60)
SAID = {
    "+": (Outcome.ACCEPT, Reason.OK),
    "-": (Outcome.REJECT, Reason.WRONG_ANSWER),
    "?": (Outcome.ABSTAIN, Reason.NO_GOLD),
}


@given(SIDES, SIDES)
def test_the_sign_test_is_exact(first: int, second: int) -> None:
    """It equals the sum over the binomial distribution, counted in whole numbers, whichever side is named first."""
    n, fewer = first + second, min(first, second)
    tail = Fraction(2 * sum(math.comb(n, k) for k in range(fewer + 1)), 2**n)
    assert sign_test(first, second) == pytest.approx(min(1.0, float(tail)), rel=1e-9)
    assert sign_test(first, second) == sign_test(second, first)


def test_the_sign_test_bears_many_problems() -> None:
    """A split of 100,000 that is even within chance, and one that is not."""
    assert sign_test(50_100, 49_900) > 0.5
    assert sign_test(51_000, 49_000) < 1e-9


def test_difference_and_chance_are_said_in_words() -> None:
    """Nine of nine is more than chance, one of one is not; ties count for neither."""
    better = PairedProblem("p", 0, 4, 4, 4)
    same = PairedProblem("q", 2, 4, 1, 2)
    *_, sure = pairing_sentences(Pairing([better] * 9 + [same], {}))
    assert sure == (
        "A does better on 0, B on 9, they tie on 1: more than chance (exact sign test over problems, p = 0.0039)."
    )
    *_, means, unsure = pairing_sentences(Pairing([better, same], {}))
    assert "A 25.0%, B 75.0%, difference +50.0 points" in means
    assert "this may be chance" in unsure


def test_what_was_not_decided_is_not_compared() -> None:
    """A problem whose candidates are all undecided in one run has no rate there, and is no loss."""
    pairing = Pairing([PairedProblem("p", 0, 0, 2, 2)], {})
    assert (pairing.rates, pairing.means, pairing.better, pairing.widest) == ([], None, (0, 0), [])
    assert pairing_sentences(pairing)[-1] == "None of them was decided in both, so there are no pass rates to compare."


@given(st.lists(st.builds(PairedProblem, st.text(), *[st.just(1), st.integers(1, 9)] * 2), max_size=30))
def test_the_widest_gaps_are_listed(problems) -> None:
    """No problem left out differs more than one that is listed, and none that ties is."""
    listed = Pairing(problems, {}).widest
    gaps = sorted((abs(one.gap) for one in problems if one.gap), reverse=True)
    assert [abs(one.gap) for one in listed] == gaps[:LISTED]


@pytest.fixture
def add(bench):
    """Store a run: per problem a mark for each candidate, + accepted, - rejected, ? undecided."""

    def do(name: str, **marks: str) -> None:
        run = Run(name, "scripted", f"{name}-7b", None, "", START)
        records = [run, RunPolicy(name, PolicyRule("math", "math", "required", 0))]
        for problem, all_marks in marks.items():
            records.append(Problem(problem, "math", f"{problem}之和是多少?", "12", language="zh"))
            for at, mark in enumerate(all_marks):
                candidate = f"b2:{name}-{problem}-{at}"
                records.append(Candidate(candidate, name, problem, at, None, "", "inline", "stop", "m",
                                         completion_tokens=50))  # fmt: skip
                records.append(Verdict(candidate, "math", "1", "b2:c", *SAID[mark], "", None, None, None, 1.0, START))
        bench.store.write(records)

    return do


@pytest.fixture
def comparison(bench, add) -> Comparison:
    """Runs that share four problems, one of which nobody could judge; each has one of its own."""
    a, b = f"{bench.run}-a", f"{bench.run}-b"
    add(a, easy="++", half="+-", hard="--", unknown="??", mine="+")
    add(b, easy="++", half="--", hard="++", unknown="?-", other="-")
    return compare(bench.store, yield_report(bench.store, bench.path, (b, a)), a, b)


def test_two_runs_side_by_side(comparison, capsys) -> None:
    """Their figures with differences, the shared problems by who solved them, and those that differ most."""
    print_comparison(comparison)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    (accepted,) = [line for line in lines if line.startswith("accepted  ")]
    assert accepted.split() == ["accepted", "4", "(44.4%)", "4", "(44.4%)", "+0.0", "points"]
    assert "4 problems are in both runs: 1 solved by both, 1 only by A, 1 only by B, 1 by neither." in lines
    assert "Mean pass rate over the 3 that were decided in both: A 50.0%, B 66.7%, difference +16.7 points." in lines
    assert "A does better on 1, B on 1, they tie on 1: no difference." in lines
    assert [line.split()[0] for line in lines if "之和是多少" in line] == ["hard", "half"]


def test_a_script_reads_the_same(comparison) -> None:
    """The runs in the order in which they were named, and the shared problems."""
    found = json.loads(json.dumps(comparison.as_json()))
    assert [run["model"][-4:] for run in found["runs"]] == ["a-7b", "b-7b"]
    assert found["shared_problems"]["solved_by"] == {"both": 1, "first": 1, "second": 1, "neither": 1}
    assert [one["problem_id"] for one in found["shared_problems"]["widest"]] == ["hard", "half"]


def test_the_comparison_is_a_page_too(comparison) -> None:
    """The same rows and sentences."""
    page = comparison_page(comparison, START)
    for text in ("tokens per candidate", "difference +16.7 points", "hard之和是多少", "0% (0 of 2)", "2026-01-01"):
        assert text in page


def test_runs_without_a_shared_problem_are_said_to_be(bench, add, capsys) -> None:
    """Their figures are shown all the same."""
    a, b = f"{bench.run}-a", f"{bench.run}-b"
    add(a, one="+")
    add(b, two="-")
    print_comparison(compare(bench.store, yield_report(bench.store, bench.path, (a, b)), a, b))
    out = capsys.readouterr().out
    assert "The runs share no problem" in out
    assert "-100.0 points" in out
