"""The process that judges: `python -m verifiers.worker`, JSON lines in, JSON lines out.

First line in: settings and limits; the reply says that the worker is ready. Then one line per candidate, and one
line back per verdict as it is made, so that the parent of a worker that dies knows which verifier was at work.

What is covered: address space, CPU time and core dumps are limited by the kernel; the worker dies with its parent.
What is not covered: this is no sandbox. Files and network stay reachable; programs are never run in here.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, TextIO

from pydantic import TypeAdapter

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict
from verifiers import gym
from verifiers.run import failure, verdict_of, verify_one
from verifiers.settings import VerifierSettings, WorkerLimits

EXIT_MEMORY = 77
"""Exit code of a worker that ran out of memory outside any verifier, as with a candidate larger than itself."""
_PR_SET_PDEATHSIG = 1
_NEAR = 0.9
"""Share of the memory limit from which a rejection may be the work of a swallowed MemoryError."""


def main() -> None:
    """Serve requests until standard input ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    replies = _claim_stdout()
    hello = json.loads(sys.stdin.readline())
    limits = WorkerLimits(**hello["limits"])
    settings = TypeAdapter(VerifierSettings).validate_python(hello["settings"])
    for name in ("verifiers.symbolic", "verifiers.second_reader", "verifiers.mixing.detect"):
        importlib.import_module(name)  # loading libraries is not the first answer's time
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]  # stays: a sandbox has limits of its own
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_mb << 20, hard))
    _send(replies, {"ready": True})
    try:
        for line in sys.stdin:
            if _answer(json.loads(line), settings, limits, replies):
                return
    except MemoryError:
        sys.exit(EXIT_MEMORY)


def _answer(request: Mapping[str, Any], settings: VerifierSettings, limits: WorkerLimits, replies: TextIO) -> bool:
    """Send the verdicts on one candidate; return whether this process should be replaced."""
    for verdict in _verdicts(request, settings, limits):
        spent = verdict.reason is Reason.VERIFIER_MEMORY or _memory_kib("VmRSS") * 2 > limits.memory_mb << 10
        _send(replies, {"verdict": _plain(verdict), "spent": spent})
        if spent:
            return True
    return False


def _claim_stdout() -> TextIO:
    """Keep standard output for replies; what libraries print goes nowhere."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return replies


def _verdicts(request: Mapping[str, Any], settings: VerifierSettings, limits: WorkerLimits) -> Iterator[Verdict]:
    problem, candidate = Problem(**request["problem"]), Candidate(**request["candidate"])
    for name in request["verifiers"]:
        if name == "procedural" and not gym.missing():
            _grant_cpu(limits.start_s)
            gym.load()  # a second that is not the first answer's
        _grant_cpu(limits.program_cpu_s if name == "code" else limits.cpu_s)
        verdict = verify_one(name, problem, candidate, settings)
        if verdict.outcome is Outcome.REJECT and _memory_kib("VmPeak") > _NEAR * (limits.memory_mb << 10):
            judgement = failure(Reason.VERIFIER_MEMORY, "checking came too near its memory limit to be trusted")
            verdict = verdict_of(name, problem, candidate, settings, judgement, verdict.elapsed_ms)
        yield verdict
        _grant_cpu(limits.cpu_s)  # reading the next request takes time, too


def _grant_cpu(seconds: float) -> None:
    """Let the kernel kill this process (SIGXCPU) after `seconds` more of CPU time, rounded up."""
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + seconds), resource.RLIM_INFINITY))


def _memory_kib(field: str) -> int:
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123  cheaper than Path
        return next((int(line.split()[1]) for line in status if line.startswith(field + ":")), 0)


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "created_at": verdict.created_at.isoformat()}


def _send(replies: TextIO, message: Mapping[str, Any]) -> None:
    replies.write(json.dumps(message) + "\n")
    replies.flush()


if __name__ == "__main__":
    main()
