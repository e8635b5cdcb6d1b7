"""Tokens of their own for `<think>`, `</think>`, `<answer>` and `</answer>`.

They are ordinary tokens, not special ones: servers leave special tokens out of what they return, so that
`<answer>4</answer>` would come back as `4`.
"""

from __future__ import annotations

from typing import Any

import torch

from schemas.trace import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, THINK_OPEN

TAGS = (THINK_OPEN, THINK_CLOSE, ANSWER_OPEN, ANSWER_CLOSE)


def add_tags(tokenizer: Any) -> list[int]:
    """Add the tags that the tokenizer lacks; return their ids."""
    known = tokenizer.get_vocab()
    new = [tag for tag in TAGS if tag not in known]
    tokenizer.add_tokens(new, special_tokens=False)
    return [tokenizer.convert_tokens_to_ids(tag) for tag in new]


def grow(model: Any, tokenizer: Any) -> None:
    """Make room for the tokenizer's tokens; models often have more rows than their tokenizer has tokens."""
    if len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)


def begin_at_mean(model: Any, new: list[int]) -> None:
    """Let new tokens start from the mean of the older ones, in the input and in the head."""
    for matrix in _matrices(model):
        with torch.no_grad():
            matrix[new] = matrix[: min(new)].mean(dim=0)


def trained_rows(model: Any, new: list[int]) -> dict[str, list[int]]:
    """Say which rows of which matrices are to be trained, as peft's `trainable_token_indices`."""
    wanted = {id(matrix) for matrix in _matrices(model)}
    named = ((name, getattr(module, "weight", None)) for name, module in model.named_modules())
    found: dict[int, str] = {}
    for name, weight in named:
        if id(weight) in wanted:
            found.setdefault(id(weight), name.rpartition(".")[2])
    return dict.fromkeys(found.values(), new)


def _matrices(model: Any) -> list[Any]:
    """Return the embeddings, and the head's matrix where it is another one."""
    first, last = model.get_input_embeddings().weight, model.get_output_embeddings().weight
    return [first] if first is last else [first, last]
