"""All examinations in order. A fault of the settings does not keep the rest from being examined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from curator.config import CONFIG_NAME, Settings
from curator.doctor.finding import Finding, Status, limited
from curator.doctor.installation import installation
from curator.doctor.store import store
from curator.doctor.teachers import teachers
from curator.doctor.training import training
from curator.doctor.verification import sandbox, verifiers
from curator.errors import CuratorError
from curator.judge.rubric import load_rubrics
from curator.prompts import load_templates
from curator.reading.sources import is_path


def diagnose(file: Path | None, load: Callable[[], Settings]) -> Iterator[Finding]:
    """Examine everything, slow things last; findings come as they are made.

    Args:
        file: The settings' file, as the user named it; None is `curator.toml`, which need not exist.
        load: Reads the settings, the command's flags laid over them.
    """
    yield from limited("python", installation)
    try:
        settings = load()
        load_templates(settings.prompts)
        there = file or Path(CONFIG_NAME).exists()
        detail = f"{file or CONFIG_NAME} is valid" if there else f"no {CONFIG_NAME} here: the defaults hold"
        yield Finding(Status.OK, "settings", detail)
    except CuratorError as err:
        yield Finding(Status.FAIL, "settings", err.message, err.hint)
        settings = Settings()
    yield from _problems(settings)
    yield from teachers(settings.teacher)
    yield from _judge(settings)
    yield from limited("training", training)
    yield from limited("store", partial(store, settings.store))
    yield from limited("sandbox", partial(sandbox, settings.verifiers.code))
    yield from limited("verifiers", verifiers)


def _judge(settings: Settings) -> Iterator[Finding]:
    """Examine the judge as a teacher, for it is one, and its rubric."""
    section = settings.judge
    try:
        load_rubrics(section.rubric)
    except CuratorError as err:
        yield Finding(Status.FAIL, "judge", err.message, err.hint)
    if section.spec is not None:
        asked = settings.teacher.model_copy(update={"spec": section.spec, "api_key_env": section.api_key_env})
        yield from (replace(finding, subject="judge") for finding in teachers(asked))


def _problems(settings: Settings) -> Iterator[Finding]:
    path = settings.problems.path
    if path is None:
        return
    if not is_path(path):
        yield Finding(Status.INFO, "problems", f"{path} is looked for when it is read")
    elif path.exists():
        yield Finding(Status.OK, "problems", f"{path} is there; `curator check` looks inside")
    else:
        yield Finding(Status.FAIL, "problems", f"{path} does not exist", "mend [problems] path in curator.toml")
