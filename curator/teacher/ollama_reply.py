"""One completion out of Ollama's chat reply: lines of JSON as they come, or one JSON text.

Every line holds a piece of `message.thinking` or `message.content`; the last one has `done: true`, a `done_reason` and
the token counts. An error in the middle is a line of its own, `{"error": "…"}`, under a status that said success.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import orjson

from curator.teacher.base import Completion, TeacherError
from curator.teacher.faults import error_in_reply
from curator.teacher.wording import FINISH_REASONS, inline_field

if TYPE_CHECKING:
    from verifiers.watch import Doom, Watch

_NOT_ASKED = frozenset({"load", "unload"})
"""What the server says when it only moved the model and wrote nothing."""


class OllamaReply:
    """Gathers one completion out of bytes, however the network cut them.

    Args:
        endpoint: Whose reply it is.
        watch: Looks at a stream as it comes; None lets it end by itself.
    """

    __slots__ = (
        "_content",
        "_counts",
        "_endpoint",
        "_finish",
        "_first_text_at",
        "_pieces",
        "_started",
        "_thinking",
        "_watch",
        "doom",
    )

    def __init__(self, endpoint: str, watch: Watch | None = None) -> None:
        self._endpoint = endpoint
        self._watch = watch
        self._started = time.monotonic()
        self._first_text_at: float | None = None
        self._pieces: list[bytes] = []
        self._content: list[str] = []
        self._thinking: list[str] = []
        self._counts: dict[str, Any] = {}
        self._finish: str | None = None
        self.doom: Doom | None = None
        """Why nothing that may still come is worth waiting for; None while the stream may end well."""

    @property
    def finished(self) -> bool:
        """Whether the last line came."""
        return self._finish is not None

    def feed(self, data: bytes) -> None:
        """Take some bytes of the body.

        Raises:
            TeacherError: A line is no chat reply (bad_reply), or the server reports an error in it.
        """
        self._pieces.append(data)
        if b"\n" not in data:
            return  # no line ends here: keep long lines linear
        *lines, rest = b"".join(self._pieces).split(b"\n")
        self._pieces = [rest]
        thought, said = len(self._thinking), len(self._content)
        for line in lines:
            self._add(line)
        if self._watch is not None and self._finish is None:
            self._look(self._watch, "".join(self._thinking[thought:]), "".join(self._content[said:]))

    def completion(self) -> Completion:
        """Make the completion once the body ended, or was lost; a plain body need not end with a line break.

        Raises:
            TeacherError: The last line never came (bad_reply), or the server only loaded the model (server_error).
        """
        if self.doom is None:
            self._add(b"".join(self._pieces))
            if self._finish is None:
                raise self._bad("ended its reply before it was done")
        if self._finish in _NOT_ASKED:
            raise TeacherError(f"{self._endpoint} loaded the model and wrote nothing", reason="server_error")
        now = time.monotonic()
        content, thinking = "".join(self._content), "".join(self._thinking)
        finish = FINISH_REASONS.get(self._finish or "", "aborted")
        return Completion(
            reasoning=thinking or None,
            content=content,
            reasoning_field="thinking" if thinking else inline_field(content),
            finish_reason=finish,
            prompt_tokens=self._tokens("prompt_eval_count"),
            completion_tokens=self._tokens("eval_count"),
            elapsed_s=now - self._started,
            ttft_s=None if self._first_text_at is None else self._first_text_at - self._started,
            endpoint=self._endpoint,
            abort_reason=self.doom.abort_reason if self.doom else self._finish if finish == "aborted" else None,
        )

    def _look(self, watch: Watch, thinking: str, content: str) -> None:
        """Show the watch what is new; every piece is a token at least."""
        self.doom = (
            (watch.feed(thinking, reasoning=True) if thinking else None)
            or (watch.feed(content) if content else None)
            or watch.tokens(len(self._thinking) + len(self._content))
        )

    def _add(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            body = orjson.loads(line)
            if error := body.get("error"):
                raise error_in_reply({"message": error, "code": body.get("status")}, self._endpoint)
            self._add_message(body["message"], last=bool(body["done"]))
            if body["done"]:
                self._finish = _text(body["done_reason"])
                self._counts = body
        except (ValueError, LookupError, TypeError, AttributeError) as err:
            raise self._bad("sent something that is not Ollama's chat reply") from err

    def _add_message(self, message: dict[str, Any], *, last: bool) -> None:
        for text, kept in ((message.get("thinking"), self._thinking), (message.get("content"), self._content)):
            if text:
                kept.append(_text(text))
                if self._first_text_at is None and not last:
                    self._first_text_at = time.monotonic()

    def _tokens(self, name: str) -> int | None:
        """Return a count; None when the server left it out, as it does for a prompt that it still knew."""
        count = self._counts.get(name)
        return count if isinstance(count, int) else None

    def _bad(self, what: str) -> TeacherError:
        return TeacherError(f"{self._endpoint} {what}", reason="bad_reply")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
