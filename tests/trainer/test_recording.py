"""What a training logs is kept step by step, also across a kill."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("trl")
pytest.importorskip("tensorboardX")

from hypothesis import given
from hypothesis import strategies as st
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.record_writer import RecordWriter
from transformers import TrainerCallback

from schemas.training import METRICS, TENSORBOARD
from tests.tiny import tiny_student
from tests.trainer.watched import SAVED_AT, STEPS, PulledPlug, PullsPlug, train
from trainer.errors import TrainerError
from trainer.recording import Recorder, read_metrics

ALL = list(range(1, STEPS + 1))


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny student."""
    return tiny_student(tmp_path_factory.mktemp("student"))


@pytest.fixture(scope="module")
def whole(student: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that nobody disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    train(student, folder, Recorder(folder))
    return folder


@pytest.fixture(scope="module")
def resumed(student: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that was killed in step 7, while writing a line, and went on from step 4."""
    folder = tmp_path_factory.mktemp("resumed")
    with pytest.raises(PulledPlug):
        train(student, folder, Recorder(folder), PullsPlug(7))
    with (folder / METRICS).open("a") as file:
        file.write('{"step": 7, "epoch": 0.8')
    train(student, folder, Recorder(folder), resume=True)
    return folder


def test_each_step_is_one_line_of_json(whole) -> None:
    """A logged step has loss, rate and the rest under our names; the summary at the very end is no step."""
    lines = [json.loads(line) for line in (whole / METRICS).read_text().splitlines()]
    steps = [line for line in lines if "loss" in line]
    assert [line["step"] for line in steps] == ALL
    names = {"step", "epoch", "loss", "learning_rate", "grad_norm", "mean_token_accuracy", "tokens", "elapsed_s"}
    assert all(set(line) == names for line in steps)
    assert len(lines) == len(steps) + 2


def test_an_evaluation_is_a_line_of_its_own(whole) -> None:
    """It stands after the step that it measured, with loss and accuracy and no learning rate."""
    evaluated = [line for line in read_metrics(whole) if "eval_loss" in line]
    assert [line["step"] for line in evaluated] == [SAVED_AT, STEPS]
    assert set(evaluated[0]) == {"step", "epoch", "eval_loss", "eval_mean_token_accuracy", "elapsed_s"}


def test_tensorboard_shows_the_same_numbers(whole) -> None:
    """Every scalar of the lines is in the event files, under the name that people expect."""
    curves = _curves(whole)
    lines = read_metrics(whole)
    for tag, name in {"train/loss": "loss", "train/learning_rate": "learning_rate", "eval/loss": "eval_loss"}.items():
        assert curves[tag] == pytest.approx({line["step"]: line[name] for line in lines if name in line})
    assert set(curves) >= {"train/grad_norm", "train/tokens", "eval/mean_token_accuracy"}


def test_event_files_are_framed_as_tensorboardx_does(whole, tmp_path) -> None:
    """Its own writer makes the same bytes out of the same events, checksums included."""
    (file,) = (whole / TENSORBOARD).iterdir()
    writer = RecordWriter(str(tmp_path / "events"))
    for event in _events(file):
        writer.write(event.SerializeToString())
    writer.close()
    assert (tmp_path / "events").read_bytes() == file.read_bytes()


def test_a_killed_training_leaves_one_continued_curve(whole, resumed) -> None:
    """No step twice, none missing, and the numbers of a training that nobody killed; the torn line is gone."""
    undisturbed, continued = read_metrics(whole), read_metrics(resumed)
    assert [(line["step"], "loss" in line) for line in continued] == [
        (line["step"], "loss" in line) for line in undisturbed
    ]
    for name in ("loss", "eval_loss", "learning_rate", "tokens"):
        expected = [line[name] for line in undisturbed if name in line]
        assert [line[name] for line in continued if name in line] == pytest.approx(expected, rel=1e-4)
    assert len((resumed / METRICS).read_text().splitlines()) == len(continued)


def test_time_goes_on_where_it_stopped(resumed) -> None:
    """Seconds never fall from one line to the next."""
    seconds = [line["elapsed_s"] for line in read_metrics(resumed)]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_tensorboard_forgets_the_lost_steps_too(resumed) -> None:
    """The second file takes back what came after the checkpoint, so its curve is that of the lines."""
    assert len(list((resumed / TENSORBOARD).iterdir())) == 2
    losses = {line["step"]: line["loss"] for line in read_metrics(resumed) if "loss" in line}
    assert _curves(resumed)["train/loss"] == pytest.approx(losses)
    assert list(_curves(resumed)["eval/loss"]) == [SAVED_AT, STEPS]


def test_a_training_from_the_start_forgets_an_earlier_one(tmp_path) -> None:
    """Without a checkpoint there is nothing to continue."""
    for loss in (3.0, 2.0):
        recorder = _begun(tmp_path, step=0)
        _log(recorder, 1, loss=loss)
        _log(recorder, 2, loss=loss)
    assert [line["loss"] for line in read_metrics(tmp_path)] == [2.0, 2.0]


def test_a_step_is_written_once(tmp_path) -> None:
    """A second evaluation of the same step, as after going on from a checkpoint, adds nothing."""
    recorder = _begun(tmp_path, step=0)
    _log(recorder, 4, loss=1.0)
    _log(recorder, 4, eval_loss=1.5)
    resumed = _begun(tmp_path, step=4)
    _log(resumed, 4, eval_loss=1.5)
    assert [line["step"] for line in read_metrics(tmp_path)] == [4, 4]


def test_only_the_main_process_writes(tmp_path) -> None:
    """On several GPUs the others leave the folder alone."""
    recorder = _begun(tmp_path, step=0, main=False)
    _log(recorder, 1, loss=1.0)
    assert list(tmp_path.iterdir()) == []


@given(st.floats())
def test_any_number_survives(tmp_path_factory, loss) -> None:
    """The file is JSON for every reader; what is not finite is null there, and NaN again when read."""
    folder = tmp_path_factory.mktemp("numbers")
    _log(_begun(folder, step=0), 1, loss=loss)
    line = json.loads((folder / METRICS).read_text(), parse_constant=pytest.fail)
    (read,) = read_metrics(folder)
    assert line["loss"] == (loss if math.isfinite(loss) else None)
    assert read["loss"] == loss if math.isfinite(loss) else math.isnan(read["loss"])


def test_a_full_disk_ends_the_training_in_words(student, tmp_path) -> None:
    """The message names the file and says what to do; the cause is kept."""
    with pytest.raises(TrainerError, match=f"no space left.*{METRICS}") as caught:
        train(student, tmp_path, Recorder(tmp_path), FullDisk(tmp_path))
    assert "free some space" in caught.value.hint


class FullDisk(TrainerCallback):
    """A disk that fills up as soon as the training has begun."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / METRICS

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._file.unlink()
        self._file.symlink_to("/dev/full")


def _begun(folder: Path, *, step: int, main: bool = True) -> Recorder:
    recorder = Recorder(folder)
    recorder.on_train_begin(None, SimpleNamespace(global_step=step, is_world_process_zero=main), None)
    return recorder


def _log(recorder: Recorder, step: int, **logs: float) -> None:
    recorder.on_log(None, SimpleNamespace(global_step=step, epoch=step / 4), None, logs=logs)


def _events(file: Path) -> Iterator[Event]:
    """Read an event file as TensorBoard does: length, its checksum, the event, its checksum."""
    with file.open("rb") as records:
        while head := records.read(12):
            yield Event.FromString(records.read(struct.unpack("<QI", head)[0]))
            records.read(4)


def _curves(folder: Path) -> dict[str, dict[int, float]]:
    """Return what TensorBoard shows: a session that starts at a step takes back that step and all later ones."""
    curves: dict[str, dict[int, float]] = {}
    for event in (event for file in sorted((folder / TENSORBOARD).iterdir()) for event in _events(file)):
        if event.session_log.status == SessionLog.START:
            curves = {tag: {at: it for at, it in curve.items() if at < event.step} for tag, curve in curves.items()}
        for value in event.summary.value:
            curve = curves.setdefault(value.tag, {})
            assert event.step not in curve, f"{value.tag} has step {event.step} twice"
            curve[event.step] = value.simple_value
    return curves
