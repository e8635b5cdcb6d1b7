"""What a judge model answered to one question; kept, so that nothing is asked twice and its cost is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.candidate import FinishReason


@dataclass(frozen=True, slots=True)
class JudgeReply:
    """One append-only row."""

    id: str
    """Hash of all that shapes the reply: messages, model, sampling parameters."""
    candidate_id: str
    """The candidate that was asked about first; others with the same text share the reply."""
    model: str
    reply: str
    """Exactly as sent, reasoning left out."""
    finish_reason: FinishReason
    prompt_tokens: int | None
    completion_tokens: int
    tokens_estimated: bool
    elapsed_s: float
    created_at: datetime
