"""What MODEL may be, and what is known of it: whom to ask, its weights, its training, and what it was before."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import CuratorError, UsageError
from curator.evaluating.models import Student, base_of, find_student
from tests.curator.evaluating.made import model, trained


def test_the_embedded_model_is_asked_by_its_name() -> None:
    """`local` means the same to teacher and trainer, and no training made it."""
    student = find_student("local")
    assert (str(student.spec), student.weights, student.record) == ("local", "local", None)
    assert base_of(student) is None


@pytest.mark.parametrize("prefix", ["", "local:"])
def test_a_folder_is_asked_on_this_machine(tmp_path: Path, prefix: str) -> None:
    """A model's folder needs no word before it."""
    folder = model(tmp_path / "m")
    student = find_student(f"{prefix}{folder}")
    assert (student.spec.kind, student.spec.path, student.weights) == ("local", folder, str(folder))
    assert student.training is None


def test_a_training_knows_its_split_and_what_was_before(tmp_path: Path) -> None:
    """The loss is that of the merged model where there is one; the baseline is asked in the same way."""
    record, base = trained(tmp_path / "out"), model(tmp_path / "base")
    student = find_student(str(tmp_path / "out"))
    assert (student.record, student.training) == (record, tmp_path / "out")
    assert student.weights == str(tmp_path / "out" / "merged")
    before = base_of(student)
    assert before is not None
    assert (str(before.spec), before.weights, before.record) == (f"local:{base}", str(base), None)


def test_what_was_trained_from_the_embedded_model_is_compared_with_it(tmp_path: Path) -> None:
    """Its baseline is called `local`, as the user called it, wherever it was unpacked to."""
    record = trained(tmp_path / "out")
    config = record.config.model_copy(update={"model": "local"})
    (tmp_path / "out" / "training.json").write_text(record.model_copy(update={"config": config}).model_dump_json())
    before = base_of(find_student(str(tmp_path / "out")))
    assert str(before and before.spec) == "local"


def test_an_adapter_alone_is_enough_on_this_machine(tmp_path: Path) -> None:
    """Without a merged model the adapter is loaded."""
    trained(tmp_path / "out", merged=False)
    model(tmp_path / "base")
    assert find_student(str(tmp_path / "out")).weights == str(tmp_path / "out" / "adapter")


def test_vllm_serves_the_merged_model(tmp_path: Path) -> None:
    """The server gets a whole folder, and so does the server of the baseline."""
    trained(tmp_path / "out")
    base = model(tmp_path / "base")
    student = find_student(f"vllm:{tmp_path / 'out'}")
    before = base_of(student)
    assert str(student.spec) == f"vllm:{tmp_path / 'out' / 'merged'}"
    assert str(before and before.spec) == f"vllm:{base}"


def test_weights_that_change_in_place_are_another_model(tmp_path: Path) -> None:
    """VLLM calls a model by its path; trained again or written anew, its runs must not be mixed up."""
    trained(tmp_path / "one")
    trained(tmp_path / "two" / "one", weights="b2:" + "c" * 32)
    model(tmp_path / "base", "first")
    contents = {_served(tmp_path / name).content for name in ("one", "two/one", "base")}
    (tmp_path / "base" / "model.safetensors").write_text("second")
    assert len({*contents, _served(tmp_path / "base").content}) == 4


def test_vllm_cannot_serve_an_adapter(tmp_path: Path) -> None:
    """Before a server is started, the command that merges is named."""
    trained(tmp_path / "out", merged=False)
    model(tmp_path / "base")
    with pytest.raises(UsageError, match="no merged model") as caught:
        _served(tmp_path / "out")
    assert caught.value.hint.endswith(f"curator train s --model base --to {tmp_path / 'out'} --merge")
    with pytest.raises(UsageError, match="no merged model"):
        _served(tmp_path / "out" / "adapter")


@pytest.mark.parametrize("spec", ["vllm:m@http://127.0.0.1:1", "openai:m@http://127.0.0.1:1/v1", "ollama:qwen3:8b"])
def test_behind_a_server_nothing_is_known_of_weights(spec: str) -> None:
    """The model is asked, and that is all."""
    assert find_student(spec) == Student(find_student(spec).spec, None)


def test_what_cannot_be_evaluated_is_refused_at_once(tmp_path: Path) -> None:
    """A folder that is none, a training under way, a broken record, a base that is gone."""
    trained(tmp_path / "out")
    with pytest.raises(UsageError, match="base, which is gone"):
        base_of(find_student(str(tmp_path / "out")))
    (tmp_path / "out" / "training.json").write_text("{}")
    with pytest.raises(UsageError, match=r"training\.json is no record"):
        find_student(str(tmp_path / "out"))
    (tmp_path / "under-way").mkdir()
    (tmp_path / "under-way" / "train.json").write_text("{}")
    with pytest.raises(CuratorError, match="has not finished"):
        find_student(str(tmp_path / "under-way"))
    with pytest.raises(CuratorError, match="does not exist"):
        find_student(str(tmp_path / "nowhere"))


def _served(folder: Path) -> Student:
    return find_student(f"vllm:{folder}")
