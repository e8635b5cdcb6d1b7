"""Verdicts by test code: it examines the program from another sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Verdict
from verifiers.run import verify_one
from verifiers.settings import CodeSettings, VerifierSettings

pytestmark = pytest.mark.usefixtures("namespaces")

SETTINGS = VerifierSettings(code=CodeSettings(time_limit_s=1, memory_mb=128, output_mb=1))


def cases(name: str) -> dict[str, tuple[str, str]]:
    """Read programs, and the test code of each, by their names."""
    text = (Path(__file__).parents[1] / "cases" / name).read_text("utf-8")
    return {
        title.strip(): (program, code)
        for title, program, code in re.findall(
            r"^# == (.*)\n((?s:.*?))^# --\n((?s:.*?))(?=^# ==|\Z)", text, re.MULTILINE
        )
    }


SIMPLE = """
class C:
    def __init__(self, x): self.x = x
    def __eq__(self, other): return True
def f(x): return 1
def endless():
    x = []
    x.append(x)
    return x
"""
FAITHFUL, TRICKS = cases("faithful_programs.txt"), cases("trick_programs.txt")

NOT_ASKED = {"membership", "a lying class under test"}


def judged(program: str, code: str, entry_point: str | None = None, setup: str = "") -> Verdict:
    """The verdict on a program by test code."""
    tests = {"type": "assert", "setup": setup, "code": code, "entry_point": entry_point}
    content = f"<think>\nLet me see.\n</think>\n```python\n{program}\n```"
    problem = Problem("p", "code", "Write it.", tests=tests)
    return verify_one("code", problem, Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m"), SETTINGS)


def test_asserts_decide() -> None:
    """All must hold; the first that does not is quoted beside what was returned, and the score counts those before."""
    assert judged("def f(x): return x * x", "assert f(3) == 9\nassert f(4) == 16").outcome == "accept"
    found = judged("def f(x): return 9", "assert f(3) == 9\nassert f(4) == 16")
    assert (found.outcome.value, found.reason.value, found.score) == ("reject", "wrong_answer", 0.5)
    assert "1 of 2 tests passed; first failing: assert f(4) == 16; the last call returned 9;" in found.detail


def test_a_check_function_is_called_with_the_entry_point() -> None:
    """By the test code, or by us where it only defines it; an entry point may be an expression."""
    check = "def check(candidate):\n    assert candidate(3) == 9\n"
    for code in (check, check + "check(f)", check.replace("3", "x=3")):
        assert judged("def f(x): return x * x", code, "f").outcome == "accept"
        assert judged("def f(x): return x + x", code, "f").outcome == "reject"
    method = "class Solution:\n    def f(self, x): return x * x"
    assert judged(method, check, "Solution().f").outcome == "accept"


def test_what_the_task_says_before_the_function_need_not_be_said_again() -> None:
    """Imports and helpers of the prompt stand before the program, and what must come first comes first."""
    prelude = "from typing import List\n\ndef double(x): return 2 * x"
    tests = {"type": "assert", "code": "assert f([1]) == [2]", "prelude": prelude}
    program = "from __future__ import annotations\ndef f(x: List[int]) -> List[int]: return [double(n) for n in x]"
    candidate = Candidate("c", "r", "p", 0, None, f"<think>\nSo.\n</think>\n{program}", "inline", "stop", "m")
    assert verify_one("code", Problem("p", "code", "f", tests=tests), candidate, SETTINGS).outcome == "accept"
    alone = Problem("p", "code", "f", tests={**tests, "prelude": ""})
    assert verify_one("code", alone, candidate, SETTINGS).reason == "runtime_error"


def test_an_assertion_of_the_program_is_its_own_failure() -> None:
    """It is told as what was raised, not as what a call returned."""
    found = judged("def f(x): raise AssertionError('mine')", "assert f(1) == 1")
    assert (found.outcome.value, found.reason.value) == ("reject", "runtime_error")
    assert "AssertionError: mine" in found.detail


@pytest.mark.parametrize(("program", "code"), FAITHFUL.values(), ids=FAITHFUL)
def test_tests_see_the_program_as_if_it_were_theirs(program: str, code: str) -> None:
    """Values keep their kinds, exceptions their names; objects stay over there and do as they are told."""
    found = judged(program, code)
    assert (found.outcome, found.reason) == ("accept", "ok"), found.detail


@pytest.mark.parametrize("name", TRICKS)
def test_no_trick_passes_the_examiner(name: str) -> None:
    """What the program claims to be equal to, or to have proved, is not asked; nor is what it claims to contain."""
    found = judged(*TRICKS[name])
    assert found.outcome == ("abstain" if name in NOT_ASKED else "reject"), found.detail


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("def f(x):\n    while True: pass", "time_limit"),
        ("def f(x): return bytearray(1 << 30)", "memory_limit"),
        ("def f(x): return 'x' * (2 << 20)", "output_limit"),
        ("def f(x): return f(x)", "runtime_error"),
        ("def f(x): return None + x", "runtime_error"),
        ("def g(x): return x", "runtime_error"),
        ("import pandas\ndef f(x): return 1", "runtime_error"),
        ("def f(x) return x", "compile_error"),
    ],
)
def test_faults_of_the_program_are_rejected(program: str, reason: str) -> None:
    """Whether they show when it is loaded or when it is called."""
    found = judged(program, "assert f(1) == 1")
    assert (found.outcome.value, found.reason.value) == ("reject", reason)


@pytest.mark.parametrize(
    "code",
    [
        "assert f(1) ==",
        "assert 1 == 1",
        "import pandas\nassert f(1) == 1",
        "try:\n    C(2) == 3\nexcept BaseException:\n    pass",
        "assert C(2) == 3",
        "class D(C): pass\nassert D(2)",
        "assert f([]) is None or endless()",
        "def check(candidate):\n    assert candidate(1) == 1",
        "import sys\nf(1)\nsys.exit(0)",
        "import os\nf(1)\nos._exit(0)",
        "import contextlib, io\nwith contextlib.redirect_stderr(io.StringIO()):\n    f(1)",
        "from unittest.mock import patch\nwith patch('program.f'):\n    f(1)",
        "def test_f(tmp_path):\n    assert f(1) == 1",
    ],
)
def test_faults_of_the_tests_are_no_rejection(code: str) -> None:
    """Tests that cannot be used here abstain, and say why."""
    found = judged(SIMPLE, code)
    assert (found.outcome.value, found.reason.value) == ("abstain", "gold_unparsable")
    assert found.detail.startswith("the tests cannot be used: ")


def test_the_same_program_is_judged_the_same_again() -> None:
    """Random inputs are the same every time."""
    code = "import random\nassert f(random.randint(0, 9 ** 9)) % 2 == 0"
    assert len({judged("def f(x): return x", code).outcome for _ in range(3)}) == 1
