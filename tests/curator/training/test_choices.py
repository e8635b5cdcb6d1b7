"""Preset, `[train]` and flags become one configuration, and its faults are told in the user's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curator.config import TrainSection, load_settings
from curator.errors import UsageError
from curator.training.choices import chosen
from schemas.training import TrainingConfig

MODEL = {"model": "local"}


def section(folder: Path, text: str) -> TrainSection:
    (folder / "curator.toml").write_text(f"[train]\n{text}\n", "utf-8")
    return load_settings(folder / "curator.toml").train


def test_a_model_is_enough() -> None:
    """All else has defaults, those of the schema."""
    assert chosen(TrainSection(), MODEL) == TrainingConfig(model="local")


def test_flags_go_before_the_file_and_the_file_before_the_preset(tmp_path) -> None:
    """Each layer changes what it says and nothing else; 0 and --no-… say something."""
    toml = section(tmp_path, 'preset = "tutorial"\nrank = 4\npacking = true\nseed = 7\ndropout = 0.1')
    found = chosen(toml, {**MODEL, "packing": False, "seed": 0, "alpha": 5, "whole_text": False, "epochs": None})
    assert (found.rank, found.packing, found.seed, found.alpha, found.dropout) == (4, False, 0, 5, 0.1)
    assert (found.preset, found.add_think_tokens) == ("tutorial", True)
    assert chosen(toml, {**MODEL, "preset": "r1"}).accumulate == 8


def test_all_wrong_flags_are_named_at_once() -> None:
    """In the words that were typed, with the values."""
    with pytest.raises(UsageError) as caught:
        chosen(TrainSection(), {**MODEL, "batch_size": 0, "learning_rate": -1.0, "max_length": 2})
    for said in ("--batch-size 0: ", "--learning-rate -1.0: ", "--max-length 2: "):
        assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lerning_rate = 1", r"unknown key \[train\] lerning_rate \(did you mean 'learning_rate'\?\)"),
        ("rank = 0", r"\[train\] rank: .*, not 0"),
        ('preset = "qlora"', r"\[train\] preset: .*'lora', 'tutorial' or 'r1'"),
    ],
)
def test_the_file_is_checked_for_every_command(tmp_path, text: str, said: str) -> None:
    """A typo under [train] is found when the file is read."""
    with pytest.raises(UsageError, match=said):
        section(tmp_path, text)


def test_paths_in_the_file_are_relative_to_it(tmp_path) -> None:
    """A model folder and a template beside curator.toml are found from every folder; names of the hub stay names."""
    (tmp_path / "student").mkdir()
    (tmp_path / "student" / "config.json").touch()
    (tmp_path / "own.jinja").write_text("{{ messages }}", "utf-8")
    found = chosen(section(tmp_path, 'model = "student"\nchat_template = "own.jinja"'), {})
    assert (found.model, found.chat_template) == (str(tmp_path / "student"), "{{ messages }}")
    assert chosen(section(tmp_path, 'model = "Qwen/Qwen3-0.6B"'), {}).model == "Qwen/Qwen3-0.6B"


def test_layers_are_parted_by_commas() -> None:
    """As they are typed; spaces do not matter."""
    assert chosen(TrainSection(), {**MODEL, "target_modules": "q_proj, v_proj"}).target_modules == ("q_proj", "v_proj")


@pytest.fixture
def models(tmp_path, monkeypatch) -> None:
    """A working folder with whatever might be taken for a model."""
    monkeypatch.chdir(tmp_path)
    files = ["good/config.json", "bare/notes.txt", "adapted/adapter_config.json", "weights.bin", "m.gguf"]
    trained = ["half/training.json", "half/adapter/x", "whole/training.json", "whole/merged/x"]
    for name in files + trained:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.touch()


@pytest.mark.parametrize("name", ["good", "./good", "m.gguf", "whole"])
@pytest.mark.usefixtures("models")
def test_a_model_on_this_disk_is_named_from_the_root(tmp_path, name: str) -> None:
    """train.json means the same wherever the trainer is started; a training stands for its merged model."""
    assert chosen(TrainSection(), {"model": name}).model == str(tmp_path / name)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({}, "no model is named"),
        ({"model": "nowhere"}, "--model nowhere: there is no such folder"),
        ({"model": "./org/model"}, "--model ./org/model: there is no such folder"),
        ({"model": "bare"}, "--model bare: it has no config.json"),
        ({"model": "weights.bin"}, "no .gguf"),
        ({"model": "adapted"}, "--model adapted: it holds an adapter and no merged model"),
        ({"model": "half"}, "--model half: it holds an adapter and no merged model"),
        ({**MODEL, "chat_template": Path("no.jinja")}, "--chat-template no.jinja: No such file"),
    ],
)
@pytest.mark.usefixtures("models")
def test_what_is_no_model_is_said_at_once(flags: dict[str, Any], said: str) -> None:
    """Before a dataset is written or a library loaded."""
    with pytest.raises(UsageError) as caught:
        chosen(TrainSection(), flags)
    assert said in caught.value.message
