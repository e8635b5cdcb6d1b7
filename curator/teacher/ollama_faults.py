"""What an Ollama server's refusals mean, and what to type next."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from difflib import get_close_matches
from http import HTTPStatus

from curator.errors import CuratorError
from curator.teacher.base import TeacherError
from curator.teacher.faults import status_fault, transport_fault
from curator.teacher.transport import Refusal

MAX_NAMED = 8


@dataclass(frozen=True, slots=True)
class OllamaFaults:
    """Explains the faults of one server, asked for one model."""

    endpoint: str
    model: str
    url_given: bool
    """Whether the user named the server, so that `ollama pull` has to be told of it too."""

    @property
    def pull(self) -> str:
        """The command that gets the model."""
        return f"{f'OLLAMA_HOST={self.endpoint} ' if self.url_given else ''}ollama pull {shlex.quote(self.model)}"

    def missing(self, names: list[str]) -> CuratorError:
        """Say that the server has no such model: how to get it, and which similar ones are there."""
        tagged = ":" in self.model.rpartition("/")[2]
        meaning = "" if tagged else f", which means {self.model + ':latest'!r}"
        near = get_close_matches(self.model, names, n=MAX_NAMED, cutoff=0.0)
        more = f" and {len(names) - len(near)} more" if len(names) > len(near) else ""
        has = f"it has: {', '.join(near)}{more}" if near else "it has no model yet"
        what = f"{self.endpoint} has no model {self.model!r}{meaning}"
        return CuratorError(what, hint=f"get it with: {self.pull}; {has}")

    def embeds(self) -> CuratorError:
        """Say that the model cannot write."""
        return CuratorError(
            f"the model {self.model!r} only makes embeddings", hint="name a model that chats; see: ollama list"
        )

    def foreign(self) -> CuratorError:
        """Say that something else answers there."""
        return CuratorError(
            f"{self.endpoint} is no Ollama server",
            hint=f"correct the URL; of an OpenAI-compatible server write openai:{self.model}@{self.endpoint}/v1",
        )

    def refusal(self, refused: Refusal, context: int | None = None) -> TeacherError:
        """Explain a status other than 2xx; `context` is what was asked for, in tokens."""
        fault = status_fault(refused, self.endpoint, None)
        words = fault.message.lower()
        if refused.status == HTTPStatus.NOT_FOUND:
            fault.hint = f"get the model with: {self.pull}"
        elif refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
            fault.reason, fault.hint = "rate_limited", "its queue is full: ask for less at once with --concurrency"
        elif context and "exceed" in words and "context" in words:
            fault.reason = "refused"
            fault.hint = f"the prompt does not fit into {context:,} tokens; a larger --max-tokens widens the context"
        elif context and refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR and "memory" in words:
            fault.reason = "refused" if "requires more system memory" in words else fault.reason
            fault.hint = f"a context of {context:,} tokens was asked for: lower --max-tokens, or take a smaller model"
        return fault

    def unreachable(self, err: BaseException) -> TeacherError:
        """Explain a connection that failed or broke."""
        fault = transport_fault(err, self.endpoint)
        fault.hint = fault.hint.replace("start the server", "start it with: ollama serve")
        return fault

    def silent(self, seconds: float) -> TeacherError:
        """Say that nothing came."""
        return TeacherError(f"{self.endpoint} sent nothing for {seconds:g} s", reason="stalled")

    def web_page(self) -> TeacherError:
        """Say that a portal or proxy answered."""
        return TeacherError(
            f"{self.endpoint} answered with a web page", reason="bad_reply", hint="check the path of the URL"
        )
