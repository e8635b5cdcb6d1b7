"""Runs a program against its tests, one after another until one fails.

Expected outputs stay in this process, those of test code in a sandbox of its own; the program never sees any.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from typing import Any

from schemas.verdict import Reason
from verifiers.program import plain
from verifiers.program.confined import Sandbox, sandbox
from verifiers.program.output import as_json, same_output, same_value
from verifiers.program.running import Fault, Limits, Running, StarvedError
from verifiers.program.tests import (
    AssertTests,
    CallCase,
    CallTests,
    Checker,
    StdinCase,
    StdinTests,
    Tests,
    UnusableTestsError,
)
from verifiers.settings import CodeSettings

_EXAMINER_CPU_S = 10.0
_EXAMINER_MEMORY_MB = 512
_RETURNED_BYTES = 2 << 20
"""Most bytes of a returned value where a test does not expect more: read, they are fifty times as many."""
_FUTURE = re.compile(r"^from __future__ import .*$", re.MULTILINE)
_WORDS = 80
"""Most characters of an input or output that a detail quotes."""


@dataclass(frozen=True, slots=True)
class Report:
    """How far a program came."""

    passed: int
    of: int
    cpu_s: float
    memory_mb: float
    """MiB, the most that one process held in any test."""
    fault: Fault | None = None
    """Why the first failing test failed; None when all passed."""
    expected: str | None = None
    """What that test expected, shortened."""


def run_tests(program: str, tests: Tests, settings: CodeSettings, rung: int) -> Report:
    """Judge a program on a rung of the ladder (`verifiers.program.ladder`).

    Raises:
        UnusableTestsError: the tests cannot judge any program.
        BrokenSandboxError: a sandbox did not start, or vanished under the program.
        StarvedError: time ran out before a test failed.
    """
    ends = time.monotonic() + settings.wall_s
    if isinstance(tests, AssertTests):
        return _examined(program, tests, _limits(tests, settings, ends, _EXAMINER_CPU_S), rung)
    spent, held, of = 0.0, 0.0, len(tests.cases)
    with sandbox(rung) as box:
        for number in range(of):
            if time.monotonic() > ends:
                raise StarvedError(f"{number} of {of} tests passed within {settings.wall_s:g} s")
            limits = _limits(tests, settings, ends)
            if isinstance(tests, StdinTests):
                judged = _printed(box, program, limits, tests.cases[number], tests.checker)
            else:
                judged = _returned(box, program, limits, tests.cases[number], tests)
            spent, held = spent + judged.cpu_s, max(held, judged.memory_mb)
            if judged.fault:
                return Report(number, of, spent, held, judged.fault, judged.expected)
    return Report(of, of, spent, held)


def _limits(tests: Tests, settings: CodeSettings, ends: float, idle_s: float = 0.0) -> Limits:
    """Say what one test may use; `idle_s` is granted for waiting upon others."""
    cpu_s = tests.time_limit_s or settings.time_limit_s
    return Limits(
        cpu_s=cpu_s,
        memory_mb=int(tests.memory_mb or settings.memory_mb),
        output_bytes=settings.output_mb << 20,
        idle_s=2 * cpu_s + 2 + idle_s,
        wall_s=max(0.0, ends - time.monotonic()),
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    cpu_s: float
    memory_mb: float
    fault: Fault | None
    expected: str | None


def _printed(box: Sandbox, program: str, limits: Limits, case: StdinCase, checker: Checker | None) -> _Judged:
    wanted = replace(limits, output_bytes=max(limits.output_bytes, 2 * len(case.output.encode("utf-8", "replace"))))
    with box.run("main", program, wanted, case.input.encode("utf-8", "replace")) as running:
        fault = running.end()
    printed = running.output.decode("utf-8", "replace")
    if fault:
        fault = Fault(fault.reason, f"input {_words(case.input)}: {fault.detail}")
    elif not same_output(case.output, printed, checker):
        told = f"input {_words(case.input)}, expected {_words(case.output)}, got {_words(printed)}"
        fault = Fault(Reason.WRONG_ANSWER, told)
    return _Judged(running.cpu_s, running.memory_mb, fault, case.output[:_WORDS])


def _returned(box: Sandbox, program: str, limits: Limits, case: CallCase, tests: CallTests) -> _Judged:
    args = [plain.encode(arg, _no_handle) for arg in case.args]
    most = max(min(_RETURNED_BYTES, limits.output_bytes), 2 * len(json.dumps(case.expected)))
    with box.run("serve", _after(tests.prelude, program), replace(limits, output_bytes=most)) as running:
        running.send(plain.frame({"solve": tests.fn_name, "style": tests.call_style, "args": args}))
        reply = running.receive() and running.receive()
        value, fault = _value(running, reply)
    called, expected = f"{tests.fn_name}({_words(case.args)[1:-1]})", _words(case.expected)
    if fault:
        fault = Fault(fault.reason, f"{called}: {fault.detail}")
    elif not same_value(case.expected, value, tests.checker):
        fault = Fault(Reason.WRONG_ANSWER, f"{called}, expected {expected}, got {_words(value)}")
    return _Judged(running.cpu_s, running.memory_mb, fault, expected)


def _after(prelude: str, program: str) -> str:
    """Put the task's code before the program's, and what must come first before both."""
    if not prelude.strip():
        return program
    return "\n".join([*_FUTURE.findall(program), prelude, _FUTURE.sub("", program)])


def _no_handle(value: Any) -> Any:
    raise UnusableTestsError(f"the tests cannot be used: {type(value).__name__} is no JSON")


def _value(running: Running, reply: bytes | None) -> tuple[Any, Fault | None]:
    """Read the value that a program returned, or why it returned none."""
    if reply is None:
        return None, running.end() or Fault(Reason.RUNTIME_ERROR, "it ended before it was done")
    try:
        said = json.loads(reply[plain.framed(reply)[0] :])
        if "raised" in said:
            return None, _raised(str(said["raised"][0]), str(said["message"]))
        return as_json(said["value"]), running.finish()
    except (ValueError, TypeError, LookupError, RecursionError, MemoryError):
        return None, Fault(Reason.RUNTIME_ERROR, "what it returned cannot be read")


def _raised(name: str, message: str) -> Fault:
    reason = Reason.MEMORY_LIMIT if name == "MemoryError" else Reason.RUNTIME_ERROR
    return Fault(reason, f"{name}: {message}" if message else name)


def _examined(program: str, tests: AssertTests, limits: Limits, rung: int) -> Report:
    """Let test code call the program; each has a sandbox, and what they say to each other passes through here."""
    exam = Limits(_EXAMINER_CPU_S, _EXAMINER_MEMORY_MB, limits.output_bytes, limits.wall_s, limits.wall_s)
    with sandbox(rung) as inner, sandbox(rung) as outer:
        inner.start()
        outer.start()
        with (
            inner.run("serve", _after(tests.prelude, program), limits) as running,
            outer.run("examine", "", exam) as examiner,
        ):
            said = _conversation(running, examiner, tests)
            fault = running.finish() if isinstance(said, dict) else said
    if fault or not isinstance(said, dict):
        return Report(0, 1, running.cpu_s, running.memory_mb, fault)
    if said["end"] == "unusable":
        raise UnusableTestsError(f"the tests cannot be used: {said['detail']}")
    if said["end"] == "passed" and not said["calls"]:
        raise UnusableTestsError("the tests cannot be used: they never call the program")
    of = max(1, int(said["of"]))
    if said["end"] == "passed":
        return Report(of, of, running.cpu_s, running.memory_mb)
    raised = str(said["end"]).partition(" ")[2]
    fault = Fault(_raised(raised, "").reason if raised else Reason.WRONG_ANSWER, str(said["detail"]))
    return Report(int(said["passed"]), of, running.cpu_s, running.memory_mb, fault)


def _conversation(running: Running, examiner: Running, tests: AssertTests) -> dict[str, Any] | Fault:
    """Return what the examiner says in the end, or why the program could not go on."""
    if running.receive() is None:
        return running.end() or Fault(Reason.RUNTIME_ERROR, "it ended before it was called")
    examiner.send(plain.frame({"setup": tests.setup, "code": tests.code, "entry_point": tests.entry_point}))
    while (asked := examiner.receive()) is not None:
        message = asked[plain.framed(asked)[0] :]
        if message.startswith(b'{"end":'):
            return dict(json.loads(message))
        running.send(asked)
        answered = running.receive()
        if answered is None:
            return running.end() or Fault(Reason.RUNTIME_ERROR, "it ended before it was done")
        examiner.send(answered)
    fault = examiner.end()
    if fault and fault.reason is Reason.TIME_LIMIT:
        raise StarvedError(f"the tests themselves: {fault.detail}")
    told = f": {fault.detail}" if fault else ""
    raise UnusableTestsError(f"the tests cannot be used: they end without a result{told}")


def _words(value: Any) -> str:
    """Quote a value in one short line."""
    try:
        text = json.dumps(value, ensure_ascii=False) if isinstance(value, str | list | dict) else repr(value)
    except (TypeError, ValueError, RecursionError):
        text = f"{type(value).__name__} that JSON cannot say"
    return text if len(text) <= _WORDS else f"{text[: _WORDS - 1]}…"
