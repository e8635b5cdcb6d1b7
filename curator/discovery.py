"""Teachers that already run on this machine, found by asking the usual loopback ports for their models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import islice
from urllib.request import ProxyHandler, Request, build_opener

from curator.errors import UsageError
from curator.teacher.ollama_host import default_url
from curator.teacher.ollama_models import read_card

PORTS = (8000, 8080, 11434, 1234, 30000, 18090)
"""vLLM and many others, llama.cpp, Ollama, LM Studio, SGLang, and a second vLLM."""
TIMEOUT_S = 0.5
MAX_MODELS = 3
MAX_ASKED = 12
"""Models of one Ollama server that are looked at for those that chat."""
MAX_BYTES = 1_000_000
_NO_TEACHER = (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError)
"""What anything else that listens makes of our questions."""


def running_teachers(ports: Sequence[int] = PORTS) -> list[str]:
    """List ready-to-paste teacher SPECs of what answers on this machine, at most three models a server.

    An Ollama server is told by its version, a vLLM server by the owner of its models; any other is OpenAI-compatible.

    Not covered: other machines, servers that ask for a key, other ports, embedding models outside Ollama.
    """
    with ThreadPoolExecutor(len(ports)) as threads:
        return [spec for specs in threads.map(_ask, ports) for spec in specs]


def _ask(port: int) -> list[str]:
    root = f"http://127.0.0.1:{port}"
    try:
        rows = json.loads(_fetch(f"{root}/v1/models"))["data"]
        if _is_ollama(root):
            at = "" if root == _default_url() else f"@{root}"
            names = (row["id"] for row in rows[:MAX_ASKED] if _chats(root, row["id"]))
            return [f"ollama:{name}{at}" for name in islice(names, MAX_MODELS)]
        kind = "vllm" if any(row.get("owned_by") == "vllm" for row in rows) else "openai"
        return [f"{kind}:{row['id']}@{root}/v1" for row in rows[:MAX_MODELS]]
    except _NO_TEACHER:
        return []


def _is_ollama(root: str) -> bool:
    """Tell Ollama from llama.cpp, which answers some of its paths but tells no version."""
    try:
        return isinstance(json.loads(_fetch(f"{root}/api/version"))["version"], str)
    except _NO_TEACHER:
        return False


def _chats(root: str, name: str) -> bool:
    """Tell a model that writes text from one that only embeds or cannot be looked at."""
    try:
        card = read_card(_fetch(f"{root}/api/show", json.dumps({"model": name}).encode()))
    except _NO_TEACHER:
        return False
    return card is not None and card.chats


def _default_url() -> str | None:
    """Return where an `ollama` SPEC without URL leads."""
    try:
        return default_url()
    except UsageError:
        return None


def _fetch(url: str, body: bytes | None = None) -> bytes:
    """Get, or post JSON, past any proxy."""
    request = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  # the URL is ours
    with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT_S) as reply:
        return bytes(reply.read(MAX_BYTES))
