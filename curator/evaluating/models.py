"""Which model is evaluated: whom to ask, where its weights lie, and what its training says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from curator.errors import UsageError
from curator.teacher.base import TeacherError
from curator.teacher.local.models import located
from curator.teacher.local.naming import content_name
from curator.teacher.spec import KINDS, TeacherSpec, parse_spec
from schemas.training import ADAPTER_CONFIG, EMBEDDED, RECORD, TrainingRecord, read_record


@dataclass(frozen=True, slots=True)
class Student:
    """One model of an evaluation."""

    spec: TeacherSpec
    weights: str | None
    """What the trainer can load to measure the loss: a folder, a file or `local`; None where a server has them."""
    content: str | None = None
    """Names what the weights are; None where the teacher's own name of the model does, or nobody knows."""
    training: Path | None = None
    """The folder of the training that made it; None for any other model."""
    record: TrainingRecord | None = None
    """What that training says of itself."""


def find_student(text: str) -> Student:
    """Read MODEL: a folder, `local`, OWNER/NAME, or a teacher SPEC; `vllm:FOLDER` serves a folder.

    Raises:
        UsageError: It is no such thing or what vLLM cannot serve, there is no model, or its training has not finished.
    """
    kind, colon, _ = text.partition(":")
    is_spec = text == EMBEDDED or (colon and kind in KINDS)
    spec = parse_spec(text) if is_spec else TeacherSpec("local", path=Path(text).expanduser())
    if spec.kind == "local":
        return Student(spec, EMBEDDED) if spec.path is None else _on_this_machine(spec, spec.path)
    if spec.kind == "vllm" and spec.url is None and spec.model and Path(spec.model).expanduser().is_dir():
        return _served(Path(spec.model).expanduser())
    return Student(spec, None)


def base_of(student: Student) -> Student | None:
    """Return the model that a trained one was before, asked in the same way; None for any other model.

    Raises:
        UsageError: Its folder is gone.
    """
    if student.record is None:
        return None
    if student.spec.kind == "local" and student.record.config.model == EMBEDDED:
        return Student(TeacherSpec("local"), EMBEDDED)
    folder = Path(student.record.base_folder)
    if not folder.is_dir():
        text = f"the student before training was loaded from {folder}, which is gone"
        raise UsageError(text, hint="name it: --baseline MODEL")
    if student.spec.kind == "vllm":
        return _served(folder)
    return _on_this_machine(TeacherSpec("local", path=folder), folder)


def _on_this_machine(spec: TeacherSpec, path: Path) -> Student:
    record = _record(path)
    try:
        place = located(path).resolve()
    except TeacherError as err:
        raise UsageError(err.message, hint=err.hint) from err
    return Student(spec, str(place), None, path if record else None, record)


def _served(folder: Path) -> Student:
    """Name the folder that vLLM is to serve: it must be a whole model."""
    record, whole = _record(folder), located(folder).resolve()
    if (whole / ADAPTER_CONFIG).is_file():
        words = f"{record.split} --model {record.config.model} --to {folder}" if record else "…"
        hint = f"merge it into its base first: curator train {words} --merge"
        raise UsageError(f"vllm:{folder}: there is an adapter, but no merged model", hint=hint)
    spec = TeacherSpec("vllm", str(whole))
    return Student(spec, str(whole), content_name(folder, whole), folder if record else None, record)


def _record(folder: Path) -> TrainingRecord | None:
    try:
        return read_record(folder)
    except (ValidationError, OSError) as err:
        first = str(err).partition("\n")[0]
        raise UsageError(f"{folder / RECORD} is no record of a training: {first}") from err
