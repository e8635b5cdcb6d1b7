"""Known completions through every verifier: the good must be accepted and the bad rejected, on this very machine.

A verifier that accepts everything, or nothing, is worse than none, and nothing else would show it: another version of a
library, a missing data file or a machine without namespaces can do that to a verifier whose code is right.

Not covered: `judge`, which needs a model; how often a verifier is right (its own tests measure that).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict
from verifiers import gym
from verifiers.pool import WorkerPool
from verifiers.procedural import META

UNTESTED: Mapping[str, str] = {"judge": "it needs a model", "procedural": "reasoning-gym is not installed"}
"""Why a verifier may have no subject."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A problem, completions of it that must be accepted, and completions that must be rejected."""

    verifier: str
    problem: Problem
    good: tuple[str, ...]
    bad: tuple[str, ...]
    more: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the candidates besides their text."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a verifier made of one completion whose verdict is known."""

    expected: Outcome
    text: str
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether the verdict is the known one."""
        return self.verdict.outcome is self.expected

    @property
    def lacking(self) -> str:
        """What this machine lacks to judge the completion; empty when it was judged."""
        unavailable = self.verdict.reason is Reason.SANDBOX_UNAVAILABLE
        return self.verdict.detail or self.verdict.reason if unavailable else ""


async def judge_subjects(pool: WorkerPool, subjects: Iterable[Subject]) -> list[Result]:
    """Judge every completion, several at once; the pool must have the default settings."""
    known = [
        (subject, expected, text)
        for subject in subjects
        for expected, texts in ((Outcome.ACCEPT, subject.good), (Outcome.REJECT, subject.bad))
        for text in texts
    ]

    async def judge(subject: Subject, expected: Outcome, text: str) -> Result:
        (verdict,) = await pool.verify(subject.problem, _candidate(subject, text), [subject.verifier])
        return Result(expected, text, verdict)

    return await asyncio.gather(*(judge(*one) for one in known))


def _candidate(subject: Subject, text: str) -> Candidate:
    fields = {"reasoning": None, "reasoning_field": "inline", "finish_reason": "stop", "model": "", **subject.more}
    return Candidate("selftest", "selftest", subject.problem.id, 0, content=text, **fields)


def _trace(answer: str, thought: str = "Look at what is given, then add it up.") -> str:
    return f"<think>\n{thought}\n</think>\n<answer>\n{answer}\n</answer>"


def _answers(verifier: str, problem: Problem, right: Iterable[str], wrong: Iterable[str]) -> Subject:
    return Subject(verifier, problem, tuple(map(_trace, right)), tuple(map(_trace, wrong)))


def _programs(tests: Mapping[str, Any], right: Iterable[str], wrong: Iterable[str]) -> Subject:
    problem = Problem("selftest", "code", "Write the program.", tests=tests)
    fenced = ([f"```python\n{program}\n```" for program in programs] for programs in (right, wrong))
    return _answers("code", problem, *fenced)


_HALF = Problem("selftest", "math", "What is half of one?", answer="1/2")
_ROOTS = Problem("selftest", "math", "解方程 x^2=4。", answer="x=2或x=-2", language="zh")
_PICK = Problem("selftest", "choice", "Which is red?\nA. grass\nB. blood\nC. the sky", answer="B")
_WHO = Problem("selftest", "logic", "Who is the knave?", answer="Alice")
_WHETHER = Problem("selftest", "logic", "他说谎了吗？", answer="是", language="zh")
_ENGLISH = Problem("selftest", "math", "How many apples are left in the basket?", answer="4")
_CHINESE = Problem("selftest", "math", "篮子里还剩几个苹果？", answer="4", language="zh")

_THOUGHT_EN = "We begin with seven apples and give three of them away, so there must be four left in the basket."
_THOUGHT_FR = "Il nous reste donc quatre pommes dans le panier."
_THOUGHT_ZH = "我们一开始有七个苹果，送走了其中的三个，所以篮子里应该还剩下四个苹果。"
_ADD_CALL = {"type": "call", "fn_name": "add", "call_style": "function", "cases": [{"args": [2, 3], "expected": 5}]}
_ADD_STDIN = {"type": "stdin", "cases": [{"input": "2 3\n", "output": "5\n"}, {"input": "-1 1\n", "output": "0\n"}]}
_ADD_ASSERT = {"type": "assert", "setup": "", "code": "assert add(2, 3) == 5", "entry_point": "add"}

_SUBJECTS: tuple[Subject, ...] = (
    Subject(
        "format",
        _ENGLISH,
        good=(_trace("4"), "We have four.</think>4"),
        bad=(
            "4",
            "<think>We have four.",
            "<think></think><answer>4</answer>",
            "<think>Four.</think><answer></answer>",
            _trace("4") * 2,
            _trace("4<|im_end|>"),
            _trace(r"\boxed{4}. No, that is wrong: it is \boxed{5}."),
            _trace("4") + r"\boxed{5}",
        ),
    ),
    Subject("format", _ENGLISH, (), (_trace("4"),), {"finish_reason": "length"}),
    _answers("math", _HALF, (r"\boxed{\frac{1}{2}}", "0.5", "二分之一"), ("2", "0.33", "-1/2", r"\boxed{1/2 or 2}")),
    _answers("math", _ROOTS, (r"$x=\pm 2$", "-2, 2"), ("2", "x=4")),
    _answers("choice", _PICK, ("B", "(B) blood", "故选B"), ("A", "A and B", "ABC")),
    _answers("exact", _WHO, ("Alice", "**alice**"), ("Bob", "nobody")),
    _answers("exact", _WHETHER, ("是的", "yes"), ("不是", "no")),
    _programs(
        _ADD_STDIN,
        ("print(sum(map(int, input().split())))",),
        ("print(5)", "raise SystemExit", "import os\nprint('5', flush=True)\nos._exit(0)"),
    ),
    _programs(
        _ADD_CALL,
        ("def add(a, b):\n    return a + b",),
        ("def add(a, b):\n    return a - b", "class Any:\n    __eq__ = lambda *_: True\nadd = lambda a, b: Any()"),
    ),
    _programs(
        _ADD_ASSERT, ("def add(a, b):\n    return a + b",), ("def add(a, b):\n    return 6", "import sys\nsys.exit(0)")
    ),
    Subject("length", _ENGLISH, (_trace("4"),), (), {"completion_tokens": 20}),
    Subject("length", _ENGLISH, (), (_trace("4"),), {"completion_tokens": 40_000}),
    Subject("length", _ENGLISH, (), (_trace("4"),), {"completion_tokens": 0}),
    Subject(
        "language",
        _ENGLISH,
        good=(_trace("4", _THOUGHT_EN),),
        bad=tuple(
            _trace("4", thought)
            for thought in (f"{_THOUGHT_EN} {_THOUGHT_ZH}", _THOUGHT_ZH, f"{_THOUGHT_EN} {_THOUGHT_FR}", _THOUGHT_FR)
        ),
    ),
    Subject(
        "language",
        _CHINESE,
        good=(_trace("4", f"{_THOUGHT_ZH}即 $7-3=4$，用代码写是 `apples = 7 - 3`。"),),
        bad=tuple(
            _trace("4", thought)
            for thought in (f"{_THOUGHT_ZH}{_THOUGHT_EN}", _THOUGHT_EN, f"{_THOUGHT_ZH}{_THOUGHT_FR}", _THOUGHT_FR)
        ),
    ),
    Subject(
        "paragraphs",
        _ENGLISH,
        good=(_trace("4", f"{_THOUGHT_EN}\n\n" * 40),),
        bad=(_trace("4", f"{_THOUGHT_EN} " * 40), _trace("4", _THOUGHT_ZH * 40)),
    ),
    Subject(
        "codeblocks",
        _ENGLISH,
        good=(_trace("```\n4\n```", f"{_THOUGHT_EN} Or `7 - 3`."),),
        bad=(_trace("4", f"{_THOUGHT_EN}\n```python\nprint(7 - 3)\n```"),),
    ),
    Subject(
        "repetition", _ENGLISH, (_trace("4", _THOUGHT_EN),), (_trace("4", "Wait, let me check that again. " * 200),)
    ),
    Subject("repetition", _CHINESE, (_trace("4", _THOUGHT_ZH),), (_trace("4", "等等，我再检查一遍。" * 200),)),
)
"""At least one good and one bad completion of every verifier; small, because `curator doctor` judges them all."""


def subjects() -> Iterator[Subject]:
    """Yield all that can be judged here; `UNTESTED` says what may be missing."""
    yield from _SUBJECTS
    if gym.installed() is not None:
        yield _procedural("chain_sum")


def _procedural(task: str) -> Subject:
    """Take a sum that reasoning-gym makes; its scorer must tell the answer from another number."""
    entry = gym.task(task, 1, 0).entry(0)
    recipe = {"task": task, "size": 1, "seed": 0, "index": 0, "version": gym.installed()}
    problem = Problem("selftest", "logic", entry.question, entry.answer, verifier="procedural", meta={META: recipe})
    return _answers("procedural", problem, [str(entry.answer)], [f"{entry.answer}1", "no number"])
