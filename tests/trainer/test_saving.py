"""What was trained is what is loaded: an adapter to the bit, a merged model within rounding; the real model too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from peft import LoraConfig, get_peft_model

from schemas.training import ADAPTER, MERGED
from tests.tiny import tiny_student
from trainer.saving import hash_of, save_adapter, save_merged
from trainer.students import find_student, load_model, load_tokenizer
from trainer.tokens import add_tags, begin_as_written, grow, trained_rows

TEXT = "<think>\n盘子里有9个饺子，吃了4个：9 - 4 = 5.\n</think>\n<answer>\n5\n</answer>"
RELOADS = """
import sys, torch
from pathlib import Path
from trainer.saving import load_adapted
from trainer.students import load_tokenizer
base, adapter, out = map(Path, sys.argv[1:4])
model = load_adapted(base, adapter, torch.float32)
ids = load_tokenizer(adapter)(sys.argv[4], add_special_tokens=False)["input_ids"]
with torch.inference_mode():
    torch.save(model(torch.tensor([ids])).logits, out)
"""


class Saved(NamedTuple):
    """A trained adapter on disk, and what its model said when it was saved."""

    base: Path
    folder: Path
    logits: torch.Tensor


@pytest.fixture(scope="module", params=["tiny with tags", "local", "local with tags"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """An adapter whose every weight has moved, as by training, with and without added tokens."""
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("saved")
    kind, _, tags = request.param.partition(" ")
    base = find_student("local") if kind == "local" else tiny_student(folder / "tiny")
    tokenizer, model = load_tokenizer(base), load_model(base, torch.float32)
    new = add_tags(tokenizer) if tags else {}
    grow(model, tokenizer)
    if new:
        begin_as_written(model, new)
    rows = trained_rows(model, new) if new else None
    lora = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM", trainable_token_indices=rows)
    adapted = get_peft_model(model, lora).eval()
    with torch.no_grad():
        for weight in adapted.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight), alpha=0.01)
    save_adapter(adapted, tokenizer, folder)
    return Saved(base, folder, logits(adapted, tokenizer))


def logits(model: Any, tokenizer: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(torch.tensor([tokenizer(TEXT, add_special_tokens=False)["input_ids"]])).logits


def test_a_fresh_process_gets_exactly_the_logits_of_before(saved: Saved, tmp_path: Path) -> None:
    """Reloading changes no bit, added tokens or not."""
    out = tmp_path / "logits.pt"
    words = [sys.executable, "-c", RELOADS, saved.base, saved.folder / ADAPTER, out, TEXT]
    subprocess.run(list(map(str, words)), check=True, capture_output=True)
    assert torch.equal(torch.load(out), saved.logits)


def test_the_merged_model_says_the_same_without_peft(saved: Saved) -> None:
    """Merged and adapted differ by rounding alone, and name the same next tokens."""
    assert save_merged(saved.base, saved.folder) < 1e-3
    merged = load_model(saved.folder / MERGED, torch.float32).eval()
    said = logits(merged, load_tokenizer(saved.folder / MERGED))
    assert torch.allclose(said, saved.logits, atol=1e-3)
    assert torch.equal(said.argmax(-1), saved.logits.argmax(-1))
    assert not (saved.folder / MERGED / "adapter_config.json").exists()


def test_an_adapter_is_small_and_keeps_its_template(saved: Saved) -> None:
    """No embedding matrix is written with it; the chat template is."""
    adapter = saved.folder / ADAPTER
    whole = sum(file.stat().st_size for file in saved.base.glob("*.safetensors"))
    assert (adapter / "adapter_model.safetensors").stat().st_size < whole / 2
    assert load_tokenizer(adapter).chat_template == load_tokenizer(saved.base).chat_template


def test_the_hash_is_that_of_the_weights(saved: Saved, tmp_path: Path) -> None:
    """Another adapter, or the same one with another template, has another hash."""
    first = hash_of(saved.folder / ADAPTER)
    assert first == hash_of(saved.folder / ADAPTER)
    config = json.loads((saved.folder / ADAPTER / "adapter_config.json").read_text())
    (saved.folder / ADAPTER / "adapter_config.json").write_text(json.dumps(config | {"r": 5}))
    assert hash_of(saved.folder / ADAPTER) != first
