"""Tags as tokens of their own: where they start from, and what of the model is trained for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.tiny import tiny_student
from trainer.students import load_config, load_model, load_tokenizer
from trainer.tokens import TAGS, add_tags, begin_as_written, grow, trained_rows


@pytest.fixture
def student(tmp_path: Path) -> Path:
    return tiny_student(tmp_path / "tiny")


def grown(student: Path, *, tied: bool) -> tuple[Any, Any, dict[int, list[int]]]:
    """Load a student, add the tags, and let them begin."""
    tokenizer = load_tokenizer(student)
    config = load_config(student)
    config.tie_word_embeddings = tied
    model = load_model(student, torch.float32) if tied else AutoModelForCausalLM.from_config(config)
    new = add_tags(tokenizer)
    grow(model, tokenizer)
    begin_as_written(model, new)
    return model, tokenizer, new


def test_each_tag_begins_as_it_was_written(student: Path) -> None:
    """Four tags that differ from each other, each the mean of its letters; all other tokens stay as they were."""
    before = load_model(student, torch.float32).get_input_embeddings().weight
    model, tokenizer, new = grown(student, tied=True)
    after = model.get_input_embeddings().weight
    assert [tokenizer.decode([token]) for token in new] == list(TAGS)
    assert torch.equal(after[: len(before)], before)
    for token, pieces in new.items():
        assert torch.allclose(after[token], before[pieces].mean(dim=0))
    assert torch.pdist(after[list(new)].detach()).min() > 1e-3


@pytest.mark.parametrize(("tied", "trained"), [(True, ["embed_tokens"]), (False, ["embed_tokens", "lm_head"])])
def test_a_head_of_its_own_is_trained_too(student: Path, tied: bool, trained: list[str]) -> None:
    """Else the student could read the tags and never write them."""
    model, _, new = grown(student, tied=tied)
    assert trained_rows(model, new) == {name: list(new) for name in trained}


def test_tags_that_are_there_are_not_added(student: Path) -> None:
    """A reasoning model has some of them; then only the others are new, and in the end none."""
    tokenizer = load_tokenizer(student)
    tokenizer.add_tokens(["<think>", "</think>"])
    assert [tokenizer.decode([token]) for token in add_tags(tokenizer)] == ["<answer>", "</answer>"]
    assert add_tags(tokenizer) == {}
