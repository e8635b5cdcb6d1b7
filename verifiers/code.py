"""Does the program pass the problem's tests? It runs in a sandbox (`verifiers.program.ladder`), or not at all.

What is covered: Python with its standard library and numpy, judged by standard input and output, by calls, or by test
code; CPU time, memory, output, processes and sleep are limited. What is not covered: other languages, other packages,
and the kernel itself. A problem's reference solution is not looked at.
"""

from __future__ import annotations

import re

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.base import answer_text
from verifiers.program.confined import UNSAFE, UNWRAPPED
from verifiers.program.ladder import probe
from verifiers.program.run import Report, run_tests
from verifiers.program.running import BrokenSandboxError, Fault, StarvedError, VanishedError
from verifiers.program.tests import Tests, UnusableTestsError, read_tests
from verifiers.program.text import PYTHON, program_in
from verifiers.settings import CodeSettings, VerifierSettings

_LACKING = re.compile(
    r"PermissionError: \[Errno 13\] Permission denied(?:$|: '/(?:tmp|dev/shm)\b)"
    r"|No such file or directory: '/proc/self/fd/"
)
"""What programs meet on rung 3 alone: no locks of `multiprocessing`, no /tmp, no second interpreter."""


class Code:
    """Accepts a program that passes every test; the share of tests passed before the first failure is the score."""

    name = "code"
    version = "2"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Find the program and run it."""
        if not problem.tests:
            return Judgement(Outcome.ABSTAIN, Reason.NO_GOLD, "the problem has no tests")
        found_program = program_in(answer_text(candidate) or "")
        if found_program and found_program.language != PYTHON:
            detail = f"the program is marked as {found_program.language}, and only Python is run"
            return Judgement(Outcome.ABSTAIN, Reason.NO_VERIFIER, detail)
        program = found_program.source if found_program else None
        try:
            tests = read_tests(problem.tests)
            if program is None:
                return Judgement(Outcome.REJECT, Reason.NO_CODE, "the answer holds no program", score=0.0)
            found = probe()
            rung = found.rung or (UNSAFE if settings.code.unsafe_local_execution else None)
            if rung is None:
                return Judgement(Outcome.ERROR, Reason.SANDBOX_UNAVAILABLE, found.detail, program)
            report = _run_twice(program, tests, settings.code, rung)
        except UnusableTestsError as err:
            return Judgement(Outcome.ABSTAIN, Reason.GOLD_UNPARSABLE, str(err), program)
        except StarvedError as err:
            return Judgement(Outcome.ERROR, Reason.VERIFIER_TIMEOUT, str(err), program)
        except BrokenSandboxError as err:
            return Judgement(Outcome.ERROR, Reason.SANDBOX_UNAVAILABLE, str(err), program)
        return _judgement(program, report, rung)


def _run_twice(program: str, tests: Tests, settings: CodeSettings, rung: int) -> Report:
    """Run the tests, again when a sandbox breaks; a program under which two vanish is to blame."""
    try:
        return run_tests(program, tests, settings, rung)
    except BrokenSandboxError:
        try:
            return run_tests(program, tests, settings, rung)
        except VanishedError as err:
            return Report(0, 1, 0.0, 0.0, Fault(Reason.RUNTIME_ERROR, str(err)))


def _judgement(program: str, report: Report, rung: int) -> Judgement:
    share = f"{report.passed} of {report.of} tests passed"
    spent = f"{report.cpu_s:.2f} s of CPU time, {report.memory_mb:.0f} MiB, rung {rung}"
    score = report.passed / report.of
    if report.fault is None:
        return Judgement(Outcome.ACCEPT, Reason.OK, f"{share}; {spent}", program, score=score)
    detail = f"{share}; first failing: {report.fault.detail[:400]}; {spent}"
    if rung == UNWRAPPED and _LACKING.search(report.fault.detail):
        return Judgement(Outcome.ERROR, Reason.SANDBOX_UNAVAILABLE, f"this rung lacks what it needs: {detail}", program)
    return Judgement(Outcome.REJECT, report.fault.reason, detail, program, report.expected, score)
