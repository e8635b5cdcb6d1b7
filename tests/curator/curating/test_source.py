"""Which candidates a split is made from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curator.curating.source import source
from curator.errors import UsageError
from schemas.candidate import Candidate
from schemas.problem import Problem
from tests.curator.curating.stock import RUN, stock


def chosen(store, decision="accepted", where=None) -> list[str]:
    pool, step = source(store, decision, where, 60)
    assert step.candidates == pool.height
    return pool["problem_id"].to_list()


def test_only_accepted_traces_unless_told_otherwise(stocked) -> None:
    """The default takes what every verifier accepted, in the order of the store; the rest is counted as dropped."""
    pool, step = source(stocked, "accepted", None, 60)
    assert pool["problem_id"].to_list() == ["easy"] * 4 + ["half"] * 2 + ["sort"] * 2 + ["poem"]
    assert (step.candidates, step.dropped, step.problems) == (9, 10, 4)
    assert step.notes == ("decision = 'accepted'",)


def test_unverified_takes_every_complete_trace(stocked) -> None:
    """Rejected and undecided ones too, but nothing that is no trace."""
    assert chosen(stocked, "any").count("sort") == 2
    assert len(chosen(stocked, "any")) == 18
    assert chosen(stocked, "undecided") == ["talk", "talk", "poem"]


def test_what_a_student_said_in_an_evaluation_is_no_choice(stocked) -> None:
    """Accepted as it is, it is neither taken nor counted as dropped, and moves no pass rate."""
    said = Candidate("b2:e", "eval", "half", 9, None, "<think>\nx\n</think>\n60", "inline", "stop", "student-1b")
    stocked.write([replace(RUN, id="eval", purpose="evaluation"), said])
    assert stocked.rows("SELECT decision FROM decisions WHERE run_id = 'eval'") == [{"decision": "accepted"}]
    _, step = source(stocked, "accepted", None, 60)
    assert (step.candidates, step.dropped) == (9, 10)
    assert len(chosen(stocked, "any")) == 18
    assert chosen(stocked, where="decision = 'accepted' AND pass_rate = 0.5") == ["half"] * 2


def test_a_cut_completion_is_not_complete(stocked) -> None:
    """What ended at the token limit is taken by no choice but an explicit one."""
    stock(stocked, [(Problem("cut", "general", "Tell a long story."), "u")], finish_reason="length")
    assert "cut" not in chosen(stocked, "any") + chosen(stocked, "undecided")


def test_difficulty_is_a_range_of_pass_rates(stocked) -> None:
    """A condition of one's own narrows the accepted."""
    assert chosen(stocked, where="pass_rate BETWEEN 0.2 AND 0.6") == ["half", "half"]
    assert chosen(stocked, where="source = 'farm' -- mine") == ["easy"] * 4


def test_a_condition_on_decisions_replaces_the_default(stocked) -> None:
    """Whoever names `decision` means it; the word within a text is no name."""
    assert chosen(stocked, where="decision = 'rejected' AND reason = 'wrong_answer'") == ["half"] * 2 + ["hard"] * 4
    assert chosen(stocked, where="prompt NOT LIKE '%a decision of%' AND domain = 'code'") == ["sort"] * 2


@pytest.mark.parametrize(
    ("where", "said"),
    [("passrate > 0.5", '"passrate" not found'), ("1 = 1; DROP TABLE runs", "syntax error"), ("pass_rate >", "syntax")],
)
def test_a_condition_that_is_no_sql_is_refused(stocked, where: str, said: str) -> None:
    """The message quotes what was typed, and says where the columns are listed."""
    with pytest.raises(UsageError, match=said) as caught:
        source(stocked, "accepted", where, 60)
    assert where in caught.value.message
    assert "DESCRIBE pool" in caught.value.hint


def test_a_condition_has_the_limits_of_any_query(stocked) -> None:
    """It is ended when its time is over, and cannot write."""
    endless = "(SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c) > 0"
    with pytest.raises(UsageError, match="ended after"):
        source(stocked, "accepted", endless, 0.5)


def test_tokens_that_nobody_counted_are_estimated(stocked) -> None:
    """Every row of a pool has tokens, so that it can be chosen by length."""
    stock(stocked, [(Problem("free", "math", "2+2?", "4"), "a")], completion_tokens=None)
    pool, _ = source(stocked, "accepted", "problem_id = 'free'", 60)
    assert pool["tokens"].to_list() == [len("<think>\nway 0 of free\n</think>\n<answer>0</answer>") // 3]
