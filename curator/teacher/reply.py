"""One completion out of a chat reply: a whole body, or the events of a stream.

Servers put reasoning in `reasoning` (vLLM today), `reasoning_content` (vLLM before, DeepSeek), `thinking` (Ollama) or
inline in the content. Some send two of the fields with the same text, so of each piece only the first that holds text
is read; and one piece may carry reasoning and content at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson

from curator.teacher.base import Completion, TeacherError
from curator.teacher.faults import error_in_reply
from curator.teacher.wording import FINISH_REASONS, REASONING_FIELDS, inline_field
from schemas.candidate import ReasoningField


class Reply:
    """Gathers one completion piece by piece."""

    __slots__ = ("_content", "_endpoint", "_field", "_finish", "_first_text_at", "_reasoning", "_started", "_usage")

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._started = time.monotonic()
        self._first_text_at: float | None = None
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._field: ReasoningField | None = None
        self._finish: str | None = None
        self._usage: object = None

    @property
    def finished(self) -> bool:
        """Whether the text is whole, though the usage may still be on its way."""
        return self._finish is not None

    def add(self, data: bytes) -> None:
        """Take one JSON text: an event's data, or a whole body.

        Raises:
            TeacherError: It is no chat completion (bad_reply), or the server reports an error in it.
        """
        try:
            body = orjson.loads(data)
            if error := body.get("error"):
                raise error_in_reply(error, self._endpoint)
            for choice in body["choices"][:1]:
                self._add_choice(choice)
            self._usage = body.get("usage") or self._usage
        except (ValueError, LookupError, TypeError, AttributeError) as err:
            raise self._bad("sent something that is not a chat completion") from err

    def completion(self) -> Completion:
        """Make the completion once everything was added.

        Raises:
            TeacherError: The reply ended before its finish_reason came, or held no choice (bad_reply).
        """
        if self._finish is None:
            raise self._bad("ended its reply without a finish_reason")
        now = time.monotonic()
        try:
            content, reasoning = "".join(self._content), "".join(self._reasoning)
        except TypeError as err:
            raise self._bad("sent a text that is no text") from err
        finish = FINISH_REASONS.get(self._finish, "aborted")
        return Completion(
            reasoning=reasoning or None,
            content=content,
            reasoning_field=self._field or inline_field(content),
            finish_reason=finish,
            prompt_tokens=self._tokens("prompt_tokens"),
            completion_tokens=self._tokens("completion_tokens"),
            elapsed_s=now - self._started,
            ttft_s=None if self._first_text_at is None else self._first_text_at - self._started,
            endpoint=self._endpoint,
            abort_reason=self._finish if finish == "aborted" else None,
        )

    def _add_choice(self, choice: Mapping[str, Any]) -> None:
        delta = choice.get("delta")
        piece = (choice.get("message") or {}) if delta is None else delta
        text = piece.get("content")
        if text:
            self._content.append(text)
        for name in REASONING_FIELDS:
            if thought := piece.get(name):
                self._reasoning.append(thought)
                self._field = self._field or name
                break
        if self._first_text_at is None and delta is not None and (text or self._reasoning):
            self._first_text_at = time.monotonic()
        self._finish = choice.get("finish_reason") or self._finish

    def _tokens(self, name: str) -> int | None:
        count = self._usage.get(name) if isinstance(self._usage, dict) else None
        return count if isinstance(count, int) else None

    def _bad(self, what: str) -> TeacherError:
        return TeacherError(f"{self._endpoint} {what}", reason="bad_reply")
