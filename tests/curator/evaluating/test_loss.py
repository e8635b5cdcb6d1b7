"""The validation loss: on which rows, by the real trainer, and what is said where there is none."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from curator.evaluating.loss import Unmeasured, measure_loss, write_held_out
from curator.splits import save_split
from curator.store.client import Store
from schemas.problem import Problem
from schemas.split import Split
from schemas.training import LossReport
from tests.curator.curating.stock import stock
from tests.tiny import tiny_student

PROBLEMS = [
    (Problem("frog", "math", "一只青蛙有几条腿？", "4"), "aa"),
    (Problem("cat", "math", "Legs of a cat?", "4"), "a"),
    (Problem("dog", "math", "Legs of a dog?", "4"), "a"),
    (Problem("rock", "math", "Legs of a rock?", "0"), "b"),
]
SPLIT = Split("s", {"student": {"template": "Q: {prompt}"}}, [], "b2:s", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    """A split that holds out the frog, the cat and the rock, whose trace is broken."""
    folder = tmp_path_factory.mktemp("loss")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        with Store.open(folder / "s.duckdb") as opened:
            stock(opened, PROBLEMS)
            rows = opened.rows("SELECT candidate_id, problem_id FROM decisions")
            members = [(row["candidate_id"], "train" if row["problem_id"] == "dog" else "test") for row in rows]
            save_split(opened, SPLIT, pl.DataFrame(members, ["candidate_id", "part"], orient="row"), [])
            yield opened


@pytest.fixture(scope="module")
def held_out(store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the models read."""
    return write_held_out(store, SPLIT, {"frog", "cat", "rock"}, "tags", tmp_path_factory.mktemp("rows"))


def test_the_rows_are_those_that_are_held_out(held_out: Path) -> None:
    """Training rows and broken traces are left out; the prompt is the student's, the layout that of training."""
    rows = [json.loads(line) for line in held_out.read_text("utf-8").splitlines()]
    assert [row["prompt"][0]["content"] for row in rows] == ["Q: 一只青蛙有几条腿？"] * 2 + ["Q: Legs of a cat?"]
    assert rows[0]["completion"][0]["content"] == "<think>\nway 0 of frog\n</think>\n<answer>\n0\n</answer>"


def test_only_the_problems_that_are_asked_count(store, tmp_path: Path) -> None:
    """With --limit the loss is of the same problems as the samples; without a trace there is no file."""
    file = write_held_out(store, SPLIT, {"cat"}, "plain", tmp_path)
    assert file is not None
    (row,) = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert row["completion"][0]["content"] == "<think>\nway 0 of cat\n</think>\n\n0"
    assert write_held_out(store, SPLIT, {"rock"}, "tags", tmp_path) is None


def test_the_trainer_measures_a_model(held_out: Path, tmp_path: Path) -> None:
    """A model that knows nothing is about as wrong as an even guess among its tokens; its size is told."""
    report = measure_loss(str(tiny_student(tmp_path / "m")), held_out)
    assert isinstance(report, LossReport)
    assert report.loss == pytest.approx(math.log(320), rel=0.05)
    assert (report.rows, report.left_out) == (3, 0)
    assert report.bytes == (tmp_path / "m" / "model.safetensors").stat().st_size


def test_what_cannot_be_measured_says_why(held_out: Path, tmp_path: Path) -> None:
    """A server's model, no rows, and whatever the trainer refuses, in its words."""
    assert measure_loss(None, held_out) == Unmeasured("its weights are behind a server")
    assert measure_loss("local", None) == Unmeasured("no held-out trace is well formed")
    refused = measure_loss(str(tmp_path / "nowhere"), held_out)
    assert isinstance(refused, Unmeasured)
    assert refused.why.startswith(f"the model {tmp_path / 'nowhere'} does not exist")
