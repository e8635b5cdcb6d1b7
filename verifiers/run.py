"""One verifier, one candidate, one verdict: the only clock, and the only broad `except`, of verification."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache

from schemas.candidate import Candidate
from schemas.identity import content_hash
from schemas.policy import ANSWERING, JUDGE
from schemas.problem import Problem
from schemas.verdict import CUTS, Judgement, Outcome, Reason, Verdict
from verifiers.base import quote
from verifiers.procedural import META
from verifiers.registry import verifier
from verifiers.settings import VerifierSettings


def config_hash(name: str, settings: VerifierSettings, problem: Problem) -> str:
    """Hash what a verdict depends on besides candidate and version: settings of that verifier, and what it reads.

    Verifiers of answers read gold, tests and recipe; the others do not, so that a corrected gold leaves theirs alone.
    Domain and language set the others' bounds, and choose the judge's rubric.
    """
    judged: list[object] = ["verifier", name, _own(name, settings)]
    if name in ANSWERING:
        judged += [problem.answer, problem.tests, problem.answer_tolerance]
    if name == JUDGE or name not in ANSWERING:
        judged += [problem.domain, problem.language, problem.answer if name == "language" else None]
    return content_hash([*judged, problem.meta.get(META)] if name == "procedural" else judged)


_ALLOWING = frozenset({"unsafe_local_execution"})
"""Settings that let a verdict be made, and leave what it is alone."""


@cache
def _own(name: str, settings: VerifierSettings) -> dict[str, object] | None:
    """Return the settings of one verifier by name: taken apart once, for they are hashed for every verdict."""
    own = getattr(settings, name, None)
    return own and {key: value for key, value in asdict(own).items() if key not in _ALLOWING}


def verify_one(name: str, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Verdict:
    """Judge a candidate; whatever goes wrong in our checking becomes an `error` verdict.

    Not covered: what cannot be caught (an endless loop, a native crash); `verifiers.pool` sees to that.
    """
    started = time.perf_counter()
    try:
        judgement = _cut(candidate) or verifier(name).check(problem, candidate, settings)
    except MemoryError:
        judgement = failure(Reason.VERIFIER_MEMORY, "checking ran out of memory")
    except RecursionError:
        judgement = failure(Reason.VERIFIER_CRASH, "the answer is nested too deeply to be checked")
    except Exception as err:  # noqa: BLE001  the one boundary: a verifier that breaks is a verdict, not a crash
        judgement = failure(Reason.VERIFIER_CRASH, f"checking failed: {type(err).__name__}")
    return verdict_of(name, problem, candidate, settings, judgement, (time.perf_counter() - started) * 1000)


def _cut(candidate: Candidate) -> Judgement | None:
    """Abstain from a stream that was cut, by us or by the teacher: nobody knows how it would have ended."""
    if candidate.finish_reason != "aborted":
        return None
    reason, _, seen = (candidate.abort_reason or "").partition(": ")
    if seen and reason in CUTS:
        return Judgement(Outcome.ABSTAIN, Reason(reason), seen)
    detail = f"the stream was cut ({candidate.abort_reason or 'no reason given'}); its end is unknown"
    return Judgement(Outcome.ABSTAIN, Reason.NO_VERIFIER, detail)


def failure(reason: Reason, detail: str) -> Judgement:
    """Say that our checking failed; the candidate is neither right nor wrong for it."""
    return Judgement(Outcome.ERROR, reason, detail)


def verdict_of(
    name: str,
    problem: Problem,
    candidate: Candidate,
    settings: VerifierSettings,
    judgement: Judgement,
    elapsed_ms: float,
) -> Verdict:
    """Attribute and date a judgement; what it quotes is bounded."""
    return Verdict(
        candidate_id=candidate.id,
        verifier=name,
        version=verifier(name).version,
        config_hash=config_hash(name, settings, problem),
        outcome=judgement.outcome,
        reason=judgement.reason,
        detail=quote(judgement.detail) or "",
        extracted=quote(judgement.extracted),
        expected=quote(judgement.expected),
        score=judgement.score,
        elapsed_ms=elapsed_ms,
        created_at=datetime.now(UTC),
    )
