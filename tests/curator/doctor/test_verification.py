"""The doctor says how strongly programs are kept apart here, what that means, and how to get a better rung."""

from __future__ import annotations

import pytest

from curator.doctor.finding import Finding
from tests.forbidding import THIRD_RUNG, told

SANDBOX = """
import json
from dataclasses import asdict
from curator.doctor.verification import sandbox
from verifiers.settings import CodeSettings
settings = [CodeSettings(unsafe_local_execution=unsafe) for unsafe in (False, True)]
print(json.dumps([asdict(finding) for one in settings for finding in sandbox(one)]))
"""


def _found(what: str = "nothing", **machine: str) -> tuple[Finding, Finding]:
    """What the doctor finds of the sandbox, and what where programs may run unsafely."""
    usual, unsafe = (Finding(**one) for one in told(SANDBOX, what, **machine))
    return usual, unsafe


@pytest.mark.usefixtures("namespaces")
def test_the_best_rung_needs_no_advice() -> None:
    """It is named, with what it means; that programs may run unsafely makes no difference then."""
    usual, unsafe = _found()
    assert (usual.status, usual.advice) == ("ok", "")
    assert usual.detail.startswith("rung 1 of 3: every program gets namespaces of its own")
    assert unsafe == usual


@pytest.mark.usefixtures("namespaces")
def test_the_second_rung_says_why_it_is_not_the_first() -> None:
    """It is as safe, so nothing is to be looked at."""
    usual, _ = _found("nested")
    assert usual.status == "ok"
    assert "as safe as rung 1" in usual.detail
    assert "no better rung holds: bubblewrap does not work here" in usual.detail


@THIRD_RUNG
def test_the_third_rung_is_a_warning() -> None:
    """With what is missing for a better one."""
    usual, _ = _found(path="/nowhere")
    assert (usual.status, usual.advice) == ("warn", "install bubblewrap: sudo apt-get install bubblewrap")
    assert usual.detail.endswith("weaker than rungs 1 and 2\nno better rung holds: bubblewrap is not installed")


def test_without_a_rung_programs_are_not_judged_or_not_confined() -> None:
    """What an unsafe setting means is said plainly."""
    usual, unsafe = _found("both")
    assert (usual.status, unsafe.status) == ("warn", "warn")
    assert "programs cannot be judged here" in usual.detail
    assert "rung 4: programs run here without isolation" in unsafe.detail
    assert "--unsafe-local-execution" in usual.advice


@pytest.mark.usefixtures("namespaces")
def test_in_a_container_the_advice_is_how_to_start_it() -> None:
    """With the options of docker and of podman."""
    usual, _ = _found("namespaces", container="systemd-nspawn")
    assert "this is a container" in usual.advice
    assert "docker run --security-opt seccomp=unconfined" in usual.advice
    assert "podman run --security-opt" in usual.advice
