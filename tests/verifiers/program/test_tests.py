"""Tests of code problems as people write them down."""

from __future__ import annotations

from typing import Any

import pytest

from verifiers.program.tests import AssertTests, CallTests, Checker, StdinTests, UnusableTestsError, read_tests

STDIN = {"type": "stdin", "cases": [{"input": "3\n", "output": "9\n"}]}
CALL = {"type": "call", "fn_name": "f", "call_style": "method", "cases": [{"args": [3], "expected": 9}]}
ASSERT = {"type": "assert", "setup": "", "code": "assert f(3) == 9", "entry_point": "f"}


def test_the_three_forms_are_read() -> None:
    """Each with its own fields; what is not known is left alone."""
    stdin, call = read_tests({**STDIN, "entry_point": "x"}), read_tests(CALL)
    assert isinstance(stdin, StdinTests)
    assert stdin.cases[0].output == "9\n"
    assert isinstance(call, CallTests)
    assert (call.fn_name, call.call_style, call.cases[0].args) == ("f", "method", [3])
    assert isinstance(read_tests(ASSERT), AssertTests)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("tokens", Checker("tokens")),
        ({"type": "tokens", "case_sensitive": False}, Checker("tokens", case_sensitive=False)),
        ({"type": "float_tokens", "abs": 1e-3, "rel": 0}, Checker("float_tokens", 1e-3, 0)),
        ({"type": "float", "abs": 1e-3, "rel": 0}, Checker("float_tokens", 1e-3, 0)),
        ("exact", Checker("exact")),
        (None, None),
    ],
)
def test_a_checker_is_a_name_or_an_object(said: Any, read: Checker | None) -> None:
    """A bare name takes the defaults."""
    tests = read_tests({**STDIN, "checker": said})
    assert isinstance(tests, StdinTests)
    assert tests.checker == read


def test_limits_are_optional() -> None:
    """A problem may have its own."""
    tests = read_tests({**CALL, "time_limit_s": 2.5, "memory_mb": 64})
    assert (tests.time_limit_s, tests.memory_mb) == (2.5, 64)
    assert read_tests(CALL).time_limit_s is None


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({}, '"type" must be stdin, call or assert'),
        ({"type": "junit"}, '"type" must be stdin, call or assert'),
        ({**STDIN, "cases": []}, "cases"),
        ({**STDIN, "cases": [{"input": "3"}]}, "cases.0.output"),
        ({**CALL, "fn_name": None}, "fn_name"),
        ({**CALL, "call_style": "static"}, "call_style"),
        ({**ASSERT, "code": " \n"}, "code"),
        ({**STDIN, "checker": "special"}, "checker"),
        ({**STDIN, "checker": {"type": "float_tokens", "abs": float("nan")}}, "checker"),
        ({**STDIN, "time_limit_s": 0}, "time_limit_s"),
    ],
)
def test_what_cannot_be_used_says_where(broken: dict[str, Any], place: str) -> None:
    """Never a guess: a checker that nobody knows is no checker."""
    with pytest.raises(UnusableTestsError, match=place):
        read_tests(broken)
