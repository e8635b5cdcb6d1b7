from __future__ import annotations

import csv
import gzip
import json
import tempfile
import tracemalloc
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import UsageError
from curator.reading.rows import BadRows, Fault, Row, rows

TWO = [{"prompt": "1 + 1?", "answer": "2"}, {"prompt": "二加二等于几？", "answer": "4"}]


def write(path: Path, table: list[dict[str, Any]]) -> Path:
    """Write rows in the format that the name's suffix says."""
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table).encode()
    if path.suffix == ".jsonl":
        path.write_bytes(lines)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines, compresslevel=1))
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(table), path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table[0])
            writer.writeheader()
            writer.writerows(table)
    return path


def faults(path: Path, content: bytes) -> list[tuple[int, str]]:
    path.write_bytes(content)
    return [(row.line, row.text) for row in rows(path) if isinstance(row, Fault)]


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.csv", "p.parquet", "P.JSONL"])
def test_every_format_by_its_suffix(tmp_path: Path, name: str) -> None:
    """The suffix says the format, and all formats give the same rows."""
    path = write(tmp_path / name.lower(), TWO).rename(tmp_path / name)
    assert [row.values for row in rows(path) if isinstance(row, Row)] == TWO


def test_unknown_suffix_names_what_is_read(tmp_path: Path) -> None:
    """A format that is not read is a usage error that lists those that are."""
    (tmp_path / "p.json").write_text("[]")
    with pytest.raises(UsageError, match="cannot tell the format") as caught:
        list(rows(tmp_path / "p.json"))
    assert ".jsonl.gz" in caught.value.hint
    assert ".parquet" in caught.value.hint


@pytest.mark.parametrize(("name", "text"), [("gone.jsonl", "no such file"), ("folder.csv", "not a file")])
def test_no_file(tmp_path: Path, name: str, text: str) -> None:
    """A missing file and a folder are told apart, without a traceback."""
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match=text):
        list(rows(tmp_path / name))


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.csv"])
def test_empty_file_has_no_rows(tmp_path: Path, name: str) -> None:
    """An empty file is no fault by itself."""
    (tmp_path / name).write_bytes(b"")
    assert list(rows(tmp_path / name)) == []


def test_bom_crlf_and_blank_lines(tmp_path: Path) -> None:
    """What Windows editors leave in a file changes neither values nor line numbers."""
    path = tmp_path / "p.jsonl"
    path.write_bytes('\ufeff{"prompt":"甲"}\r\n\r\n   \r\n{"prompt":"乙"}'.encode())
    assert list(rows(path)) == [Row(1, {"prompt": "甲"}), Row(4, {"prompt": "乙"})]
    path = tmp_path / "p.csv"
    path.write_bytes("\ufeffprompt,answer\r\n甲,1\r\n\r\n,\r\n乙,2\r\n".encode())
    assert list(rows(path)) == [Row(2, {"prompt": "甲", "answer": "1"}), Row(5, {"prompt": "乙", "answer": "2"})]


def test_unicode_line_separators_do_not_end_a_row(tmp_path: Path) -> None:
    """U+2028 and U+0085 are text inside a row, not line ends."""
    table = [{"prompt": "a\u2028b\u0085c"}, {"prompt": "d"}]
    assert [row.line for row in rows(write(tmp_path / "p.jsonl", table))] == [1, 2]


def test_faulty_json_lines_are_named(tmp_path: Path) -> None:
    """Each unusable line is told with its number and why; the good ones between are read."""
    found = faults(tmp_path / "p.jsonl", b'{"a":1}\n{"a":1\n[1]\nnull\n"x"\n\xff\n{"a":"\\ud83d"}\n{"a":2}\n')
    assert [line for line, _ in found] == [2, 3, 4, 5, 6, 7]
    texts = " | ".join(text for _, text in found)
    for words in ("not JSON: Expecting ',' delimiter at column 7", "a list", "null", "not UTF-8", "surrogate"):
        assert words in texts


def test_torn_last_line(tmp_path: Path) -> None:
    """A file that was cut while it was written says so."""
    assert faults(tmp_path / "p.jsonl", b'{"a":1}\n{"a":"be') == [
        (2, "not JSON: Unterminated string starting at column 6 (the file ends within this row)")
    ]


def test_hostile_json_is_a_fault(tmp_path: Path) -> None:
    """Endless nesting and endless digits are faults of their line, never a crash."""
    content = b'{"a":' + b"[" * 100_000 + b"\n" + b'{"a":' + b"9" * 5000 + b"}\n"
    assert [line for line, _ in faults(tmp_path / "p.jsonl", content)] == [1, 2]


def test_nan_is_null_and_infinity_is_text(tmp_path: Path) -> None:
    """Numbers that JSON cannot say do not go further into the pipeline."""
    (tmp_path / "p.jsonl").write_text('{"a": NaN, "b": -Infinity, "c": 1e999}')
    pq.write_table(pa.table({"a": [float("nan")], "b": [float("-inf")]}), tmp_path / "p.parquet")
    assert list(rows(tmp_path / "p.jsonl")) == [Row(1, {"a": None, "b": "-Infinity", "c": "1e999"})]
    assert list(rows(tmp_path / "p.parquet")) == [Row(1, {"a": None, "b": "-inf"})]


def test_torn_gzip_gives_what_it_holds(tmp_path: Path) -> None:
    """The rows before the tear are read, and the tear is a fault with a line."""
    whole = write(tmp_path / "w.jsonl.gz", [{"n": index, "text": f"{index:x}" * 50} for index in range(2000)])
    content = whole.read_bytes()
    path = tmp_path / "p.jsonl.gz"
    path.write_bytes(content[: len(content) // 2])
    *good, last = rows(path)
    assert good and all(isinstance(row, Row) for row in good)
    assert isinstance(last, Fault) and last.line == len(good) + 1 and "torn" in last.text
    assert faults(path, b"plain text") == [(1, "not a gzip file")]


def test_csv_faults_are_named_by_the_row_s_first_line(tmp_path: Path) -> None:
    """Quoted cells span lines; a fault after them still has the line a person finds in an editor."""
    content = b'id,prompt\n1,"two\nlines"\n2\n3,\xc4\xe3\n4,ok\n5,"never closed\n'
    found = faults(tmp_path / "p.csv", content)
    assert [line for line, _ in found] == [4, 5, 7]
    assert found[0][1] == "1 cells, where the header has 2"
    assert "not UTF-8" in found[1][1] and "not CSV" in found[2][1]


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (b"a,b,a\n", "two columns have one name: a"),
        ("题目\n".encode("gbk"), "not UTF-8"),
        ("题目;答案\n1;2\n".encode(), "one column with semicolons"),
    ],
)
def test_csv_header_that_cannot_be_read(tmp_path: Path, header: bytes, text: str) -> None:
    """Nothing can go on without a header."""
    (tmp_path / "p.csv").write_bytes(header)
    with pytest.raises(UsageError, match=text):
        list(rows(tmp_path / "p.csv"))


def test_csv_cells_may_be_as_long_as_a_trace(tmp_path: Path) -> None:
    """The csv module's own limit of 128 KiB does not apply, and an empty cell is null."""
    (row,) = rows(write(tmp_path / "p.csv", [{"prompt": "x" * 300_000, "answer": ""}]))
    assert isinstance(row, Row)
    assert len(row.values["prompt"]) == 300_000
    assert row.values["answer"] is None


def test_parquet_values_become_json(tmp_path: Path) -> None:
    """Dates and decimals are text, nested values stay nested, and rows are numbered across row groups."""
    table = [{"day": date(2026, 11, 2), "price": Decimal("2.50"), "extra": {"answer": [1, 2]}, "raw": b"ok"}] * 3
    pq.write_table(pa.Table.from_pylist(table), tmp_path / "p.parquet", row_group_size=1)
    found = list(rows(tmp_path / "p.parquet"))
    values = {"day": "2026-11-02", "price": "2.50", "extra": {"answer": [1, 2]}, "raw": "ok"}
    assert found == [Row(1, values), Row(2, values), Row(3, values)]


def test_parquet_row_without_a_value_is_a_fault(tmp_path: Path) -> None:
    """Bad UTF-8 in one Parquet row spoils that row alone."""
    text = pa.array([b"good", b"\xff", b"fine"]).view(pa.string())
    pq.write_table(pa.table({"prompt": text}), tmp_path / "p.parquet")
    first, second, third = rows(tmp_path / "p.parquet")
    assert (first, third) == (Row(1, {"prompt": "good"}), Row(3, {"prompt": "fine"}))
    assert isinstance(second, Fault) and second.line == 2


def test_what_is_no_parquet(tmp_path: Path) -> None:
    """A file that only has the suffix is a usage error."""
    (tmp_path / "p.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(UsageError, match="not a Parquet file"):
        list(rows(tmp_path / "p.parquet"))


def test_error_lists_the_first_faults_and_counts_the_rest() -> None:
    """A file full of faults does not fill the screen."""
    error = BadRows(Path("data/p.jsonl"), [Fault(n, "not JSON", "Mend it.") for n in range(1, 26)], 31)
    lines = error.message.splitlines()
    assert lines[0] == "p.jsonl: 31 rows cannot be used"
    assert lines[1].strip() == "p.jsonl:1: not JSON"
    assert lines[-1].strip() == "and 11 more" and len(lines) == 22
    assert error.hint == "Mend it. --skip-bad goes on without faulty rows."


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.csv", "p.parquet"])
def test_a_file_is_never_held(tmp_path: Path, name: str) -> None:
    """Reading 20 MB takes a few rows' worth of memory."""
    path = write(tmp_path / name, [{"prompt": f"{number:05}" * 4000} for number in range(1000)])
    tracemalloc.start()
    try:
        assert sum(1 for _ in rows(path)) == 1000
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


cells = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.fixed_dictionaries({"prompt": cells, "answer": cells}), min_size=1, max_size=5))
def test_any_text_survives_every_format(table: list[dict[str, Any]]) -> None:
    """Whatever text a row holds, quoting and line ends included, each format gives it back."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("p.jsonl", "p.jsonl.gz", "p.csv", "p.parquet"):
            path = write(Path(folder) / name, table)
            assert [row.values for row in rows(path) if isinstance(row, Row)] == table


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["p.jsonl", "p.jsonl.gz", "p.csv", "p.parquet"]))
def test_any_bytes_are_rows_faults_or_a_usage_error(content: bytes, name: str) -> None:
    """No content of a file brings a traceback."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            found = list(rows(path))
        except UsageError:
            return
        assert all(isinstance(row, Row | Fault) for row in found)
