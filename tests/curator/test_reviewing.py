"""Who waits for a person, and how a candidate fits a screen: without a terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from curator.errors import UsageError
from curator.reviewing.queue import find_queue, name_queue
from curator.reviewing.screen import CUT, excerpt, print_page
from curator.store.tables import RunPolicy
from curator.stored import load_candidates
from curator.trace_view import find_candidate
from schemas.candidate import Run
from schemas.policy import default_policy
from schemas.review import Review

OPEN = "<think>so</think><answer>a poem</answer>"


@pytest.fixture
def waits(bench):
    """Sample problems of domain general, which nobody can judge without a judge."""

    def do(count: int):
        problems = [bench.problem(number, domain="general", answer=None) for number in range(count)]
        bench.sample(bench.teacher(bench.completion(OPEN)), *problems, rules=bench.rules)
        return [bench.id(problem) for problem in problems]

    return do


def _review(bench, candidate_id: str, outcome: str) -> None:
    bench.store.write([Review(candidate_id, "anna", outcome, "", datetime.now(UTC))])


def _policy(run: str) -> list[RunPolicy]:
    return [RunPolicy(run, rule) for rule in default_policy()]


def test_whoever_is_undecided_waits_until_a_person_decides(bench, waits) -> None:
    """And again when the decision is taken back."""
    first, second = waits(2)
    assert set(find_queue(bench.store, [bench.run], [], None).ids()) == {first, second}
    _review(bench, first, "reject")
    assert list(find_queue(bench.store, [bench.run], [], None).ids()) == [second]
    _review(bench, first, "withdraw")
    assert find_queue(bench.store, [bench.run], [], None).waiting == 2


def test_the_limit_cuts_what_is_shown_not_what_is_counted(bench, waits) -> None:
    """The one who quits early knows how much is left."""
    waits(3)
    queue = find_queue(bench.store, [bench.run], [], 2)
    assert (len(queue), queue.waiting) == (2, 3)


def test_what_the_verifiers_have_yet_to_judge_waits_for_them(bench) -> None:
    """A candidate that is being judged is shown only to those who ask for it."""
    bench.sample(bench.teacher(bench.completion()), bench.problem())
    bench.store.write(_policy(bench.run))
    assert len(find_queue(bench.store, [bench.run], [], None)) == 0
    assert len(find_queue(bench.store, [bench.run], ["not_judged"], None)) == 1


def test_rejected_and_accepted_ones_can_be_asked_for(bench) -> None:
    """Their reason is enough."""
    wrong = bench.completion("<think>hm</think><answer>A</answer>")
    bench.sample(bench.teacher(bench.completion(), wrong), *bench.problems(2), rules=bench.rules, concurrency=1)
    assert len(find_queue(bench.store, [bench.run], [], None)) == 0
    assert len(find_queue(bench.store, [bench.run], ["wrong_answer"], None)) == 1
    assert len(find_queue(bench.store, [bench.run], ["wrong_answer", "ok"], None)) == 2


def test_evaluations_wait_only_when_they_are_named(bench, waits) -> None:
    """What a student says never becomes training data, so nobody is asked to look at it."""
    (candidate,) = waits(1)
    run, theirs = f"{bench.run} eval", f"{candidate} eval"
    (sampled,) = load_candidates(bench.store, [candidate]).values()
    evaluation = Run(run, "local", "student", None, "b2:t", datetime.now(UTC), "evaluation")
    bench.store.write([evaluation, *_policy(run), replace(sampled, id=theirs, run_id=run)])
    assert theirs not in find_queue(bench.store, [], ["not_judged"], None).ids()
    assert list(find_queue(bench.store, [run], ["not_judged"], None).ids()) == [theirs]


def test_named_candidates_come_in_the_order_named(bench, waits) -> None:
    """Each once, reviewed ones too."""
    first, second = waits(2)
    _review(bench, first, "accept")
    assert list(name_queue(bench.store, [second, first, second[3:]]).ids()) == [second, first]


@pytest.mark.parametrize(
    ("runs", "reasons", "said"),
    [(["x"], [], "there is no run 'x'"), ([], ["no_juge"], r"no reason 'no_juge' \(did you mean 'no_judge'\?\)")],
)
def test_what_does_not_exist_is_usage(bench, runs: list[str], reasons: list[str], said: str) -> None:
    """A wrong run or reason is named, with what was meant."""
    with pytest.raises(UsageError, match=said):
        find_queue(bench.store, runs, reasons, None)


@given(
    text=st.text(st.sampled_from("a 方\n\t\x1b\u0301[")),
    times=st.integers(1, 400),
    rows=st.integers(3, 30),
    width=st.integers(20, 100),
    beginning=st.sampled_from([0.0, 0.5]),
)
def test_an_excerpt_fits_and_says_what_it_leaves_out(text, times, rows, width, beginning) -> None:
    """Never more rows or columns than there are; all of the text, or a mark where some is missing."""
    whole = (text * times).strip()
    lines = [line.plain for line in excerpt(Console(file=StringIO(), width=width), whole, rows, beginning)]
    assert len(lines) <= rows
    assert all(cell_len(line) <= width for line in lines)
    shown = "".join("".join(lines).split())
    escaped = "".join(whole.replace("\x1b", r"\x1b").split())
    assert any(CUT in line for line in lines) or not whole or shown == escaped


@pytest.mark.parametrize("width", [40, 80])
def test_chinese_fits_a_narrow_screen(bench, width: int) -> None:
    """No line is wider than the terminal, where each character takes two columns."""
    trace = f"<think>{'先把两边同时乘以二，再移项。' * 60}</think><answer>{'因为' * 300}</answer>"
    problem = bench.problem(domain="general", prompt="为什么天是蓝色的？" * 30, answer=None)
    bench.sample(bench.teacher(bench.completion(trace)), problem, rules=bench.rules)
    out = StringIO()
    view = find_candidate(bench.store, bench.id(problem))
    print_page(Console(file=out, width=width, height=30), view, "1 of 1", "记得再看")
    assert max(map(cell_len, out.getvalue().splitlines())) <= width
    assert "your note: 记得再看" in out.getvalue()
