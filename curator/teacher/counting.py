"""Tokens of one request: by the server's count, else estimated from the text and marked so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from curator.teacher.base import Completion
from schemas.candidate import Message
from schemas.tokens import estimate_tokens


class Counted(NamedTuple):
    """Tokens of a prompt and of what came of it."""

    prompt: int
    completion: int
    prompt_estimated: bool
    completion_estimated: bool


def count_tokens(messages: Sequence[Message], completion: Completion) -> Counted:
    """Count a request's tokens; servers leave counts out when a stream is cut, or a prompt was cached.

    Not covered: what a chat template adds to the messages, when the prompt is estimated.
    """
    asked, said = completion.prompt_tokens, completion.completion_tokens
    text = (completion.reasoning or "") + completion.content
    return Counted(
        prompt=sum(estimate_tokens(turn["content"]) for turn in messages) if asked is None else asked,
        completion=estimate_tokens(text) if said is None else said,
        prompt_estimated=asked is None,
        completion_estimated=said is None,
    )
