"""A user names a teacher."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from curator.errors import UsageError
from curator.teacher.open import open_teacher
from curator.teacher.openai import OpenAITeacher
from curator.teacher.scripted import ScriptedTeacher
from curator.teacher.spec import TeacherOptions, TeacherSpec, parse_spec
from curator.teacher.vllm import VllmTeacher


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("openai:m@http://h:8000/v1", TeacherSpec("openai", "m", "http://h:8000/v1")),
        ("openai:org/m:free@https://h", TeacherSpec("openai", "org/m:free", "https://h")),
        ("openai:org/m@rev@http://h/v1", TeacherSpec("openai", "org/m@rev", "http://h/v1")),
        ("openai:m@http://u:p@http.example.com/v1", TeacherSpec("openai", "m", "http://u:p@http.example.com/v1")),
        ("vllm:Qwen/Qwen3-8B", TeacherSpec("vllm", "Qwen/Qwen3-8B")),
        ("vllm:m@http://[::1]:8000", TeacherSpec("vllm", "m", "http://[::1]:8000")),
        ("ollama:qwen3:8b@http://h:11434", TeacherSpec("ollama", "qwen3:8b", "http://h:11434")),
        ("local", TeacherSpec("local")),
        ("local:模型/小", TeacherSpec("local", path=Path("模型/小"))),
        ("scripted:C:/a@b.jsonl", TeacherSpec("scripted", path=Path("C:/a@b.jsonl"))),
    ],
)
def test_every_kind_is_read(text, spec):
    """The kind ends at the first colon, the URL begins at the last @http:// or @https://."""
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "unknown teacher kind ''"),
        ("gpt:m@http://h", "unknown teacher kind 'gpt'"),
        ("openai", "names no model"),
        ("openai:", "nothing follows"),
        ("openai:@http://h/v1", "names no model"),
        ("openai:m", "'openai:m' has no URL"),
        ("openai:m@http://", "no usable host"),
        ("openai:m@http://h:port/v1", "no usable host"),
        ("openai:m@http://h/v1/chat/completions", "ends in /chat/completions"),
        ("scripted", "names no file"),
        ("local:", "nothing follows"),
    ],
)
def test_a_bad_spec_is_refused_with_an_example(text, words):
    """What is wrong is said, and a SPEC that would work is shown."""
    with pytest.raises(UsageError, match=words) as caught:
        parse_spec(text)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["openai:m@http://me:s3cret@h:x/v1?key=s3cret", "openai:m@me:s3cret@h/v1"])
def test_a_bad_spec_does_not_show_its_password(text):
    """Neither message nor hint holds user, password or query."""
    with pytest.raises(UsageError) as caught:
        parse_spec(text)
    assert "s3cret" not in caught.value.message + caught.value.hint


def test_the_endpoint_holds_no_secrets():
    """User, password and query stay out of the endpoint and of the repr."""
    spec = parse_spec("openai:m@https://me:s3cret@h:8443/v1/?key=s3cret")
    assert spec.endpoint == "https://h:8443/v1"
    assert "s3cret" not in repr(spec) + str(spec)


def test_teachers_are_opened_by_kind(tmp_path):
    """A SPEC becomes the teacher that it names."""
    script = tmp_path / "s.jsonl"
    script.write_text('{"replies": ["5"]}\n')

    served = open_teacher(parse_spec("openai:m@http://h/v1"), TeacherOptions(api_key_env="NO_SUCH_KEY"))
    vllm = open_teacher(parse_spec("vllm:m"))
    scripted = open_teacher(parse_spec(f"scripted:{script}"))
    asyncio.run(served.aclose())
    assert isinstance(served, OpenAITeacher)
    assert isinstance(vllm, VllmTeacher)
    assert isinstance(scripted, ScriptedTeacher)


@pytest.mark.parametrize(
    "text", ["vllm:org/m", "ollama:qwen3:8b@http://h:11434", "local", "local:模型/小", "scripted:s"]
)
def test_a_spec_is_shown_as_it_was_typed(text):
    """Messages name teachers in the user's words."""
    assert str(parse_spec(text)) == text


def test_a_key_that_cannot_be_one_is_not_shown(monkeypatch):
    """A key pasted with Chinese quotes is refused before it is sent, and not repeated."""
    monkeypatch.setenv("MY_KEY", "“s3cret”")
    with pytest.raises(UsageError, match="the key in MY_KEY") as caught:
        open_teacher(parse_spec("openai:m@http://h/v1"), TeacherOptions(api_key_env="MY_KEY"))
    assert "s3cret" not in caught.value.message + caught.value.hint
