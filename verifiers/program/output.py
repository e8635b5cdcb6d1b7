"""Is what a program printed, or what its function returned, what was expected?

Printed text, by checker: `tokens` (the default) compares words line by line, white space at the ends of lines and empty
lines at the end left out; `float_tokens` does so with numbers within a tolerance, but whole numbers exactly; `exact`
compares characters, white space at the very end left out. NaN and infinities are near nothing.

Returned values are compared as JSON sees them: a tuple is a list, keys of a dictionary are text, 1 is 1.0 and True, as
for Python's own `==`, which such tests are made with; a set, text and bytes are only themselves. Floats are compared
exactly unless the checker is `float_tokens`.

Not covered: several right outputs, as when a problem says 'in any order'.
"""

from __future__ import annotations

import math
import re
from typing import Any

from verifiers.program import plain
from verifiers.program.tests import Checker

_TOKENS, _EXACT = Checker("tokens"), Checker("exact")
_INTEGER = re.compile(r"[+-]?[0-9]{1,400}+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,400}+(?:\.[0-9]{0,400}+)?|\.[0-9]{1,400}+)(?:[eE][+-]?[0-9]{1,9})?")


def same_output(expected: str, printed: str, checker: Checker | None) -> bool:
    """Compare printed text."""
    checker = checker or _TOKENS
    expected, printed = _visible(expected), _visible(printed)
    if not checker.case_sensitive:
        expected, printed = expected.casefold(), printed.casefold()
    if checker.type == "exact":
        return expected.rstrip() == printed.rstrip()
    wanted, given = expected.rstrip().split("\n"), printed.rstrip().split("\n")
    return len(wanted) == len(given) and all(
        _same_tokens(left.split(), right.split(), checker) for left, right in zip(wanted, given, strict=True)
    )


def _visible(text: str) -> str:
    """Leave out how the text was stored: a byte order mark, and the line ends of another system."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _same_tokens(wanted: list[str], given: list[str], checker: Checker) -> bool:
    if checker.type == "tokens" or wanted == given:
        return wanted == given
    return len(wanted) == len(given) and all(
        left == right or _near_tokens(left, right, checker) for left, right in zip(wanted, given, strict=True)
    )


def _near_tokens(wanted: str, given: str, checker: Checker) -> bool:
    if _INTEGER.fullmatch(wanted) and _INTEGER.fullmatch(given):
        return int(wanted) == int(given)
    if not _NUMBER.fullmatch(wanted) or not _NUMBER.fullmatch(given):
        return False
    return _near(float(wanted), float(given), checker)


def _near(wanted: float, given: float, checker: Checker) -> bool:
    if not math.isfinite(wanted) or not math.isfinite(given):
        return False
    return abs(wanted - given) <= max(checker.abs, checker.rel * abs(wanted))


def same_value(expected: Any, returned: Any, checker: Checker | None) -> bool:
    """Compare a returned value, already plain data, with JSON."""
    checker = checker or _EXACT
    if isinstance(expected, list):
        return (
            isinstance(returned, list | tuple)
            and len(expected) == len(returned)
            and all(same_value(left, right, checker) for left, right in zip(expected, returned, strict=True))
        )
    if isinstance(expected, dict):
        return isinstance(returned, dict) and _same_items(expected, returned, checker)
    if isinstance(expected, str) and isinstance(returned, str):
        return expected == returned or (not checker.case_sensitive and expected.casefold() == returned.casefold())
    if expected is None or isinstance(expected, str):
        return returned is None and expected is None
    return isinstance(returned, int | float) and _same_number(expected, returned, checker)


def _same_items(expected: dict[str, Any], returned: dict[Any, Any], checker: Checker) -> bool:
    return returned.keys() == expected.keys() and all(
        same_value(value, returned[key], checker) for key, value in expected.items()
    )


def as_json(data: Any) -> Any:
    """Read a value that a program's process sent (`plain`) as what JSON has for it; else as a `plain.Opaque`.

    Nothing is built whose cost the sender could choose: no set or key but text, no fraction to be reduced.

    Raises:
        ValueError, TypeError, LookupError: `data` is nothing that `plain.encode` writes.
    """
    if isinstance(data, list):
        return [as_json(item) for item in data]
    if not isinstance(data, dict):
        return data
    ((tag, inner),) = data.items()
    match tag:
        case "int":
            return int(inner, 16)
        case "tuple":
            return tuple(as_json(item) for item in inner)
        case "dict" | "collections.OrderedDict":
            return _items(inner if tag == "dict" else [pair["tuple"] for pair in inner[0]])
        case "collections.Counter" | "collections.defaultdict":
            return as_json(inner[-1])
        case "object":
            return as_json(inner[2][0]) if len(inner) > len(("same", 0)) and inner[2] else plain.opaque(inner)
        case _:
            return plain.Opaque(tag)


def _items(pairs: list[Any]) -> Any:
    """Spell keys as JSON does; a dictionary in which two would be one, or one is no text there, has no equal."""
    named = {_key(key): as_json(value) for key, value in pairs}
    return named if len(named) == len(pairs) and None not in named else plain.Opaque("dict")


def _key(key: Any) -> str | None:
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    if isinstance(key, str):
        return key
    return repr(key) if isinstance(key, int | float) else None


def _same_number(expected: float, returned: float, checker: Checker) -> bool:
    if expected == returned:
        return math.isfinite(expected) if isinstance(expected, float) else True
    if checker.type != "float_tokens" or (isinstance(expected, int) and isinstance(returned, int)):
        return False
    try:
        return _near(float(expected), float(returned), checker)
    except OverflowError:  # an integer beyond any float
        return False
