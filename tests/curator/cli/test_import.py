"""`curator import` as its user types it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from curator.errors import CuratorError, UsageError

GOOD = "<think>two and two</think><answer>4</answer>"
ROW = {"problem": "What is 2+2?", "gold": "4", "trace": GOOD}
MAPPED = ("--field", "prompt=problem", "--field", "answer=gold", "--field", "completion=trace")


def _write(*rows: object, name: str = "traces.jsonl") -> str:
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return name


def test_a_file_with_columns_of_its_own_is_imported(types) -> None:
    """Compressed, mapped with `--field`; the report says what came in and what to type next."""
    name = _write(ROW, {**ROW, "trace": "<think>hm</think>5"}, name="traces.jsonl.gz")
    result = types("import", name, *MAPPED)
    assert result.return_value == 0, result.exception
    assert "Run import: 2 candidates of 1 problems; 2 new" in result.output
    assert "show b2:" in result.output
    again = types("import", name, *MAPPED)
    assert "0 new" in again.output
    assert "2 were stored already" in again.output


def test_a_faulty_row_stops_before_anything_is_stored(types) -> None:
    """The line is named; `--skip-bad` goes on without it and says so."""
    name = _write(ROW, {"problem": 3})
    refused = types("import", name, *MAPPED)
    assert isinstance(refused.exception, UsageError)
    assert "traces.jsonl:2" in refused.exception.message
    assert not Path("curator.duckdb").exists()
    assert "1 faulty rows skipped" in types("import", name, *MAPPED, "--skip-bad").output


def test_a_forgotten_mapping_is_proposed(types) -> None:
    """The error names the columns that the file has."""
    refused = types("import", _write(ROW))
    assert isinstance(refused.exception, CuratorError)
    assert "prompt=problem" in refused.exception.message + refused.exception.hint


def test_a_field_that_is_no_pair_is_usage(types) -> None:
    """The pair is quoted with an example of a right one."""
    refused = types("import", _write(ROW), "--field", "prompt")
    assert isinstance(refused.exception, UsageError)
    assert "--field prompt: expected OURS=THEIRS" in refused.exception.message
