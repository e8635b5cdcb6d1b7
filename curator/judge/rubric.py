"""What a judge model is told, per domain and language: `data/rubric.toml`, and a user's own file laid over it.

[math]
en = "Accept only if the final answer equals the reference answer to the last digit."
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from curator.errors import UsageError, did_you_mean
from schemas.problem import DOMAINS, Problem
from verifiers.judge import SLOTS, Rubric

FALLBACK = "en"
"""Language of the rubric for problems in a language that has none."""
_SHIPPED = Path(__file__).parents[1] / "data" / "rubric.toml"
_HINT = f'sections: [frame] with {", ".join(SLOTS)}, and [{"], [".join(DOMAINS)}]; in each, en, zh, … = "text"'

_Language = Annotated[str, StringConstraints(pattern="^[a-z]{2,3}$")]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_ByLanguage = dict[_Language, _Text]


def _with_slots(text: str) -> str:
    missing = [slot for slot in SLOTS if slot not in text]
    if missing:
        raise ValueError(f"it must contain {', '.join(missing)}")
    return text


class _Rubrics(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    frame: dict[_Language, Annotated[_Text, AfterValidator(_with_slots)]] = {}
    math: _ByLanguage = {}
    code: _ByLanguage = {}
    choice: _ByLanguage = {}
    logic: _ByLanguage = {}
    general: _ByLanguage = {}


@dataclass(frozen=True, slots=True)
class Rubrics:
    """A rubric for every problem."""

    texts: Mapping[str, Mapping[str, str]]
    """By section and language."""

    def of(self, problem: Problem) -> Rubric:
        """Choose by domain and language; a domain without a text of its own takes that of `general`."""
        return Rubric(self._text(problem, "frame"), self._text(problem, problem.domain, "general"))

    def _text(self, problem: Problem, *sections: str) -> str:
        places = ((section, language) for section in sections for language in (problem.language, FALLBACK))
        return next(text for section, language in places if (text := self.texts[section].get(language)))


def load_rubrics(path: Path | None = None) -> Rubrics:
    """Read the shipped rubrics and lay the texts of the file at `path` over them.

    Raises:
        UsageError: The file cannot be read, or says something that cannot be used; all such faults are named at once.
    """
    texts = _checked(_SHIPPED)
    for section, languages in (_checked(path) if path else {}).items():
        texts[section] |= languages
    return Rubrics(texts)


def _checked(path: Path) -> dict[str, dict[str, str]]:
    try:
        return _Rubrics.model_validate(tomllib.loads(path.read_text("utf-8-sig"))).model_dump()
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"cannot read the rubric {path}: {err}", hint="see [judge] rubric in curator.toml") from err
    except tomllib.TOMLDecodeError as err:
        raise UsageError(f"{path} is not TOML: {err}", hint=_HINT) from err
    except ValidationError as err:
        faults = sorted({f"{path}: {_explain(dict(error))}" for error in err.errors()})
        raise UsageError("\n".join(faults), hint=_HINT) from err


def _explain(error: Mapping[str, Any]) -> str:
    section, *rest = [str(part) for part in error["loc"] if part != "[key]"]
    if error["type"] == "extra_forbidden":
        return f"unknown section [{section}]{did_you_mean(section, _Rubrics.model_fields)}"
    return f"{' '.join([f'[{section}]', *rest])}: {error['msg']}, not {error.get('input')!r:.80}"
