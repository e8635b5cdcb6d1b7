"""From `[judge]` to a model that can be asked: SPEC, rubric and sampling, checked before anything is paid for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace

from curator.config import Settings
from curator.display import waiting
from curator.errors import CuratorError, UsageError
from curator.judge.rubric import Rubrics, load_rubrics
from curator.teacher.base import Teacher
from curator.teacher.defaults import DEFAULTS
from curator.teacher.open import open_teachers
from curator.teacher.retry import RetryPolicy
from curator.teacher.spec import TeacherOptions, TeacherSpec, parse_spec
from schemas.candidate import SamplingParameters
from schemas.identity import content_hash
from verifiers.settings import JudgeSettings


@dataclass(frozen=True, slots=True)
class JudgeSetup:
    """A judge model and how it is asked."""

    teacher: Teacher
    rubrics: Rubrics
    sampling: SamplingParameters
    concurrency: int
    """Requests in flight at once."""
    tell: Callable[[str], None]
    """Takes a line that the user should read."""
    retry: RetryPolicy

    @property
    def settings(self) -> JudgeSettings:
        """Name all that its verdicts depend on: with another model or rubric they are owed anew."""
        return JudgeSettings(self.teacher.model, content_hash(["rubric", self.rubrics.texts, asdict(self.sampling)]))


def set_up_judge(
    settings: Settings, options: TeacherOptions, specs: Sequence[TeacherSpec] = (), teacher: Teacher | None = None
) -> JudgeSetup | None:
    """Open the judge that the settings name; None when they name none. Nothing is sent or started.

    Args:
        settings: `curator.toml` with the command's flags laid over it.
        options: How teachers are asked.
        specs: The SPECs of this command's teacher, if it has one.
        teacher: The teacher; it judges too where the judge's SPEC is one of `specs`, so that no second server starts.

    Raises:
        UsageError: SPEC, rubric or key cannot be used.
    """
    section = settings.judge
    if section.spec is None:
        return None
    try:
        spec = parse_spec(section.spec)
    except UsageError as err:
        raise UsageError(f"the judge {section.spec!r}: {err.message}", hint=err.hint) from err
    concurrency = section.concurrency or DEFAULTS[spec.kind].concurrency
    if teacher is None or spec not in specs or section.api_key_env != options.api_key_env:
        teacher = open_teachers([spec], replace(options, api_key_env=section.api_key_env), concurrency)
    return JudgeSetup(
        teacher,
        load_rubrics(section.rubric),
        SamplingParameters(temperature=0.0, top_p=1.0, max_tokens=section.max_tokens),
        concurrency,
        options.tell,
        RetryPolicy(),
    )


@asynccontextmanager
async def ready(judge: JudgeSetup | None, *, quiet: bool) -> AsyncIterator[None]:
    """Check the judge, where there is one, and close it when the block ends.

    Raises:
        CuratorError: No request to it can succeed; the message says why.
    """
    if judge is None:
        yield
        return
    try:
        with waiting("getting the judge ready", quiet=quiet):
            await _check(judge.teacher)
        yield
    finally:
        await judge.teacher.aclose()


async def _check(teacher: Teacher) -> None:
    try:
        await teacher.check()
    except CuratorError as err:
        hint = err.hint.replace("--api-key-env", "[judge] api_key_env")
        raise CuratorError(f"the judge cannot be asked: {err.message}", hint=hint) from err
