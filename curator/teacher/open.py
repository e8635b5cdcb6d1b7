"""Opens the teachers that SPECs name; what a teacher needs is imported only when it is chosen."""

from __future__ import annotations

import os
from collections.abc import Sequence

from curator.errors import UsageError
from curator.teacher.base import Teacher
from curator.teacher.pool import TeacherPool
from curator.teacher.spec import TeacherOptions, TeacherSpec


def open_teachers(specs: Sequence[TeacherSpec], options: TeacherOptions, concurrency: int) -> Teacher:
    """Make one teacher of all the SPECs, which limits its own requests in flight.

    Args:
        specs: As `parse_specs` read them.
        options: How to ask each of them.
        concurrency: Most requests in flight per endpoint; further ones wait.

    Raises:
        CuratorError: See `open_teacher`.
    """
    return TeacherPool([open_teacher(spec, options) for spec in specs], concurrency, options.tell)


def open_teacher(spec: TeacherSpec, options: TeacherOptions | None = None) -> Teacher:
    """Make one teacher, bare: it takes any number of requests at once. Nothing is sent or started before its `check`.

    Raises:
        CuratorError: The SPEC asks for what cannot be had, a script has faulty rows, or a key or command is unusable.
    """
    options = options or TeacherOptions()
    if spec.kind == "local":
        from curator.teacher.local.teacher import LocalTeacher  # noqa: PLC0415

        return LocalTeacher(spec.path)
    if spec.kind == "scripted":
        from curator.teacher.scripted import ScriptedTeacher  # noqa: PLC0415

        assert spec.path is not None
        return ScriptedTeacher(spec.path)
    return _open_served(spec, options)


def _open_served(spec: TeacherSpec, options: TeacherOptions) -> Teacher:
    assert spec.model is not None
    if spec.kind == "vllm":
        from curator.teacher.vllm import VllmTeacher  # noqa: PLC0415

        return VllmTeacher(spec.model, spec.url, _key(options.api_key_env), options)
    if spec.kind == "ollama":
        from curator.teacher.ollama import OllamaTeacher  # noqa: PLC0415

        return OllamaTeacher(spec.model, spec.url, options)
    from curator.teacher.openai import OpenAITeacher  # noqa: PLC0415

    assert spec.url is not None
    return OpenAITeacher(spec.model, spec.url, _key(options.api_key_env), options)


def _key(variable: str) -> str | None:
    """Read the key; None when there is none."""
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"the key in {variable} holds characters that no key has", hint="copy it once more")
    return key or None
