"""The tests of HumanEval+ and MBPP+ import numpy, all of them, and only to compare floats nearly.

Programs are judged with the standard library alone, so such tests bring the little they need in their set-up. Numbers
are compared as numpy does by default, but lists only with lists of the same shape: nothing is broadcast.

Not covered: tests that use more of numpy; they abstain, as any tests that need an installed package.
"""

from __future__ import annotations

import re

STAND_IN = """\
import sys
import types


def _near(left, right, rtol, atol):
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(_near(*pair, rtol, atol) for pair in zip(left, right))
    if not isinstance(left, (int, float, complex)) or not isinstance(right, (int, float, complex)):
        return False
    return left == right or (abs(right) != float("inf") and abs(left - right) <= atol + rtol * abs(right))


def _allclose(left, right, rtol=1e-05, atol=1e-08):
    return _near(left, right, rtol, atol)


def _assert_allclose(left, right, rtol=1e-07, atol=0):
    assert _near(left, right, rtol, atol)


_numpy = types.ModuleType("numpy")
_numpy.ndarray = type("ndarray", (), {})
_numpy.float32 = _numpy.float64 = float
_numpy.allclose = _allclose
_numpy.testing = types.SimpleNamespace(assert_allclose=_assert_allclose)
sys.modules["numpy"] = _numpy
"""
_KNOWN = frozenset({"ndarray", "float32", "float64", "allclose", "testing.assert_allclose"})
_IMPORTED = re.compile(r"^\s*import numpy as np\s*$", re.MULTILINE)
_USED = re.compile(r"(?<![\w.])np\.([\w.]+)")


def numpy_setup(code: str) -> str:
    """Return what test code needs instead of numpy; empty when it needs nothing, or more than can be brought."""
    return STAND_IN if _IMPORTED.search(code) and set(_USED.findall(code)) <= _KNOWN else ""
