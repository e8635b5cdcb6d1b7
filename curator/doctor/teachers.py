"""The configured teachers, asked whether they answer; without any, what could be one. No server is ever started."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator, Sequence
from functools import partial

from curator import discovery
from curator.config import TeacherSection
from curator.doctor.finding import Finding, Status, limited
from curator.errors import CuratorError
from curator.teacher.launch import fill
from curator.teacher.local.models import find_model
from curator.teacher.open import open_teacher
from curator.teacher.spec import TeacherOptions, TeacherSpec, parse_specs
from curator.teacher.vllm import SETTING, running_server

ANSWER_S = 15.0
"""Longest that a teacher may take to say what it serves."""
_DEFAULT_KEY = "OPENAI_API_KEY"
_ELSEWHERE = (
    f"name the program of the environment that has it in curator.toml ({SETTING}), "
    "or start the server yourself and name its URL: vllm:MODEL@http://HOST:PORT"
)


def teachers(section: TeacherSection, seconds: float = ANSWER_S) -> Iterator[Finding]:
    """Examine every configured teacher, or look for one; then the key.

    Args:
        section: Who is configured, and how to ask.
        seconds: Longest that a teacher may take to answer.
    """
    specs: Sequence[TeacherSpec] = ()
    try:
        specs = parse_specs(section.specs)
    except CuratorError as err:
        yield Finding(Status.FAIL, "teacher", err.message, err.hint)
    for spec in specs:
        yield from limited("teacher", partial(_configured, spec, section, seconds), 2 * seconds)
    if not section.specs:
        yield from limited("teacher", _unconfigured)
    yield from _key(section, specs)


def _configured(spec: TeacherSpec, section: TeacherSection, seconds: float) -> Iterator[Finding]:
    if spec.kind == "local":
        yield Finding(Status.OK, "teacher", f"{spec}: {find_model(spec.path)} is there; sampling loads it")
    elif spec.kind == "vllm" and spec.url is None:
        yield asyncio.run(_startable(spec, section))
    else:
        yield asyncio.run(_answers(spec, section, seconds))


async def _answers(spec: TeacherSpec, section: TeacherSection, seconds: float) -> Finding:
    """Let the teacher check itself."""
    teacher = open_teacher(spec, TeacherOptions(section.api_key_env, stream=section.stream))
    try:
        async with asyncio.timeout(seconds):
            await teacher.check()
    except TimeoutError:
        advice = "see whether the server is well, and whether its URL and port are right"
        return Finding(Status.FAIL, "teacher", f"{spec} gives no answer within {seconds:g} s", advice)
    finally:
        await teacher.aclose()
    return Finding(Status.OK, "teacher", f"{spec} answers")


async def _startable(spec: TeacherSpec, section: TeacherSection) -> Finding:
    """Look for a running server and, without one, for the program that would start it."""
    assert spec.model is not None
    if url := await running_server(spec.model, discovery.PORTS):
        return Finding(Status.OK, "teacher", f"{spec} runs at {url}")
    program = fill(section.vllm_command, {"model": spec.model, "port": "0"}, SETTING)[0]
    if found := shutil.which(program):
        return Finding(Status.OK, "teacher", f"{spec} is not running; sampling starts {found}")
    return Finding(Status.FAIL, "teacher", f"{spec} is not running, and there is no program {program}", _ELSEWHERE)


def _unconfigured() -> Iterator[Finding]:
    found = discovery.running_teachers()
    for spec in found:
        yield Finding(Status.INFO, "teacher", f"none is configured; this one answers: --teacher {spec}")
    try:
        model = find_model(None)
        yield Finding(Status.INFO, "teacher", f"none is configured; for the starter problems: local ({model.name})")
    except CuratorError as err:
        if not found:
            detail = f"none is configured, none was found running on this machine, and {err.message}"
            yield Finding(Status.WARN, "teacher", detail, err.hint)


def _key(section: TeacherSection, specs: Sequence[TeacherSpec]) -> Iterator[Finding]:
    """Say whether the key's variable is set, never its value, where a teacher or the user asks for it."""
    name = section.api_key_env
    if os.environ.get(name, "").strip():
        yield Finding(Status.OK, "key", f"{name} is set")
    elif name != _DEFAULT_KEY:
        yield Finding(Status.WARN, "key", f"{name} is not set, so no key is sent", f"set it: export {name}=…")
    elif any(spec.kind in ("openai", "vllm") for spec in specs):
        yield Finding(Status.INFO, "key", f"{name} is not set, so no key is sent")
