from __future__ import annotations

import csv
import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import UsageError
from curator.reading.problems import KEPT_FAULTS, ReadOptions, problems, scan
from curator.reading.rows import BadRows
from schemas.problem import Problem

PLAIN = ReadOptions()


def jsonl(folder: Path, *table: dict[str, Any], name: str = "p.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table), encoding="utf-8")
    return path


def only(folder: Path, options: ReadOptions = PLAIN, **row: Any) -> Problem:
    (problem,) = problems(jsonl(folder, {"prompt": "1 + 1 = ?", **row}), options)
    return problem


def complaint(path: Path, options: ReadOptions = PLAIN) -> BadRows:
    with pytest.raises(BadRows) as caught:
        scan(path, options)
    return caught.value


def test_a_full_row_is_taken_as_it_is(tmp_path: Path) -> None:
    """Every field that the row gives is kept, and what is not ours goes to meta."""
    row = {"id": "a-1", "domain": "Logic", "prompt": "谁在说谎？", "answer": "乙", "language": "zh-CN"}
    problem = only(tmp_path, **row, source="手写", answer_tolerance="0.5", meta={"level": 2}, tags=["短"])
    assert problem == Problem(
        id="a-1", domain="logic", prompt="谁在说谎？", answer="乙", answer_tolerance=0.5,
        language="zh", source="手写", meta={"level": 2, "tags": ["短"]},
    )  # fmt: skip


def test_a_bare_row_is_completed(tmp_path: Path) -> None:
    """A prompt and a number are enough: id, domain and language follow from them."""
    problem = only(tmp_path, answer=2)
    assert (problem.answer, problem.domain, problem.language) == ("2", "math", "en")
    assert problem.id == problem.content_hash


def test_other_people_s_column_names(tmp_path: Path) -> None:
    """A mapping reads a foreign file; its own columns named like ours then belong to meta."""
    path = jsonl(tmp_path, {"problem": "二加二？", "gold": {"value": [4.0]}, "answer": "work"})
    (problem,) = problems(path, ReadOptions(fields={"prompt": "problem", "answer": "gold.value"}))
    assert (problem.prompt, problem.answer, problem.language) == ("二加二？", "4.0", "zh")
    assert problem.meta == {"gold": {"value": [4.0]}, "answer": "work"}


def test_inferred_domains_are_counted(tmp_path: Path) -> None:
    """The summary says which domains were inferred, so that nobody is surprised by them."""
    tests = {"type": "stdin", "cases": [{"input": "1", "output": "2"}]}
    table = [{"prompt": "add", "tests": tests}, {"prompt": "sum", "answer": 3}, {"prompt": "Write a poem."}]
    path = jsonl(tmp_path, *table, {"prompt": "said", "answer": "x", "domain": "logic"})
    assert scan(path, PLAIN).inferred == {"code": 1, "math": 1, "general": 1}
    given_by_user = scan(path, ReadOptions(domain="math"))
    assert not given_by_user.inferred and given_by_user.problems == 4


def test_forgotten_answer_mapping_is_hinted(tmp_path: Path) -> None:
    """A file whose golds are in another column is read, but not silently."""
    path = jsonl(tmp_path, {"problem": "p", "gold": "1"})
    summary = scan(path, ReadOptions(fields={"prompt": "problem"}))
    assert summary.hint == "No row has an answer or tests. Probably: --field answer=gold"


def test_missing_prompt_column_proposes_a_mapping(tmp_path: Path) -> None:
    """A file without prompts is one error with the flags to paste, not one per row."""
    path = jsonl(tmp_path, *({"problem": f"p{n}", "gold": n} for n in range(50)))
    with pytest.raises(UsageError, match="no row has a prompt; columns: problem, gold") as caught:
        scan(path, PLAIN)
    assert not isinstance(caught.value, BadRows)
    assert caught.value.hint == "Probably: --field prompt=problem --field answer=gold"


@pytest.mark.parametrize("tests", [{"cases": [1]}, [1], '{"cases": [1]}', "[1]"])
def test_tests_come_as_object_list_or_json_text(tmp_path: Path, tests: Any) -> None:
    """CSV and some Parquet files hold tests as JSON text; a bare list is the list of cases."""
    assert only(tmp_path, tests=tests).tests == {"cases": [1]}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"prompt": None}, "no prompt"),
        ({"prompt": " \n"}, "prompt is empty"),
        ({"prompt": ["a"]}, "prompt must be text, not a list"),
        ({"answer": ""}, "answer is empty"),
        ({"answer": []}, "answer is empty"),
        ({"answer": [None]}, "answer is empty"),
        ({"answer": {"a": 1}}, "answer must be text, a number, true or false, or a list, not an object"),
        ({"id": True}, "id must be text or a whole number, not true or false"),
        ({"id": " "}, "id is empty"),
        ({"domain": "maths"}, "domain must be one of math, code, choice, logic, general, not 'maths'"),
        ({"language": "Klingon"}, "language 'Klingon' is not known"),
        ({"tests": "assert f(1) == 2"}, "tests must be an object or a list, or the JSON text of one"),
        ({"tests": {}}, "tests is empty"),
        ({"answer_tolerance": -1}, "answer_tolerance must be a number of 0 or more, not -1"),
        ({"answer_tolerance": "small", "id": 1.5}, "id must be text or a whole number, not 1.5; answer_tolerance"),
    ],
)
def test_rows_that_make_no_problem(tmp_path: Path, row: dict[str, Any], text: str) -> None:
    """Each fault says field, value and what is wanted, in our words."""
    error = complaint(jsonl(tmp_path, {"prompt": "fine"}, {"prompt": "p", "answer": "1", **row}))
    assert error.message.startswith(f"p.jsonl:2: {text}")
    assert "pydantic" not in error.message and "--skip-bad" in error.hint


def test_faults_name_the_column_the_user_knows(tmp_path: Path) -> None:
    """A mapped field is told together with its column, and no long text is quoted."""
    path = jsonl(tmp_path, {"problem": "p", "gold": ""}, {"problem": "q", "gold": "1", "id": {"a": "x" * 99}})
    error = complaint(path, ReadOptions(fields={"prompt": "problem", "answer": "gold"}))
    assert "p.jsonl:1: answer (column gold) is empty" in error.message
    assert "xxx" not in error.message


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """One pass names every faulty row; with `skip_bad` the others are read and the faults counted."""
    path = jsonl(tmp_path, {"prompt": "a"}, {"prompt": ""}, {"prompt": "b"}, {"domain": "x", "prompt": "c"})
    assert [fault.line for fault in complaint(path).faults] == [2, 4]
    summary = scan(path, ReadOptions(skip_bad=True))
    assert (summary.rows, summary.problems, summary.skipped_rows) == (4, 2, 2)
    assert [fault.line for fault in summary.skipped] == [2, 4]
    assert [problem.prompt for problem in problems(path, ReadOptions(skip_bad=True))] == ["a", "b"]


def test_streaming_stops_at_a_fault(tmp_path: Path) -> None:
    """Without `skip_bad` no fault is passed over, even by those who did not scan first."""
    stream = problems(jsonl(tmp_path, {"prompt": "a"}, {"prompt": ""}), PLAIN)
    assert next(stream).prompt == "a"
    with pytest.raises(BadRows, match=r"p\.jsonl:2: prompt is empty"):
        next(stream)


def test_nothing_but_faults_is_an_error_even_when_skipped(tmp_path: Path) -> None:
    """Skipping every row would leave nothing to work on; of endless faults the first are kept."""
    path = jsonl(tmp_path, *({"prompt": ""} for _ in range(KEPT_FAULTS + 5)))
    error = complaint(path, ReadOptions(skip_bad=True))
    assert error.total == KEPT_FAULTS + 5 and len(error.faults) == KEPT_FAULTS
    assert error.message.endswith(f"and {KEPT_FAULTS - 15} more")


def test_ids_take_the_prefix(tmp_path: Path) -> None:
    """A prefix goes before the user's ids, numbers included, never before content hashes."""
    path = jsonl(tmp_path, {"id": 7, "prompt": "a"}, {"id": "x", "prompt": "b"}, {"prompt": "c"})
    *own, unnamed = problems(path, ReadOptions(id_prefix="amc/"))
    assert [problem.id for problem in own] == ["amc/7", "amc/x"]
    assert unnamed.id == unnamed.content_hash


def test_equal_content_is_one_problem(tmp_path: Path) -> None:
    """A repeated row is counted once, under its first id; the ids that went are told."""
    table = [{"id": "a", "prompt": "p", "answer": 1}, {"id": "a", "prompt": "p", "answer": "1", "source": "s"}]
    path = jsonl(tmp_path, *table, {"id": "b", "prompt": "p", "answer": [1]}, {"id": "c", "prompt": "q"})
    summary = scan(path, PLAIN)
    assert (summary.rows, summary.problems, summary.duplicates) == (4, 2, 2)
    assert summary.aliases == {"b": "a"}
    assert [problem.id for problem in problems(path, PLAIN)] == ["a", "c"]


@pytest.mark.parametrize(
    ("again", "text", "hint"),
    [
        ({"id": "a", "prompt": "q", "answer": "1"}, "id 'a' has another prompt on line 1", "--id-prefix"),
        ({"id": "a", "prompt": "p", "answer": "2"}, "id 'a' has the same prompt on line 1", "keep the right one"),
        ({"id": "b", "prompt": "p", "answer": "2"}, "the prompt of line 1 again, with another", "keep the right one"),
        ({"prompt": "p"}, "the prompt of line 1 again", "keep the right one"),
    ],
)
def test_contradictions_name_both_lines(tmp_path: Path, again: dict[str, Any], text: str, hint: str) -> None:
    """One id with two meanings, and one prompt with two golds, stop with both lines and the way out."""
    path = jsonl(tmp_path, {"id": "a", "prompt": "p", "answer": "1", "domain": "math"}, {"domain": "math", **again})
    error = complaint(path)
    assert error.message.startswith(f"p.jsonl:2: {text}")
    assert hint in error.hint


def test_a_chinese_csv_from_a_spreadsheet(tmp_path: Path) -> None:
    """Text cells become what our fields want: numbers, JSON tests, null for empty cells."""
    path = tmp_path / "题库.csv"
    lines = [
        "编号,题目,答案,tests,answer_tolerance",
        "1,圆周率约为多少？,3.14,,0.01",
        '2,写一个函数。,,"{""cases"": [1]}",',
    ]
    path.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    first, second = problems(path, ReadOptions(fields={"id": "编号", "prompt": "题目", "answer": "答案"}))
    assert (first.id, first.answer, first.answer_tolerance, first.language) == ("1", "3.14", 0.01, "zh")
    assert (second.domain, second.answer, second.tests) == ("code", None, {"cases": [1]})


def test_a_torn_file_can_be_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """The tear of a compressed file is one faulty row that `skip_bad` goes over."""
    whole = gzip.compress(jsonl(tmp_path, *({"prompt": f"{n:x}" * 99} for n in range(3000))).read_bytes())
    path = tmp_path / "torn.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    assert "torn or damaged from here on" in complaint(path).message
    summary = scan(path, ReadOptions(skip_bad=True))
    assert (summary.skipped_rows, summary.problems) == (1, summary.rows - 1)


def test_limit_reads_no_further(tmp_path: Path) -> None:
    """The first N problems are read, and faults behind them do not matter."""
    path = jsonl(tmp_path, {"prompt": "a"}, {"prompt": "a"}, {"prompt": "b"}, {"prompt": ""})
    summary = scan(path, ReadOptions(limit=2))
    assert (summary.rows, summary.problems, summary.duplicates) == (3, 2, 1)
    assert [problem.prompt for problem in problems(path, ReadOptions(limit=2))] == ["a", "b"]
    assert scan(path, ReadOptions(limit=0)).problems == 0


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip)
texts = st.fixed_dictionaries(
    {"prompt": words, "answer": st.none() | words, "id": st.none() | words, "level": st.none() | words}
)
tables = st.lists(
    texts, min_size=1, max_size=5, unique_by=(lambda row: row["prompt"], lambda row: row["id"] or row["prompt"])
)


def write_all(folder: Path, table: list[dict[str, Any]]) -> list[Path]:
    path = jsonl(folder, *table)
    (folder / "p.jsonl.gz").write_bytes(gzip.compress(path.read_bytes(), compresslevel=1))
    pq.write_table(pa.Table.from_pylist(table), folder / "p.parquet", row_group_size=2)
    with (folder / "p.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table[0])
        writer.writeheader()
        writer.writerows(table)
    return [path, folder / "p.jsonl.gz", folder / "p.parquet", folder / "p.csv"]


@settings(max_examples=40, deadline=None)
@given(tables)
def test_every_format_gives_the_same_problems(table: list[dict[str, Any]]) -> None:
    """What the problems are does not depend on how they were saved."""
    with tempfile.TemporaryDirectory() as folder:
        first, *others = [list(problems(path, PLAIN)) for path in write_all(Path(folder), table)]
        assert len(first) == len(table)
        assert all(other == first for other in others)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


others = dict.fromkeys(
    ("id", "domain", "answer", "tests", "answer_tolerance", "language", "source", "meta"), json_values
)
odd_rows = st.fixed_dictionaries({"prompt": words | json_values}, optional=others)


@settings(max_examples=60, deadline=None)
@given(st.lists(odd_rows, max_size=4))
def test_any_json_is_a_problem_or_a_named_fault(table: list[dict[str, Any]]) -> None:
    """No row, however odd, brings anything but problems, faults with a line, or a usage error."""
    with tempfile.TemporaryDirectory() as folder:
        path = jsonl(Path(folder), *table)
        try:
            summary = scan(path, PLAIN)
        except UsageError as error:
            assert "Traceback" not in error.message
        else:
            assert summary.problems == len(list(problems(path, PLAIN)))


@settings(max_examples=40, deadline=None)
@given(tables, st.randoms())
def test_ids_do_not_depend_on_order(table: list[dict[str, Any]], random: Any) -> None:
    """Reordering a file renames nothing."""
    with tempfile.TemporaryDirectory() as folder:
        before = {problem.id: problem for problem in problems(jsonl(Path(folder), *table), PLAIN)}
        random.shuffle(table)
        assert {problem.id: problem for problem in problems(jsonl(Path(folder), *table), PLAIN)} == before
