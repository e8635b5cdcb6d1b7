"""reasoning-gym's tasks: entries made again exactly, and scored by the task's own scorer.

An entry follows from task, size, seed and index, so only those are kept and nothing of an entry has to survive being
stored. Half a dozen tasks depend on the order of sets: both who makes problems and who scores them must run with
`PYTHONHASHSEED=0`.

Some scorers hand the answer to Python's `eval`, or to sympy, which does the same. Model text is hostile: only what
cannot do anything reaches those. Not covered: tasks whose scorer is wrong, see `REFUSED`.
"""

from __future__ import annotations

import ast
import importlib
import os
import random
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

VERSION = "0.1.25"
"""The reasoning-gym whose scorers were read for what follows; no other is used."""
REFUSED: Mapping[str, str] = {
    "composite": "it mixes other tasks, which have to be chosen",
    "game_of_life_halting": "its scorer takes every answer for True",
    "puzzle24": "its scorer does not ask whether the problem's numbers were used",
}
"""Tasks that are not offered, and why."""
RUNS_PYTHON = frozenset({"binary_matrix", "n_queens", "spiral_matrix", "string_insertion"})
"""Tasks whose scorer calls `eval` on the answer."""
RUNS_SYMPY = frozenset({"countdown", "intermediate_integration", "polynomial_multiplication", "simple_integration"})
"""Tasks whose scorer calls sympy's `parse_expr` on the answer, which evaluates it as Python."""

_FUNCTIONS = "a?(?:sin|cos|tan|sec|csc|cot)h?|sqrt|exp|log|ln|pi|Abs|erf|erfi|Ei|Si|Ci|fresnel[sc]|[A-Za-z]"
_FORMULA = re.compile(rf"(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|\b(?:{_FUNCTIONS})\b|[-+*/^(),\s])*")
_DATA = (ast.Expression, ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Name, ast.Load)
_SIGNED = (ast.UnaryOp, ast.USub, ast.UAdd)


class UnknownTaskError(Exception):
    """There is no such task, or it is not offered; `reason` says why, empty when there is none of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.reason = REFUSED.get(name, "")


class Entry(NamedTuple):
    """One problem of a task, as reasoning-gym made it."""

    question: str
    answer: str | None
    """One right answer; None for tasks that only have a scorer."""
    made: Mapping[str, Any]


@cache
def installed() -> str | None:
    """Return the version of reasoning-gym, None when it is not installed."""
    try:
        return version("reasoning-gym")
    except PackageNotFoundError:
        return None


def missing() -> str:
    """Say why reasoning-gym cannot be used; empty when it can."""
    found = installed()
    if found in {None, VERSION}:
        return "" if found else "reasoning-gym is not installed"
    return f"reasoning-gym {found} is installed, and only of {VERSION} is it known which scorers run answers as code"


@cache
def load() -> Any:
    """Import reasoning-gym: about a second of CPU time, and 170 MiB of address space.

    Raises:
        ImportError: it is not installed.
    """
    # Each thread of the numeric library takes address space, which a worker has little of; nothing here needs two.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return importlib.import_module("reasoning_gym")


def tasks() -> list[str]:
    """Name the tasks that are offered.

    Raises:
        ImportError: reasoning-gym is not installed.
    """
    load()
    return sorted(importlib.import_module("reasoning_gym.factory").DATASETS.keys() - REFUSED.keys())


class Task:
    """One task with the default difficulty."""

    def __init__(self, name: str, size: int, seed: int) -> None:
        if name not in tasks():
            raise UnknownTaskError(name)
        self.name, self.size, self.seed = name, size, seed
        self._dataset = load().create_dataset(name, size=size, seed=seed)

    def entry(self, index: int) -> Entry:
        """Make the entry at `index`, from 0, whatever was made before it."""
        # A few tasks draw from the global generators as well.
        random.seed(f"{self.seed} {index}")
        importlib.import_module("numpy.random").seed((self.seed + index) % 2**32)
        made = self._dataset[index]
        return Entry(made["question"], made["answer"], made)

    def score(self, answer: str, entry: Entry) -> float:
        """Score an answer; 1 is right. One that would be run as a program is 0."""
        return float(self._dataset.score_answer(answer, entry.made)) if harmless(self.name, answer) else 0.0


@lru_cache(maxsize=16)
def task(name: str, size: int, seed: int) -> Task:
    """Return a task; some read a word list before their first entry, so the last ones are kept.

    Raises:
        UnknownTaskError: there is no such task, or it is not offered.
        ImportError: reasoning-gym is not installed.
    """
    return Task(name, size, seed)


def harmless(name: str, answer: str) -> bool:
    """Tell whether a scorer may be given this answer: what it would evaluate is data, or a formula."""
    if name in RUNS_SYMPY:
        return _FORMULA.fullmatch(answer) is not None
    return name not in RUNS_PYTHON or all(_is_data(text) for text in (answer, answer.strip()))


def _is_data(text: str) -> bool:
    """Tell whether `eval` could do nothing but build a value of this text, or fail on it."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return True
    except (MemoryError, RecursionError):
        return False
    return all(isinstance(node, (*_DATA, *_SIGNED)) for node in ast.walk(tree))
