from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curator.errors import UsageError
from curator.given import reader_notes
from curator.reading.problems import ReadOptions, problems, scan
from curator.reading.rows import BadRows
from curator.reading.traces import scan_traces, traces
from schemas.candidate import Candidate
from schemas.problem import Problem

PLAIN = ReadOptions()
MATH_500 = {"problem": "1 + 2 = ?", "solution": "3.", "answer": "3", "subject": "Arithmetic", "level": 1}
OPEN_R1 = {"problem": "2 + 2 = ?", "solution": "s", "answer": "4", "problem_type": "Algebra", "question_type": "open"}
MBPP = {"text": "Double x.", "code": "def twice(x):\n    return 2 * x", "test_list": ["assert twice(2) == 4"]}
HUMAN_EVAL = {"prompt": "def one():\n", "canonical_solution": "    return 1\n", "test": "t", "entry_point": "one"}
ASKED, TOLD = {"role": "user", "content": "2 + 2 = ?"}, {"role": "assistant", "content": "<think>sum</think>4"}


def jsonl(folder: Path, *table: dict[str, Any]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table), encoding="utf-8")
    return path


def only(folder: Path, row: dict[str, Any], **fields: str) -> Problem:
    (problem,) = problems(jsonl(folder, row), ReadOptions(fields=fields))
    return problem


def imported(folder: Path, row: dict[str, Any], **fields: str) -> tuple[Problem, Candidate]:
    (pair,) = traces(jsonl(folder, row), ReadOptions(fields=fields), "r")
    return pair


def test_math_500_needs_no_flags(tmp_path: Path) -> None:
    """The problem is the prompt, the short answer the gold, the unique id the id; the rest stays in meta."""
    problem = only(tmp_path, {**MATH_500, "unique_id": "test/1.json"})
    assert (problem.id, problem.prompt, problem.answer) == ("test/1.json", "1 + 2 = ?", "3")
    assert (problem.domain, problem.meta) == ("math", {"solution": "3.", "subject": "Arithmetic", "level": 1})


def test_openr1_needs_no_flags(tmp_path: Path) -> None:
    """OpenR1-Math gives prompt, gold and id, and its source is the source."""
    problem = only(tmp_path, {**OPEN_R1, "source": "olympiads", "uuid": "u-1"})
    assert (problem.id, problem.prompt, problem.answer, problem.source) == ("u-1", "2 + 2 = ?", "4", "olympiads")


def test_gsm8k_is_known_by_its_marked_answer(tmp_path: Path) -> None:
    """Question and answer alone are GSM8K only where the answer is marked by ####."""
    assert only(tmp_path, {"question": "1 + 1 = ?", "answer": "1 + 1 = 2\n#### 2"}).prompt == "1 + 1 = ?"
    with pytest.raises(UsageError, match="no row has a prompt") as caught:
        scan(jsonl(tmp_path, {"question": "1 + 1 = ?", "answer": "2"}), PLAIN)
    assert "--field prompt=question" in caught.value.hint


def test_what_was_recognised_is_told(tmp_path: Path) -> None:
    """The notes of a run say which dataset the rows were read as, and what became of the columns."""
    summary = scan(jsonl(tmp_path, {**MATH_500, "unique_id": "a"}, {**OPEN_R1, "uuid": "b"}), PLAIN)
    told = "MATH-500: problem → prompt, unique_id → id; OpenR1-Math: problem → prompt, uuid → id"
    assert summary.shape == told
    assert reader_notes(summary)[0] == f"rows read as {told}"


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "p", "answer": "1", "problem": "other", "subject": "s", "level": 1, "unique_id": "u"},
        {"prompt": "p", "answer": "1", **{name: HUMAN_EVAL[name] for name in ("canonical_solution", "test")}},
        {"prompt": "p", "tests": [1], "test_list": ["assert 1"], "code": "x", "entry_point": "f"},
        {"prompt": "p", "question": "q", "input": "i"},
    ],
)
def test_rows_in_our_own_format_are_never_touched(tmp_path: Path, row: dict[str, Any]) -> None:
    """A row with our prompt and our gold or tests means what it says, whatever else it holds."""
    problem = only(tmp_path, row)
    assert problem.prompt == "p" and problem.answer == row.get("answer")
    assert problem.meta == {name: value for name, value in row.items() if name not in {"prompt", "answer", "tests"}}
    assert scan(tmp_path / "rows.jsonl", PLAIN).shape == ""


def test_a_field_that_the_user_maps_is_the_users(tmp_path: Path) -> None:
    """`--field` goes before what would be recognised, field by field; its column is not used up."""
    row = {**MBPP, "task_id": 11, "name": "doubling", "challenge_test_list": []}
    problem = only(tmp_path, row, prompt="text", id="name")
    assert (problem.prompt, problem.id, problem.answer) == ("Double x.", "doubling", MBPP["code"])
    assert problem.tests is not None and problem.meta == {"task_id": 11, "challenge_test_list": []}


def test_a_mapped_field_is_not_read_for_faults(tmp_path: Path) -> None:
    """Where the user names other tests, a broken column of tests is none of our business."""
    row = {"question": "q", "input_output": "{", "mine": {"cases": [1]}}
    assert only(tmp_path, row, tests="mine").tests == {"cases": [1]}
    with pytest.raises(BadRows, match=r"rows\.jsonl:1: input_output is not JSON"):
        scan(jsonl(tmp_path, row), PLAIN)


def test_own_columns_of_a_known_shape_stay(tmp_path: Path) -> None:
    """A row with an id of its own keeps it; null is no id."""
    assert only(tmp_path, {**MBPP, "task_id": 11, "id": "mine"}).id == "mine"
    assert only(tmp_path, {**MBPP, "task_id": 11, "id": None}).id == "11"


def test_magpie_traces_are_imported(tmp_path: Path) -> None:
    """Instruction and response are prompt and completion; without a gold the domain is general."""
    row = {"instruction": "2 + 2 = ?", "response": TOLD["content"], "gen_input_configs": {}, "uuid": "u"}
    problem, candidate = imported(tmp_path, {**row, "conversations": [1], "task_category": "Math", "model": "R1"})
    assert (problem.id, problem.prompt, problem.domain) == ("u", "2 + 2 = ?", "general")
    assert problem.meta == {"gen_input_configs": {}, "task_category": "Math"}
    assert (candidate.content, candidate.model) == (TOLD["content"], "R1")


def test_openr1_traces_are_imported(tmp_path: Path) -> None:
    """The completion is the assistant's turn, judged against the row's gold."""
    problem, candidate = imported(tmp_path, {**OPEN_R1, "uuid": "u", "messages": [ASKED, TOLD]})
    assert (problem.id, problem.answer, candidate.content) == ("u", "4", TOLD["content"])
    assert "messages" not in problem.meta


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [ASKED, TOLD]},
        {"messages": [{"role": "system", "content": "Be brief."}, ASKED, TOLD]},
        {"messages": json.dumps([ASKED, TOLD])},
        {"conversations": [{"from": "human", "value": "2 + 2 = ?"}, {"from": "gpt", "value": TOLD["content"]}]},
        {"messages": None, "conversations": [ASKED, TOLD]},
        {"messages": [ASKED, {"role": "assistant", "content": "4", "reasoning_content": "sum"}]},
    ],
)
def test_conversations_of_two_turns_are_imported(tmp_path: Path, row: dict[str, Any]) -> None:
    """Both habits of naming turns are understood, and a reasoning field of the message is not lost."""
    problem, candidate = imported(tmp_path, {**row, "answer": "4"})
    assert (problem.prompt, problem.answer) == ("2 + 2 = ?", "4")
    assert (candidate.reasoning, candidate.content) in {(None, TOLD["content"]), ("sum", "4")}


@pytest.mark.parametrize(
    ("turns", "text"),
    [
        ([ASKED, TOLD, ASKED, TOLD], "one user turn and one assistant turn, not user, assistant, user, assistant"),
        ([ASKED], "one user turn and one assistant turn, not user"),
        ([], "not nothing"),
        (["hello"], "messages must be a list of messages, not a list"),
        ("hello", "messages is not JSON"),
        ([ASKED, {"role": "assistant", "content": 4}], "content must be text"),
    ],
)
def test_other_conversations_are_faults(tmp_path: Path, turns: Any, text: str) -> None:
    """Which of several turns would be the trace cannot be known; the row is named, the others can go on."""
    path = jsonl(tmp_path, {"messages": turns}, {"messages": [ASKED, TOLD]})
    with pytest.raises(BadRows, match=r"rows\.jsonl:1") as caught:
        scan_traces(path, PLAIN)
    assert text in caught.value.message
    assert len(list(traces(path, ReadOptions(skip_bad=True), "r"))) == 1


def test_conversations_are_only_read_for_import(tmp_path: Path) -> None:
    """Whoever samples is asked for the prompt's column, since a completion is not wanted."""
    with pytest.raises(UsageError, match="no row has a prompt; columns: messages"):
        scan(jsonl(tmp_path, {"messages": [ASKED, TOLD]}), PLAIN)


def test_a_completion_column_goes_before_the_conversation(tmp_path: Path) -> None:
    """A mapped completion is taken, and the conversation is left where it is."""
    row = {"prompt": "p", "messages": [ASKED, TOLD], "r1": "<think>a</think>b"}
    problem, candidate = imported(tmp_path, row, completion="r1")
    assert (problem.prompt, candidate.content) == ("p", "<think>a</think>b")
    assert problem.meta == {"messages": [ASKED, TOLD]}
