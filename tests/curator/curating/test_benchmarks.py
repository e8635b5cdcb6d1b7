"""Benchmark files as they come: the problems of every row, from whatever column and folder they are in."""

from __future__ import annotations

import gzip
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.curating.benchmarks import read_benchmark
from curator.curating.overlap import Benchmarks
from curator.errors import UsageError

GEESE = "How many geese land on the pond when three skeins of seven arrive?"
CRANES = "How many cranes stay behind when four of the nineteen fly on?"
HERON = "一只苍鹭每天吃五条鱼，两个星期一共吃多少条鱼？"


def write(path: Path, *rows: dict[str, Any]) -> str:
    """Write a file whose name says its format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines.encode()))
    else:
        path.write_text(lines, "utf-8")
    return str(path)


def refusal(typed: str, **fields: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_benchmark(typed, fields)
    return caught.value


@pytest.mark.parametrize("name", ["birds.jsonl", "birds.jsonl.gz", "birds.parquet"])
def test_a_file_of_any_format(tmp_path: Path, name: str) -> None:
    """Every row's problem is read with its number, and it is told which column was taken."""
    typed = write(tmp_path / name, {"answer": "21", "problem": GEESE}, {"answer": "15", "problem": CRANES})
    read = read_benchmark(typed, {})
    assert list(read.rows) == [("1", GEESE), ("2", CRANES)]
    assert read.notes == [f"{typed}: 2 problems, column problem"]


def test_rows_of_a_csv_are_counted_not_its_lines(tmp_path: Path) -> None:
    """The header is no row, and a problem of two lines is one."""
    typed = tmp_path / "birds.csv"
    typed.write_text(f'id,Question\n1,"{GEESE}\nCount."\n2,{CRANES}\n', "utf-8")
    assert list(read_benchmark(str(typed), {}).rows) == [("1", f"{GEESE}\nCount."), ("2", CRANES)]


@pytest.mark.parametrize("column", ["prompt", "Problem", "question", "instruction", "题目", "题干"])
def test_known_columns(tmp_path: Path, column: str) -> None:
    """The usual names of a problem's column are known, in English and Chinese, whatever their case."""
    typed = write(tmp_path / "birds.jsonl", {"id": "a", column: HERON})
    assert read_benchmark(typed, {}).rows == [("1", HERON)]


def test_the_named_column_is_taken(tmp_path: Path) -> None:
    """The user's column goes before the usual ones, and may lie within another."""
    typed = write(tmp_path / "birds.jsonl", {"prompt": "Answer briefly.", "chat": [{"content": GEESE}], "zh": HERON})
    assert read_benchmark(typed, {"prompt": "zh"}).rows == [("1", HERON)]
    assert read_benchmark(typed, {"prompt": "chat.0.content"}).rows == [("1", GEESE)]


def test_rows_without_a_problem_are_told(tmp_path: Path) -> None:
    """A row that has none is left out, keeps its number, and is counted."""
    typed = write(tmp_path / "birds.jsonl", {"problem": GEESE}, {"problem": None}, {"note": "?"}, {"problem": CRANES})
    read = read_benchmark(typed, {})
    assert list(read.rows) == [("1", GEESE), ("4", CRANES)]
    assert read.notes == [f"{typed}: 2 problems, column problem, 2 rows without one left out"]


def test_all_files_of_a_folder(tmp_path: Path) -> None:
    """A folder is read whole, and a row is named by its file, which may have a column of its own."""
    write(tmp_path / "zoo/train.jsonl", {"problem": GEESE})
    write(tmp_path / "zoo/hard/test.parquet", {"question": CRANES}, {"question": HERON})
    write(tmp_path / "zoo/.cache/old.jsonl", {"problem": "an old copy"})
    (tmp_path / "zoo/README.md").write_text("# Birds")
    read = read_benchmark(str(tmp_path / "zoo"), {})
    assert list(read.rows) == [
        ("hard/test.parquet/1", CRANES),
        ("hard/test.parquet/2", HERON),
        ("train.jsonl/1", GEESE),
    ]
    assert read.notes[0] == f"{tmp_path}/zoo/hard/test.parquet: 2 problems, column question"


@pytest.mark.skipif(not find_spec("datasets"), reason="needs the extra hf")
def test_every_split_of_a_saved_dataset(tmp_path: Path) -> None:
    """No split of a DatasetDict is passed over, least of all `test`; one of them can be named as a folder."""
    from datasets import Dataset, DatasetDict  # noqa: PLC0415 - takes a second

    parts = {"train": Dataset.from_list([{"problem": GEESE}]), "test": Dataset.from_list([{"problem": CRANES}])}
    DatasetDict(parts).save_to_disk(tmp_path / "zoo")
    assert list(read_benchmark(str(tmp_path / "zoo"), {}).rows) == [("test/1", CRANES), ("train/1", GEESE)]
    assert read_benchmark(str(tmp_path / "zoo/test"), {}).rows == [("1", CRANES)]


def test_a_match_names_file_and_row(tmp_path: Path) -> None:
    """What was read can be matched, and a match says where the problem stands."""
    write(tmp_path / "zoo/test.jsonl", {"problem": GEESE}, {"problem": HERON})
    read, known = read_benchmark(str(tmp_path / "zoo"), {}), Benchmarks()
    known.add(read.name, read.rows)
    found = known.match(f"请解答：{HERON}")
    assert found is not None and found.benchmark == f"{tmp_path}/zoo#test.jsonl/2"


def test_a_fingerprint_is_that_of_the_problems(tmp_path: Path) -> None:
    """It is the same for the same problems in another file, and another for other problems."""
    one = write(tmp_path / "a.jsonl", {"problem": GEESE, "answer": "21"})
    same = write(tmp_path / "b.parquet", {"question": GEESE})
    other = write(tmp_path / "c.jsonl", {"problem": CRANES})
    prints = [read_benchmark(typed, {}).fingerprint() for typed in (one, same, other)]
    assert prints[0] == prints[1] != prints[2]


def test_a_file_without_the_column(tmp_path: Path) -> None:
    """The message names the columns that there are, and the flag that takes one of them."""
    typed = write(tmp_path / "birds.jsonl", {"puzzle": GEESE, "reply": "21"})
    for error in (refusal(typed), refusal(typed, prompt="riddle")):
        assert typed in error.message and "columns: puzzle, reply" in error.message
        assert "--benchmark-field" in error.hint
    assert "'riddle'" in refusal(typed, prompt="riddle").message
    assert read_benchmark(typed, {"prompt": "puzzle"}).rows


def test_one_file_of_a_folder_without_the_column(tmp_path: Path) -> None:
    """The file at fault is named, not only the folder."""
    write(tmp_path / "zoo/a.jsonl", {"problem": GEESE})
    write(tmp_path / "zoo/b.jsonl", {"puzzle": CRANES})
    assert refusal(str(tmp_path / "zoo")).message.startswith(f"{tmp_path}/zoo/b.jsonl: none of its columns")


def test_files_without_rows(tmp_path: Path) -> None:
    """An empty benchmark would find nothing, and is refused; so is a folder without data."""
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "folder").mkdir()
    assert "holds no rows" in refusal(str(tmp_path / "empty.jsonl")).message
    assert "holds no dataset" in refusal(str(tmp_path / "folder")).message
    assert "no such file" in refusal(str(tmp_path / "gone.jsonl")).message


def test_rows_that_cannot_be_read(tmp_path: Path) -> None:
    """A torn line and a column that holds no text are named with their row, since a gap would go unseen."""
    torn = tmp_path / "torn.jsonl"
    torn.write_text(json.dumps({"problem": GEESE}) + '\n{"problem": "Ho')
    assert refusal(str(torn)).message.startswith(f"{torn}:2: not JSON")
    chat = write(tmp_path / "chat.jsonl", {"prompt": [{"role": "user", "content": GEESE}]})
    assert "row 1: prompt is a list, not text" in refusal(chat).message
    assert refusal(chat).hint.endswith("--benchmark-field prompt.0.content")


def test_a_dataset_of_the_hub_is_named_by_owner() -> None:
    """What can be no dataset is refused before a network is asked, with or without a split."""
    assert "expected hf:OWNER/NAME" in refusal("hf:no/such/place:test").message
