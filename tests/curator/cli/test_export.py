"""`curator export`, from the split to the folder."""

from __future__ import annotations

import json
import signal
from datetime import UTC, datetime
from importlib.util import find_spec

import polars as pl
import pytest

from curator.splits import save_split
from curator.store.client import Store
from schemas.problem import Problem
from schemas.split import Split
from tests.curator.curating.stock import stock


def fill(path) -> None:
    """Make a store whose split `mine` has two accepted traces, one wrong and one broken."""
    with Store.open(path) as store:
        stock(store, [(Problem("sum", "math", "2+3?", "5"), "ar"), (Problem("水", "math", "水几度开？", "100"), "ab")])
        rows = store.rows("SELECT candidate_id, if(problem_id = 'sum', 'train', 'test') AS part FROM decisions")
        split = Split("mine", {}, [], "b2:f", datetime(2026, 1, 1, tzinfo=UTC))
        save_split(store, split, pl.DataFrame(rows, {"candidate_id": str, "part": str}), [])


@pytest.fixture
def filled(types, tmp_path):
    fill(tmp_path / "curator.duckdb")
    return types


def test_the_report_says_what_was_written(filled) -> None:
    """Rows per part, what was left out and why, and one line that loads it."""
    assert filled("export", "mine", "--format", "messages", "--to", "out").stdout.splitlines() == [
        "Exported split mine as messages into out: train 2 rows, test 1 row",
        "left out:",
        "  missing_think  1",
        'load it: datasets.load_dataset("out")',
    ]


def test_a_script_reads_json(filled, tmp_path) -> None:
    """The same as one object."""
    words = ("--format", "sharegpt", "--layout", "plain", "--to", tmp_path / "a" / "b", "--json")
    told = json.loads(filled("export", "mine", *words).stdout)
    assert told == {
        "split": "mine",
        "folder": str(tmp_path / "a" / "b"),
        "format": "sharegpt",
        "layout": "plain",
        "rows": {"train": 2, "test": 1},
        "left_out": {"missing_think": 1},
        "files": {"train": "train.jsonl", "test": "test.jsonl"},
        "load": f'llamafactory-cli train … --dataset_dir "{tmp_path}/a/b" --dataset mine',
        "hub": None,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("min", "--format", "messages", "--to", "out"), "there is no split 'min' in the store (did you mean 'mine'?)"),
        (("mine", "--format", "messages", "--to", "."), "the folder holds files that are no export's: "),
        (("mine", "--format", "messages", "--to", "curator.duckdb"), "there is a file of that name"),
        (("mine", "--format", "messages", "--to", "/proc/out"), "it cannot be written"),
        (("mine", "--format", "parquet", "--to", "out", "--store", "other.duckdb"), "no store at other.duckdb"),
        (("mine", "--format", "csv", "--to", "out"), "'csv' is not one of 'hf'"),
        (("mine", "--format", "hf"), "Missing parameter: folder"),
    ],
)
def test_bad_input_is_said(filled, tmp_path, words, said) -> None:
    """What was wrong in the words that were typed; no folder."""
    error = filled("export", *words).exception
    assert error.exit_code == (1 if "no store" in said else 2)
    assert said in str(error) and not (tmp_path / "out").exists()


@pytest.mark.skipif(not find_spec("datasets"), reason="needs the extra hf")
def test_a_killed_export_leaves_nothing(user) -> None:
    """`kill -9` in the middle: no folder of that name; the next export removes the draft and is whole."""
    fill(user.folder / "curator.duckdb")
    process = user.start("export", "mine", "--format", "hf", "--to", "out")
    while not list(user.folder.glob(".out.draft-*")):
        assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL and not (user.folder / "out").exists()
    user.does("export", "mine", "--format", "messages", "--to", "out")
    assert (user.folder / "out" / "export.json").exists() and not list(user.folder.glob(".out.*"))
