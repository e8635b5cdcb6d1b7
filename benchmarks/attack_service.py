"""The verifier as a service in an arena: a job per line of standard input, a verdict per line of standard output.

A job is {program, tests, settings, rung}; a verdict is {outcome, detail}: `pass`, or the reason.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from verifiers.program.run import Report, run_tests
from verifiers.program.running import BrokenSandboxError, StarvedError, VanishedError
from verifiers.program.tests import Tests, UnusableTestsError, read_tests
from verifiers.settings import CodeSettings

PASS = "pass"
RAISED = "raised"
"""What a verifier must never do."""


def main() -> None:
    """Judge until there is nothing left to judge."""
    for line in sys.stdin:
        outcome, detail = _judge(json.loads(line))
        print(json.dumps({"outcome": outcome, "detail": detail}), flush=True)


def _judge(job: dict[str, Any]) -> tuple[str, str]:
    try:
        report = _run_twice(job["program"], read_tests(job["tests"]), CodeSettings(**job["settings"]), job["rung"])
    except UnusableTestsError as err:
        return "gold_unparsable", str(err)
    except StarvedError as err:
        return "verifier_timeout", str(err)
    except VanishedError as err:
        return "runtime_error", str(err)
    except BrokenSandboxError as err:
        return "sandbox_unavailable", str(err)
    except Exception as err:  # noqa: BLE001  that it raises at all is a finding
        return RAISED, f"{type(err).__name__}: {err}"
    told = f"{report.passed} of {report.of} passed, {report.cpu_s:.2f} s"
    return (report.fault.reason.value, f"{told}; {report.fault.detail}") if report.fault else (PASS, told)


def _run_twice(program: str, tests: Tests, settings: CodeSettings, rung: int) -> Report:
    """Try again when a sandbox breaks, as the verifier does."""
    try:
        return run_tests(program, tests, settings, rung)
    except BrokenSandboxError:
        return run_tests(program, tests, settings, rung)


if __name__ == "__main__":
    main()
