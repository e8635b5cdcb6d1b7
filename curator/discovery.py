"""Teachers that already run on this machine, found by asking the usual loopback ports for their models."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.request import ProxyHandler, build_opener

PORTS = (8000, 8080, 11434, 1234, 30000, 18090)
"""vLLM and many others, llama.cpp, Ollama, LM Studio, SGLang, and a second vLLM."""
TIMEOUT_S = 0.5
MAX_MODELS = 3
MAX_BYTES = 1_000_000


def running_teachers(ports: Sequence[int] = PORTS) -> list[str]:
    """List ready-to-paste teacher SPECs of what answers on this machine, at most three models a server.

    Not covered: other machines, servers that ask for a key, other ports.
    """
    with ThreadPoolExecutor(len(ports)) as threads:
        return [spec for specs in threads.map(_ask, ports) for spec in specs]


def _ask(port: int) -> list[str]:
    url = f"http://127.0.0.1:{port}/v1"
    direct = build_opener(ProxyHandler({}))
    try:
        with direct.open(f"{url}/models", timeout=TIMEOUT_S) as reply:
            rows = json.loads(reply.read(MAX_BYTES))["data"]
        return [f"openai:{row['id']}@{url}" for row in rows[:MAX_MODELS]]
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        # Whatever listens there is no teacher that we can ask.
        return []
