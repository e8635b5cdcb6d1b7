"""reasoning-gym answers, scored in real worker processes by the tasks' own scorers."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict
from verifiers import gym
from verifiers.gym import RUNS_PYTHON, RUNS_SYMPY, harmless
from verifiers.pool import WorkerPool
from verifiers.procedural import META
from verifiers.registry import VERIFIERS
from verifiers.run import config_hash, verify_one
from verifiers.settings import VerifierSettings

needs_gym = pytest.mark.skipif(bool(gym.missing()), reason="needs the extra gym")
ROOT = str(Path(__file__).parents[2])
MAKE = """
import json, sys
from verifiers import gym
known = gym.tasks()
more = {"acre", "codeio", "graph_color", "syllogism", "word_ladder"}
wanted = sorted({*known[::15], *gym.RUNS_PYTHON, *gym.RUNS_SYMPY, *more})
for name in wanted:
    entry = gym.Task(name, 9, 42).entry(3)
    print("\\n" + json.dumps([name, entry.question, entry.answer]))
"""


@pytest.fixture(scope="module")
def problems() -> dict[str, Problem]:
    """One problem each of some fifteen tasks, those with peculiar scorers among them."""
    env = {**os.environ, "PYTHONPATH": ROOT, "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, "-c", MAKE], env=env, capture_output=True, text=True, check=True)
    made = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    return {name: problem(name, question, answer) for name, question, answer in made}


def problem(task: str, question: str, answer: str | None) -> Problem:
    recipe = {"task": task, "size": 9, "seed": 42, "index": 3, "version": gym.installed() or "0"}
    return Problem("p", "logic", question, answer, verifier="procedural", meta={META: recipe, "other": "x"})


def candidate(content: str) -> Candidate:
    return Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m")


def answered(answer: str) -> Candidate:
    return candidate(f"<think>\nLet me see.\n</think>\n<answer>\n{answer}\n</answer>")


Judged = Callable[..., list[Verdict]]


@pytest.fixture(scope="module")
def judged() -> Iterator[Judged]:
    """Judge pairs of problem and candidate, in one worker for all stories."""
    with asyncio.Runner() as runner:
        pool = WorkerPool(1)

        def judge(*pairs: tuple[Problem, Candidate]) -> list[Verdict]:
            async def verdicts() -> list[list[Verdict]]:
                return [await pool.verify(one, given, ["procedural"]) for one, given in pairs]

            return [verdict for (verdict,) in runner.run(verdicts())]

        yield judge
        runner.run(pool.__aexit__(None, None, None))


@needs_gym
def test_golds_are_right_and_prose_is_wrong(problems: dict[str, Problem], judged: Judged) -> None:
    """Every gold gets the full score in a worker, whose limits it fits into; talk gets a rejection."""
    golds = [one for one in problems.values() if one.answer is not None]
    for one, verdict in zip(golds, judged(*((one, answered(str(one.answer))) for one in golds)), strict=True):
        assert (verdict.outcome, verdict.score) == (Outcome.ACCEPT, 1.0), (one.meta, verdict)
    talk = judged(*((one, answered("I do not know, sorry.")) for one in problems.values()))
    assert {verdict.outcome for verdict in talk} == {Outcome.REJECT}
    assert {verdict.reason for verdict in talk} <= {Reason.WRONG_ANSWER, Reason.UNPARSABLE_ANSWER}


@needs_gym
def test_part_of_the_score_is_no_right_answer(problems: dict[str, Problem], judged: Judged) -> None:
    """Credit for the form is kept as score, and rejects; the other right answers of a task are accepted."""
    countdown = problems["countdown"]
    replies = answered("1 + 1"), answered(f"({countdown.answer})"), candidate("<think>Hm.</think>")
    used, another, none = judged(*((countdown, reply) for reply in replies))
    assert (used.outcome, used.reason, used.score) == (Outcome.REJECT, Reason.WRONG_ANSWER, 0.05)
    assert used.detail == "scored 0.05 of 1"
    assert another.outcome is Outcome.ACCEPT
    assert (none.outcome, none.reason) == (Outcome.REJECT, Reason.NO_ANSWER)


@needs_gym
def test_the_answer_may_stand_in_a_sentence(problems: dict[str, Problem], judged: Judged) -> None:
    """As a whole, in a box, or after the words that announce it; never somewhere in the talk."""
    one = next(p for p in problems.values() if p.answer and p.answer.isdigit())
    forms = (r"\boxed{%s}", "Adding up gives it.\nThe final answer is %s.", "It is not %s but another.")
    verdicts = judged(*((one, candidate(f"<think>Hm.</think>{form % one.answer}")) for form in forms))
    assert [verdict.outcome for verdict in verdicts] == [Outcome.ACCEPT, Outcome.ACCEPT, Outcome.REJECT]
    assert verdicts[0].extracted == verdicts[0].expected == one.answer


@needs_gym
def test_yes_is_yes_however_it_is_spelled(problems: dict[str, Problem], judged: Judged) -> None:
    """A scorer that compares letter by letter does not make a small letter or a full stop a wrong answer."""
    one = problems["syllogism"]
    gold, other = ("Yes", "No") if one.answer == "Yes" else ("No", "Yes")
    verdicts = judged(*((one, answered(said)) for said in (f"{gold.lower()}.", gold.upper(), other, f"not {gold}")))
    assert [verdict.outcome for verdict in verdicts] == [Outcome.ACCEPT, Outcome.ACCEPT, Outcome.REJECT, Outcome.REJECT]
    assert verdicts[0].extracted == f"{gold.lower()}."


@needs_gym
def test_an_answer_is_never_run(problems: dict[str, Problem], judged: Judged, tmp_path: Path) -> None:
    """Scorers that evaluate the answer are not given a program, in whatever it is wrapped."""
    owned = tmp_path / "owned"
    program = f"__import__('pathlib').Path({str(owned)!r}).touch()"
    forms = ("{}", "[{}]", "1 + {}", "24 and\n{}", r"\boxed{{{}}}", "lambda: {}", " \t{}", "3! + {}")
    texts = [(problems[name], answered(form.format(program))) for name in RUNS_PYTHON | RUNS_SYMPY for form in forms]
    assert {verdict.outcome for verdict in judged(*texts)} == {Outcome.REJECT}
    assert not owned.exists()


@needs_gym
def test_which_modules_evaluate_is_known() -> None:
    """Besides the scorers that are guarded, only generators evaluate, and what they evaluate is their own."""
    own = {"basic_arithmetic", "bitwise_arithmetic", "codeio", "generators_00_49", "generators_50_99", "number_sorting"}
    spec = find_spec("reasoning_gym")
    assert spec is not None and spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0])
    found = {path.stem for path in folder.rglob("*.py") if "contrib" not in path.parts and _evaluates(path)}
    assert found == {*RUNS_PYTHON, *RUNS_SYMPY, *own, "puzzle24", "propositional_logic"}


def _evaluates(path: Path) -> bool:
    return bool(re.search(r"\b(?:eval|exec|parse_expr|sympify|system|Popen|__import__)\(", path.read_text("utf-8")))


@given(st.text(st.sampled_from("aSx129._ \n\"'()[]{}+-*/^,:=@!lambdsqrt")))
def test_what_is_harmless_calls_nothing(text: str) -> None:
    """Data holds no call, attribute or comprehension; a formula no quote, bracket, underscore or attribute."""
    for name in (*RUNS_PYTHON, *RUNS_SYMPY):
        nodes = _nodes(text) if harmless(name, text) else []
        assert not any(isinstance(node, ast.Attribute | ast.Subscript | ast.Lambda | ast.Starred) for node in nodes)
        assert name in RUNS_SYMPY or not any(isinstance(node, ast.Call | ast.BinOp) for node in nodes)
    assert not (harmless("countdown", text) and set(text) & set("\"'[]{}_:=@!"))
    assert harmless("chain_sum", text)


def _nodes(text: str) -> list[ast.AST]:
    try:
        return list(ast.walk(ast.parse(text.strip(), mode="eval")))
    except (SyntaxError, ValueError):
        return []


@needs_gym
def test_problems_that_this_version_does_not_make(problems: dict[str, Problem], judged: Judged) -> None:
    """Another question, another gold, a task or an entry that is not there: cannot tell, and why."""
    one = next(iter(problems.values()))
    recipe: dict[str, Any] = dict(one.meta[META])
    others = [
        replace(one, prompt=one.prompt + " "),
        replace(one, answer="another"),
        *(replace(one, meta={META: {**recipe, **change}}) for change in ({"task": "no"}, {"index": 9}, {"size": 0})),
        replace(one, meta={}),
    ]
    verdicts = judged(*((other, answered("1")) for other in others))
    assert {(verdict.outcome, verdict.reason) for verdict in verdicts} == {(Outcome.ABSTAIN, Reason.NO_VERIFIER)}
    assert "made by version" in verdicts[0].detail and "there is none" in verdicts[2].detail


def test_the_recipe_and_the_package_are_part_of_the_verdict() -> None:
    """Another entry, and another reasoning-gym, ask for new verdicts; other verifiers do not mind the recipe."""
    one, settings = problem("chain_sum", "q", "1"), VerifierSettings()
    other = replace(one, meta={META: {**one.meta[META], "index": 4}})
    assert config_hash("procedural", settings, one) != config_hash("procedural", settings, other)
    assert config_hash("exact", settings, one) == config_hash("exact", settings, other)
    assert (gym.installed() or "missing") in VERIFIERS["procedural"].version


@pytest.mark.parametrize(("found", "why"), [(None, "is not installed"), ("9.0", "9.0 is installed, and only of")])
def test_without_the_right_reasoning_gym(monkeypatch: pytest.MonkeyPatch, found: str | None, why: str) -> None:
    """Without the package, or with another version, nothing is right or wrong; the verdict says what to install."""
    monkeypatch.setattr(gym, "installed", lambda: found)
    verdict = verify_one("procedural", problem("chain_sum", "q", "1"), answered("1"), VerifierSettings())
    assert (verdict.outcome, verdict.reason) == (Outcome.ABSTAIN, Reason.NO_VERIFIER)
    assert why in verdict.detail and "pip install 'r1-curator[gym]'" in verdict.detail
    assert verdict.version.endswith(found or "missing")
