"""The process that judges: `python -m verifiers.worker REPLIES`, pickled requests in, lines of JSON out.

First in are settings and limits, then requests, one per candidate; the last of those sent at once says so, and an empty
line on standard output tells that all of them are done. Every verdict is written to the file descriptor REPLIES as it
is made: the parent is not woken for each, and of a worker that dies it knows which verifier was at work. Requests are
pickled because the parent is trusted and this is cheapest for it; the text in them is only text. What comes back is not
trusted, and so is JSON.

What is covered: address space, CPU time and core dumps are limited by the kernel; the worker dies with its parent.
What is not covered: this is no sandbox. Files and network stay reachable; programs are never run in here.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle
import resource
import signal
import sys
from collections.abc import Iterator, Sequence

import orjson

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict
from verifiers import gym
from verifiers.run import failure, verdict_of, verify_one
from verifiers.settings import VerifierSettings, WorkerLimits

EXIT_MEMORY = 77
"""Exit code of a worker that ran out of memory outside any verifier, as with a candidate larger than itself."""
Request = tuple[Problem, Candidate, Sequence[str], bool]
"""What to judge with which verifiers, and whether it is the last of those sent at once."""
_LIBRARIES = {
    "math": ("verifiers.equality.algebra.symbolic", "verifiers.equality.algebra.second_reader"),
    "language": ("verifiers.mixing.detect",),
}
_PR_SET_PDEATHSIG = 1
_DEEPEST = 20_000
"""Python frames, so that answers nested hundreds of levels deep can be read; they take none of the C stack."""
_NEAR = 0.9
"""Share of the memory limit from which a rejection may be the work of a swallowed MemoryError."""


def main() -> None:
    """Serve requests until standard input ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    replies, done = int(sys.argv[1]), _claim_stdout()
    settings, limits = pickle.load(sys.stdin.buffer)  # noqa: S301  from our parent
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(_DEEPEST)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]  # stays: a sandbox has limits of its own
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_mb << 20, hard))
    os.write(done, b"\n")
    spent = False
    try:
        while not spent and (request := _next()):
            problem, candidate, names, is_last = request
            spent = _answer(_verdicts(problem, candidate, names, settings, limits), limits, replies)
            if is_last or spent:
                os.write(done, b"\n")
    except MemoryError:
        sys.exit(EXIT_MEMORY)


def _next() -> Request | None:
    try:
        problem, candidate = pickle.load(sys.stdin.buffer)  # noqa: S301  from our parent
        names, is_last = pickle.load(sys.stdin.buffer)  # noqa: S301
    except EOFError:
        return None
    return Problem(*problem), Candidate(*candidate), names, is_last


def _answer(verdicts: Iterator[Verdict], limits: WorkerLimits, replies: int) -> bool:
    """Write verdicts as they are made; return whether this process should be replaced."""
    for verdict in verdicts:
        spent = verdict.reason is Reason.VERIFIER_MEMORY or _resident_bytes() * 2 > limits.memory_mb << 20
        os.write(replies, orjson.dumps({"verdict": verdict, "spent": spent}, option=orjson.OPT_APPEND_NEWLINE))
        if spent:
            return True
    return False


def _claim_stdout() -> int:
    """Keep standard output for ourselves; what libraries print goes nowhere."""
    done = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return done


def _verdicts(
    problem: Problem, candidate: Candidate, names: Sequence[str], settings: VerifierSettings, limits: WorkerLimits
) -> Iterator[Verdict]:
    for name in names:
        if name in _LIBRARIES or name == "procedural":
            _grant_cpu(limits.start_s)
            _load(name)
        _grant_cpu(limits.cpu_for(name))
        verdict = verify_one(name, problem, candidate, settings)
        if verdict.outcome is Outcome.REJECT and _peak_kib() > _NEAR * (limits.memory_mb << 10):
            judgement = failure(Reason.VERIFIER_MEMORY, "checking came too near its memory limit to be trusted")
            verdict = verdict_of(name, problem, candidate, settings, judgement, verdict.elapsed_ms)
        yield verdict
        _grant_cpu(limits.cpu_s)  # reading the next request takes time, too


def _load(name: str) -> None:
    """Load the libraries of a verifier, once: that is not its first answer's time."""
    for module in _LIBRARIES.get(name, ()):
        importlib.import_module(module)
    if name == "procedural" and not gym.missing():
        gym.load()


def _grant_cpu(seconds: float) -> None:
    """Let the kernel kill this process (SIGPROF) after `seconds` more of CPU time; RLIMIT_CPU knows whole ones only."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _resident_bytes() -> int:
    return int(_read("/proc/self/statm").split()[1]) * resource.getpagesize()


def _peak_kib() -> int:
    """Return the largest address space that this process ever had."""
    return int(_read("/proc/self/status").partition(b"VmPeak:")[2].split(maxsplit=1)[0])


def _read(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY)  # a tenth of what reading lines of text costs, seven times per candidate
    try:
        return os.read(file, 4096)
    finally:
        os.close(file)


if __name__ == "__main__":
    main()
