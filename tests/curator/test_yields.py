"""The figures of `curator report` add up, over all runs, per run, and per domain and language."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from curator.config import PriceSection
from curator.store.tables import RunPolicy
from curator.yield_report import print_yield
from curator.yields import Figures, Outcome, Slice, YieldReport, yield_report
from schemas.candidate import Attempt, Candidate, Run
from schemas.judge_reply import JudgeReply
from schemas.policy import PolicyRule
from schemas.verdict import Outcome as Said
from schemas.verdict import Reason, Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = [PolicyRule("choice", "choice", "required", 0), PolicyRule("math", "math", "required", 0),
         PolicyRule("math", "repetition", "advisory", 1)]  # fmt: skip
YES, NO, UNKNOWN = (Said.ACCEPT, Reason.OK), (Said.REJECT, Reason.WRONG_ANSWER), (Said.ABSTAIN, Reason.NO_GOLD)


def _verdict(candidate: str, verifier: str, said: tuple[Said, Reason]) -> Verdict:
    return Verdict(candidate, verifier, "1", "b2:c", *said, "", None, None, None, 500.0, NOW)


@pytest.fixture
def add(bench):
    """Store one problem's candidates with what their answer verifier said of each."""

    def do(run: str, number: int, *said, language: str = "en", domain: str = "choice", **fields) -> list[str]:
        problem = bench.problem(number, domain=domain, language=language)
        values = {"completion_tokens": 10, "prompt_tokens": 3, "elapsed_s": 0.5} | fields
        names = [f"b2:{run}-{number}-{at}" for at in range(len(said))]
        candidates = [
            Candidate(name, run, problem.id, at, None, "", "inline", "stop", "m", **values)
            for at, name in enumerate(names)
        ]
        verdicts = [_verdict(name, domain, one) for name, one in zip(names, said, strict=True)]
        policy = [RunPolicy(run, rule) for rule in RULES]
        bench.store.write([problem, Run(run, "scripted", "m\x1b[2J", None, "", NOW), *policy, *candidates, *verdicts])
        return names

    return do


@pytest.fixture
def report(bench, add) -> YieldReport:
    """Two runs that share a problem, in two domains and two languages."""
    add(bench.run, 1, YES, YES)
    add(bench.run, 2, YES, NO, NO, NO)
    add(bench.run, 3, NO, NO, UNKNOWN, language="zh")
    repeats, *_ = add(f"{bench.run}-2", 4, YES, YES, NO, domain="math", tokens_estimated=True)
    add(f"{bench.run}-2", 2, NO)
    add(f"{bench.run}-2", 5, UNKNOWN, language="zh")
    agrees = _verdict(repeats, "judge", (Said.REJECT, Reason.JUDGED_WRONG))
    reply = JudgeReply(f"b2:{bench.run}", repeats, "j\x1b[2J", "{}", "stop", 50, 7, False, 0.5, NOW)
    bench.store.write([_verdict(repeats, "repetition", (Said.REJECT, Reason.REPETITION)), agrees, reply])
    failed = [(f"b2:{bench.run}", "stalled"), (f"b2:{bench.run}", "refused"), (repeats, "refused")]
    attempts = [Attempt(name, bench.run, "p", 0, why, 3, "", NOW.replace(hour=at))
                for at, (name, why) in enumerate(failed)]  # fmt: skip
    bench.store.write(attempts)
    return yield_report(bench.store, bench.path, [bench.run, f"{bench.run}-2"])


def test_candidates_add_up(report) -> None:
    """All = accepted + rejected + undecided, over all, over the runs, and over the slices."""
    counts = [report.total.count(name) for name in ("accepted", "rejected", "undecided")]
    assert (report.total.candidates, counts) == (14, [5, 7, 2])
    for parts in (report.runs, report.slices):
        assert sum((figures.outcomes for figures in parts.values()), Counter()) == report.total.outcomes
    assert report.total.outcomes[Outcome("rejected", "wrong_answer", "choice")] == 6


def test_a_problem_of_two_runs_is_one_problem(bench, report) -> None:
    """Problems and solved ones are counted once over all runs, and once in each."""
    assert (report.total.problems, report.total.solved) == (5, 3)
    assert {run: (one.problems, one.solved) for run, one in report.runs.items()} == {
        bench.run: (3, 2),
        f"{bench.run}-2": (3, 1),
    }


def test_pass_rates_fall_into_ranges(report) -> None:
    """What nobody could decide counts for nothing; a problem of undecided ones has no rate."""
    expected = {"0": 1, "(0, 0.5]": 1, "(0.5, 1)": 1, "1": 1, "undecided": 1}
    assert dict(report.total.pass_rates) == expected


def test_yield_is_per_slice(report) -> None:
    """Per domain and language: tokens, and accepted traces per million of them."""
    assert set(report.slices) == {Slice("choice", "en"), Slice("choice", "zh"), Slice("math", "en")}
    math = report.slices[Slice("math", "en")]
    assert (math.completion_tokens, math.prompt_tokens, math.estimated, math.teacher_s) == (30, 9, 3, 1.5)
    assert math.per_million(math.count("accepted")) == pytest.approx(2e6 / 30)
    assert report.slices[Slice("choice", "zh")].as_json()["accepted_per_million_tokens"] == 0


def test_reasons_are_counted_by_domain_and_by_teacher(report) -> None:
    """Either way they add up to all of them."""
    assert report.domains["math"] == {
        Outcome("accepted", "ok", "policy"): 2,
        Outcome("rejected", "wrong_answer", "math"): 1,
    }
    assert set(report.teachers) == {"m"}
    for groups in (report.domains, report.teachers):
        assert sum(groups.values(), Counter()) == report.total.outcomes


def test_lengths_are_told_by_decision(bench, add) -> None:
    """By the teacher's count, else by the newest estimate of the verifier `length`, else not at all."""
    names = add(bench.run, 1, YES, YES, NO, completion_tokens=None)
    add(bench.run, 2, YES, completion_tokens=900)
    estimates = [(names[0], 30.0, 1), (names[0], 31.0, 2), (names[2], 50.0, 1)]
    bench.store.write([
        Verdict(name, "length", "1", f"b2:{hour}", *YES, "", None, None, score, 1.0, NOW.replace(hour=hour))
        for name, score, hour in estimates
    ])  # fmt: skip
    lengths = yield_report(bench.store, bench.path, [bench.run]).as_json()["lengths"]
    assert [lengths["accepted"][name] for name in ("candidates", "median", "longest")] == [2, 31, 900]
    assert [lengths["rejected"][name] for name in ("candidates", "median")] == [1, 50]
    assert lengths["undecided"]["candidates"] == 0


def test_advice_and_failures_are_counted_apart(report) -> None:
    """A rejection that does not decide is no rejection; a failed request whose candidate came later is not owed.

    That a judge agrees with a rejection is no advice; what it cost is told.
    """
    assert [tuple(row) for row in report.advisory] == [("repetition", "repetition", 1)]
    assert [tuple(row) for row in report.failures] == [("refused", 2, 1), ("stalled", 1, 1)]
    assert report.judging_s == 8.0
    assert [tuple(row) for row in report.judges] == [("j\x1b[2J", 1, 50, 7, 0, 0)]


def test_cost_is_shared_by_what_each_model_brought(bench, report) -> None:
    """A teacher's by its own accepted traces and solved problems; the judge's stands beside it and is in the sum."""
    price = {"prompt": 1e6, "completion": 1e6}
    prices = PriceSection.model_validate({"m": price, "j\x1b[2J": price})
    bill = yield_report(bench.store, bench.path, list(report.runs), prices).bill
    teacher, judge = bill.expenses
    assert (teacher.cost, teacher.accepted, teacher.solved) == (14 * 13, 5, 3)
    assert (judge.cost, judge.accepted, judge.role) == (57, None, "judge")
    assert (bill.total, bill.accepted, bill.solved) == (14 * 13 + 57, 5, 3)
    assert report.bill is None


def test_tokens_that_nobody_counted_are_not_nothing(bench, add, capsys) -> None:
    """The sums say how many of their parts were estimated, and how many are missing."""
    add(bench.run, 1, YES, prompt_tokens=None, completion_tokens=None)
    add(bench.run, 2, YES, NO, prompt_tokens_estimated=True, tokens_estimated=True)
    found = yield_report(bench.store, bench.path, [bench.run])
    total = found.total
    assert (total.prompts_unknown, total.unknown, total.prompts_estimated, total.estimated) == (1, 1, 2, 2)
    assert found.as_json()["prompt_tokens_unknown_candidates"] == 1
    print_yield(found, "curator")
    out = capsys.readouterr().out
    assert "tokens of 3 candidates: 6 in prompts (2 estimated, 1 not counted), 20 in completions (2 estim" in out


def test_it_is_printed_with_names_escaped(report, capsys) -> None:
    """Several runs are a line each, and a model's name is never obeyed."""
    print_yield(report, "curator")
    out = capsys.readouterr().out
    assert "2 runs: 14 candidates of 5 problems" in out
    assert "m\\x1b[2J" in out
    assert "wrong_answer, by choice" in out
    assert "advisory: repetition would reject 1 (repetition)" in out
    assert "judge j\\x1b[2J: 1 reply, 57 tokens, prompts included" in out
    assert "curator sql" in out
    assert ["accepted", "5", *["10"] * 6] in [line.split() for line in out.splitlines()]
    assert "wrong_answer 50%, no_gold 14%" in out


def test_nothing_is_divided_by_nothing() -> None:
    """Figures of no candidates have no rate."""
    empty = Figures().as_json()
    assert (empty["candidates"], empty["accepted_per_million_tokens"], empty["solved_problems"]) == (0, None, 0)
