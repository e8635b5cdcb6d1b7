from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import UsageError
from curator.reading.problems import ReadOptions
from curator.reading.rows import BadRows
from curator.reading.traces import scan_traces, traces
from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import Trace, parse

PLAIN = ReadOptions()


def jsonl(folder: Path, *table: dict[str, Any]) -> Path:
    path = folder / "t.jsonl"
    path.write_text("".join(json.dumps({"prompt": "p", **row}) + "\n" for row in table), encoding="utf-8")
    return path


def read(folder: Path, *table: dict[str, Any], options: ReadOptions = PLAIN) -> list[tuple[Problem, Candidate]]:
    return list(traces(jsonl(folder, *table), options, "r"))


def only(folder: Path, options: ReadOptions = PLAIN, **row: Any) -> Candidate:
    ((_, candidate),) = read(folder, row, options=options)
    return candidate


def test_a_trace_is_a_problem_and_a_candidate(tmp_path: Path) -> None:
    """A row with a completion gives both, with the rest of the row in the problem's meta."""
    row = {"id": 1, "answer": 4, "completion": "<think>2+2</think>4", "model": "m", "level": 2}
    ((problem, candidate),) = read(tmp_path, {**row, "completion_tokens": 9.0, "prompt_tokens": "3"})
    assert (problem.id, problem.answer, problem.meta) == ("1", "4", {"level": 2})
    assert (candidate.run_id, candidate.problem_id, candidate.sample_index) == ("r", "1", 0)
    assert (candidate.content, candidate.model, candidate.finish_reason) == ("<think>2+2</think>4", "m", "stop")
    assert (candidate.completion_tokens, candidate.prompt_tokens, candidate.endpoint) == (9, 3, None)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"completion": "<think>why</think>42"}, "inline"),
        ({"completion": "why</think>42"}, "inline"),
        ({"reasoning": "why", "content": "42"}, "reasoning"),
        ({"reasoning_content": "why", "completion": "42"}, "reasoning_content"),
        ({"reasoning": None, "thinking": "why", "content": "42"}, "thinking"),
        ({"completion": {"content": "42", "reasoning_content": "why"}}, "reasoning_content"),
        ({"completion": [{"role": "assistant", "content": "<think>why</think>42"}]}, "inline"),
        ({"completion": "<think>\nwhy\n</think>42", "reasoning": "why"}, "inline"),
    ],
)
def test_every_form_of_a_trace(tmp_path: Path, row: dict[str, Any], field: str) -> None:
    """Wherever a teacher puts its reasoning, none is lost, none is doubled, and the place is kept."""
    candidate = only(tmp_path, **row)
    assert candidate.reasoning_field == field
    assert parse(candidate.content, candidate.reasoning) == Trace("why", "42")


@pytest.mark.parametrize("row", [{"completion": ""}, {"completion": None}, {"content": None, "reasoning": "why"}])
def test_an_empty_completion_is_kept(tmp_path: Path, row: dict[str, Any]) -> None:
    """A teacher that said nothing is judged for it, not lost in reading."""
    assert only(tmp_path, **row).content == ""
    assert only(tmp_path, completion="42").reasoning_field == "none"


@pytest.mark.parametrize(
    ("said", "reason", "abort"),
    [
        *[("stop", "stop", None), ("eos", "stop", None), ("end_turn", "stop", None), (None, "stop", None)],
        *[("MAX_TOKENS", "length", None), ("length", "length", None)],
        ("content_filter", "aborted", "content_filter"),
    ],
)
def test_finish_reasons_in_other_words(tmp_path: Path, said: str | None, reason: str, abort: str | None) -> None:
    """Other servers' words are understood; an end that is not understood is no natural end."""
    candidate = only(tmp_path, completion="x", finish_reason=said)
    assert (candidate.finish_reason, candidate.abort_reason) == (reason, abort)


def test_missing_completion_column_proposes_one(tmp_path: Path) -> None:
    """A file without completions is one error with the flag to paste; a single row without one is a fault."""
    path = jsonl(tmp_path, {"response": "x"})
    with pytest.raises(UsageError, match="no row has a completion; columns: prompt, response") as caught:
        scan_traces(path, PLAIN)
    assert "--field completion=response" in caught.value.hint
    with pytest.raises(BadRows, match=r"t\.jsonl:1: no completion"):
        list(traces(path, PLAIN, "r"))


def test_faulty_rows_are_all_named(tmp_path: Path) -> None:
    """Faults of the problem and of the completion are told alike, and skipped alike."""
    several = [{"content": "a"}, {"content": "b"}]
    faulty = [{"completion": 7}, {"completion": several}, {"completion": "x", "completion_tokens": -1}]
    path = jsonl(tmp_path, {"completion": "x"}, *faulty, {"completion": "x", "answer": ""}, {"other": 1})
    with pytest.raises(BadRows) as caught:
        scan_traces(path, PLAIN)
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4, 5, 6]
    assert "t.jsonl:3: completion must be text, or one message with its content, not a list" in caught.value.message
    skipping = ReadOptions(skip_bad=True)
    assert scan_traces(path, skipping).skipped_rows == 5 and len(list(traces(path, skipping, "r"))) == 1


def test_several_rows_of_one_problem(tmp_path: Path) -> None:
    """They are its candidates in file order, under the id it had first."""
    rows = [{"id": f"row-{n}", "answer": 4, "completion": text} for n, text in enumerate("aab")]
    found = read(tmp_path, *rows)
    assert {(problem.id, candidate.problem_id) for problem, candidate in found} == {("row-0", "row-0")}
    assert [candidate.sample_index for _, candidate in found] == [0, 1, 2]
    assert len({candidate.id for _, candidate in found}) == 3
    summary = scan_traces(tmp_path / "t.jsonl", PLAIN)
    assert (summary.rows, summary.problems, summary.aliases) == (3, 1, {"row-1": "row-0", "row-2": "row-0"})


def test_one_prompt_with_two_golds_is_two_problems(tmp_path: Path) -> None:
    """Traces of both are kept apart, and equal texts among them have ids of their own."""
    found = read(tmp_path, {"id": "a", "answer": 1, "completion": "x"}, {"id": "b", "answer": 2, "completion": "x"})
    assert [problem.id for problem, _ in found] == ["a", "b"]
    assert [candidate.sample_index for _, candidate in found] == [0, 0]
    assert len({candidate.id for _, candidate in found}) == 2


def test_one_id_with_two_golds_is_a_fault(tmp_path: Path) -> None:
    """An id that contradicts itself names both lines, in imports too."""
    path = jsonl(tmp_path, {"id": "a", "answer": 1, "completion": "x"}, {"id": "a", "answer": 2, "completion": "y"})
    with pytest.raises(BadRows, match=r"t\.jsonl:2: id 'a' has the same prompt on line 1"):
        scan_traces(path, PLAIN)


def test_limit_counts_problems(tmp_path: Path) -> None:
    """All rows up to the next problem belong to the first ones; that next row is not counted."""
    path = jsonl(tmp_path, *({"prompt": prompt, "completion": "x"} for prompt in "aabbc"))
    assert len(list(traces(path, ReadOptions(limit=2), "r"))) == 4
    summary = scan_traces(path, ReadOptions(limit=2))
    assert (summary.rows, summary.problems, summary.duplicates) == (4, 2, 2)


def test_a_mapped_trace_is_kept_once(tmp_path: Path) -> None:
    """A completion taken out of a list of messages does not stay in the problem's meta as well."""
    messages = [{"content": "p"}, {"content": "<think>why</think>42"}]
    options = ReadOptions(fields={"completion": "messages.1.content"})
    ((problem, candidate),) = read(tmp_path, {"messages": messages, "level": 1}, options=options)
    assert (problem.meta, candidate.content) == ({"level": 1}, "<think>why</think>42")


tables = st.lists(
    st.fixed_dictionaries({
        "prompt": st.sampled_from(["p", "题"]),
        "answer": st.sampled_from([None, 1, 2]),
        "completion": st.sampled_from(["", "a", "<think>b</think>c"]),
    }),
    min_size=1,
    max_size=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(tables, st.randoms())
def test_ids_are_distinct_and_do_not_depend_on_order(table: list[dict[str, Any]], random: Any) -> None:
    """Every row is one candidate, and reordering the file renames neither candidates nor problems."""
    with tempfile.TemporaryDirectory() as folder:
        before = read(Path(folder), *table)
        random.shuffle(table)
        after = read(Path(folder), *table)
    ids = {candidate.id for _, candidate in before}
    assert len(ids) == len(table)
    assert {candidate.id for _, candidate in after} == ids
    assert {problem.id for problem, _ in after} == {problem.id for problem, _ in before}
