"""Traces made elsewhere: stored once, judged like sampled ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curator.config import Settings
from curator.importing import import_traces
from curator.report import RunReport
from schemas.policy import default_policy
from schemas.problem import DOMAINS

GOOD = "<think>two and two</think><answer>4</answer>"
UNJUDGED = {domain: dict.fromkeys({rule.verifier for rule in default_policy()}, "off") for domain in DOMAINS}
"""A policy for stories that are not about verdicts."""


@pytest.fixture
def imports(bench, tmp_path: Path):
    """Import rows into this story's run."""

    def do(*rows: dict[str, object], **options) -> RunReport:
        path = tmp_path / "traces.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        settings = Settings(store=bench.path, **options)
        return import_traces(settings, path, run_name=bench.run, skip_bad=False, quiet=True)

    return do


def _row(bench, answer: str | None = "4", completion: object = GOOD, **fields) -> dict[str, object]:
    prompt = f"{bench.run}: what is 2+2?"
    return {"domain": "math", "prompt": prompt, "answer": answer, "completion": completion} | fields


def test_rows_of_one_problem_are_its_candidates(bench, imports) -> None:
    """Each row is judged for itself; equal texts are candidates of their own."""
    wrong = "<think>hm</think><answer>5</answer>"
    report = imports(_row(bench), _row(bench, completion=wrong), _row(bench))
    assert (report.problems, report.solved, report.candidates) == (1, 1, 3)
    assert bench.decisions() == [("accepted", "ok")] * 2 + [("rejected", "wrong_answer")]
    assert bench.rows("sample_index", "candidates") == [(0,), (1,), (2,)]
    assert report.notes == []


def test_the_same_file_again_adds_nothing(bench, imports) -> None:
    """Neither candidates nor verdicts."""
    rows = [_row(bench), _row(bench, completion=GOOD + " ")]
    imports(*rows)
    again = imports(*rows).session
    assert (again.stored, again.sampled, again.owed) == (2, 0, 0)
    counted = bench.rows("count(*)", "verdicts JOIN candidates ON candidates.id = candidate_id")
    assert counted == [(14,)]


def test_a_grown_file_adds_what_is_new(bench, imports) -> None:
    """Rows that were appended are imported beside the old ones."""
    imports(_row(bench), policy=UNJUDGED)
    report = imports(_row(bench), _row(bench, completion="<think>no</think>5"), policy=UNJUDGED)
    assert (report.session.stored, report.session.sampled, report.candidates) == (1, 1, 2)


def test_one_prompt_with_two_golds_is_two_problems(bench, imports) -> None:
    """Each trace is judged by the gold of its own row."""
    report = imports(_row(bench), _row(bench, answer="5"))
    assert report.problems == 2
    assert bench.decisions() == [("accepted", "ok"), ("rejected", "wrong_answer")]


def test_rows_without_gold_are_undecided(bench, imports) -> None:
    """Nobody knows: never wrong, never right."""
    imports(_row(bench, answer=None))
    assert bench.decisions() == [("undecided", "no_gold")]


def test_an_empty_completion_is_a_rejected_candidate(bench, imports) -> None:
    """It was asked for and paid for, so it is stored with its reason."""
    imports(*(_row(bench, completion=nothing) for nothing in (None, "", "  \n")))
    assert bench.decisions() == [("rejected", "empty_answer")] * 3


def test_what_the_row_says_of_its_making_is_kept(bench, imports) -> None:
    """Model, ending and tokens are the file's; a cut-off trace is truncated, not wrong."""
    row = _row(bench, completion="<think>on and on", model="r1", finish_reason="length", completion_tokens=12)
    report = imports(row)
    columns = "model, finish_reason, completion_tokens, tokens_estimated"
    assert bench.rows(columns, "candidates") == [("r1", "length", 12, False)]
    assert bench.decisions() == [("rejected", "truncated")]
    assert report.completion_tokens == 12


def test_chinese_traces_are_equals(bench, imports) -> None:
    """Reasoning in a field of its own, Chinese numerals, the language of the prompt."""
    row = {
        "prompt": f"{bench.run}：一除以二等于几？",
        "answer": "0.5",
        "reasoning": "一半",
        "content": "答案：二分之一",
    }
    imports(row)
    assert bench.decisions() == [("accepted", "ok")]
    found = bench.rows("language, reasoning, content", "candidates JOIN problems ON problems.id = problem_id")
    assert found == [("zh", "一半", "答案：二分之一")]


def test_a_problem_keeps_its_stored_id(bench, imports) -> None:
    """Traces of a problem that was sampled before join it, whatever their file calls it."""
    problem = bench.problem(id=f"{bench.run}-mine")
    bench.sample(bench.teacher(bench.completion()), problem)
    row = {
        "id": "theirs",
        "domain": "choice",
        "prompt": problem.prompt,
        "answer": "B",
        "completion": "<think>x</think>B",
    }
    imports(row, policy=UNJUDGED)
    assert bench.rows("DISTINCT problem_id", "candidates") == [(problem.id,)]


def test_more_rows_than_a_page_are_all_imported(bench, imports) -> None:
    """Nothing falls between two pages."""
    rows = [_row(bench, prompt=f"{bench.run} {number}", domain="logic") for number in range(300)]
    report = imports(*rows, policy=UNJUDGED)
    assert (report.candidates, report.problems, report.session.sampled) == (300, 300, 300)
