"""One completion, one verifier, one verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schemas.candidate import Candidate
from schemas.problem import Domain, Problem
from schemas.verdict import Verdict
from verifiers.run import verify_one
from verifiers.settings import VerifierSettings

VerdictOn = Callable[..., Verdict]


@pytest.fixture(scope="session")
def verdict_on() -> VerdictOn:
    """Judge a completion as the pipeline does; what matters to a test is given, the rest is unremarkable."""

    def judge(
        verifier: str,
        content: str,
        *,
        prompt: str = "Solve it.",
        domain: Domain = "math",
        settings: VerifierSettings = VerifierSettings(),  # noqa: B008  frozen
        **sent: Any,
    ) -> Verdict:
        fields = {"reasoning": None, "reasoning_field": "inline", "finish_reason": "stop", "model": "m", **sent}
        candidate = Candidate("c", "r", "p", 0, content=content, **fields)
        return verify_one(verifier, Problem(id="p", domain=domain, prompt=prompt), candidate, settings)

    return judge
