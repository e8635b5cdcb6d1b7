"""One running request of the local engine: which token comes next, and when its text ends."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from schemas.candidate import SamplingParameters

_LIKELY = 128
"""Tokens looked at first; they nearly always hold all of top_p, and a full sort costs 4 ms a token."""


def choose(logits: Tensor, temperature: float, top_p: float, chance: random.Random) -> int:
    """Draw from the smallest set of likeliest tokens that holds `top_p`; temperature 0 takes the likeliest.

    Args:
        logits: [vocabulary], float32.
        temperature: Divides the logits.
        top_p: Share of the probability to keep, 0 to 1.
        chance: The request's own generator: one number is drawn per token, whatever the other rows do.
    """
    if temperature == 0:
        return int(logits.argmax())
    chances = (logits / temperature).softmax(-1)
    likeliest, tokens = chances.topk(min(_LIKELY, chances.numel()))
    if likeliest.sum() < top_p:
        likeliest, tokens = chances.sort(descending=True)
    sums = likeliest.double().cumsum(-1)
    sums = sums[: int((sums < top_p).sum()) + 1]
    drawn = int(torch.searchsorted(sums, chance.random() * sums[-1]))
    return int(tokens[min(drawn, len(sums) - 1)])


@dataclass(slots=True)
class Row:
    """One request while it is being answered."""

    id: int
    sampling: SamplingParameters
    seed: int
    prompt_tokens: int
    most_tokens: int
    """The request's max_tokens, or what the model's context leaves."""
    started: float
    first: float | None = None
    """Clock time of the first token."""
    tokens: list[int] = field(default_factory=list)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - sampling, not secrets

    def take(self, logits: Tensor) -> None:
        """Append the next token."""
        self.tokens.append(choose(logits, self.sampling.temperature, self.sampling.top_p, self.chance))
        self.first = self.first or time.monotonic()

    def ended(self, end_tokens: set[int], decode: Callable[[Sequence[int]], str]) -> tuple[str, str] | None:
        """Return text and finish reason once the last token ended the completion, else None."""
        if self.tokens[-1] in end_tokens:
            return decode(self.tokens), "stop"
        if self.sampling.stop:
            reach = 1 + max(len(stop.encode()) for stop in self.sampling.stop)
            recent = decode(self.tokens[-reach:])
            if any(stop in recent for stop in self.sampling.stop):
                text = decode(self.tokens)
                ends = [at + len(stop) for stop in self.sampling.stop if (at := text.find(stop)) >= 0]
                if ends:
                    return text[: min(ends)], "stop"
        if len(self.tokens) >= self.most_tokens:
            return decode(self.tokens), "length"
        return None
