"""The folder of a training is prepared once, belongs to one training, and never costs the user a file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from curator.errors import UsageError
from curator.training.folder import claimed, rows_of
from schemas.training import TrainingConfig


def begin(folder: Path) -> None:
    """Leave what a training leaves that was stopped in the middle."""
    (folder / "checkpoints" / "checkpoint-2").mkdir(parents=True)
    (folder / "metrics.jsonl").write_text("{}\n")


def finish(folder: Path) -> None:
    """Leave what a training leaves at its end, after an evaluation."""
    for name in ("adapter", "merged", "tensorboard", "eval"):
        (folder / name).mkdir()
        (folder / name / "file").touch()
    for name in ("training.json", "metrics.jsonl", "loss.png"):
        (folder / name).touch()


def test_the_trainer_finds_rows_and_settings(desk) -> None:
    """Both as the trainer reads them: prompt and completion apart, and every choice."""
    desk.prepare(config={"rank": 4})
    assert TrainingConfig.model_validate_json((desk.folder / "train.json").read_bytes()).rank == 4
    (row, _) = (desk.folder / "dataset" / "train.jsonl").read_text("utf-8").splitlines()
    assert json.loads(row)["prompt"] == [{"role": "user", "content": "2+3?"}]
    assert "<answer>\n0\n</answer>" in json.loads(row)["completion"][0]["content"]
    assert rows_of(desk.folder) == {"train": 2, "test": 2}


def test_the_same_again_changes_nothing(desk) -> None:
    """Whatever has been trained by then."""
    desk.prepare()
    finish(desk.folder)
    before = desk.files()
    desk.prepare()
    assert desk.files() == before


def test_a_split_that_holds_all_out_trains_nobody(desk) -> None:
    """The message says what to do; nothing is left."""
    with pytest.raises(UsageError, match="the split held has no rows to train on"):
        desk.prepare(split="held")
    assert desk.files() == {}


@pytest.mark.parametrize(("part", "draft"), [("train.json", ".train.json.draft"), ("dataset", ".dataset.draft-0000")])
def test_what_a_crash_left_out_is_made_up_for(desk, part: str, draft: str) -> None:
    """A command that was killed before a part had its name is finished by itself."""
    desk.prepare()
    whole = desk.files()
    (desk.folder / part).rename(desk.folder / draft)
    desk.prepare()
    assert desk.files() == whole


def test_an_export_of_the_user_s_own_is_not_replaced(desk) -> None:
    """It is used where it is the same; where it is not, they decide."""
    desk.prepare(layout="plain")
    (desk.folder / "train.json").unlink()
    before = desk.files()
    with pytest.raises(UsageError, match="--layout plain → tags"):
        desk.prepare()
    assert desk.files() == before


def test_until_training_has_begun_settings_may_change(desk) -> None:
    """A dry run is there to try them out."""
    desk.prepare()
    (desk.folder / "encoded").mkdir()
    desk.prepare(config={"max_length": 64}, layout="plain")
    assert b'"max_length": 64' in desk.files()["train.json"]
    assert b"<answer>" not in desk.files()["dataset/train.jsonl"]
    assert not (desk.folder / "encoded").exists(), "they were encoded for the settings before"


@pytest.mark.parametrize("leave", [begin, finish])
def test_afterwards_every_difference_is_listed_and_refused(desk, leave) -> None:
    """In the flags' words, as it was and as it would be; the folder stays as it is."""
    desk.prepare()
    leave(desk.folder)
    before = desk.files()
    with pytest.raises(UsageError) as caught:
        desk.prepare(config={"rank": 4, "packing": True, "max_steps": 9}, layout="plain")
    assert caught.value.message.splitlines()[1:] == [
        "  --max-steps the default → 9",
        "  --packing off → on",
        "  --rank 16 → 4",
        "  --layout tags → plain",
    ]
    assert "--overwrite" in caught.value.hint
    assert desk.files() == before


def test_a_split_that_was_made_anew_is_another(desk) -> None:
    """The same name does not make the same rows."""
    desk.prepare()
    begin(desk.folder)
    desk.split("sums", "train", "test")
    with pytest.raises(UsageError, match="rows of the split b2:test-train → b2:train-test"):
        desk.prepare()


def test_overwrite_begins_anew(desk) -> None:
    """Nothing of the earlier training is left, so nothing of it can be taken for the new one's."""
    desk.prepare()
    finish(desk.folder)
    (desk.folder / ".merged.1234").mkdir()
    desk.prepare(config={"rank": 4}, overwrite=True)
    assert {path.name for path in desk.folder.iterdir()} == {"dataset", "train.json"}
    assert b'"rank": 4' in desk.files()["train.json"]


def test_overwrite_without_rows_costs_nothing(desk) -> None:
    """What is there goes when what replaces it has been written."""
    desk.prepare()
    finish(desk.folder)
    before = desk.files()
    with pytest.raises(UsageError, match="no rows to train on"):
        desk.prepare(split="held", overwrite=True)
    assert desk.files() == before


@pytest.mark.parametrize("name", ["notes.txt", "adapter/mine", "dataset/mine", "train.json"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_other_files_is_refused(desk, name: str, overwrite: bool) -> None:
    """Even those that are called like ours."""
    (desk.folder / name).parent.mkdir(exist_ok=True)
    (desk.folder / name).write_text("dear diary")
    with pytest.raises(UsageError, match=r"no training's|no export's"):
        desk.prepare(overwrite=overwrite)
    assert desk.files() == {name: b"dear diary"}


def test_notes_beside_a_training_stay(desk) -> None:
    """They are in nobody's way while it goes on; --overwrite does not decide about them."""
    desk.prepare()
    (desk.folder / "notes.txt").write_text("dear diary")
    desk.prepare()
    with pytest.raises(UsageError, match=r"no training's: notes\.txt"):
        desk.prepare(overwrite=True)


def test_one_training_at_a_time(tmp_path) -> None:
    """A folder is held until the last process that works in it has gone, also when its command was killed."""
    folder = tmp_path / "a" / "b"
    with claimed(folder) as lock:
        worker = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock,))
        (folder / "train.json").touch()
    with pytest.raises(UsageError, match="a training is running in it"), claimed(folder):
        pass
    worker.communicate()
    with claimed(folder):
        pass


def test_a_folder_that_stays_empty_is_taken_away(tmp_path) -> None:
    """A command that came to nothing leaves no trace; a folder that was there stays."""
    with claimed(tmp_path / "a" / "b"):
        pass
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="--to /proc/x/y"), claimed(Path("/proc/x/y")):
        pass
