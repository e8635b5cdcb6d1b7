"""A run, the candidates it brings, and the requests that failed for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal, TypedDict

from schemas.identity import content_hash, content_hashes

FinishReason = Literal["stop", "length", "aborted"]
ReasoningField = Literal["inline", "reasoning", "reasoning_content", "thinking", "none"]
"""Where the teacher put its reasoning; `inline` is `<think>` in the content, `none` is nowhere."""
Purpose = Literal["curation", "evaluation"]
"""What a run is for; what a student says in an evaluation never becomes training data, nor counts as a teacher's."""


class Message(TypedDict):
    """One chat turn as it is sent to the teacher."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class SamplingParameters:
    """What shapes a completion besides its messages; part of every candidate's identity."""

    temperature: float = 0.6
    top_p: float = 0.95
    max_tokens: int = 32_768
    """Most completion tokens, reasoning included."""
    stop: tuple[str, ...] = ()
    """Texts that end a completion and stay in it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One configuration under one name; asking again under that name resumes it."""

    id: str
    """The run's name; by default the hash of its configuration."""
    teacher: str
    """Teacher kind: openai, local, scripted, …, or `import` for traces made elsewhere."""
    model: str
    sampling: SamplingParameters | None
    """None for imported traces."""
    template: str
    """Hash of the prompt templates that made the messages."""
    created_at: datetime
    purpose: Purpose = "curation"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One completion of one problem, exactly as the teacher sent it."""

    id: str
    run_id: str
    problem_id: str
    sample_index: int
    reasoning: str | None
    """Text of the teacher's separate reasoning field; None when it sent no such field."""
    content: str
    reasoning_field: ReasoningField
    finish_reason: FinishReason
    model: str
    abort_reason: str | None = None
    """Why the stream was cut; None unless `finish_reason` is `aborted`."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    tokens_estimated: bool = False
    """Whether `completion_tokens` was estimated from the text because the teacher sent no usage."""
    prompt_tokens_estimated: bool = False
    """The same of `prompt_tokens`, which are None only where nobody knows what was asked: in imported traces."""
    endpoint: str | None = None
    """URL without user and query; None where there is none."""
    seed: int | None = None
    elapsed_s: float | None = None
    """Seconds from sending the request to its last byte."""
    ttft_s: float | None = None
    """Seconds to the first token."""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that failed for good in this run; its candidate is owed again next time."""

    candidate_id: str
    run_id: str
    problem_id: str
    sample_index: int
    reason: str
    """Kind of the last failure: unreachable, stalled, server_error, refused, …"""
    tries: int
    last_error: str
    created_at: datetime


def sampled_id(
    run: str, messages: Sequence[Message], model: str, sampling: SamplingParameters, sample_index: int
) -> str:
    """Name a sampled candidate.

    Independent of n, URL, concurrency, gold and tests, so that a candidate is the same one after a crash,
    a reordering, a larger n or a corrected gold.
    """
    return content_hash(["sample", run, list(messages), model, asdict(sampling), sample_index])


def sampled_ids(
    run: str, messages: Sequence[Message], model: str, sampling: SamplingParameters
) -> Callable[[int], str]:
    """Return what names the sampled candidates of one problem, as `sampled_id` does, by their sample index."""
    return content_hashes(["sample", run, list(messages), model, asdict(sampling)])


def imported_id(run: str, problem_hash: str, reasoning: str | None, content: str, occurrence: int) -> str:
    """Name an imported candidate; `occurrence` counts equal texts of one problem from 0.

    Unlike a sampled one's, its name holds the gold: rows of one prompt with several golds are several problems.
    """
    return content_hash(["import", run, problem_hash, reasoning, content, occurrence])


def seed_of(candidate_id: str) -> int:
    """Derive a teacher seed (31 bits) from a candidate id: distinct per sample, the same on every resume."""
    return int(candidate_id.rpartition(":")[2][:8], 16) & 0x7FFF_FFFF
