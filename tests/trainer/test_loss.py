"""The loss of a model on some rows: one number that padding, batches and the way of loading do not change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from schemas.training import ADAPTER, MERGED
from tests.tiny import tiny_student
from tests.trainer.folders import row, training_folder
from trainer.errors import BadInput
from trainer.loss import measure_loss
from trainer.rows import encode, read_rows
from trainer.sft import train
from trainer.students import load_model, load_tokenizer


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short training, adapter and merged."""
    folder = tmp_path_factory.mktemp("loss")
    student = tiny_student(folder / "tiny")
    training_folder(folder / "run", student, max_steps=6)
    train(folder / "run", merge=True, dry_run=False)
    return folder


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Rows of quite different lengths."""
    file = tmp_path / "rows.jsonl"
    sums = [row(2, 3), row(12345, 67890), row(1, 10**30), row(4, 4)]
    file.write_text("".join(json.dumps(one) + "\n" for one in sums), "utf-8")
    return file


def test_it_is_the_mean_over_all_counted_tokens(trained: Path, rows: Path) -> None:
    """A batch with padding gives what each row alone gives, every token counting the same."""
    tokenizer, model = load_tokenizer(trained / "tiny"), load_model(trained / "tiny", torch.float32).eval()
    nats, tokens = 0.0, 0
    for one in read_rows(rows):
        ids, labels = (torch.tensor([part]) for part in encode(one, tokenizer))
        counted = int((labels != -100).sum())
        with torch.inference_mode():
            nats += float(model(ids, labels=labels).loss) * counted
        tokens += counted
    report = measure_loss(str(trained / "tiny"), rows)
    assert report.tokens == tokens
    assert report.loss == pytest.approx(nats / tokens, rel=1e-5)


def test_an_adapter_its_training_and_its_merged_model_have_one_loss(trained: Path, rows: Path) -> None:
    """Whichever of them is named; and training has lowered it."""
    run = trained / "run"
    found = [measure_loss(str(one), rows).loss for one in (run, run / ADAPTER, run / MERGED)]
    assert found == pytest.approx([found[0]] * 3, abs=1e-5)
    assert found[0] < measure_loss(str(trained / "tiny"), rows).loss


def test_rows_beyond_the_context_are_counted_out(trained: Path, rows: Path) -> None:
    """What the model cannot read whole is not cut, but left out and said."""
    with rows.open("a", encoding="utf-8") as more:
        more.write(json.dumps(row(10**400, 1)) + "\n")
    report = measure_loss(str(trained / "tiny"), rows)
    assert (report.rows, report.left_out) == (4, 1)


def test_the_whole_text_has_more_tokens(trained: Path, rows: Path) -> None:
    """The prompt counts where it was trained on, too."""
    completion = measure_loss(str(trained / "tiny"), rows)
    assert measure_loss(str(trained / "tiny"), rows, whole_text=True).tokens > completion.tokens


def test_no_rows_and_no_model_are_said(trained: Path, tmp_path: Path) -> None:
    """Faults come in words."""
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    with pytest.raises(BadInput, match="holds no row that fits"):
        measure_loss(str(trained / "tiny"), empty)
    with pytest.raises(BadInput, match="does not exist"):
        measure_loss(str(tmp_path / "nothing"), empty)
