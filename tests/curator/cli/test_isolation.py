"""Whoever has programs judged learns at once how they are kept apart here, and nothing is lost where they are not."""

from __future__ import annotations

import subprocess
from functools import partial
from typing import Any

import pytest

from tests.forbidding import forbid

TESTS = {"type": "stdin", "cases": [{"input": "3\n", "output": "9\n"}]}
SUM = {"id": "sum", "prompt": "What is 2+2?", "answer": "4"}
SQUARES = [{"id": f"p{n}", "domain": "code", "prompt": f"Square it, {n}.", "tests": TESTS} for n in range(3)]
SQUARE = "```python\nprint(int(input()) ** 2)\n```"
REFUSED = "warning: programs cannot be judged here"


def _trace(answer: str) -> str:
    return f"<think>\nLet me think about what is asked for.\n</think>\n<answer>\n{answer}\n</answer>"


def _types(user: Any, *words: object) -> subprocess.CompletedProcess[str]:
    """Run `curator WORDS…` where no rung holds; it must succeed."""
    process = user.start(*words, preexec_fn=partial(forbid, "both"))
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.mark.usefixtures("namespaces")
def test_what_cannot_be_judged_here_is_kept_and_judged_later(user) -> None:
    """One warning for all programs, an undecided answer for each, and `curator verify` where a sandbox can be had."""
    user.writes("traces.jsonl", [{**problem, "completion": _trace(SQUARE)} for problem in SQUARES])
    done = _types(user, "import", "traces.jsonl")
    assert done.stderr.count(REFUSED) == done.stderr.count("hint:") == 1
    assert "sandbox_unavailable  3" in done.stdout
    assert "undecided → accepted  3" in user.does("verify")


def test_sampling_says_so_too(user) -> None:
    """Also to whoever reads the summary as JSON."""
    user.writes("problems.jsonl", SQUARES[:1])
    user.writes("teacher.jsonl", [{"replies": [_trace(SQUARE)]}])
    words = ("sample", "problems.jsonl", "--n", 2, "--teacher", "scripted:teacher.jsonl", "--json")
    assert _types(user, *words).stderr.count(REFUSED) == 1


def test_who_asks_for_no_program_hears_nothing(user) -> None:
    """A machine without sandboxes is as good as any other for mathematics."""
    user.writes("problems.jsonl", [SUM])
    assert "warning" not in _types(user, "check", "problems.jsonl").stderr


@pytest.mark.parametrize("by_file", [False, True], ids=["flag", "curator.toml"])
def test_programs_run_unsafely_only_on_demand_and_never_in_silence(user, by_file: bool) -> None:
    """A flag or a key demands it; that they do is said when the command begins."""
    user.writes("problems.jsonl", [{**SQUARES[0], "answer": SQUARE}])
    if by_file:
        (user.folder / "curator.toml").write_text("[verifiers.code]\nunsafe_local_execution = true\n")
    words = ("check", "problems.jsonl", *([] if by_file else ["--unsafe-local-execution"]))
    assert _types(user, *words).stderr.count("warning: programs run here without isolation (rung 4") == 1
