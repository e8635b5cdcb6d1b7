"""One completion out of a chat reply: a whole body, or the events of a stream.

Servers put reasoning in `reasoning` (vLLM today), `reasoning_content` (vLLM before, DeepSeek), `thinking` (Ollama) or
inline in the content. Some send two of the fields with the same text, so of each piece only the first that holds text
is read; and one piece may carry reasoning and content at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from curator.teacher.base import Completion, TeacherError
from curator.teacher.faults import error_in_reply
from curator.teacher.sse import SSEParser
from curator.teacher.wording import FINISH_REASONS, REASONING_FIELDS, inline_field
from schemas.candidate import ReasoningField

if TYPE_CHECKING:
    from verifiers.watch import Doom, Watch


class Reply:
    """Gathers one completion piece by piece.

    Args:
        endpoint: Whose reply it is.
        watch: Makes what looks at a stream as it comes; None lets it end by itself.
    """

    __slots__ = (
        "_content",
        "_endpoint",
        "_events",
        "_field",
        "_finish",
        "_first_text_at",
        "_make_watch",
        "_parser",
        "_reasoning",
        "_started",
        "_usage",
        "_watch",
        "doom",
    )

    def __init__(self, endpoint: str, watch: Callable[[], Watch] | None = None) -> None:
        self._endpoint = endpoint
        self._make_watch = watch
        self._watch: Watch | None = None
        self._started = time.monotonic()
        self._first_text_at: float | None = None
        self._parser = SSEParser()
        self._content: list[str] = []
        self._reasoning: list[str] = []
        self._events = 0
        self._field: ReasoningField | None = None
        self._finish: str | None = None
        self._usage: object = None
        self.doom: Doom | None = None
        """Why nothing that may still come is worth waiting for; None while the stream may end well."""

    @property
    def finished(self) -> bool:
        """Whether the text is whole, though the usage may still be on its way."""
        return self._finish is not None

    def feed(self, data: bytes) -> None:
        """Take some bytes of a stream of events.

        Raises:
            TeacherError: An event is no chat completion (bad_reply), or the server reports an error in it.
        """
        texts = self._parser.feed_json(data)
        if not texts:
            return
        read, thought = len(self._content), len(self._reasoning)
        self.add(texts)
        if self._make_watch is not None and self._finish is None:
            self._watch = self._watch or self._make_watch()
            self._look(self._watch, "".join(self._reasoning[thought:]), "".join(self._content[read:]))

    def add(self, data: bytes) -> None:
        """Take JSON texts, comma between them: the data of events, or one whole body.

        Raises:
            TeacherError: One is no chat completion (bad_reply), or the server reports an error in it.
        """
        try:
            for body in orjson.loads(b"[%b]" % data):  # one call for many events costs half of many calls
                if error := body.get("error"):
                    raise error_in_reply(error, self._endpoint)
                for choice in body["choices"][:1]:
                    self._add_choice(choice)
                if usage := body.get("usage"):
                    self._usage = usage
        except (ValueError, LookupError, TypeError, AttributeError) as err:
            raise self._bad("sent something that is not a chat completion") from err

    def completion(self) -> Completion:
        """Make the completion once everything was added, or the stream was lost.

        Raises:
            TeacherError: The reply ended before its finish_reason came, or held no choice (bad_reply).
        """
        if self._finish is None and self.doom is None:
            raise self._bad("ended its reply without a finish_reason")
        now = time.monotonic()
        content, reasoning = "".join(self._content), "".join(self._reasoning)
        finish = FINISH_REASONS.get(self._finish or "", "aborted")
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
            abort_reason=self.doom.abort_reason if self.doom else self._finish if finish == "aborted" else None,
        )

    def _look(self, watch: Watch, reasoning: str, content: str) -> None:
        """Show the watch what is new: its text, and how many tokens there are at least."""
        count = self._tokens("completion_tokens")
        self.doom = (
            (watch.feed(reasoning, reasoning=True) if reasoning else None)
            or (watch.feed(content) if content else None)
            or watch.tokens(self._events if count is None else count)
        )

    def _add_choice(self, choice: Mapping[str, Any]) -> None:
        delta = choice.get("delta")
        piece: Mapping[str, Any] = (choice.get("message") or {}) if delta is None else delta
        if text := piece.get("content"):
            self._content.append(_text(text))
        if thought := piece.get("reasoning") or piece.get("reasoning_content") or piece.get("thinking"):
            self._reasoning.append(_text(thought))
            self._field = self._field or next(name for name in REASONING_FIELDS if piece.get(name))
        if delta is not None and (text or thought):
            self._events += 1
            if self._first_text_at is None:
                self._first_text_at = time.monotonic()
        if finish := choice.get("finish_reason"):
            self._finish = finish

    def _tokens(self, name: str) -> int | None:
        count = self._usage.get(name) if isinstance(self._usage, dict) else None
        return count if isinstance(count, int) else None

    def _bad(self, what: str) -> TeacherError:
        return TeacherError(f"{self._endpoint} {what}", reason="bad_reply")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
