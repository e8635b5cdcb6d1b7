"""`reasoning-gym:TASK:SIZE`: problems that are made on the spot, and the same ones whenever the command is the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from curator.errors import CuratorError, UsageError
from curator.reading.problems import ReadOptions, problems, scan
from curator.reading.rows import rows
from curator.reading.sources import Choice, open_source
from schemas.problem import Problem
from verifiers import gym

if TYPE_CHECKING:
    from tests.conftest import User

needs_gym = pytest.mark.skipif(bool(gym.missing()), reason="needs the extra gym")
PLAIN = ReadOptions()


def made(typed: str) -> list[Problem]:
    return list(problems(open_source(typed).source, PLAIN))


@pytest.fixture(scope="module")
def sums() -> list[Problem]:
    return made("reasoning-gym:chain_sum:6")


@needs_gym
def test_a_task_becomes_problems(sums: list[Problem]) -> None:
    """Each entry is a logic problem that names its scorer, its recipe and where it comes from."""
    first, *rest = sums
    assert len(rest) == 5 and (first.domain, first.language, first.verifier) == ("logic", "en", "procedural")
    assert first.source == "reasoning-gym/chain_sum" and first.id == first.content_hash
    assert first.prompt.endswith("=") and first.answer is not None and int(first.answer)
    recipe = {"task": "chain_sum", "size": 6, "seed": 42, "index": 0, "version": gym.installed()}
    assert first.meta == {"reasoning_gym": recipe}


@needs_gym
def test_the_same_command_makes_the_same_problems() -> None:
    """Even of a task that follows the order of sets; a limit makes no more than it needs, a later reading the rest."""
    source = open_source("reasoning-gym:codeio:8").source
    summary = scan(source, ReadOptions(limit=3))
    assert (summary.rows, summary.problems) == (3, 3)
    assert [row.line for row in rows(source)] == list(range(1, 9))
    assert list(problems(source, PLAIN)) == made("reasoning-gym:codeio:8")


@needs_gym
def test_a_question_that_comes_again() -> None:
    """Repeated questions are duplicates, also where their gold is another right answer; none is a contradiction."""
    summary = scan(open_source("reasoning-gym:n_queens:150").source, PLAIN)
    assert summary.problems + summary.duplicates == summary.rows == 150 and summary.duplicates > 0


@needs_gym
@pytest.mark.parametrize(
    ("typed", "text", "hint"),
    [
        ("reasoning-gym:chain_sm:5", "has no task 'chain_sm'", "Did you mean chain_sum"),
        ("reasoning-gym:puzzle24:5", "its scorer does not ask whether the problem's numbers were used", ""),
    ],
)
def test_tasks_that_are_not_offered(typed: str, text: str, hint: str) -> None:
    """An unknown task proposes near ones; one whose scorer is wrong says so."""
    with pytest.raises(UsageError, match=text) as caught:
        scan(open_source(typed).source, PLAIN)
    assert hint in caught.value.hint


@pytest.mark.parametrize("rest", ["", "chain_sum", "chain_sum:", "chain_sum:0", "chain_sum:-1", "a:1:2:3", "a:1:x"])
def test_what_is_no_spec(rest: str) -> None:
    """The form is told with an example."""
    with pytest.raises(UsageError, match="reasoning-gym:"):
        open_source(f"reasoning-gym:{rest}")
    with pytest.raises(UsageError, match="which has no splits"):
        open_source("reasoning-gym:gcd:5", Choice(split="test"))


@needs_gym
def test_a_generator_that_breaks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A reasoning-gym that cannot be loaded is told with its last words, not with a traceback."""
    (tmp_path / "reasoning_gym.py").write_text("raise RuntimeError('no data files')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(CuratorError, match="failed after 0 of 5 problems: RuntimeError: no data files"):
        made("reasoning-gym:gcd:5")


@needs_gym
def test_from_the_command_to_the_verdict(user: User, sums: list[Problem]) -> None:
    """`curator sample reasoning-gym:…` stores scored verdicts: a right answer, a wrong one, and one in a sentence."""
    forms = ("<answer>{}</answer>", "{}0", r"It is \boxed{{{}}}.") * 2
    asked = zip(sums, forms, strict=True)
    script = [{"prompt": p.prompt, "replies": ["<think>Add.</think>" + form.format(p.answer)]} for p, form in asked]
    user.writes("script.jsonl", script)
    command = ("sample", "reasoning-gym:chain_sum:6", "--n", 1, "--teacher", "scripted:script.jsonl", "--json")
    report = json.loads(user.does(*command))
    assert (report["accepted"], report["rejected"]) == (4, 2)
    wrong, _ = user.asks("SELECT reason, score FROM verdicts WHERE verifier = 'procedural' AND outcome = 'reject'")
    assert wrong["reason"] == "wrong_answer" and wrong["score"] < 1
