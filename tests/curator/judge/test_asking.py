"""A judge model is asked once per question; every reply is kept, and what fails is a verdict too."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from curator.judge.asking import GIVE_UP_AFTER, AskingJudge
from curator.judge.rubric import load_rubrics
from curator.judge.setup import JudgeSetup
from curator.judge.tally import Tally
from curator.teacher.base import TeacherError
from curator.teacher.retry import RetryPolicy
from curator.writer import Writer
from schemas.candidate import Candidate, SamplingParameters
from schemas.verdict import Outcome, Reason, Verdict
from verifiers.settings import VerifierSettings

ACCEPT = '{"verdict": "accept", "reason": "It is right."}'
AT_ONCE = RetryPolicy(tries=2, wait_initial_s=0.0, wait_max_s=0.0, jitter_s=0.0)
SAMPLING = SamplingParameters(temperature=0.0, top_p=1.0, max_tokens=64)


class Court:
    """One command's judge over a bench's store; each `hears` is a command of its own."""

    def __init__(self, bench) -> None:
        self.bench, self.tally, self.told = bench, Tally(), []

    def candidate(self, answer: str = "Blue.", number: int = 0, **fields) -> Candidate:
        values = {"finish_reason": "stop", "model": "m", "created_at": datetime.now(UTC)} | fields
        text = f"<think>hm</think><answer>{answer}</answer>"
        return Candidate(f"{self.bench.run}-c{number}", self.bench.run, "p", number, None, text, "inline", **values)

    def hears(self, teacher, *candidates: Candidate, concurrency: int = 4) -> list[Verdict]:
        setup = JudgeSetup(teacher, load_rubrics(), SAMPLING, concurrency, self.told.append, AT_ONCE)
        problem = self.bench.problem(domain="general", answer="Blue.")

        async def story() -> list[Verdict]:
            writer = Writer(self.bench.store)
            writer.start()
            judge = AskingJudge(setup, VerifierSettings(judge=setup.settings), self.bench.store, writer, self.tally)
            verdicts = await asyncio.gather(*(judge.verdict(problem, one) for one in candidates))
            await writer.close()
            return verdicts

        return asyncio.run(story())

    def replies(self) -> list[dict[str, object]]:
        query = "SELECT * FROM judge_replies WHERE starts_with(candidate_id, ?)"
        return self.bench.store.rows(query, [f"{self.bench.run}-c"])


@pytest.fixture
def court(bench) -> Court:
    """A court that has not heard anything."""
    return Court(bench)


def test_a_reply_becomes_a_verdict_and_is_kept(bench, court) -> None:
    """Asked at temperature 0; the reply is stored as sent, with what it cost."""
    teacher = bench.teacher(bench.completion(ACCEPT, reasoning="I think it is wrong."))
    (verdict,) = court.hears(teacher, court.candidate())
    assert (verdict.verifier, verdict.version, verdict.outcome) == ("judge", "1", Outcome.ACCEPT)
    assert (verdict.detail, verdict.extracted, verdict.expected) == ("It is right.", "Blue.", "Blue.")
    assert teacher.asked[0].sampling == SAMPLING
    (row,) = court.replies()
    assert (row["reply"], row["prompt_tokens"], row["completion_tokens"]) == (ACCEPT, 7, 10)
    assert court.tally.line() == "judge: 1 asked, 17 tokens: 1 accepted"


def test_the_same_question_is_asked_once(bench, court) -> None:
    """Two equal answers at the same time share a reply, and a later command finds it in the store."""
    teacher = bench.teacher(bench.completion(ACCEPT))
    twins = [court.candidate(number=number) for number in range(3)]
    assert [one.outcome for one in court.hears(teacher, *twins)] == [Outcome.ACCEPT] * 3
    again = bench.teacher(bench.completion("never asked"))
    (verdict,) = court.hears(again, court.candidate(number=9))
    assert (len(teacher.asked), again.asked, verdict.outcome) == (1, [], Outcome.ACCEPT)
    assert (court.tally.asked, court.tally.known, court.tally.verdicts.total()) == (1, 1, 4)


def test_no_more_is_in_flight_than_was_allowed(bench, court) -> None:
    """The judge has a bound of its own, whatever waits for it."""
    teacher = bench.teacher(bench.completion(ACCEPT))
    teacher.meets = 2
    court.hears(teacher, *(court.candidate(f"It is {n}.", n) for n in range(9)), concurrency=2)
    assert (len(teacher.asked), teacher.most) == (9, 2)


def test_tokens_that_nobody_counted_are_estimated_and_marked(bench, court) -> None:
    """A server without usage still has a cost, and the line says that it is a guess."""
    court.hears(bench.teacher(bench.completion(ACCEPT, prompt_tokens=None, completion_tokens=None)), court.candidate())
    (row,) = court.replies()
    assert row["tokens_estimated"]
    assert row["prompt_tokens"] > row["completion_tokens"] > 0
    assert "about" in court.tally.line()


def test_a_trace_without_an_answer_is_not_asked_about(bench, court) -> None:
    """There is nothing to judge, so nothing is paid."""
    teacher = bench.teacher(bench.completion(ACCEPT))
    (verdict,) = court.hears(teacher, court.candidate(""))
    assert (teacher.asked, verdict.outcome, verdict.reason) == ([], Outcome.REJECT, Reason.NO_ANSWER)


def test_what_a_retry_mends_is_no_failure(bench, court) -> None:
    """The next try gives the verdict."""
    (verdict,) = court.hears(bench.teacher(bench.fault("server_error"), bench.completion(ACCEPT)), court.candidate())
    assert verdict.outcome is Outcome.ACCEPT


def test_a_judge_that_fails_for_good_is_an_error(bench, court) -> None:
    """Neither right nor wrong; no reply is kept, and the next command asks again."""
    hostile = TeacherError("it \x1b[2J says\nno", reason="server_error")
    (verdict,) = court.hears(bench.teacher(hostile), court.candidate())
    assert (verdict.outcome, verdict.reason) == (Outcome.ERROR, Reason.JUDGE_UNAVAILABLE)
    assert verdict.detail == "the judge could not be asked: it \\x1b[2J says\\nno"
    assert court.replies() == []
    (verdict,) = court.hears(bench.teacher(bench.completion(ACCEPT)), court.candidate())
    assert verdict.outcome is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("reason", "asked"), [("unauthorized", 1), ("server_error", 2 * GIVE_UP_AFTER), ("refused", 9)]
)
def test_a_hopeless_judge_is_left_alone(bench, court, reason, asked) -> None:
    """At once where no request can succeed, after some losses otherwise, said once; a refusal is one question's."""
    teacher = bench.teacher(bench.fault(reason))
    verdicts = court.hears(teacher, *(court.candidate(f"{n}", n) for n in range(9)), concurrency=1)
    assert {one.reason for one in verdicts} == {Reason.JUDGE_UNAVAILABLE}
    assert len(teacher.asked) == asked
    assert len(court.told) == (reason != "refused")


def test_another_rubric_or_model_is_another_question(bench, court) -> None:
    """Their verdicts do not hold for each other either: the settings differ."""
    setups = [
        JudgeSetup(bench.teacher(), load_rubrics(), sampling, 1, court.told.append, AT_ONCE)
        for sampling in (SAMPLING, SamplingParameters(max_tokens=65))
    ]
    first, second = (setup.settings for setup in setups)
    assert (first.model, first.model == second.model, first.rubric == second.rubric) == ("teacher-7b", True, False)
    court.hears(bench.teacher(bench.completion(ACCEPT)), court.candidate())
    other = bench.teacher(bench.completion(ACCEPT))
    other.model = "teacher-8b"
    court.hears(other, court.candidate())
    assert [row["model"] for row in court.replies()] == ["teacher-7b", "teacher-8b"]
