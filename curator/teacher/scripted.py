"""The shipped fake: a teacher that answers from a JSONL file, for dry runs and tests.

Each row is `{"prompt": …, "replies": [reply, …]}`. A row answers when its prompt equals the last user message, else
when it occurs in it (the first such row in the file), else when it has no prompt. A reply is a text, or an object
with `content`, `reasoning`, `reasoning_field`, `finish_reason`, `tokens`, `delay_s`, `error` and `error_times`.

The reply is number `seed mod len(replies)`: it depends on nothing but the request, so neither order nor resuming
changes it. Only `error_times` counts asks, per request and process. A reply that a watch gives up is cut there, as if
it had been streamed; its `tokens` are then unknown.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from curator.errors import UsageError
from curator.teacher.base import Completion, FailureReason, Request, TeacherError
from curator.teacher.wording import inline_field
from schemas.candidate import FinishReason, ReasoningField
from schemas.identity import content_hash

if TYPE_CHECKING:
    from verifiers.watch import Watch

PIECE = 512
"""Characters after which a watched reply may be cut."""
EXAMPLE = '{"prompt": "2+3", "replies": ["<think>2+3=5</think><answer>5</answer>"]}'


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    content: str = ""
    reasoning: str | None = None
    reasoning_field: ReasoningField | None = None
    finish_reason: FinishReason = "stop"
    tokens: int | None = Field(default=None, ge=0)
    delay_s: float = Field(default=0.0, ge=0)
    error: FailureReason | None = None
    error_times: int | None = Field(default=None, ge=0)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str | None = None
    replies: list[str | _Reply] = Field(min_length=1)


class ScriptedTeacher:
    """Answers from a script.

    Args:
        path: The JSONL file.

    Raises:
        UsageError: The file cannot be read or is empty, or rows are faulty; each one is named with its line.
    """

    kind = "scripted"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = _read(path)
        self.model = "scripted-" + content_hash([row.model_dump() for row in self._rows])[3:9]
        """Names the script's content, so that an edited script is another run and never resumes the old one."""
        self._asks: Counter[tuple[str, int]] = Counter()

    async def check(self) -> None:
        """Accept: a script that could be read can answer."""

    async def complete(self, request: Request) -> Completion:
        """Answer one request.

        Raises:
            TeacherError: The script says so, or no row answers the prompt (refused).
        """
        started = time.monotonic()
        prompt = next((turn["content"] for turn in reversed(request.messages) if turn["role"] == "user"), "")
        replies = self._row(prompt).replies
        chosen = replies[request.seed % len(replies)]
        reply = _Reply(content=chosen) if isinstance(chosen, str) else chosen
        self._asks[prompt, request.seed] += 1
        await asyncio.sleep(reply.delay_s)
        if reply.error and (reply.error_times is None or self._asks[prompt, request.seed] <= reply.error_times):
            raise TeacherError(f"{self._path} says: {reply.error}", reason=reply.error)
        completion = _completion(reply, time.monotonic() - started)
        return completion if request.watch is None else _watched(completion, request.watch())

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _row(self, prompt: str) -> _Row:
        ranked = (
            [row for row in self._rows if row.prompt == prompt]
            or [row for row in self._rows if row.prompt is not None and row.prompt in prompt]
            or [row for row in self._rows if row.prompt is None]
        )
        if not ranked:
            raise TeacherError(
                f"{self._path} has no row for the prompt {prompt[:60]!r}",
                reason="refused",
                hint='add a row with that "prompt", or one without "prompt" that answers all others',
            )
        return ranked[0]


def _completion(reply: _Reply, elapsed_s: float) -> Completion:
    field = reply.reasoning_field or ("reasoning" if reply.reasoning else inline_field(reply.content))
    return Completion(
        reasoning=reply.reasoning,
        content=reply.content,
        reasoning_field=field,
        finish_reason=reply.finish_reason,
        prompt_tokens=None,
        completion_tokens=reply.tokens,
        elapsed_s=elapsed_s,
        ttft_s=None,
        endpoint=None,
    )


def _watched(whole: Completion, watch: Watch) -> Completion:
    """Feed a reply to the watch as a stream would be; give back what there was when it was lost, else all of it."""
    for text, in_reasoning in ((whole.reasoning or "", True), (whole.content, False)):
        for end in range(PIECE, len(text) + PIECE, PIECE):
            if doom := watch.feed(text[end - PIECE : end], reasoning=in_reasoning):
                cut = replace(whole, finish_reason="aborted", abort_reason=doom.abort_reason, completion_tokens=None)
                so_far = text[:end]
                return replace(cut, reasoning=so_far, content="") if in_reasoning else replace(cut, content=so_far)
    return whole


def _read(path: Path) -> list[_Row]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"cannot read the script {path}: {err}", hint=f"write rows like {EXAMPLE}") from err
    rows, faults = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            rows.append(_Row.model_validate_json(line))
        except ValidationError as err:
            first = err.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            faults.append(f"{path}:{number}: {where + ': ' if where else ''}{first['msg']}")
    if faults or not rows:
        raise UsageError("\n".join(faults) or f"the script {path} is empty", hint=f"write rows like {EXAMPLE}")
    return rows
