"""The batch of the local engine: requests join it and leave it between two tokens."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import jinja2

from curator.teacher.local.attention import BatchCache
from curator.teacher.local.model import LocalModel
from curator.teacher.local.sampling import Row
from schemas.candidate import SamplingParameters

Message = dict[str, Any]
"""One line of the protocol in `local.engine`."""


class Batch:
    """Running and waiting requests; row i of the cache is the i-th running one."""

    def __init__(self, model: LocalModel, max_batch: int) -> None:
        self._model = model
        self._max_batch = max_batch
        self._waiting: deque[Message] = deque()
        self._rows: list[Row] = []
        self._cache = BatchCache(max_batch)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do until another message comes."""
        return not self._rows and not self._waiting

    def take(self, message: Message) -> None:
        """Queue a request, or give a cancelled one's row back at once."""
        if "cancel" not in message:
            self._waiting.append(message | {"received": time.monotonic()})
            return
        gone = message["cancel"]
        self._waiting = deque(request for request in self._waiting if request["id"] != gone)
        for index, row in enumerate(self._rows):
            if row.id == gone:
                self._drop(index)
                return

    def step(self) -> list[Message]:
        """Let waiting requests in and add one token to every row; return what is finished."""
        replies = []
        while self._waiting and len(self._rows) < self._max_batch:
            reply = self._admit(self._waiting.popleft())
            if reply is not None:
                replies.append(reply)
        if not self._rows:
            return replies
        logits = self._model.next_logits([row.tokens[-1] for row in self._rows], self._cache)
        for row, following in zip(self._rows, logits, strict=True):
            row.take(following)
        for index in reversed(range(len(self._rows))):
            reply = self._finished(self._rows[index])
            if reply is not None:
                replies.append(reply)
                self._drop(index)
        return replies

    def _admit(self, request: Message) -> Message | None:
        """Read a prompt and draw its first token; return a reply when that already settles the request."""
        try:
            tokens, shared = self._model.encode(request["messages"])
        except (ValueError, jinja2.TemplateError) as fault:
            return {"id": request["id"], "refused": f"the model's chat template refuses the messages: {fault}"}
        room = self._model.context - len(tokens)
        if room < 1:
            most = self._model.context
            return {"id": request["id"], "refused": f"the prompt has {len(tokens)} tokens, the model reads {most}"}
        sampling = SamplingParameters(**request["sampling"])
        row = Row(
            id=request["id"],
            sampling=sampling,
            seed=request["seed"],
            prompt_tokens=len(tokens),
            most_tokens=min(sampling.max_tokens, room),
            started=request["received"],
        )
        prompt, logits = self._model.read_prompt(tokens, shared)
        row.take(logits)
        reply = self._finished(row)
        if reply is None:
            self._cache.add(prompt)
            self._rows.append(row)
        return reply

    def _finished(self, row: Row) -> Message | None:
        ended = row.ended(self._model.end_tokens, self._model.decode)
        if ended is None:
            return None
        text, reason = ended
        return {
            "id": row.id,
            "content": text,
            "finish_reason": reason,
            "prompt_tokens": row.prompt_tokens,
            "completion_tokens": len(row.tokens),
            "elapsed_s": time.monotonic() - row.started,
            "ttft_s": None if row.first is None else row.first - row.started,
        }

    def _drop(self, index: int) -> None:
        """Give a row back; as in the cache, the last row takes its place."""
        self._cache.drop(index)
        self._rows[index] = self._rows[-1]
        self._rows.pop()
