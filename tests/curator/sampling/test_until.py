"""`--until K`: a problem is asked about until it has what is wanted, and not once more."""

from __future__ import annotations

import pytest

from curator.sampling.stopping import StopRule

WRONG = "<think>hm</think><answer>A</answer>"
GRADE = ("problem_id, reason", "stops")


def says(bench, *answers: str):
    """A teacher that gives right (R) and wrong (W) answers in turn, the last one for ever."""
    return bench.teacher(*[bench.completion() if one == "R" else bench.completion(WRONG) for one in "".join(answers)])


def test_a_problem_is_asked_about_until_one_is_accepted(bench) -> None:
    """Two wrong answers and a right one are three requests, and a stop that says so."""
    teacher = says(bench, "WWR")
    bench.sample(teacher, bench.problem(), stop=StopRule(16, until=1), rules=bench.rules)
    assert len(teacher.asked) == 3
    assert bench.rows("reason, until", "stops") == [("solved", 1)]
    assert bench.rows("max_n, until", "sampling_plans") == [(16, 1)]


def test_no_more_is_in_flight_than_lacks(bench) -> None:
    """With slots to spare, a problem that lacks one is never asked about twice at once; many are open instead."""
    teacher = says(bench, "R")
    bench.sample(teacher, *bench.problems(30), stop=StopRule(8, until=1), rules=bench.rules, concurrency=32)
    assert len(teacher.asked) == 30
    assert teacher.most > 8


def test_a_hopeless_problem_is_given_up(bench) -> None:
    """Ten of ten rejected are enough to tell, although sixteen were allowed."""
    teacher = says(bench, "W")
    bench.sample(teacher, bench.problem(), stop=StopRule(16, until=2), rules=bench.rules)
    assert len(teacher.asked) == 10
    assert bench.rows("reason", "stops") == [("hopeless",)]


def test_the_most_candidates_end_a_problem(bench) -> None:
    """`--max-n` holds where the rule does not come into play."""
    teacher = says(bench, "W")
    bench.sample(teacher, bench.problem(), stop=StopRule(4, until=1), rules=bench.rules)
    assert (len(teacher.asked), bench.rows("reason", "stops")) == (4, [("max_n",)])


def test_who_has_no_gold_costs_two_candidates_at_most(bench) -> None:
    """Nobody can judge them, so sixteen would tell as little."""
    teacher = says(bench, "R")
    bench.sample(teacher, bench.problem(answer=None), stop=StopRule(16, until=4), rules=bench.rules)
    assert len(teacher.asked) <= 2
    assert bench.rows("reason", "stops") == [("unjudgeable",)]


def test_asked_again_it_asks_for_nothing(bench) -> None:
    """What was decided is read from the store, whatever the reason of the stop."""
    problems = [*bench.problems(6), bench.problem(9, answer=None)]
    plan = {"stop": StopRule(12, until=1), "rules": bench.rules}
    bench.sample(says(bench, "RW"), *problems, concurrency=1, **plan)
    before = bench.rows("problem_id, reason, created_at", "stops", "ALL")
    teacher = bench.teacher(None)
    bench.sample(teacher, *problems, **plan)
    assert teacher.asked == []
    assert bench.rows("problem_id, reason, created_at", "stops", "ALL") == before
    assert bench.progress.ended.total() == 7


def test_a_larger_k_goes_on_from_what_there_is(bench) -> None:
    """The candidates of the first plan count for the second; the newest plan and stop hold."""
    bench.sample(says(bench, "R"), bench.problem(), stop=StopRule(8, until=1), rules=bench.rules)
    teacher = says(bench, "WR")
    bench.sample(teacher, bench.problem(), stop=StopRule(8, until=2), rules=bench.rules)
    assert len(teacher.asked) == 2
    assert bench.rows("reason, until", "stops") == [("solved", 2)]


def test_a_killed_run_is_judged_before_more_is_asked(bench) -> None:
    """A candidate that was stored without verdicts may be the accepted one."""
    bench.sample(says(bench, "R"), bench.problem())
    teacher = bench.teacher(None)
    bench.sample(teacher, bench.problem(), stop=StopRule(8, until=1), rules=bench.rules)
    assert teacher.asked == []
    assert bench.rows("reason", "stops") == [("solved",)]


def test_a_problem_whose_requests_fail_is_left_for_next_time(bench) -> None:
    """It costs one attempt, not sixteen; the others are sampled, and it has no stop."""
    teacher = bench.teacher(bench.completion(), bench.fault("refused"), bench.completion())
    progress = bench.sample(teacher, *bench.problems(3), stop=StopRule(16, until=1), rules=bench.rules, concurrency=1)
    assert (progress.failed, len(teacher.asked), len(bench.rows(*GRADE))) == (1, 3, 2)
    bench.sample(says(bench, "R"), *bench.problems(3), stop=StopRule(16, until=1), rules=bench.rules)
    assert len(bench.rows(*GRADE)) == 3


@pytest.mark.parametrize(
    ("answers", "until", "rate"),
    [("R", 1, None), ("WWR", 1, 0.0), ("WRR", 2, 0.5), ("RWWWRR", 3, 0.4), ("W", 1, 0.0)],
)
def test_the_pass_rate_leaves_out_the_candidate_that_ended_it(bench, answers: str, until: int, rate) -> None:
    """(k - 1) / (m - 1) where k accepted ones ended the sampling, null where there was one only; else as ever."""
    bench.sample(
        says(bench, answers), bench.problem(), stop=StopRule(16, until=until), rules=bench.rules, concurrency=1
    )
    (row,) = bench.store.rows("SELECT * FROM problem_stats WHERE problem_id = ?", [bench.problem().id])
    assert row["pass_rate"] == (None if rate is None else pytest.approx(rate))


def test_siblings_are_dropped_only_when_asked(bench) -> None:
    """All are asked at once; the first that is accepted ends the others, which are neither stored nor owed."""
    teacher = bench.teacher(bench.completion(), None)
    plan = {"stop": StopRule(4, until=1, cut_siblings=True), "rules": bench.rules}
    bench.sample(teacher, bench.problem(), **plan)
    assert len(teacher.asked) == 4
    assert bench.rows("count(*)", "candidates") == [(1,)]
    again = bench.teacher(None)
    bench.sample(again, bench.problem(), **plan)
    assert again.asked == []
