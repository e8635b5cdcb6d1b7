"""One model, asked for one token per row at a time, with prompts remembered; runs inside the local engine only."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from curator.teacher.local.attention import Attend, BatchCache, Prompt
from schemas.candidate import Message

_PREFIXES_KEPT = 8
"""Prompt beginnings kept for reuse: about one per domain and language."""
_PROMPTS_KEPT = 32
"""Whole prompts kept for reuse: the samples of one problem come close together."""


class LocalModel:
    """A causal language model and its tokenizer, with prompts remembered."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model = model
        self._tokenizer = tokenizer
        ends = model.generation_config.eos_token_id
        self.end_tokens = {tokenizer.eos_token_id, *(ends if isinstance(ends, list) else [ends])} - {None}
        text = model.config.get_text_config()
        self.context = min(getattr(text, "sliding_window", None) or 2**31, text.max_position_embeddings)
        """Most tokens of prompt and completion together."""
        self._prefixes: OrderedDict[tuple[int, ...], Prompt] = OrderedDict()
        self._prompts: OrderedDict[tuple[int, ...], tuple[Prompt, Tensor]] = OrderedDict()

    def encode(self, messages: Sequence[Message]) -> tuple[list[int], int]:
        """Render a chat; return its tokens and how many of them come before the last turn.

        Raises:
            ValueError: the chat template refuses these messages.
        """
        tokens = self._render(messages, add_generation_prompt=True)
        # Only earlier turns are worth sharing, and templates may refuse a system turn without a user turn.
        before = self._render(messages[:-1], add_generation_prompt=False) if len(messages) > 2 else []
        equal = (one == other for one, other in zip(tokens[:-1], before, strict=False))
        return tokens, max(sum(itertools.takewhile(bool, equal)), 1)

    def decode(self, tokens: Sequence[int]) -> str:
        """Write tokens as text; special tokens stay visible, a final end token does not."""
        shown = tokens[:-1] if tokens and tokens[-1] in self.end_tokens else tokens
        return str(self._tokenizer.decode(shown, skip_special_tokens=False, clean_up_tokenization_spaces=False))

    def read_prompt(self, tokens: Sequence[int], shared: int) -> tuple[Prompt, Tensor]:
        """Read a prompt, or remember it; return it with the logits [vocabulary] of the token after it."""
        key = tuple(tokens)
        if key not in self._prompts:
            beginning = key[:shared]
            if beginning not in self._prefixes:
                _remember(self._prefixes, beginning, self._read(beginning, None)[0], _PREFIXES_KEPT)
            self._prefixes.move_to_end(beginning)
            _remember(self._prompts, key, self._read(key[shared:], self._prefixes[beginning]), _PROMPTS_KEPT)
        self._prompts.move_to_end(key)
        return self._prompts[key]

    def next_logits(self, tokens: Sequence[int], cache: BatchCache) -> Tensor:
        """Read one more token per row; return the logits [rows, vocabulary] of the tokens after them."""
        positions = cache.begin_step()
        return self._forward(torch.tensor(tokens)[:, None], positions, cache.attend)

    def _render(self, messages: Sequence[Message], *, add_generation_prompt: bool) -> list[int]:
        text = self._tokenizer.apply_chat_template(
            list(messages), tokenize=False, add_generation_prompt=add_generation_prompt
        )
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _read(self, tokens: Sequence[int], before: Prompt | None) -> tuple[Prompt, Tensor]:
        prompt = Prompt(before)
        start = before.length if before is not None else 0
        positions = torch.arange(start, start + len(tokens))[None]
        return prompt, self._forward(torch.tensor([tokens]), positions, prompt.attend)[0]

    @torch.inference_mode()
    def _forward(self, tokens: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        reply = self._model(tokens, position_ids=positions, use_cache=False, logits_to_keep=1, attend=attend)
        return reply.logits[:, -1]  # type: ignore[no-any-return]


def _remember(memory: OrderedDict[Any, Any], key: tuple[int, ...], value: object, most: int) -> None:
    memory[key] = value
    if len(memory) > most:
        memory.popitem(last=False)
