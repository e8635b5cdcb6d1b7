"""What the sampler needs of a teacher, and how a teacher says that it failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from curator.errors import CuratorError
from schemas.candidate import FinishReason, Message, ReasoningField, SamplingParameters

if TYPE_CHECKING:
    from verifiers.watch import Watch

FailureReason = Literal[
    "unreachable", "stalled", "rate_limited", "server_error", "bad_reply", "refused", "unauthorized", "ended"
]
RETRYABLE: frozenset[FailureReason] = frozenset({"unreachable", "stalled", "rate_limited", "server_error", "bad_reply"})
"""Failures that another try may mend."""
FATAL: frozenset[FailureReason] = frozenset({"unauthorized", "ended"})
"""Failures that every further request would share; `ended` is a server that we started and that is gone."""


@dataclass(frozen=True, slots=True)
class Request:
    """One completion to ask for."""

    messages: Sequence[Message]
    sampling: SamplingParameters
    seed: int
    watch: Callable[[], Watch] | None = None
    """Makes what tells a lost stream, anew for every try; None lets every stream end by itself."""
    tries: int = 0
    """How often it was sent before; what comes back goes before what is new."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion as the teacher sent it; see `schemas.candidate.Candidate` for the fields."""

    reasoning: str | None
    content: str
    reasoning_field: ReasoningField
    finish_reason: FinishReason
    prompt_tokens: int | None
    completion_tokens: int | None
    elapsed_s: float
    ttft_s: float | None
    endpoint: str | None
    abort_reason: str | None = None
    """Why the completion was cut: by us, `cut_loop: what was seen`; by the teacher, in its words. None unless
    `finish_reason` is `aborted`."""


class TeacherError(CuratorError):
    """One request failed.

    Args:
        reason: What kind of failure this is; decides whether it is tried again.
        retry_after: Seconds the teacher asked us to wait; None when it did not say.
    """

    tries: int = 1
    """Requests that were sent before giving up."""
    failing: float = 0.0
    """How far bad luck explains it: the share of the latest tries at this endpoint that failed, this one included; 1
    for a refusal, which is no fault of the request; 0 where nobody counts."""
    hopeless: bool = False
    """Whether no endpoint has answered anything for so long that waiting is over."""

    def __init__(
        self, message: str, *, reason: FailureReason, hint: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.reason in RETRYABLE and not self.hopeless


class Teacher(Protocol):
    """A source of completions. `complete` may be called many times at once, on one event loop."""

    kind: str
    model: str

    async def check(self) -> None:
        """Fail early, in plain words, when no request can succeed.

        Raises:
            CuratorError: unreachable, unauthorized, or the model is not served.
        """
        ...

    async def complete(self, request: Request) -> Completion:
        """Ask once; cancelling the call stops the teacher's work.

        Raises:
            TeacherError: the request failed.
        """
        ...

    async def aclose(self) -> None:
        """Release connections and processes."""
        ...
