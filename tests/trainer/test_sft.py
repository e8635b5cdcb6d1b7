"""A person trains a student: it learns, is killed and goes on, and what cannot work is said before the weights move."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from schemas.training import ADAPTER, CHECKPOINTS, DATASET, MERGED, METRICS, read_record
from tests.tiny import tiny_student
from tests.trainer.folders import training_folder
from trainer.__main__ import use_one_device
from trainer.errors import BadInput
from trainer.recording import read_metrics
from trainer.sft import last_checkpoint, train
from trainer.students import load_model, load_tokenizer
from trainer.tokens import TAGS

LONG = {"epochs": 60.0, "learning_rate": 1e-2}
"""Some 360 steps of a few milliseconds each: time enough to be killed in."""


def trainer(*words: object, **options: Any) -> subprocess.Popen[str]:
    """Start `python -m trainer WORDS…` with one thread, so that sums are rounded alike each time."""
    env = os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-m", "trainer", *map(str, words)], env=env, **pipes, **options)


def does(*words: object) -> str:
    """Run the trainer to its end; it must succeed. Return what it told."""
    process = trainer(*words)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return err


def refused(folder: Path) -> str:
    """Train what must be refused; return how."""
    with pytest.raises(BadInput) as caught:
        train(folder, merge=False, dry_run=False)
    assert not (folder / ADAPTER).exists()
    return f"{caught.value.message}\n{caught.value.hint}"


def losses(folder: Path) -> list[float]:
    """Return the training loss of every step."""
    return [line["loss"] for line in read_metrics(folder) if "loss" in line]


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_student(tmp_path_factory.mktemp("students") / "tiny")


@pytest.fixture(scope="module")
def finished(student: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that nobody disturbed."""
    folder = training_folder(tmp_path_factory.mktemp("trainings") / "whole", student, **LONG)
    does("sft", folder, "--merge")
    return folder


def test_the_loss_falls_and_everything_is_there(finished: Path) -> None:
    """A training leaves adapter, merged model, curves and its record, and nothing half-done."""
    record = read_record(finished)
    assert record is not None
    assert record.metrics["loss_last"] < record.metrics["loss_first"] - 1
    assert record.metrics["eval_loss_last"] < record.metrics["eval_loss_first"]
    assert (record.rows, record.steps, record.split) == (24, 360, "sums")
    there = {path.name for path in finished.iterdir()}
    assert there == {"train.json", "dataset", ADAPTER, MERGED, METRICS, "loss.png", "tensorboard", "training.json"}


def test_trained_again_nothing_is_done(finished: Path) -> None:
    """The same command on a finished training changes no file of it."""
    before = (finished / ADAPTER / "adapter_model.safetensors").stat().st_mtime_ns
    assert "trained already: 360 steps on 24 rows" in does("sft", finished, "--merge")
    assert (finished / ADAPTER / "adapter_model.safetensors").stat().st_mtime_ns == before


def test_killed_and_ended_and_resumed_it_is_the_same_training(student: Path, finished: Path, tmp_path: Path) -> None:
    """After `kill -9` and SIGTERM the curve goes on where the checkpoint was, to the same last step."""
    folder = training_folder(tmp_path / "killed", student, **LONG)
    for number, after in ((signal.SIGKILL, 100), (signal.SIGTERM, 200)):
        process = trainer("sft", folder)
        wait_for_step(folder, after, process)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130), err
        assert last_checkpoint(folder / CHECKPOINTS) is not None
        assert read_record(folder) is None
    does("sft", folder)
    record = read_record(folder)
    assert record is not None
    assert record.steps == 360
    assert [line["step"] for line in read_metrics(folder) if "loss" in line] == sorted(
        {line["step"] for line in read_metrics(finished) if "loss" in line}
    )
    # every second step is logged: the first log of a session may be the mean of one step instead of two
    assert losses(folder) == pytest.approx(losses(finished), abs=0.02)


def wait_for_step(folder: Path, step: int, process: subprocess.Popen[str]) -> None:
    """Wait until the training has written a step down."""
    until = time.monotonic() + 120
    while not any(line["step"] >= step for line in read_metrics(folder)):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_torn_checkpoint_is_passed_over(tmp_path: Path) -> None:
    """A checkpoint without its last file was being written when the process died."""
    for step, state in ((10, "{}"), (20, '{"glob'), (30, None)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if state is not None:
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-10"]


def test_tags_become_ordinary_tokens_that_learn(student: Path, tmp_path: Path) -> None:
    """With added tokens: they are no special ones, their embeddings are trained, and no matrix is saved whole."""
    folder = training_folder(tmp_path / "tags", student, add_think_tokens=True, max_steps=20)
    does("sft", folder, "--merge")
    tokenizer = load_tokenizer(folder / ADAPTER)
    ids = tokenizer("<think>x</think><answer>4</answer>", add_special_tokens=False)["input_ids"]
    assert len(ids) == 6
    assert tokenizer.decode(ids, skip_special_tokens=True) == "<think>x</think><answer>4</answer>"
    with safe_open(folder / ADAPTER / "adapter_model.safetensors", "pt") as file:
        shapes = {name: list(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
    assert [4, 64] in shapes.values()
    assert not [name for name, shape in shapes.items() if shape[0] > 256]
    pieces = load_tokenizer(student)(list(TAGS), add_special_tokens=False)["input_ids"]
    embeddings = load_model(student, torch.float32).get_input_embeddings().weight
    begun = torch.stack([embeddings[ids].mean(dim=0) for ids in pieces])
    merged = load_model(folder / MERGED, torch.float32)
    trained = merged.get_input_embeddings().weight[-4:]
    assert not torch.isclose(trained, begun, atol=1e-4).all(dim=1).any()
    assert merged.get_output_embeddings().weight is merged.get_input_embeddings().weight


def test_packed_rows_are_trained_alike(student: Path, tmp_path: Path) -> None:
    """Several rows in one of `max_length` tokens: fewer steps, the same tokens."""
    folder = training_folder(tmp_path / "packed", student, packing=True, max_length=160, batch_size=1, epochs=1.0)
    does("sft", folder)
    record = read_record(folder)
    assert record is not None
    assert record.steps == 12
    assert record.metrics["tokens"] == record.guards["tokens"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"target_modules": ("q_proj", "query")}, ["--target-modules query", "q_proj"]),
        ({"max_length": 30}, ["--max-length 30", "74"]),
        ({"flash_attention": True}, ["--flash-attention needs"]),
        ({"load_4bit": True}, ["--load-4bit needs"]),
    ],
)
def test_what_cannot_work_is_said(
    student: Path, tmp_path: Path, settings: dict[str, Any], words: Sequence[str]
) -> None:
    """Settings that this student, these rows or this machine cannot have: an error in the user's words."""
    told = refused(training_folder(tmp_path / "bad", student, **settings))
    assert all(word in told for word in words), told


def test_a_student_without_tokenizer_is_refused(student: Path, tmp_path: Path) -> None:
    """Else transformers would make a tokenizer up."""
    shutil.copytree(student, tmp_path / "mute", ignore=shutil.ignore_patterns("tokenizer*"))
    assert "has no tokenizer" in refused(training_folder(tmp_path / "run", tmp_path / "mute"))


def test_a_split_without_rows_is_refused(student: Path, tmp_path: Path) -> None:
    """Nothing to learn is no training."""
    folder = training_folder(tmp_path / "run", student)
    (folder / DATASET / "train.jsonl").write_text("")
    assert "no rows" in refused(folder)


def test_a_torn_row_is_named(student: Path, tmp_path: Path) -> None:
    """Whoever edits the rows by hand learns which line is wrong."""
    folder = training_folder(tmp_path / "run", student)
    with (folder / DATASET / "train.jsonl").open("a") as rows:
        rows.write(json.dumps({"prompt": [{"role": "user", "content": "x"}]}) + "\n")
    assert "line 25: completion" in refused(folder)


@pytest.mark.parametrize(
    ("given", "seen"),
    [({}, "0"), ({"CUDA_VISIBLE_DEVICES": "2,3"}, "2"), ({"LOCAL_RANK": "1", "CUDA_VISIBLE_DEVICES": "2,3"}, "2,3")],
)
def test_without_a_launcher_one_gpu_is_used(given: dict[str, str], seen: str) -> None:
    """Several GPUs need `accelerate launch`; where it was not used, the first one trains."""
    use_one_device(given)
    assert given["CUDA_VISIBLE_DEVICES"] == seen


@pytest.mark.usefixtures("namespaces")
def test_a_full_disk_leaves_no_half_saved_model(student: Path, tmp_path: Path) -> None:
    """On a disk of 1 MB the training says so, and what lies there afterwards is no model."""
    place = tmp_path / "small"
    place.mkdir()
    training_folder(tmp_path / "run", student, max_steps=4)
    script = (
        f"mount -t tmpfs -o size=1m none {place} && cp -r {tmp_path}/run {place} || exit 9; "
        f"{sys.executable} -m trainer sft {place}/run; code=$?; ls -a {place}/run; exit $code"
    )
    done = subprocess.run(["unshare", "-Urm", "sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "no space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert ADAPTER not in done.stdout
