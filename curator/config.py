"""`curator.toml`: what a run needs, checked once; command-line flags override it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from curator.errors import UsageError, did_you_mean
from curator.reading.sources import Choice, is_path
from curator.sampling.stopping import ENOUGH_ABOVE, GIVE_UP_BELOW
from curator.teacher.spec import VLLM_COMMAND, VLLM_START_TIMEOUT_S
from schemas.policy import PolicyRule, default_policy
from schemas.problem import Domain
from schemas.training import EMBEDDED, TrainingConfig
from verifiers.registry import VERIFIERS
from verifiers.settings import JudgeSettings, VerifierSettings

CONFIG_NAME = "curator.toml"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProblemsSection(_Section):
    """`[problems]`: where the problems are and how their columns are called."""

    path: Path | None = None
    split: str | None = None
    """Split of a dataset; None takes the only one, or train."""
    subset: str | None = None
    """Subset of a dataset that has several."""
    fields: dict[str, str] = {}
    id_prefix: str = ""

    @property
    def choice(self) -> Choice:
        """Which rows of a dataset are meant."""
        return Choice(self.split, self.subset)


class TeacherSection(_Section):
    """`[teacher]`: whom to ask."""

    spec: str | list[str] | None = None
    """One SPEC, or several endpoints of one model."""
    api_key_env: str = "OPENAI_API_KEY"
    concurrency: int | None = Field(default=None, ge=1)
    """Requests in flight at once, per endpoint; None takes the teacher's default."""
    stall_timeout: float = Field(default=120.0, gt=0)
    """Seconds without a byte, after the first, until a request is tried again."""
    stream: bool = True
    vllm_command: str = VLLM_COMMAND
    vllm_start_timeout: float = Field(default=VLLM_START_TIMEOUT_S, gt=0)
    """Seconds until a server that `vllm_command` started must serve its model."""

    @field_validator("spec", mode="before")
    @classmethod
    def _one_or_several(cls, spec: object) -> object:
        if isinstance(spec, str) or (isinstance(spec, list) and all(isinstance(one, str) for one in spec)):
            return spec
        raise ValueError('write one "SPEC" or several ["SPEC", "SPEC"]')

    @property
    def specs(self) -> list[str]:
        """The SPECs, none or one or several."""
        return [self.spec] if isinstance(self.spec, str) else self.spec or []


class JudgeSection(_Section):
    """`[judge]`: a language model that judges what rules cannot decide."""

    spec: str | None = None
    """Its SPEC, as of a teacher; None asks none."""
    api_key_env: str = "OPENAI_API_KEY"
    max_tokens: int = Field(default=1024, ge=1)
    """Most tokens of a reply, reasoning included."""
    concurrency: int | None = Field(default=None, ge=1)
    """Requests in flight at once; None takes the default of the SPEC's kind."""
    rubric: Path | None = None
    """A TOML file laid over the shipped rubric."""


class ModelPrice(_Section):
    """`[price.MODEL]`: what a million tokens of one model cost."""

    prompt: float = Field(ge=0, allow_inf_nan=False)
    completion: float = Field(ge=0, allow_inf_nan=False)


class PriceSection(BaseModel):
    """`[price]`: the currency, and beside it a table per model, called as its SPEC calls it."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, ModelPrice] = Field(init=False)

    currency: str = "USD"

    @property
    def models(self) -> dict[str, ModelPrice]:
        """The prices by model; empty where nobody set one."""
        return self.__pydantic_extra__


class SamplingSection(_Section):
    """`[sampling]`: how to ask; None takes the teacher's default."""

    n: int = Field(default=4, ge=1)
    temperature: float | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    few_shot: bool | None = None
    cut: bool = True
    """Whether streams that are lost before their end are cut."""
    until: int | None = Field(default=None, ge=1)
    """Accepted candidates per problem that are enough; None asks for `n`, whatever comes of them."""
    max_n: int = Field(default=16, ge=1)
    """With `until`, most candidates per problem."""
    give_up_below: float = Field(default=GIVE_UP_BELOW, ge=0, lt=0.5)
    """With `until`, the expected pass rate below which a problem is given up; 0 gives none up."""
    enough_above: float = Field(default=ENOUGH_ABOVE, gt=0.5, le=1)
    """With `until`, the expected pass rate above which a problem is too easy for more; 1 takes none for that."""
    cut_siblings: bool = False
    """With `n`, whether a problem's other candidates are dropped as soon as one is accepted."""
    budget_tokens: int | None = Field(default=None, ge=1)
    """Most completion tokens of the run; None is no limit."""


class TrainSection(TrainingConfig):
    """`[train]`: what `curator train` takes where no flag says otherwise; only what is set counts."""

    model: str = ""
    """Empty where the command names it."""
    chat_template: str | None = None
    """A file, unlike in a `TrainingConfig`."""

    def relative_to(self, folder: Path) -> TrainSection:
        """Read its paths as relative to a folder; a model that does not lie there is none, but a name."""
        paths: dict[str, str] = {}
        if self.model not in {"", EMBEDDED} and (folder / self.model).exists():
            paths["model"] = str(folder / self.model)
        if self.chat_template is not None:
            paths["chat_template"] = str(folder / self.chat_template)
        return self.model_copy(update=paths)


class Settings(_Section):
    """The whole of `curator.toml`; relative paths are relative to its folder."""

    store: Path = Path("curator.duckdb")
    problems: ProblemsSection = ProblemsSection()
    teacher: TeacherSection = TeacherSection()
    sampling: SamplingSection = SamplingSection()
    prompts: dict[str, Any] = {}
    students: dict[str, str] = {}
    """Prompt templates of the student, by name; `curator curate --student NAME` chooses one."""
    train: TrainSection = TrainSection()
    judge: JudgeSection = JudgeSection()
    price: PriceSection = PriceSection()
    verifiers: VerifierSettings = VerifierSettings()
    policy: dict[Domain, dict[str, Literal["required", "advisory", "off"]]] = {}

    def rules(self) -> tuple[PolicyRule, ...]:
        """Merge `[policy.DOMAIN]` over the default policy."""
        rules = {(rule.domain, rule.verifier): rule for rule in default_policy()}
        for domain, wanted in self.policy.items():
            for verifier, requirement in wanted.items():
                old = rules.pop((domain, verifier), None)
                position = old.position if old else len(rules)
                if requirement != "off":
                    rules[domain, verifier] = PolicyRule(domain, verifier, requirement, position)
        return tuple(rules.values())


def load_settings(path: Path | None = None) -> Settings:
    """Read `path`, or `curator.toml` in the working folder when there is one.

    Raises:
        UsageError: The file is missing, is no TOML, or says something unknown; every fault is named at once.
    """
    file = path or Path(CONFIG_NAME)
    if not file.exists():
        if path is not None:
            raise UsageError(f"{path} does not exist", hint="write one with: curator init")
        return Settings()
    try:
        data = tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise UsageError(f"{file} is not TOML: {err}", hint="mend that line, or start anew with: curator init") from err
    return _check(data, file)


def _check(data: Mapping[str, Any], file: Path) -> Settings:
    try:
        settings = Settings.model_validate(data)
    except ValidationError as err:
        faults = [_explain(dict(error)) for error in err.errors()]
        raise UsageError(
            "\n".join([f"{file}: {fault}" for fault in faults]),
            hint="`curator init` writes a file with every key, commented",
        ) from err
    if settings.verifiers.judge != JudgeSettings():
        raise UsageError(f"{file}: [verifiers.judge] is not set by hand", hint="the judge's section is [judge]")
    unknown = [(domain, name) for domain, rules in settings.policy.items() for name in rules if name not in VERIFIERS]
    if unknown:
        faults = [
            f"{file}: unknown verifier [policy.{domain}] {name}{did_you_mean(name, VERIFIERS)}"
            for domain, name in unknown
        ]
        raise UsageError("\n".join(faults), hint=f"verifiers: {', '.join(VERIFIERS)}")
    problems = settings.problems
    if problems.path is not None and is_path(problems.path):
        problems = problems.model_copy(update={"path": file.parent / problems.path})
    located = {"store": file.parent / settings.store, "train": settings.train.relative_to(file.parent)}
    if settings.judge.rubric is not None:
        located["judge"] = settings.judge.model_copy(update={"rubric": file.parent / settings.judge.rubric})
    return settings.model_copy(update={"problems": problems, **located})


def _explain(error: Mapping[str, Any]) -> str:
    """Say one fault in the words of the TOML file."""
    *parents, name = [str(part) for part in error["loc"]]
    if name == "[key]":  # a table whose own name is wrong
        *parents, name = parents
        return f"[{'.'.join([*parents, name])}]: {error['msg']}"
    where = f"[{'.'.join(parents)}] {name}" if parents else name
    if error["type"] in {"extra_forbidden", "unexpected_keyword_argument"}:
        return f"unknown key {where}{did_you_mean(name, _known(parents))}"
    return f"{where}: {error['msg'].replace('tuple', 'list')}, not {error.get('input')!r}"


def _known(parents: list[str]) -> list[str]:
    section: Any = Settings
    for parent in parents:
        field = section.model_fields.get(parent) if hasattr(section, "model_fields") else None
        section = field.annotation if field else None
    if hasattr(section, "model_fields"):
        return list(section.model_fields)
    return list(getattr(section, "__dataclass_fields__", {}))
