"""How a gold becomes a trace, and what is kept of those that fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.checking import NOT_CHECKED, check_problems, gold_trace
from curator.config import ProblemsSection, Settings
from curator.prompts import starter_path
from schemas.problem import Problem
from schemas.trace import Trace, parse
from schemas.verdict import Outcome


def _check(path: Path, keep: int | None = None, **options):
    settings = Settings(problems=ProblemsSection(path=path), **options)
    return check_problems(settings, limit=None, skip_bad=False, keep=keep, quiet=True)


@given(st.text().filter(lambda text: text.strip() and "<" not in text))
def test_a_gold_becomes_the_answer_of_a_whole_trace(gold: str) -> None:
    """Whatever the gold is, the format is no reason to reject it."""
    trace = parse(gold_trace(Problem("p", "math", "?", answer=gold), "math").content)
    assert isinstance(trace, Trace)
    assert trace.answer == gold.strip()


@pytest.mark.parametrize("solution", ["print(5)", "Here it is:\n```python\nprint(5)\n```"])
def test_a_reference_solution_becomes_a_code_block(solution: str) -> None:
    """Bare programs are fenced, fenced ones stay as they are."""
    content = gold_trace(Problem("p", "code", "?", answer=solution), "code").content
    assert content.count("```") == 2
    assert "```python\nprint(5)\n```" in content


def test_the_shipped_starter_problems_pass() -> None:
    """Nobody's first run fails for our own golds."""
    report = _check(starter_path())
    assert (report.failed, report.problems) == (0, report.count(Outcome.ACCEPT))


def test_what_is_kept_is_bounded_and_what_is_counted_is_not(tmp_path: Path) -> None:
    """Memory does not grow with the number of failures."""
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"prompt": f"Poem {i}"}) + "\n" for i in range(30)))
    report = _check(path, keep=7)
    assert (report.failed, len(report.failures)) == (30, 7)


def test_an_advisory_verifier_is_checked_all_the_same(tmp_path: Path) -> None:
    """Its verdicts are stored, so they should mean something."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": "2+2?", "answer": "4"}) + "\n")
    report = _check(path, policy={"math": {"math": "advisory"}})
    assert (report.count(Outcome.ACCEPT), report.count(NOT_CHECKED)) == (1, 0)
