"""Sandboxes on each rung, for tests of what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from verifiers.program.confined import FRESH, UNWRAPPED, WARM, Sandbox

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="rung 3 needs root, to give programs a user of their own")


@pytest.fixture(scope="module", params=[WARM, FRESH, pytest.param(UNWRAPPED, marks=AS_ROOT)])
def rung(namespaces: None, request: pytest.FixtureRequest) -> int:
    """Each rung in turn."""
    return int(request.param)


@pytest.fixture(scope="module")
def box(rung: int) -> Iterator[Sandbox]:
    """One sandbox for many programs."""
    shared = Sandbox(rung)
    yield shared
    shared.close()
