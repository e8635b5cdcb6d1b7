"""A problem: what the teacher is asked, and what is known about its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from schemas.identity import content_hash

Domain = Literal["math", "code", "choice", "logic", "general"]
DOMAINS: tuple[Domain, ...] = get_args(Domain)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem as the user gave it."""

    id: str
    """The user's id, else the content hash."""
    domain: Domain
    prompt: str
    """The bare problem, without template or few-shot turns."""
    answer: str | None = None
    """The gold answer; None when none is known."""
    tests: Mapping[str, Any] | None = None
    """Tests of a code problem, as JSON data."""
    answer_tolerance: float | None = None
    """Largest absolute difference that still counts as equal; None asks for exact equality."""
    language: str = "en"
    """Language of the prompt: en, zh, or another ISO 639-1 code."""
    verifier: str | None = None
    """The answer verifier of this problem; None takes its domain's (`schemas.policy.ANSWER_VERIFIERS`)."""
    source: str | None = None
    """Where the problem comes from, in the user's words."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the row held."""

    @property
    def content_hash(self) -> str:
        """Identity of the content: problems that share it are one problem."""
        return problem_hash(self.domain, self.prompt, self.answer, self.tests, self.answer_tolerance)


def problem_hash(
    domain: Domain, prompt: str, answer: str | None, tests: Mapping[str, Any] | None, tolerance: float | None
) -> str:
    """Hash what makes a problem this problem; id, language, source and meta do not."""
    return content_hash(["problem", domain, prompt, answer, tests, tolerance])
