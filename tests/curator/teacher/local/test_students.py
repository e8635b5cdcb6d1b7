"""Students as teachers: adapters, what a training made, models of the hub's cache; and what they are called."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("gguf")
pytest.importorskip("peft")

import peft
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from curator.teacher.base import TeacherError
from curator.teacher.local.loading import load
from curator.teacher.local.models import find_model
from curator.teacher.local.teacher import DEFAULT_MODEL, LocalTeacher
from schemas.training import RECORD, TrainingConfig, TrainingRecord
from tests.tiny import tiny_student

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")  # peft asks transformers

TURNS = [{"role": "user", "content": "<think> 2 + 2?"}]
TAGS = ["<think>", "</think>"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student before training."""
    return tiny_student(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def tuned(base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, torch.Tensor]:
    """An adapter that changes much, and the logits that it has after the prompt."""
    return _adapter(base, tmp_path_factory.mktemp("tuned") / "adapter", [])


def _adapter(base: Path, folder: Path, tags: list[str]) -> tuple[Path, torch.Tensor]:
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForCausalLM.from_pretrained(base)
    tokenizer.add_tokens(tags)
    model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    rows = tokenizer.convert_tokens_to_ids(tags) if tags else None
    torch.manual_seed(1)
    config = peft.LoraConfig(
        r=4, target_modules="all-linear", init_lora_weights=False, trainable_token_indices=rows, task_type="CAUSAL_LM"
    )
    model = peft.get_peft_model(model, config)
    for name, weights in model.named_parameters():
        if "trainable_tokens_delta" in name:
            weights.data.normal_(0, 0.5)
    model.save_pretrained(folder, save_embedding_layers=False)
    tokenizer.save_pretrained(folder)
    return folder, _logits(model.eval(), tokenizer)


def _logits(model, tokenizer) -> torch.Tensor:
    ids = tokenizer.apply_chat_template(TURNS, add_generation_prompt=True, return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        return model(ids).logits[0, -1]


def _logits_of_teacher(folder: Path) -> torch.Tensor:
    model = load(find_model(folder))
    return model.read_prompt(*model.encode(TURNS))[1]


@pytest.fixture
def training(tmp_path: Path, tuned: tuple[Path, torch.Tensor]) -> Path:
    """The folder of a finished training without a merged model."""
    shutil.copytree(tuned[0], tmp_path / "math" / "adapter")
    _record(tmp_path / "math", "b2:0123456789abcdef")
    return tmp_path / "math"


def _record(folder: Path, weights: str) -> None:
    config = TrainingConfig(model="local")
    names = {"base_folder": "/b", "split": "s", "fingerprint": "f", "layout": "r1", "device": "cpu", "dtype": "float32"}
    counts = dict.fromkeys(("rows", "parameters", "trainable_parameters", "steps"), 1)
    maps = {name: {} for name in ("recipe", "versions", "guards", "metrics")}
    now = datetime.now(UTC)
    record = TrainingRecord(
        config=config, learning_rate=1e-3, weights=weights, created_at=now, **names, **counts, **maps
    )
    (folder / RECORD).write_text(record.model_dump_json())


def test_an_adapter_speaks_as_it_was_trained(tuned, base) -> None:
    """Merged on loading: logits within 1e-3 of the adapter's, and far from the base model's."""
    folder, expected = tuned
    found = _logits_of_teacher(folder)
    assert torch.allclose(found, expected, atol=1e-3)
    assert not torch.allclose(_logits_of_teacher(base), expected, atol=0.1)


def test_an_adapter_brings_its_own_tokens(base, tmp_path) -> None:
    """Tags that were added before training are one token each, with the embeddings that were trained."""
    folder, expected = _adapter(base, tmp_path / "adapter", TAGS)
    assert torch.allclose(_logits_of_teacher(folder), expected, atol=1e-3)
    assert len(expected) == len(AutoTokenizer.from_pretrained(base)) + len(TAGS)


def test_a_training_is_its_merged_model_else_its_adapter(training, base) -> None:
    """The folder of a training is enough of a name."""
    assert find_model(training) == training / "adapter"
    shutil.copytree(base, training / "merged")
    assert find_model(training) == training / "merged"


def test_a_training_has_one_name_until_it_is_repeated(training, base) -> None:
    """Folder, adapter and merged model are one student; other weights at the same place are another."""
    shutil.copytree(base, training / "merged")
    names = {LocalTeacher(path).model for path in (training, training / "adapter", training / "merged")}
    assert names == {"math@01234567"}
    _record(training, "b2:ffff")
    assert LocalTeacher(training).model == "math@ffff"


@pytest.mark.parametrize("changed", ["model.safetensors", "config.json", "chat_template.jinja", "tokenizer.json"])
def test_a_model_is_called_by_its_content(base, tmp_path, changed) -> None:
    """Wherever it lies and whatever is written about it, a model keeps its name; no other has it."""
    copy = Path(shutil.copytree(base, tmp_path / "tiny"))
    (copy / "README.md").write_text("other words")
    name = LocalTeacher(copy).model
    assert name == LocalTeacher(base).model
    with (copy / changed).open("ab") as file:
        file.write(b" ")
    other = LocalTeacher(copy).model
    assert name != other and name.startswith("tiny@") and other.startswith("tiny@")


def test_an_adapter_and_a_file_are_called_by_their_content(tuned, tmp_path) -> None:
    """Their folder's name or the file's, and 8 digits; the installed model keeps its own name."""
    copy = Path(shutil.copytree(tuned[0], tmp_path / "mine"))
    (tmp_path / "a.gguf").write_bytes(b"1")
    (tmp_path / "b.gguf").write_bytes(b"1")
    names = [LocalTeacher(tmp_path / name).model.split("@") for name in ("mine", "a.gguf", "b.gguf")]
    assert [name for name, _ in names] == ["mine", "a", "b"]
    assert names[1][1] == names[2][1] != names[0][1] and len(names[0][1]) == 8
    assert LocalTeacher().model == DEFAULT_MODEL
    (copy / "adapter_model.safetensors").write_bytes(b"2")
    assert LocalTeacher(copy).model.split("@") != names[0]


def test_a_training_that_has_not_finished_is_said(tmp_path) -> None:
    """Its configuration is there and its record is not: the message says so, the hint how to go on."""
    (tmp_path / "train.json").write_text("{}")
    with pytest.raises(TeacherError, match="has not finished") as caught:
        LocalTeacher(tmp_path)
    assert "curator train" in caught.value.hint


def test_a_record_that_is_none_is_said(training) -> None:
    """A file that somebody wrote over is named."""
    (training / RECORD).write_text("{}")
    with pytest.raises(TeacherError, match=r"math/training\.json is no record"):
        LocalTeacher(training)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"base_model_name_or_path": "/nowhere/base"}, "adapts a model that is missing: local:/nowhere/base"),
        ({"base_model_name_or_path": None}, "does not say which model"),
        ({}, "does not say which model"),
        ([], "does not say which model"),
    ],
)
def test_an_adapter_without_its_base_is_said(tuned, tmp_path, config, said) -> None:
    """Before seconds go into starting an engine."""
    copy = Path(shutil.copytree(tuned[0], tmp_path / "mine"))
    (copy / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(TeacherError, match=said):
        find_model(copy)


def test_a_model_of_the_hub_is_taken_from_its_cache(user, base) -> None:
    """OWNER/NAME that was downloaded is sampled without network; its candidates carry name and content."""
    commit = "0" * 40
    cached = user.folder / "hf" / "hub" / "models--lab--small"
    shutil.copytree(base, cached / "snapshots" / commit)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(commit)
    user.env["HF_HOME"] = str(user.folder / "hf")
    problems = user.writes("p.jsonl", [{"prompt": "2 + 2?", "answer": "4"}])
    user.does("sample", problems, "--n", 1, "--teacher", "local:lab/small", "--no-few-shot", "--max-tokens", 4)
    [row] = user.asks("SELECT DISTINCT model FROM candidates")
    assert row["model"] == LocalTeacher(base).model.replace("tiny@", "small@")
    missing = user.types("sample", problems, "--teacher", "local:lab/large")
    assert (missing.returncode, "hf download lab/large" in missing.stderr) == (1, True)
