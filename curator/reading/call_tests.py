"""Test cases of the APPS family (APPS, TACO, PrimeIntellect) → our `stdin` and `call` tests.

The rules are those of the runners that came with the data, `testing_util.py` of github.com/hendrycks/apps and
github.com/FlagOpen/TACO: inputs of a call are its arguments; lines in a list are one text; printed numbers need not
agree to the last digit; a call is right when it returns the output, *or the output's first element*, since most
outputs were wrapped in a list of one. Two values that both count would also let a wrong one pass, so the wrapping is
decided once for a problem: see `_wrapped`.

Not covered: arguments that are dictionaries with number keys (JSON made them text, and text they stay), and time or
memory limits, which were set for other machines and other languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from curator.reading.duplicates import RowFault
from curator.reading.rows import json_value, kind_of
from schemas.identity import canonical_json

FLOATS: Mapping[str, Any] = {"type": "float_tokens", "abs": 1e-6, "rel": 1e-6}
"""Checker of problems that print fractions; the runners allow a relative 1e-5 (`numpy.allclose`), whole numbers too."""
_FRACTION = re.compile(r"(?<!\S)[-+]?\d*\.\d+(?:[eE][-+]?\d+)?(?!\S)")
_LIST = re.compile(r"\b(?:list|tuple|sequence)\s*\[", re.IGNORECASE)


def paired(inputs: Any, outputs: Any, column: str) -> list[tuple[Any, Any]]:
    """Pair inputs with outputs.

    Raises:
        RowFault: there are none, or not as many of the one as of the other.
    """
    if not isinstance(inputs, list) or not isinstance(outputs, list):
        raise RowFault(f"{column} must hold the lists inputs and outputs")
    if len(inputs) != len(outputs):
        raise RowFault(f"{column} has {len(inputs)} inputs, but {len(outputs)} outputs")
    if not inputs:
        raise no_tests(column)
    return list(zip(inputs, outputs, strict=True))


def no_tests(column: str) -> RowFault:
    """Say that a row's answers could never be judged."""
    return RowFault(f"no tests: {column} is empty", hint="Without tests no program can be judged.")


def stdin_tests(pairs: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    """Make tests of a program that reads standard input and prints."""
    cases = [{"input": _lines(given), "output": _lines(wanted)} for given, wanted in pairs]
    tests: dict[str, Any] = {"type": "stdin", "cases": cases}
    if any(_FRACTION.search(case["output"]) for case in cases):
        tests["checker"] = dict(FLOATS)
    return tests


def call_tests(name: str, pairs: Sequence[tuple[Any, Any]], code: str) -> dict[str, Any]:
    """Make tests that call a function, or a method of the class `Solution`.

    Args:
        name: The function.
        pairs: Arguments (a list, or text with one JSON value a line) and what is to be returned.
        code: The starter code, else a solution: it says whether `name` is a method, and what it returns.

    Raises:
        RowFault: arguments that are no list.
    """
    returned = [wanted for _, wanted in pairs]
    if all(isinstance(given, str) for given, _ in pairs):
        returned = [_value(wanted) for wanted in returned]
    elif _wrapped(returned, _returned_lists(name, code)):
        returned = [only for (only,) in returned]
    arguments = [_arguments(given) for given, _ in pairs]
    return {
        "type": "call",
        "fn_name": name,
        "call_style": "method" if "class Solution" in code else "function",
        "cases": [{"args": args, "expected": out} for args, out in zip(arguments, returned, strict=True)],
    }


def stub(name: str, tests: Mapping[str, Any]) -> str:
    """Write the signature of a function that only its tests know."""
    count = max(len(case["args"]) for case in tests["cases"])
    return f"def {name}({', '.join(f'arg{number}' for number in range(1, count + 1))}):"


def _wrapped(returned: Sequence[Any], lists: int) -> bool:
    """Tell whether each output is the returned value in a list of one.

    They are when all are such lists, unless just such lists (nested `lists` deep) are what the function returns.
    """
    if not all(isinstance(wanted, list) and len(wanted) == 1 for wanted in returned):
        return False
    return not lists or max(map(_depth, returned)) > lists


def _returned_lists(name: str, code: str) -> int:
    """Count how deep lists are nested in what `name` returns; 0 without an annotation."""
    annotated = re.search(rf"def\s+{re.escape(name)}\s*\([^)]*\)\s*->\s*([^:\n]+)", code)
    return len(_LIST.findall(annotated[1])) if annotated else 0


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list):
        depth += 1
        value = next((item for item in value if isinstance(item, list)), None)
    return depth


def _arguments(given: Any) -> list[Any]:
    if isinstance(given, list):
        return given
    if not isinstance(given, str):
        raise RowFault(f"the arguments of a call must be a list, not {kind_of(given)}")
    return [_value(line) for line in given.splitlines() if line.strip()]


def _value(written: Any) -> Any:
    """Read a value where each is written as JSON text (the convention of LiveCodeBench)."""
    if not isinstance(written, str):
        return written
    try:
        return json_value(written)
    except ValueError as error:
        raise RowFault(f"an argument or output of a call is not JSON: {error}") from error


def _lines(value: Any) -> str:
    match value:
        case str():
            return value
        case list():
            return "\n".join(map(_lines, value))
        case _:
            return canonical_json(value)
