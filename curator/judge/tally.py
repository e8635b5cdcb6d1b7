"""What a judge model was asked in one command, what it said, and what that cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.judge_reply import JudgeReply
from schemas.verdict import Judgement, Outcome, Reason

_NAMES: Mapping[Outcome, str] = {
    Outcome.ACCEPT: "accepted",
    Outcome.REJECT: "rejected",
    Outcome.ABSTAIN: "unsure",
    Outcome.ERROR: "failed",
}


@dataclass(slots=True)
class Tally:
    """Counters; verdicts may outnumber replies, for equal questions share one."""

    asked: int = 0
    """Replies that the model gave now."""
    known: int = 0
    """Replies that the store held."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Both of the replies given now."""
    estimated: bool = False
    """Whether some of these tokens were estimated, because the model's server sent no usage."""
    verdicts: Counter[str] = field(default_factory=Counter)
    """accepted, rejected, unsure, unreadable, failed → candidates."""
    last_failure: str = ""
    """Why the latest one failed."""

    @property
    def tokens(self) -> int:
        """What the replies cost, prompts included."""
        return self.prompt_tokens + self.completion_tokens

    def add_reply(self, reply: JudgeReply) -> None:
        """Count a reply that was asked for."""
        self.asked += 1
        self.prompt_tokens += reply.prompt_tokens or 0
        self.completion_tokens += reply.completion_tokens
        self.estimated |= reply.tokens_estimated

    def add_verdict(self, judgement: Judgement) -> None:
        """Count what came of one candidate."""
        unreadable = judgement.reason is Reason.JUDGE_UNREADABLE
        self.last_failure = judgement.detail if judgement.outcome is Outcome.ERROR else self.last_failure
        self.verdicts["unreadable" if unreadable else _NAMES[judgement.outcome]] += 1

    def line(self) -> str:
        """Say it in one line; empty where nothing was judged."""
        if not self.verdicts:
            return ""
        tokens = f"{'about ' * self.estimated}{self.tokens:,} tokens"
        known = f", {self.known:,} known from before" if self.known else ""
        said = ", ".join(f"{number:,} {name}" for name, number in sorted(self.verdicts.items()))
        failed = f"; the last failure: {self.last_failure}" if self.last_failure else ""
        return f"judge: {self.asked:,} asked{known}, {tokens}: {said}{failed}"

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {
            "asked": self.asked,
            "known": self.known,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "tokens_estimated": self.estimated,
            "verdicts": dict(sorted(self.verdicts.items())),
            "last_failure": self.last_failure,
        }
