"""Every verifier is tried on completions whose verdict is known, wherever r1-curator is installed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from schemas.verdict import Outcome, Reason, Verdict
from verifiers.pool import WorkerPool
from verifiers.registry import VERIFIERS
from verifiers.selftest import UNTESTED, Result, judge_subjects, subjects

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def results() -> list[Result]:
    """What this machine's verifiers make of the known completions."""

    async def judged() -> list[Result]:
        async with WorkerPool(2) as pool:
            return await judge_subjects(pool, subjects())

    return asyncio.run(judged())


def _result(expected: Outcome, outcome: Outcome, reason: Reason, detail: str = "") -> Result:
    return Result(expected, "text", Verdict("c", "math", "1", "b2:", outcome, reason, detail, None, None, None, 1, NOW))


@pytest.mark.parametrize("name", sorted(VERIFIERS.keys() - {"judge"}))
def test_every_verifier_has_something_to_accept_and_something_to_reject(name: str, results: list[Result]) -> None:
    """A new verifier comes with its self-test; only a missing package excuses it."""
    expected = {result.expected for result in results if result.verdict.verifier == name}
    if not expected:
        pytest.skip(f"{name}: {UNTESTED[name]}")
    assert expected == {Outcome.ACCEPT, Outcome.REJECT}


def test_every_known_completion_is_judged_as_it_should_be(results: list[Result]) -> None:
    """Unless this machine lacks what the verifier needs, and then the verdict says what."""
    wrong = [(result.verdict.verifier, result.text) for result in results if not result.passed and not result.lacking]
    assert wrong == []


def test_a_verifier_that_is_too_loose_fails_its_self_test() -> None:
    """Accepting what is wrong is not passed, nor is rejecting what is right."""
    assert not _result(Outcome.REJECT, Outcome.ACCEPT, Reason.OK).passed
    assert not _result(Outcome.ACCEPT, Outcome.REJECT, Reason.WRONG_ANSWER).passed


@pytest.mark.parametrize("reason", [Reason.VERIFIER_CRASH, Reason.VERIFIER_TIMEOUT, Reason.GOLD_UNPARSABLE])
def test_a_verifier_that_cannot_tell_fails_its_self_test(reason: Reason) -> None:
    """Known completions can be judged: an error is no excuse."""
    result = _result(Outcome.REJECT, Outcome.ERROR, reason, "it broke")
    assert (result.passed, result.lacking) == (False, "")


def test_what_a_machine_lacks_is_no_fault_of_the_verifier() -> None:
    """Without a sandbox programs are not judged, and the reason is handed on."""
    result = _result(Outcome.ACCEPT, Outcome.ERROR, Reason.SANDBOX_UNAVAILABLE, "no namespaces")
    assert result.lacking == "no namespaces"
