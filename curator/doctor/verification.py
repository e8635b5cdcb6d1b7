"""What candidates are judged with: the sandbox, and every verifier by completions whose verdict is known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from curator.doctor.finding import Finding, Status
from curator.escape import one_line
from verifiers.pool import WorkerPool
from verifiers.program.ladder import probe
from verifiers.registry import VERIFIERS
from verifiers.selftest import UNTESTED, Result, judge_subjects, subjects

_BROKEN = (
    "do not trust its verdicts: install r1-curator anew into a fresh virtual environment, "
    "then judge again what it judged: curator verify"
)


def sandbox() -> Iterator[Finding]:
    """Find out how strongly programs are kept apart here."""
    found = probe()
    if found.rung is None:
        yield Finding(Status.WARN, "sandbox", f"programs cannot be judged here: {found.detail}", found.hint)
    else:
        yield Finding(Status.OK, "sandbox", f"rung {found.rung}: {found.detail}", found.hint)


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
