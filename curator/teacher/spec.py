"""Teacher SPECs: `vllm:MODEL[@URL]`, `ollama:MODEL[@URL]`, `openai:MODEL@URL`, `local[:PATH]`, `scripted:FILE`.

The kind ends at the first colon and the URL begins at the last `@http://` or `@https://`, so models may hold both
signs (`qwen3:8b`, `org/model@rev`). A URL may carry `user:password@` and a query; neither is ever shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from curator.errors import UsageError

TeacherKind = Literal["openai", "vllm", "ollama", "local", "scripted"]
KINDS: tuple[TeacherKind, ...] = get_args(TeacherKind)

EXAMPLES = (
    "write vllm:MODEL, vllm:MODEL@http://HOST:PORT, ollama:MODEL, ollama:MODEL@http://HOST:PORT, "
    "openai:MODEL@http://HOST:PORT/v1, local, local:FOLDER or scripted:FILE"
)
VLLM_COMMAND = "vllm serve {model} --host 127.0.0.1 --port {port}"
VLLM_START_TIMEOUT_S = 1800.0
"""Large models are downloaded, loaded and compiled first."""
_URL = re.compile(r"@(?=https?://)")
_COMPLETIONS = "/chat/completions"


@dataclass(frozen=True, slots=True)
class TeacherSpec:
    """One teacher as the user named it."""

    kind: TeacherKind
    model: str | None = None
    """Model name as the server lists it; None for `local` and `scripted`."""
    url: str | None = field(default=None, repr=False)
    """Base URL as typed, secrets included; show `endpoint` instead."""
    path: Path | None = None
    """Folder, file or OWNER/NAME of `local`, file of `scripted`; None takes the default model of `local`."""

    @property
    def endpoint(self) -> str | None:
        """The URL without user, password and query; None where there is no URL."""
        return None if self.url is None else public_url(self.url)

    def __str__(self) -> str:
        """Write the SPEC as typed, less the secrets."""
        rest = self.path if self.model is None else self.model + (f"@{self.endpoint}" if self.url else "")
        return self.kind if rest is None else f"{self.kind}:{rest}"


def _silence(text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class TeacherOptions:
    """How to ask a teacher behind a server; the embedded and scripted ones need none of it. Times in seconds."""

    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable that holds the key; when it is unset, no key is sent."""
    stream: bool = True
    """Whether to ask for streams; a server that refuses them gets plain requests from then on."""
    stall_timeout_s: float = 120.0
    """Longest silence after the first byte."""
    first_byte_timeout_s: float = 600.0
    """Longest wait for the first byte of a stream: queueing and prefill."""
    reply_timeout_s: float = 3600.0
    """Longest wait for a plain reply, whose every token precedes its first byte."""
    vllm_command: str = VLLM_COMMAND
    """Starts a server, for `vllm` without URL; `{model}` and `{port}` are filled in."""
    vllm_start_timeout_s: float = VLLM_START_TIMEOUT_S
    """Longest wait until a server that was started serves its model."""
    tell: Callable[[str], None] = _silence
    """Takes lines that the user should read: a server is being started, an endpoint is left out."""


def parse_spec(text: str) -> TeacherSpec:
    """Read a SPEC.

    Raises:
        UsageError: Unknown kind, missing model, or a URL that is missing or malformed.
    """
    kind, colon, rest = text.strip().partition(":")
    if kind not in KINDS:
        raise UsageError(f"unknown teacher kind {kind.partition('@')[0]!r}", hint=EXAMPLES)
    if colon and not rest:
        raise UsageError(f"nothing follows the colon of the teacher {kind + ':'!r}", hint=EXAMPLES)
    if kind == "local":
        return TeacherSpec(kind, path=Path(rest).expanduser() if rest else None)
    if kind == "scripted":
        if not rest:
            raise UsageError("the teacher 'scripted' names no file", hint="write scripted:FILE")
        return TeacherSpec(kind, path=Path(rest).expanduser())
    return _served(kind, rest)


def parse_specs(texts: Sequence[str]) -> list[TeacherSpec]:
    """Read the SPECs of one run's teachers: endpoints of one model that share its load.

    Raises:
        UsageError: One is no SPEC, or they do not go together.
    """
    specs = [parse_spec(text) for text in texts]
    for at, spec in enumerate(specs):
        for earlier in specs[:at]:
            _refuse_mixture(earlier, spec)
    return specs


def _refuse_mixture(first: TeacherSpec, other: TeacherSpec) -> None:
    both = f"the teachers {first} and {other}"
    for spec in (first, other):
        if spec.model is None:
            raise UsageError(f"{both} cannot share a run", hint=f"{spec.kind} works alone: name one teacher")
    if first.model != other.model:
        raise UsageError(
            f"{both} are two models, {first.model!r} and {other.model!r}",
            hint="endpoints of one run serve one model; sample two models as two runs",
        )
    if first.kind != other.kind and "ollama" in (first.kind, other.kind):
        raise UsageError(f"{both} cannot share a run", hint="what Ollama serves under a name are weights of its own")
    if (first.endpoint or "").removesuffix("/v1") == (other.endpoint or "").removesuffix("/v1"):
        raise UsageError(f"{both} are one endpoint", hint="name each endpoint once")


def public_url(url: str) -> str:
    """Strip user, password, query and trailing slash from a URL, for records and messages."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


def _served(kind: TeacherKind, rest: str) -> TeacherSpec:
    """Read MODEL[@URL] of a teacher behind a server."""
    *models, url = _URL.split(rest) if _URL.search(rest) else [rest, ""]
    model = "@".join(models)
    if not model:
        raise UsageError(f"the teacher {kind!r} names no model", hint=EXAMPLES)
    if url:
        _check_url(url)
    elif kind == "openai":
        shown = f"openai:{model.partition('@')[0]}"  # what follows may be a password
        what = "has no URL that begins with http:// or https://" if "@" in model else "has no URL"
        raise UsageError(f"the teacher {shown!r} {what}", hint=f"write {shown}@http://HOST:PORT/v1")
    return TeacherSpec(kind, model, url or None)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", url)
    except ValueError:  # a port that is no number, a broken IPv6 address
        usable = False
    if not usable:
        raise UsageError("the teacher's URL has no usable host or port", hint="write …@http://HOST:PORT/v1")
    if parts.path.rstrip("/").endswith(_COMPLETIONS):
        raise UsageError(
            f"the teacher's URL ends in {_COMPLETIONS}", hint="give the base URL, such as http://HOST:PORT/v1"
        )
