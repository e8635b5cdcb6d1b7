"""Opens the teacher that a SPEC names; what a teacher needs is imported only when it is chosen."""

from __future__ import annotations

import os

from curator.errors import UsageError
from curator.teacher.base import Teacher
from curator.teacher.spec import TeacherOptions, TeacherSpec


def open_teacher(spec: TeacherSpec, options: TeacherOptions | None = None) -> Teacher:
    """Make the teacher; nothing is sent before its `check`.

    Raises:
        UsageError: The SPEC asks for what cannot be had, or a script has faulty rows.
    """
    options = options or TeacherOptions()
    if spec.kind == "local":
        from curator.teacher.local.teacher import LocalTeacher  # noqa: PLC0415

        return LocalTeacher(spec.path)
    if spec.kind == "scripted" and spec.path is not None:
        from curator.teacher.scripted import ScriptedTeacher  # noqa: PLC0415

        return ScriptedTeacher(spec.path)
    if spec.kind == "openai" and spec.model is not None and spec.url is not None:
        from curator.teacher.openai import OpenAITeacher  # noqa: PLC0415

        return OpenAITeacher(spec.model, spec.url, _key(options.api_key_env), options)
    url = spec.endpoint or "http://HOST:PORT"
    base = url if url.endswith("/v1") else f"{url}/v1"
    raise UsageError(
        f"the teacher kind {spec.kind!r} cannot be started from here yet",
        hint=f"start the server yourself and write openai:{spec.model}@{base}",
    )


def _key(variable: str) -> str | None:
    """Read the key; None when there is none."""
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"the key in {variable} holds characters that no key has", hint="copy it once more")
    return key or None
