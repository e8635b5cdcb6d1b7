"""What candidates are judged with: the sandbox, and every verifier by completions whose verdict is known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from curator.doctor.finding import Finding, Status
from curator.escape import one_line
from curator.isolation import REFUSED
from verifiers.pool import WorkerPool
from verifiers.program.confined import FRESH
from verifiers.program.ladder import probe
from verifiers.registry import VERIFIERS
from verifiers.selftest import UNTESTED, Result, judge_subjects, subjects
from verifiers.settings import CodeSettings

_BROKEN = (
    "do not trust its verdicts: install r1-curator anew into a fresh virtual environment, "
    "then judge again what it judged: curator verify"
)
_UNSAFE = (
    "rung 4: programs run here without isolation, for unsafe_local_execution is set: they may read your files and use "
    "the network"
)
_AT_YOUR_RISK = "or, only if every program can be trusted with all that is on this machine: --unsafe-local-execution"


def sandbox(settings: CodeSettings = CodeSettings()) -> Iterator[Finding]:  # noqa: B008  frozen
    """Find out how strongly programs are kept apart here.

    Args:
        settings: Say whether programs may run where nothing keeps them apart.
    """
    found = probe()
    if found.rung is not None:
        missed = f"\nno better rung holds: {found.missed}" if found.missed else ""
        status = Status.OK if found.rung <= FRESH else Status.WARN
        yield Finding(status, "sandbox", f"rung {found.rung} of 3: {found.detail}{missed}", found.hint)
    elif settings.unsafe_local_execution:
        yield Finding(Status.WARN, "sandbox", f"{_UNSAFE}\nno rung holds: {found.detail}", found.hint)
    else:
        detail = f"none: {REFUSED}\nno rung holds: {found.detail}"
        yield Finding(Status.WARN, "sandbox", detail, f"{found.hint}\n{_AT_YOUR_RISK}".lstrip())


def verifiers() -> Iterator[Finding]:
    """Let every verifier judge completions that it must accept, and others that it must reject."""
    results = asyncio.run(_judged())
    for name in VERIFIERS:
        yield _finding(name, [result for result in results if result.verdict.verifier == name])


async def _judged() -> list[Result]:
    async with WorkerPool(2) as pool:
        return await judge_subjects(pool, subjects())


def _finding(name: str, results: Sequence[Result]) -> Finding:
    subject = f"verifier {name}"
    lacking = next((result.lacking for result in results if result.lacking), "")
    wrong = next((result for result in results if not result.passed), None)
    if not results:
        return Finding(Status.INFO, subject, f"not tested: {UNTESTED[name]}")
    if lacking:
        return Finding(Status.INFO, subject, f"not tested: {lacking}")
    if wrong is None:
        return Finding(Status.OK, subject, f"all {len(results)} known completions are judged as they should be")
    verdict = wrong.verdict
    reason = f"{verdict.reason}: {verdict.detail}" if verdict.detail else verdict.reason
    told = f"{wrong.expected} was due, it says {verdict.outcome} ({reason})"
    return Finding(Status.FAIL, subject, f"{told} of: {one_line(wrong.text, 200)}", _BROKEN)
