"""From a problem to the messages that a teacher gets; the templates are in `data/prompts.toml`.

A user's `curator.toml` may replace any part of a template, or add a language:

    [prompts.math.en]
    user = "{prompt} Write the result in <answer> and </answer>."
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from curator.errors import UsageError
from schemas.candidate import Message
from schemas.identity import content_hash
from schemas.problem import Domain, Problem
from schemas.trace import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, THINK_OPEN

SLOT = "{prompt}"
"""Where a template takes the problem; every other brace stands for itself."""
FALLBACK = "en"
"""Language of the template for problems in a language that has none."""

_DATA = Path(__file__).parent / "data"
_Language = Annotated[str, StringConstraints(pattern="^[a-z]{2,3}$")]


def _with_slot(text: str) -> str:
    if SLOT not in text:
        raise ValueError(f"it must contain {SLOT}, where the problem goes")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("it must not be blank")
    return text


class Example(BaseModel):
    """One worked problem, shown to the teacher as an earlier turn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str
    reasoning: Annotated[str, AfterValidator(_not_blank)]
    answer: Annotated[str, AfterValidator(_not_blank)]


class Template(BaseModel):
    """How problems of one domain and language are put."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Annotated[str, AfterValidator(_with_slot)]
    """The user turn around the problem."""
    system: str | None = None
    """None or empty sends no system turn."""
    few_shot: tuple[Example, ...] = ()


_TEMPLATES = TypeAdapter[Mapping[Domain, Mapping[str, Template]]](dict[Domain, dict[_Language, Template]])


@dataclass(frozen=True, slots=True)
class Templates:
    """One template per domain and language."""

    by_domain: Mapping[Domain, Mapping[str, Template]]

    def messages(self, problem: Problem, *, few_shot: bool) -> list[Message]:
        """Put a problem to the teacher; its text goes in unchanged.

        Args:
            problem: The problem; a language without a template of its own gets the English one.
            few_shot: Whether the template's worked examples go before it, as earlier turns.
        """
        languages = self.by_domain[problem.domain]
        template = languages.get(problem.language) or languages[FALLBACK]
        messages: list[Message] = []
        if template.system:
            messages.append({"role": "system", "content": template.system})
        for example in template.few_shot if few_shot else ():
            messages.append({"role": "user", "content": template.user.replace(SLOT, example.prompt)})
            messages.append({"role": "assistant", "content": _worked(example)})
        messages.append({"role": "user", "content": template.user.replace(SLOT, problem.prompt)})
        return messages

    def fingerprint(self, *, few_shot: bool) -> str:
        """Hash whatever of the templates reaches the teacher; part of a run's identity."""
        unused = None if few_shot else {"__all__": {"__all__": {"few_shot"}}}
        return content_hash(["templates", _TEMPLATES.dump_python(self.by_domain, mode="json", exclude=unused)])


def _worked(example: Example) -> str:
    """Write the trace of an example; its answer stays on one line, which small models copy more reliably."""
    return f"{THINK_OPEN}\n{example.reasoning}\n{THINK_CLOSE}\n{ANSWER_OPEN}{example.answer}{ANSWER_CLOSE}"


def load_templates(overrides: Mapping[str, Any] | None = None) -> Templates:
    """Read the shipped templates and lay `[prompts]` of the user's TOML over them, key by key.

    A language that has no shipped template takes what it does not say from the English one.

    Raises:
        UsageError: A key is unknown, or a value cannot be used; all such faults are named at once.
    """
    texts = tomllib.loads((_DATA / "prompts.toml").read_text(encoding="utf-8"))
    for domain, languages in (overrides or {}).items():
        shipped = texts.setdefault(domain, {})
        if not isinstance(languages, Mapping):
            shipped[""] = languages
            continue
        for language, given in languages.items():
            base = shipped.get(language) or shipped.get(FALLBACK) or {}
            shipped[language] = {**base, **given} if isinstance(given, Mapping) else given
    try:
        return Templates(_TEMPLATES.validate_python(texts))
    except ValidationError as err:
        faults = sorted({_explain(dict(error)) for error in err.errors()})
        hint = "keys: [prompts.DOMAIN.LANGUAGE] system, user, few_shot = [{prompt, reasoning, answer}, …]"
        raise UsageError("\n".join(faults), hint=hint) from err


def _explain(error: Mapping[str, Any]) -> str:
    where = ".".join(["prompts", *(str(part) for part in error["loc"] if part != "[key]")])
    if error["type"] == "extra_forbidden":
        return f"unknown key {where}"
    return f"{where}: {error['msg']}, not {error.get('input')!r:.80}"


def starter_path() -> Path:
    """Find the shipped starter problems: one JSON object a line with id, domain, language, prompt and answer."""
    return _DATA / "starter.jsonl"
