"""Configured teachers are asked whether they answer; none is ever started."""

from __future__ import annotations

import json
import shlex
import socket
import sys
from pathlib import Path

import pytest

from curator.config import TeacherSection
from curator.doctor.finding import Finding, Status
from curator.doctor.teachers import teachers


def _examine(spec: str | list[str] | None, seconds: float = 5.0, **options: str) -> list[Finding]:
    return list(teachers(TeacherSection(spec=spec, **options) if spec else TeacherSection(**options), seconds))


def test_a_teacher_that_answers_is_fine(tmp_path: Path) -> None:
    """A scripted teacher is one as well."""
    script = tmp_path / "script.jsonl"
    script.write_text(json.dumps({"replies": ["<think>so</think>4"]}) + "\n")
    (found,) = _examine(f"scripted:{script}")
    assert (found.status, found.detail) == (Status.OK, f"scripted:{script} answers")


def test_an_unreachable_teacher_fails_with_what_to_do() -> None:
    """The URL is shown without its password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        found = _examine(f"openai:m@http://me:secret@127.0.0.1:{port}/v1")
    assert found[0].status is Status.FAIL
    assert f"127.0.0.1:{port}" in found[0].detail
    assert found[0].advice
    assert "secret" not in str(found)


def test_a_teacher_that_hangs_is_given_up() -> None:
    """A server that accepts and says nothing costs seconds, not minutes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = _examine(f"openai:m@http://127.0.0.1:{silent.getsockname()[1]}/v1", seconds=0.3)
    assert found[0].status is Status.FAIL
    assert "no answer within 0.3 s" in found[0].detail


def test_a_key_is_seen_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only whether its variable is set is told; a variable that was named and is not set is worth a warning."""
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    found = _examine(None, api_key_env="MY_KEY")
    assert found[-1] == Finding(Status.OK, "key", "MY_KEY is set")
    assert "sk-very-secret" not in str(found)
    monkeypatch.delenv("MY_KEY")
    assert _examine(None, api_key_env="MY_KEY")[-1].status is Status.WARN


def test_vllm_without_a_url_is_not_started(tmp_path: Path) -> None:
    """That the program exists is enough; running it takes minutes and a GPU."""
    program = tmp_path / "vllm"
    program.write_text(f"#!{sys.executable}\nopen({str(tmp_path / 'started')!r}, 'w')\n")
    program.chmod(0o755)
    found = _examine("vllm:no/such-model", vllm_command=f"{shlex.quote(str(program))} serve {{model}} --port {{port}}")
    assert (found[0].status, f"sampling starts {program}" in found[0].detail) == (Status.OK, True)
    assert not (tmp_path / "started").exists()


def test_vllm_without_its_program_fails() -> None:
    """It says where the program may be named."""
    (found, *_) = _examine("vllm:no/such-model", vllm_command="no-such-vllm serve {model} --port {port}")
    assert found.status is Status.FAIL
    assert "no program no-such-vllm" in found.detail
    assert "vllm_command" in found.advice


def test_the_local_teacher_is_not_loaded(tmp_path: Path) -> None:
    """Its files are looked for; a folder that is no model fails."""
    (found,) = _examine(f"local:{tmp_path}")
    assert found.status is Status.FAIL
    assert "config.json" in found.detail or "not installed" in found.detail


def test_several_endpoints_are_asked_one_by_one() -> None:
    """Each has its own line."""
    found = _examine([f"openai:m@http://127.0.0.1:{port}/v1" for port in (1, 2)])
    assert [finding.status for finding in found[:2]] == [Status.FAIL, Status.FAIL]


def test_a_spec_that_makes_no_sense_fails() -> None:
    """As it would when sampling."""
    (found, *_) = _examine("gpt:4")
    assert found.status is Status.FAIL
    assert "unknown teacher kind" in found.detail


def test_without_a_teacher_it_says_what_there_is() -> None:
    """No teacher is no fault: it may come from the command line."""
    found = [finding for finding in _examine(None) if finding.subject == "teacher"]
    assert found
    assert {finding.status for finding in found} <= {Status.INFO, Status.WARN}
    assert all("none is configured" in finding.detail for finding in found)
