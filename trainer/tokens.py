"""Tokens of their own for `<think>`, `</think>`, `<answer>` and `</answer>`.

They are ordinary tokens, not special ones: servers leave special tokens out of what they return, so that
`<answer>4</answer>` would come back as `4`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch

from schemas.trace import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, THINK_OPEN

TAGS = (THINK_OPEN, THINK_CLOSE, ANSWER_OPEN, ANSWER_CLOSE)


def add_tags(tokenizer: Any) -> dict[int, list[int]]:
    """Add the tags that the tokenizer lacks; return their ids, each with the tokens it was written in so far."""
    known = tokenizer.get_vocab()
    written = {tag: tokenizer(tag, add_special_tokens=False)["input_ids"] for tag in TAGS if tag not in known}
    tokenizer.add_tokens(list(written), special_tokens=False)
    return {tokenizer.convert_tokens_to_ids(tag): list(pieces) for tag, pieces in written.items()}


def grow(model: Any, tokenizer: Any) -> None:
    """Make room for the tokenizer's tokens; models often have more rows than their tokenizer has tokens."""
    if len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)


def begin_as_written(model: Any, new: Mapping[int, Sequence[int]]) -> None:
    """Let each new token start from the mean of the tokens it was written in, in the input and in the head.

    From one mean for all, the tags are each other's equals, and a short training does not tell them apart: of 24
    traces by such a student 15 closed a tag that they had not opened.
    """
    for matrix in _matrices(model):
        with torch.no_grad():
            for token, pieces in new.items():
                matrix[token] = matrix[list(pieces)].mean(dim=0)


def trained_rows(model: Any, new: Iterable[int]) -> dict[str, list[int]]:
    """Say which rows of which matrices are to be trained, as peft's `trainable_token_indices`."""
    wanted = {id(matrix) for matrix in _matrices(model)}
    named = ((name, getattr(module, "weight", None)) for name, module in model.named_modules())
    found: dict[int, str] = {}
    for name, weight in named:
        if id(weight) in wanted:
            found.setdefault(id(weight), name.rpartition(".")[2])
    return {name: list(new) for name in found.values()}


def _matrices(model: Any) -> list[Any]:
    """Return the embeddings, and the head's matrix where it is another one."""
    first, last = model.get_input_embeddings().weight, model.get_output_embeddings().weight
    return [first] if first is last else [first, last]
