"""Sandboxes on each rung, for tests of what is in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.forbidding import THIRD_RUNG
from verifiers.program.confined import FRESH, UNWRAPPED, WARM, Sandbox


@pytest.fixture(scope="module", params=[WARM, FRESH, pytest.param(UNWRAPPED, marks=THIRD_RUNG)])
def rung(namespaces: None, request: pytest.FixtureRequest) -> int:
    """Each rung in turn."""
    return int(request.param)


@pytest.fixture(scope="module")
def box(rung: int) -> Iterator[Sandbox]:
    """One sandbox for many programs."""
    shared = Sandbox(rung)
    yield shared
    shared.close()
