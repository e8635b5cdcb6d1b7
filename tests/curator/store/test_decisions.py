"""What the views say: the same as the policy in Python, with people's reviews above it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.store import queries
from schemas.policy import PolicyRule, decide, rules_for
from schemas.review import Review
from schemas.verdict import Outcome, Reason

VERIFIERS = ("format", "math", "exact", "length", "judge")
RULES = st.lists(st.sampled_from(VERIFIERS), unique=True).flatmap(
    lambda names: st.tuples(
        *(
            st.builds(PolicyRule, st.just("math"), st.just(name), st.sampled_from(["required", "advisory"]), st.just(p))
            for p, name in enumerate(names)
        )
    )
)
SAID = st.lists(
    st.tuples(st.sampled_from(VERIFIERS), st.sampled_from(Outcome), st.sampled_from(Reason)), max_size=8
)  # in order of time: a later verdict of the same verifier replaces the earlier one
RUNS = count()


@pytest.fixture(scope="module")
def judged(shared, records):
    """One accepted, one rejected, one undecided and one unjudged candidate."""
    seeded, _ = shared
    good, bad, open_, unjudged = records.candidates(4)
    verdicts = records.verdicts(good) + records.verdicts(bad, math=Outcome.REJECT, length=Outcome.REJECT)
    seeded.write([good, bad, open_, unjudged, *verdicts, *records.verdicts(open_, math=Outcome.ABSTAIN)])
    return seeded


def test_reasons_are_counted_without_a_manual(judged) -> None:
    """The query from the front page works as it is typed."""
    (batch,) = judged.sql("SELECT reason, count(*) AS n FROM rejected GROUP BY 1")
    assert batch.to_pylist() == [{"reason": "wrong_answer", "n": 1}]


def test_a_rejection_shows_why_beside_the_trace(judged, records) -> None:
    """The deciding verdict, the problem and the texts are in one row."""
    (row,) = judged.rows("SELECT * FROM rejected")
    assert (row["verifier"], row["detail"], row["extracted"], row["expected"]) == ("math", "说明", "5", "5")
    assert (row["prompt"], row["reasoning"], row["content"]) == (records.problem.prompt, "二加三", "5")


def test_undecided_is_neither_right_nor_wrong(judged) -> None:
    """What could not be checked and what was not checked yet are told apart."""
    rows = judged.rows("SELECT reason, verifier FROM undecided ORDER BY reason")
    assert rows == [{"reason": "no_gold", "verifier": "math"}, {"reason": "not_judged", "verifier": "format"}]


def test_the_pass_rate_leaves_out_what_nobody_could_tell(judged) -> None:
    """One accepted and one rejected of four sampled is a pass rate of a half."""
    (row,) = judged.rows("SELECT * FROM problem_stats")
    assert row == {"problem_id": "sum", "sampled": 4, "accepted": 1, "pass_rate": 0.5, "completion_tokens": 400}


def test_a_run_has_its_funnel_and_its_yield(judged) -> None:
    """Counts add up, and the yield is per million completion tokens."""
    (row,) = judged.rows(queries.RUN_TOTALS, ["first"])
    assert [row[name] for name in ("candidates", "accepted", "rejected", "undecided", "problems", "solved")] == [
        4, 1, 1, 2, 1, 1,
    ]  # fmt: skip
    assert row["completion_tokens"] == 400
    assert row["accepted_per_million_tokens"] == row["solved_per_million_tokens"] == 2500
    assert {(r["decision"], r["reason"], r["candidates"]) for r in judged.rows(queries.RUN_SUMMARY, ["first"])} == {
        ("accepted", "ok", 1), ("rejected", "wrong_answer", 1), ("undecided", "no_gold", 1),
        ("undecided", "not_judged", 1),
    }  # fmt: skip


def test_an_empty_run_has_no_yield(judged, records) -> None:
    """No candidates means zero counts and a null yield, not a division by zero."""
    judged.write([replace(records.run, id="empty")])
    (row,) = judged.rows(queries.RUN_TOTALS, ["empty"])
    assert (row["candidates"], row["completion_tokens"], row["accepted_per_million_tokens"]) == (0, 0, None)


def test_a_review_outranks_verdicts_and_the_latest_counts(judged, records) -> None:
    """A person may accept what was rejected, and change their mind."""
    bad = records.candidate(1)
    for minute, (outcome, decision) in enumerate([("accept", "accepted"), ("reject", "rejected")]):
        when = records.start + timedelta(minutes=minute)
        judged.write([Review(bad.id, "anna", outcome, "", when)])
        (row,) = judged.rows("SELECT decision, decided_by FROM decisions WHERE candidate_id = ?", [bad.id])
        assert row == {"decision": decision, "decided_by": "review"}


def test_a_decision_that_is_taken_back_leaves_the_verdicts(judged, records) -> None:
    """After `withdraw` they decide again, and nobody has reviewed the candidate; a later review counts again."""
    bad = records.candidate(1)
    for minute, (outcome, decision, reviewed) in enumerate(
        [("accept", "accepted", 1), ("withdraw", "rejected", 0), ("reject", "rejected", 1), ("withdraw", "rejected", 0)]
    ):
        when = records.start + timedelta(minutes=10 + minute)
        judged.write([Review(bad.id, "ben", outcome, "", when)])
        (row,) = judged.rows("SELECT decision, decided_by FROM decisions WHERE candidate_id = ?", [bad.id])
        assert row == {"decision": decision, "decided_by": "review" if reviewed else "math"}
        assert len(judged.rows(queries.REVIEWED, [[bad.id]])) == reviewed


def test_a_judge_that_contradicts_the_answer_verifier_is_listed(judged, records) -> None:
    """Only accept against reject is a disagreement; abstaining is not."""
    good, bad, open_, _ = records.candidates(4)
    judged.write([records.verdict(candidate, "judge") for candidate in (good, bad, open_)])
    rows = judged.rows("SELECT candidate_id, verifier, outcome, judge_outcome FROM disagreements")
    assert [tuple(row.values()) for row in rows] == [(bad.id, "math", "reject", "accept")]


@pytest.mark.parametrize(
    ("domain", "own", "verifier"),
    [
        ("math", None, "math"),
        ("logic", None, "exact"),
        ("logic", "procedural", "procedural"),
        ("general", "exact", "exact"),
    ],
)
def test_a_disagreement_is_with_whoever_judges_the_answer(judged, records, domain, own, verifier) -> None:
    """The verifier that the problem names, else its domain's; in both directions, with what a person said of it."""
    problem = replace(records.problem, id=f"{domain} {own}", prompt=f"{domain} {own}", domain=domain, verifier=own)
    defended, refused = records.candidates(2, run_id=f"{domain} {own}", problem_id=problem.id)
    other = "math" if verifier != "math" else "exact"
    verdicts = [
        records.verdict(defended, verifier, Outcome.REJECT, Reason.WRONG_ANSWER), records.verdict(defended, "judge"),
        records.verdict(refused, verifier), records.verdict(refused, "judge", Outcome.REJECT, Reason.JUDGED_WRONG),
        records.verdict(refused, other, Outcome.REJECT, Reason.WRONG_ANSWER),
    ]  # fmt: skip
    judged.write([problem, defended, refused, *verdicts, Review(refused.id, "anna", "reject", "", records.start)])
    columns = "candidate_id, verifier, outcome, judge_outcome, review"
    rows = judged.rows(f"SELECT {columns} FROM disagreements WHERE problem_id = ? ORDER BY outcome", [problem.id])
    assert [tuple(row.values()) for row in rows] == [
        (refused.id, verifier, "accept", "reject", "reject"), (defended.id, verifier, "reject", "accept", None),
    ]  # fmt: skip


def test_what_rule_and_judge_dispute_is_undecided_until_a_person_decides(judged, records) -> None:
    """Neither word wins; the person's does."""
    candidate = records.candidate(0, run_id="disputed")
    verdicts = [*records.verdicts(candidate, math=Outcome.REJECT), records.verdict(candidate, "judge")]
    judged.write([*records.policy("disputed"), candidate, *verdicts])
    query = "SELECT decision, reason, decided_by FROM decisions WHERE run_id = 'disputed'"
    assert [*judged.rows(query)[0].values()] == ["undecided", "judge_disagrees", "judge"]
    judged.write([Review(candidate.id, "anna", "accept", "五成就是一半", records.start)])
    assert [*judged.rows(query)[0].values()] == ["accepted", "ok", "review"]


def test_judging_again_shows_what_changes(judged, records) -> None:
    """Successive verdicts of one verifier that differ are in `verdict_changes`; equal ones are not."""
    good, bad = records.candidates(2)
    again = records.verdict(bad, "math", Outcome.ACCEPT, Reason.OK, minute=1)
    judged.write([again, records.verdict(good, "math", minute=1), replace(again, verifier="length")])
    columns = "verifier, previous_outcome, previous_reason, outcome"
    rows = judged.rows(f"SELECT {columns} FROM verdict_changes ORDER BY verifier DESC")
    assert [tuple(row.values()) for row in rows] == [
        ("math", "reject", "wrong_answer", "accept"), ("length", "reject", "wrong_answer", "accept"),
    ]  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=RULES, said=st.lists(SAID, min_size=1, max_size=5), own=st.sampled_from([None, "exact", "math", "judge"]))
def test_the_view_decides_as_the_policy_does(judged, records, rules, said, own) -> None:
    """For any rules, verdicts and answer verifier, `decisions` equals `schemas.policy.decide`."""
    run, expected, batch = f"run {next(RUNS)}", {}, []
    problem = replace(records.problem, id=f"decided by {own}", prompt=f"by {own}", verifier=own)
    judged.write([problem])
    for number, one in enumerate(said):
        candidate = records.candidate(number, run_id=run, problem_id=problem.id)
        verdicts = [records.verdict(candidate, *words, minute=minute) for minute, words in enumerate(one)]
        batch += [candidate, *verdicts]
        expected[candidate.id] = decide(rules_for(rules, problem), {verdict.verifier: verdict for verdict in verdicts})
    judged.write([*records.policy(run, rules), *batch])
    rows = judged.rows("SELECT candidate_id, decision, reason, decided_by FROM decisions WHERE run_id = ?", [run])
    found = {row["candidate_id"]: (row["decision"], row["reason"], row["decided_by"]) for row in rows}
    assert found == {name: (d.decision, d.reason, d.decided_by) for name, d in expected.items()}
