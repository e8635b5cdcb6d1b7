"""What `curator eval` asks the store: which problems a split holds out, and what a run came to on each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from curator.evaluating.figures import measured
from curator.splits import save_split
from curator.store import eval_queries as questions
from curator.store.tables import problem_from_row
from schemas.review import Review
from schemas.split import Split
from schemas.verdict import Outcome

ACCEPT, REJECT, ABSTAIN = Outcome.ACCEPT, Outcome.REJECT, Outcome.ABSTAIN


@pytest.fixture(scope="module")
def problems(records):
    """Three problems; the answers of the last are judged by a verifier of its own."""
    return [replace(records.problem, id=name, prompt=f"{name}?", verifier=own)
            for name, own in (("a", None), ("b", None), ("c", "exact"))]  # fmt: skip


@pytest.fixture(scope="module")
def evaluated(shared, records, problems):
    """A run on `a` and `c`; another run's and another problem's candidates, which must not count."""
    store, _ = shared

    def say(number, problem, **fields):
        return records.candidate(number, run_id="eval", problem_id=problem, **fields)

    on_a = [say(0, "a", elapsed_s=1.0), say(1, "a", elapsed_s=2.0, completion_tokens=50),
            say(2, "a", completion_tokens=None, elapsed_s=9.0), say(3, "a", finish_reason="length")]  # fmt: skip
    on_c, other = say(4, "c", elapsed_s=4.0), say(5, "sum")
    verdicts = [
        *records.verdicts(on_a[0]), *records.verdicts(on_a[1], math=REJECT), *records.verdicts(on_a[2], math=ABSTAIN),
        *records.verdicts(on_a[3], format=REJECT), *records.verdicts(on_c, math=REJECT, exact=ACCEPT),
        *records.verdicts(other), *records.verdicts(records.candidate(6, problem_id="a")),
    ]  # fmt: skip
    run = replace(records.run, id="eval", purpose="evaluation")
    store.write([*problems, run, *records.policy("eval"), *on_a, on_c, other, records.candidate(6, problem_id="a")])
    store.write(verdicts)
    return store


def outcomes(store, *names: str) -> list[dict]:
    return store.rows(questions.OUTCOMES, [list(names), "eval", "eval"])


def test_the_problems_of_the_test_part_are_listed_whole(shared, records, problems) -> None:
    """Once each, by id, as they were stored; those of the train part and of other splits are not among them."""
    store, _ = shared
    parts = {"b": ["test"], "a": ["test", "test"], "c": ["train"]}
    members = [records.candidate(number, run_id=f"m{number}", problem_id=name) for number, name in enumerate("baac")]
    store.write([*problems, *members])
    rows = {"candidate_id": [one.id for one in members], "part": [part for found in parts.values() for part in found]}
    for name, taken in (("held", 4), ("other", 1)):
        split = Split(name, {}, [], "b2:s", records.start)
        save_split(store, split, pl.DataFrame(rows).head(taken), [])
    assert [problem_from_row(row) for row in store.rows(questions.HELD_OUT, ["held"])] == problems[:2]
    assert [row["id"] for row in store.rows(questions.HELD_OUT, ["other"])] == ["b"]
    assert store.rows(questions.HELD_OUT, ["none"]) == []


def test_each_problem_has_its_outcomes(evaluated) -> None:
    """What was decided, and apart from that what the format's and the answer's verifiers said."""
    a, b, _ = outcomes(evaluated, "b", "a")
    assert (a["problem_id"], b["problem_id"]) == ("a", "b")
    assert [a[name] for name in ("candidates", "accepted", "rejected", "undecided", "truncated")] == [4, 1, 2, 1, 1]
    assert [a[f"format_{said}"] for said in ("accepted", "rejected")] == [3, 1]
    assert [a[f"answer_{said}"] for said in ("accepted", "rejected")] == [2, 1]
    assert b["candidates"] == b["undecided"] == b["answer_accepted"] == 0


def test_a_problem_of_its_own_verifier_is_judged_by_that(evaluated) -> None:
    """What another answer verifier once said of it does not count."""
    c, _ = outcomes(evaluated, "c")
    assert (c["accepted"], c["answer_accepted"], c["answer_rejected"]) == (1, 1, 0)


def test_tokens_and_seconds_are_of_those_that_have_them(evaluated) -> None:
    """Sums for the rate are over candidates with both; the median is over all that were timed."""
    *_, total = outcomes(evaluated, "a", "c")
    assert (total["problem_id"], total["candidates"], total["median_s"]) == (None, 5, 3.0)
    assert (total["counted"], total["completion_tokens"]) == (4, 350)
    assert (total["timed_tokens"], total["timed_s"]) == (250, 7.0)


def test_the_first_sample_stands_for_a_problem(evaluated, records) -> None:
    """By sample index, with its decision; null where there is none."""
    a, b, _ = outcomes(evaluated, "a", "b")
    first = records.candidate(0, run_id="eval", problem_id="a")
    assert [a[f"first_{name}"] for name in ("id", "decision", "reason")] == [first.id, "accepted", "ok"]
    assert [b[f"first_{name}"] for name in ("id", "decision", "reason")] == [None, None, None]


def test_rows_become_figures(evaluated) -> None:
    """One of three decided on `a`, all on `c`, none on `b`."""
    found = measured(outcomes(evaluated, "a", "b", "c"), k=2)
    assert (found.problems, found.candidates, found.undecided) == (3, 5, 1)
    assert (found.pass1.value, found.pass1.left_out) == (pytest.approx(2 / 3), 1)
    assert (found.passk.value, found.passk.left_out) == (pytest.approx(2 / 3), 2)
    assert (found.mean_tokens, found.tokens_per_s) == (87.5, pytest.approx(250 / 7))


def test_nothing_asked_is_one_row_of_nothing(evaluated) -> None:
    """No problems and an unknown run have counts of zero, not an error."""
    (total,) = outcomes(evaluated)
    assert (total["candidates"], total["median_s"], measured([total], 1).pass1.value) == (0, None, None)
    assert evaluated.rows(questions.OUTCOMES, [["a"], "none", "none"])[0]["candidates"] == 0


def test_the_latest_word_counts(evaluated, records) -> None:
    """A verdict given again, and a person's review above it."""
    second = records.candidate(1, run_id="eval", problem_id="a")
    evaluated.write([records.verdict(second, "math", minute=5)])
    evaluated.write([Review(second.id, "anna", "reject", "", records.start + timedelta(minutes=6))])
    a, _ = outcomes(evaluated, "a")
    assert (a["accepted"], a["rejected"], a["answer_accepted"], a["answer_rejected"]) == (1, 2, 3, 0)
