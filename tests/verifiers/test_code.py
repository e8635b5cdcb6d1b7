"""Verdicts on programs, judged by what they print and what their functions return."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import psutil
import pytest

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Verdict
from verifiers.pool import WorkerPool
from verifiers.run import config_hash, verify_one
from verifiers.settings import CodeSettings, VerifierSettings

pytestmark = pytest.mark.usefixtures("namespaces")

SQUARES = {"type": "stdin", "cases": [{"input": f"{n}\n", "output": f"{n * n}\n"} for n in (3, 12, 5)]}
SQUARE = "print(int(input()) ** 2)"
SETTINGS = VerifierSettings(code=CodeSettings(time_limit_s=1, memory_mb=128, output_mb=1))


def calls(*cases: tuple[list[Any], Any], **more: Any) -> dict[str, Any]:
    """Tests that call `solve`."""
    return {"type": "call", "fn_name": "solve", "cases": [{"args": a, "expected": e} for a, e in cases], **more}


def candidate(answer: str) -> Candidate:
    """A trace that ends in `answer`."""
    content = f"<think>\nLet me see.\n</think>\n<answer>\n{answer}\n</answer>"
    return Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m")


def judged(tests: Any, answer: str, settings: VerifierSettings = SETTINGS) -> Verdict:
    """The verdict on an answer."""
    return verify_one("code", Problem("p", "code", "写一个程序。", tests=tests), candidate(answer), settings)


def verdict(tests: Any, program: str) -> tuple[str, str]:
    """Outcome and reason for a program in a fenced block."""
    found = judged(tests, f"```python\n{program}\n```")
    return found.outcome.value, found.reason.value


ACCEPTED = ("accept", "ok")
WRONG = ("reject", "wrong_answer")
RUNTIME = ("reject", "runtime_error")


def test_a_program_that_passes_all_tests_is_accepted() -> None:
    """The verdict tells how much, at what cost, and how well guarded."""
    found = judged(SQUARES, f"Here it is:\n```python\n{SQUARE}\n```\nIt squares.")
    assert (found.outcome.value, found.score, found.extracted) == ("accept", 1.0, SQUARE + "\n")
    assert found.detail.startswith("3 of 3 tests passed; 0.")
    assert re.search(r"s of CPU time, \d+ MiB, rung 1$", found.detail)


def test_the_first_failing_test_is_told() -> None:
    """With input, expected output and output; the score is the share before it."""
    found = judged(SQUARES, "```\nprint(9 if int(input()) == 3 else 0)\n```")
    assert (found.outcome.value, found.reason.value, found.expected) == ("reject", "wrong_answer", "144\n")
    assert found.score == pytest.approx(1 / 3)
    assert '1 of 3 tests passed; first failing: input "12\\n", expected "144\\n", got "0\\n"' in found.detail


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("while True: pass", "time_limit"),
        ("x = 'x' * (1 << 30)", "memory_limit"),
        ("while True: print(1)", "output_limit"),
        ("print(", "compile_error"),
        ("print(int(input()) ** 2, flush=True)\n1 / 0", "runtime_error"),
        ("import sys\nsys.exit(0)", "wrong_answer"),
        ("pass", "wrong_answer"),
        ("", "no_code"),
    ],
)
def test_every_way_to_fail_has_its_reason(program: str, reason: str) -> None:
    """Also a right output does not help a program that then fails."""
    assert verdict(SQUARES, program) == ("reject", reason)


def test_limits_come_from_the_problem_first() -> None:
    """A problem's own limits replace the settings'."""
    program = f"x = bytes(200 << 20)\n{SQUARE}"  # never touched: a busy machine takes its time to find so much memory
    assert verdict(SQUARES, program) == ("reject", "memory_limit")
    assert verdict({**SQUARES, "memory_mb": 512}, program) == ACCEPTED


@pytest.mark.parametrize(
    ("expected", "program"),
    [
        ("答案 9 é", "print('答案', 9, 'é')"),
        ("9", "import sys\nfor line in sys.stdin: print(int(line) ** 2)"),
        ("9", "def main():\n    print(int(open('/dev/stdin').read()) ** 2)\nif __name__ == '__main__':\n    main()"),
        ("9", "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nprint(P(int(input())).x ** 2)"),
        ("9", "import os\nprint(9, flush=True)\nos._exit(0)"),
        ("{'a', 'b', 'c'}", "print({'a', 'b', 'c'} == set('abc') and '{\\'a\\', \\'b\\', \\'c\\'}')"),
    ],
)
def test_programs_may_be_written_as_people_write_them(expected: str, program: str) -> None:
    """Main guards, dataclasses, files for streams, an abrupt end: all harmless."""
    assert verdict({"type": "stdin", "cases": [{"input": "3\n", "output": expected}]}, program) == ACCEPTED


def test_what_the_tests_ask_for_is_never_too_much_output() -> None:
    """A test that expects more than the output limit allows has the last word."""
    tests = {"type": "stdin", "cases": [{"input": "", "output": "9" * (2 << 20)}]}
    assert verdict(tests, "print('9' * (2 << 20))") == ACCEPTED
    assert verdict(tests, "while True: print('9' * (2 << 20))") == ("reject", "output_limit")


def test_no_case_sees_another() -> None:
    """Each runs in a process of its own, so a count in memory begins anew."""
    program = "calls = []\ndef solve(x):\n    calls.append(x)\n    return len(calls)"
    assert verdict(calls(([5], 1), ([6], 1)), program) == ACCEPTED


def test_functions_and_methods_are_called_as_the_tests_say() -> None:
    """Where they do not say, whatever there is is called."""
    function, method = "def solve(x): return x + 1", "class Solution:\n    def solve(self, x): return x + 1"
    for style, accepted in (("function", {function}), ("method", {method}), (None, {function, method})):
        tests = calls(([1], 2), call_style=style)
        assert {program for program in (function, method) if verdict(tests, program) == ACCEPTED} == accepted


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("def solve(x): return (x, [x])", ACCEPTED),
        ("from collections import namedtuple\nP = namedtuple('P', 'a b')\ndef solve(x): return P(x, (x,))", ACCEPTED),
        ("def solve(x): return [x, x]", WRONG),
        ("def solve(x): print([x, [x]])", WRONG),
        ("def solve(x): raise KeyError(x)", RUNTIME),
        ("def solve(x): return solve(x)", RUNTIME),
        ("def solve(x): return 'x' * (1 << 30)", ("reject", "memory_limit")),
        ("def solve(x): return 'x' * (2 << 20)", ("reject", "output_limit")),
        ("def solve(x):\n    while True: pass", ("reject", "time_limit")),
        ("def other(x): return x", RUNTIME),
        ("def solve(x, y): return x", RUNTIME),
    ],
)
def test_what_a_function_returns_is_judged(program: str, expected: tuple[str, str]) -> None:
    """As plain data; what it prints is nobody's concern."""
    assert verdict(calls(([7], [7, [7]])), program) == expected


@pytest.mark.parametrize(
    "program",
    [
        "class E:\n    def __eq__(s, o): return True\n    __hash__ = None\ndef solve(x): return E()",
        "class I(int):\n    def __eq__(s, o): return True\n    __hash__ = int.__hash__\ndef solve(x): return I(1)",
        "import os\ndef solve(x): os._exit(0)",
        "raise SystemExit(0)",
        "import builtins\nbuiltins.isinstance = builtins.type = lambda *a: int\ndef solve(x): return 0",
        "import sys\ndef solve(x):\n    f = sys._getframe()\n    while f:\n        for v in f.f_locals.values():\n"
        "            if isinstance(v, dict) and 'expected' in v: return v['expected']\n        f = f.f_back",
        "import gc\ndef solve(x): return next((o for o in gc.get_objects() if o == 144), 0)",
        "import os\nfor fd in range(3, 9):\n"
        "    try: os.write(fd, b'\\0\\0\\0\\x0d{\"value\": 144}')\n    except OSError: pass",
        "import glob\ndef solve(x): return [open(path).read() for path in glob.glob('/proc/*/cmdline')]",
    ],
)
def test_no_trick_is_taken_for_the_right_answer(program: str) -> None:
    """Faked equality, an early end, patched built-ins, a walk of the stack: the expected value is elsewhere."""
    assert verdict(calls(([12], 144), ([3], 9)), program)[0] == "reject"


def test_what_cannot_be_told_is_no_rejection() -> None:
    """No tests, tests of no known form, and a stream that we cut."""
    program = f"```python\n{SQUARE}\n```"
    assert (judged(None, program).outcome, judged(None, program).reason) == ("abstain", "no_gold")
    assert (judged({"type": "?"}, program).outcome, judged({"type": "?"}, program).reason) == (
        "abstain",
        "gold_unparsable",
    )
    short = VerifierSettings(code=CodeSettings(wall_s=0))
    assert (judged(SQUARES, program, short).outcome, judged(SQUARES, program, short).reason) == (
        "error",
        "verifier_timeout",
    )


def test_a_program_in_another_language_is_neither_right_nor_wrong() -> None:
    """Only Python is run; C++ that may well be right is not called a syntax error."""
    found = judged(SQUARES, "```cpp\nint main() {}\n```")
    assert (found.outcome, found.reason) == ("abstain", "no_verifier")
    assert "cpp" in found.detail


def test_a_verdict_depends_on_tests_and_limits() -> None:
    """Other tests or settings are another judgement; other verifiers' settings are not."""
    problem = Problem("p", "code", "q", tests=SQUARES)
    other = Problem("p", "code", "q", tests={**SQUARES, "time_limit_s": 2})
    hashes = {
        config_hash("code", settings, asked)
        for settings in (SETTINGS, VerifierSettings())
        for asked in (problem, other)
    }
    assert len(hashes) == 4


def test_workers_judge_programs_and_the_loop_goes_on() -> None:
    """In the pool a program has limits of its own, and closing it leaves nothing behind."""

    async def story() -> list[str]:
        problem = Problem("p", "code", "q", tests={**SQUARES, "time_limit_s": 1})
        programs = [SQUARE, "while True: pass", "x = bytearray(600 << 20)\n" + SQUARE]
        async with WorkerPool(2) as pool:
            asked = [pool.verify(problem, candidate(f"```python\n{program}\n```"), ["code"]) for program in programs]
            found = [verdict.reason.value for verdicts in await asyncio.gather(*asked) for verdict in verdicts]
            busy = asyncio.create_task(pool.verify(problem, candidate("```python\nwhile True: pass\n```"), ["code"]))
            while not any(process.name() == "bwrap" for process in psutil.Process().children(recursive=True)):
                await asyncio.sleep(0.01)
        with pytest.raises(RuntimeError):
            await busy
        return found

    before = set(psutil.Process().children(recursive=True))
    assert asyncio.run(story()) == ["ok", "time_limit", "memory_limit"]
    left = set(psutil.Process().children(recursive=True)) - before
    assert psutil.wait_procs(left, timeout=10)[1] == []
