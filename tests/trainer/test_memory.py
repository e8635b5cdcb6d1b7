"""What a training is expected to take, before anything is loaded."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, GPT2Config, LlamaConfig

from schemas.training import TrainingConfig
from tests.tiny import tiny_student
from trainer.memory import Memory, available, estimate

SMOL = LlamaConfig(
    vocab_size=49_152,
    hidden_size=576,
    intermediate_size=1536,
    num_hidden_layers=30,
    num_attention_heads=9,
    num_key_value_heads=3,
    tie_word_embeddings=True,
)
"""The shape of SmolLM2-135M."""
SMOL_WEIGHTS = 134_515_008
MEASURED = {
    (2, 128, False): 2_100,
    (2, 128, True): 1_652,
    (8, 128, False): 4_605,
    (8, 128, True): 3_204,
    (2, 512, False): 4_651,
    (2, 512, True): 3_154,
    (2, 1024, True): 5_182,
    (8, 512, True): 9_723,
}
"""Peak of a real training's process on two CPU cores in megabytes, by batch size, length and checkpointing."""


def expected(length: int = 256, *, model: Any = SMOL, **settings: Any) -> Memory:
    return estimate(model, SMOL_WEIGHTS, TrainingConfig(model="m", **settings), length, "cpu")


@pytest.mark.parametrize(("setting", "peak"), MEASURED.items(), ids=str)
def test_the_estimate_is_near_what_was_measured(setting: tuple[int, int, bool], peak: int) -> None:
    """Within a tenth of the peak of real trainings, with and without checkpointing, of short and long rows."""
    batch_size, length, twice = setting
    found = expected(length, batch_size=batch_size, gradient_checkpointing=twice)
    assert found.total / 1e6 == pytest.approx(peak, rel=0.1)


def test_activations_are_what_autograd_keeps(tmp_path: Path) -> None:
    """What one layer more keeps for the backward pass is what is told of a layer, to one part in fifty."""
    kept = [_kept(tiny_student(tmp_path), layers) for layers in (1, 2)]
    model = AutoConfig.from_pretrained(tmp_path)
    settings = {"batch_size": 3, "gradient_checkpointing": False}
    told = expected(50, model=model, **settings).activations / (model.num_hidden_layers + 1)
    assert kept[1] - kept[0] == pytest.approx(told, rel=0.02)


def _kept(folder: Path, layers: int) -> int:
    """Count the bytes that a forward pass of 3 padded rows of 50 tokens keeps, weights left out."""
    bare = AutoModelForCausalLM.from_pretrained(folder, num_hidden_layers=layers)
    model = get_peft_model(bare, LoraConfig(task_type="CAUSAL_LM", r=16, target_modules="all-linear"))
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    found: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        found[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    mask = torch.ones(3, 50, dtype=torch.long)
    mask[0, 40:] = 0
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = bare.model(input_ids=torch.ones(3, 50, dtype=torch.long), attention_mask=mask, use_cache=False)
    assert output.last_hidden_state.requires_grad
    return sum(tensor.untyped_storage().nbytes() for at, tensor in found.items() if at not in weights)


def test_an_adapter_takes_sixteen_bytes_a_weight(tmp_path: Path) -> None:
    """Weights, gradients and two averages in float32, of as many weights as peft trains; fewer modules take less."""
    folder = tiny_student(tmp_path)
    model = AutoModelForCausalLM.from_pretrained(folder)
    adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=16, target_modules="all-linear"))
    trained, _ = adapted.get_nb_trainable_parameters()
    assert expected(model=model.config).adapter == 16 * trained
    assert expected(model=model.config, target_modules=("q_proj",)).adapter < expected(model=model.config).adapter


def test_weights_take_what_the_device_needs() -> None:
    """float32 on a CPU, half of it on a GPU, and there a quarter of that in 4 bits but for the embeddings."""
    assert expected().weights == 4 * SMOL_WEIGHTS
    assert expected().weights == 2 * on_gpu().weights
    embeddings = 2 * SMOL.vocab_size * SMOL.hidden_size
    linear = on_gpu().weights - embeddings
    assert on_gpu(load_4bit=True).weights - embeddings == pytest.approx(0.275 * linear, abs=1)


def on_gpu(**settings: Any) -> Memory:
    """Estimate for a GPU, on a machine that may have none."""
    return estimate(SMOL, SMOL_WEIGHTS, TrainingConfig(model="m", **settings), 256, "cuda")


def test_checkpointing_is_what_the_device_does_unless_told() -> None:
    """None computes activations twice on a GPU and once on a CPU, as the training does."""
    assert expected().activations == expected(gradient_checkpointing=False).activations
    assert on_gpu().activations == on_gpu(gradient_checkpointing=True).activations
    assert on_gpu().activations < on_gpu(gradient_checkpointing=False).activations / 4


@given(st.integers(1, 64), st.integers(8, 4096), st.booleans())
def test_more_tokens_never_take_less(batch_size: int, length: int, twice: bool) -> None:
    """A smaller batch or length is always a way out."""
    settings = {"gradient_checkpointing": twice}
    found = expected(length, batch_size=batch_size, **settings)
    assert expected(length + 1, batch_size=batch_size, **settings).total > found.total
    assert expected(length, batch_size=batch_size + 1, **settings).total > found.total


def test_other_names_of_the_same_widths_are_read() -> None:
    """GPT-2 calls its widths otherwise and names none for its inner layer."""
    found = expected(model=GPT2Config(n_embd=64, n_layer=2, n_head=4))
    assert found.activations > 0


def test_what_is_free_is_told_beside_it_and_too_much_is_warned_of() -> None:
    """One line: what is needed, what there is, and what to do where it does not suffice."""
    small = Memory("cpu", weights=2 * 10**6, adapter=10**6, activations=0, logits=0, runtime=0)
    assert re.fullmatch(r"about 0\.0 GB of memory, of [\d.]+ GB that are free", small.line())
    large = Memory("cpu", weights=9 * 10**15, adapter=0, activations=0, logits=0, runtime=10**8)
    assert large.line().startswith("about 9000000.1 GB of memory, of ")
    assert "it may run out; a smaller --batch-size" in large.line()
    assert json.loads(json.dumps(small.as_json()))["total"] == 3 * 10**6


def test_what_is_free_is_asked_of_the_machine() -> None:
    """Some memory is free, and not more than the machine has."""
    everything = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < available("cpu") <= everything
