"""A user with Ollama on the desk: name a model that is pulled, and sample."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

_STUB = runpy.run_path(str(Path(__file__).parents[1] / "teacher" / "ollama_stub.py"))
SUMS = [{"id": f"sum-{i}", "domain": "math", "prompt": f"What is {i}+4-{i}?", "answer": "4"} for i in range(3)]


@pytest.fixture
def ollama():
    """A running server with a thinking, a plain and an embedding model."""
    with _STUB["OllamaStub"]() as stub:
        yield stub


def test_thinking_becomes_accepted_traces(user, ollama) -> None:
    """The reasoning lies in its own column, under the name of the field that it came in."""
    user.writes("sums.jsonl", SUMS)
    user.does("sample", "sums.jsonl", "--n", 2, "--teacher", f"ollama:deepseek-r1:8b@{ollama.url}")
    accepted = "id IN (SELECT candidate_id FROM accepted)"
    query = (
        f"SELECT reasoning, content, reasoning_field, endpoint, completion_tokens AS n FROM candidates WHERE {accepted}"
    )
    row = {"reasoning": "two and two", "content": "<answer>4</answer>", "reasoning_field": "thinking"}
    assert user.asks(query) == [row | {"endpoint": ollama.url, "n": 4}] * 6
    assert {chat["options"]["num_ctx"] for chat in ollama.chats} == {32_768 + 4096}
    assert len({chat["options"]["seed"] for chat in ollama.chats}) == 6


def test_the_server_of_the_environment_needs_no_url(user, ollama) -> None:
    """`OLLAMA_HOST` is where Ollama's own commands look, and a busy server is asked again."""
    ollama.faults = [(503, {"error": "server busy, please try again.  maximum pending requests exceeded"})]
    ollama.content = "<think>two and two</think><answer>4</answer>"
    user.env["OLLAMA_HOST"] = f"127.0.0.1:{ollama.port}"
    user.writes("sums.jsonl", SUMS)
    report = json.loads(user.does("sample", "sums.jsonl", "--n", 1, "--teacher", "ollama:gemma3", "--json"))
    assert report["accepted"] == 3
    assert user.asks("SELECT DISTINCT reasoning_field AS f FROM candidates") == [{"f": "inline"}]


def test_a_model_that_is_not_pulled_ends_the_run_with_the_command(user, ollama) -> None:
    """Nothing was asked, and what to type next is on the screen."""
    user.writes("sums.jsonl", SUMS)
    done = user.types("sample", "sums.jsonl", "--teacher", f"ollama:qwen3@{ollama.url}")
    assert done.returncode == 1
    assert f"{ollama.url} has no model 'qwen3', which means 'qwen3:latest'" in done.stderr
    assert f"OLLAMA_HOST={ollama.url} ollama pull qwen3" in done.stderr
    assert ollama.chats == []


def test_a_server_that_is_not_running_says_how_to_start_it(user) -> None:
    """One line to read, one command to type."""
    user.writes("sums.jsonl", SUMS)
    done = user.types("sample", "sums.jsonl", "--teacher", "ollama:qwen3@http://127.0.0.1:9")
    assert done.returncode == 1
    assert "ollama serve" in done.stderr
