"""What servers and datasets call the parts of a completion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from schemas.candidate import FinishReason, ReasoningField
from schemas.trace import THINK_CLOSE, THINK_OPEN

REASONING_FIELDS: tuple[Literal["reasoning", "reasoning_content", "thinking"], ...] = (
    "reasoning",
    "reasoning_content",
    "thinking",
)
FINISH_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "tool_calls": "stop",  # the model ended by itself; no tools were offered
    "function_call": "stop",
    "length": "length",
    "max_tokens": "length",
}
"""What servers say, in our words; whatever else they say means that they cut the completion."""


def inline_field(content: str) -> ReasoningField:
    """Say where the reasoning is when no field held any."""
    return "inline" if THINK_OPEN in content or THINK_CLOSE in content else "none"
