"""Rows of APPS, TACO, HumanEval, MBPP and PrimeIntellect: their tests in our form, and what the teacher must see.

A function's name has to be in the prompt, else no answer could pass: APPS keeps it in the starter code, MBPP in its
tests (shown to the model in its paper, too). The first reference solution is the answer; `curator check` runs it.

Not covered: programs in other languages than Python.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from keyword import iskeyword
from typing import Any

from curator.reading.call_tests import call_tests, no_tests, paired, stdin_tests, stub
from curator.reading.cells import data, fenced, text
from curator.reading.duplicates import RowFault
from curator.reading.inference import infer_language
from curator.reading.numpy_tests import numpy_setup

Row = Mapping[str, Any]
PYTHON = frozenset({"python", "python3", "py"})
_FENCED = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_DEFINED = re.compile(r"^(?:async\s+)?def\s+(\w+)", re.MULTILINE)
_CALLED = re.compile(r"(?<![.\w])([^\W\d]\w*)\s*\(")
_MUST_PASS = {"zh": "程序必须通过这些测试："}
_TYPING = "from typing import *\n"
"""What the runner of APPS puts before a function, and LeetCode has there: its signatures name List and Optional."""


def apps_prompt(row: Row) -> str:
    """Put the starter code under the question; where a tested function has none, its signature."""
    question, starter = text(row, "question"), text(row, "starter_code").strip()
    starter = starter or _signature(row)
    return f"{question.rstrip()}\n\n{fenced(starter)}" if starter and question.strip() else question


def _signature(row: Row) -> str:
    given = row.get("input_output")
    if not isinstance(given, str | dict) or "fn_name" not in given:
        return ""  # spares reading megabytes of tests twice
    with suppress(RowFault):  # whoever wants the tests is told
        tests = apps_tests(row)
        return stub(tests["fn_name"], tests) if tests["type"] == "call" else ""
    return ""


def apps_tests(row: Row) -> dict[str, Any]:
    """Read `input_output`: inputs, outputs, and fn_name where a function is called.

    Raises:
        RowFault: it is empty, as in many rows, or makes no tests.
    """
    given = data(row, "input_output")
    if not given:
        raise no_tests("input_output")
    if not isinstance(given, dict):
        raise RowFault("input_output must be an object with inputs and outputs")
    pairs = paired(given.get("inputs"), given.get("outputs"), "input_output")
    name = given.get("fn_name")
    if not name:
        return stdin_tests(pairs)
    tests = call_tests(str(name), pairs, text(row, "starter_code").strip() or apps_solution(row) or "")
    return {**tests, "prelude": _TYPING} if tests["type"] == "call" else tests


def apps_solution(row: Row) -> str | None:
    """Take the first of `solutions`."""
    return _first(row.get("solutions"), "solutions")


def humaneval_tests(row: Row) -> dict[str, Any]:
    """Call the test's `check` with the entry point, as its runner does.

    Raises:
        RowFault: there is no test.
    """
    code, entry = text(row, "test"), text(row, "entry_point")
    if not code.strip() or not entry.strip():
        raise no_tests("test" if entry.strip() else "entry_point")
    call = f"check({entry})"
    called = re.search(rf"^{re.escape(call)}", code, re.MULTILINE)
    tests = {
        "type": "assert",
        "setup": numpy_setup(code),
        "code": code if called else f"{code.rstrip()}\n\n{call}\n",
        "entry_point": entry,
    }
    prelude = _before(text(row, "prompt"), entry)
    return {**tests, "prelude": prelude} if prelude else tests


def _before(prompt: str, entry: str) -> str:
    """Return the imports and helpers of a prompt: what is asked for is only the function after them."""
    try:
        nodes = ast.parse(prompt).body
    except SyntaxError:
        return ""
    kept = [node for node in nodes if not (isinstance(node, ast.FunctionDef) and node.name == entry)]
    return "\n".join(ast.get_source_segment(prompt, node) or "" for node in kept)


def humaneval_solution(row: Row) -> str | None:
    """Complete the prompt: the canonical solution is only the body of its function."""
    body = text(row, "canonical_solution")
    return text(row, "prompt") + body if body.strip() else None


def mbpp_prompt(row: Row) -> str:
    """Show the tests under the task: only they tell the function's name."""
    task = text(row, "text" if "text" in row else "prompt")
    shown = "\n".join(_asserts(row))
    asked = _MUST_PASS.get(infer_language(task), "The program must pass these tests:")
    return f"{task.rstrip()}\n\n{asked}\n\n{fenced(shown)}" if task.strip() else task


def mbpp_tests(row: Row) -> dict[str, Any]:
    """Join the asserts of `test_list`; where there is a `test` (MBPP+), it holds those and many more.

    Raises:
        RowFault: there are none.
    """
    asserts = _asserts(row)
    imports = data(row, "test_imports") or []
    setup = text(row, "test_setup_code") or ("\n".join(imports) if isinstance(imports, list) else str(imports))
    code = text(row, "test") or "\n".join(asserts) + "\n"
    tests = {"type": "assert", "setup": numpy_setup(code) + setup, "code": code}
    entry = _tested(asserts, text(row, "code"))
    return {**tests, "entry_point": entry} if entry else tests


def prime_tests(row: Row) -> dict[str, Any] | None:
    """Read the test cases of `verification_info`; None where a task of another kind has none.

    Raises:
        RowFault: they are empty, mixed, or for another language.
    """
    info = _info(row)
    cases = info.get("test_cases")
    if not cases and ("test_cases" in info or row.get("task_type") == "verifiable_code"):
        raise no_tests("verification_info.test_cases")
    if not cases:
        return None
    language = info.get("language") or "python"
    if str(language).lower() not in PYTHON:
        raise RowFault(f"its tests are for {language}", hint="Only Python programs can be run.")
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise RowFault("verification_info.test_cases must be a list of objects")
    pairs = [(case.get("input"), case.get("output")) for case in cases]
    names = {case.get("fn_name") or "" if _calls(case) else None for case in cases}
    if names == {None}:
        return stdin_tests(pairs)
    if len(names) > 1 or not all(names):
        raise RowFault("verification_info.test_cases must all call one function (fn_name), or all use stdin")
    (name,) = names
    starter = text(row, "prompt") or text(row, "problem")
    return call_tests(str(name), pairs, f"{starter}\n{prime_answer(row) or ''}")


def prime_answer(row: Row) -> Any:
    """Take the reference solution of a program, and the ground truth of any other task."""
    info = _info(row)
    if "test_cases" not in info:
        return info.get("ground_truth")
    solution = _first(row.get("gold_standard_solution"), "gold_standard_solution") or ""
    blocks = _FENCED.findall(solution)
    return (blocks[-1] if blocks else solution).strip() or None


def _info(row: Row) -> dict[str, Any]:
    info = data(row, "verification_info") or {}
    if not isinstance(info, dict):
        raise RowFault("verification_info must be an object")
    return info


def _calls(case: Mapping[str, Any]) -> bool:
    kind = case.get("type")
    return kind == "function_call" or (kind is None and bool(case.get("fn_name")))


def _first(solutions: Any, column: str) -> str | None:
    """Take the first text of a list, of the JSON text of one, or the text itself."""
    listed = solutions
    if isinstance(solutions, str) and solutions.lstrip().startswith("["):
        with suppress(RowFault):  # a program may begin with a bracket, too
            listed = data({column: solutions}, column)
    several = listed if isinstance(listed, list) else [listed]
    return next((item for item in several if isinstance(item, str) and item.strip()), None)


def _asserts(row: Row) -> list[str]:
    asserts = data(row, "test_list")
    if not asserts:
        raise no_tests("test_list")
    if not isinstance(asserts, list) or not all(isinstance(line, str) for line in asserts):
        raise RowFault("test_list must be a list of asserts")
    return [line.strip() for line in asserts]


def _tested(asserts: Sequence[str], code: str) -> str | None:
    """Find the function under test: the outermost of the first assert's calls that the reference code defines."""
    defined = frozenset(_DEFINED.findall(code))
    called = [name for name in _CALLED.findall(asserts[0]) if not iskeyword(name)]
    known = [name for name in called if name in defined] or [name for name in called if not hasattr(builtins, name)]
    return known[0] if known else None
