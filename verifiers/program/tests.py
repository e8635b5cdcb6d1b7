"""The three forms of tests of a code problem, from JSON to checked dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

DEFAULT_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Checker:
    """How an output or a value is compared (`verifiers.program.output`)."""

    type: Literal["tokens", "exact", "float_tokens"]
    abs: Annotated[float, Field(ge=0, allow_inf_nan=False)] = DEFAULT_TOLERANCE
    rel: Annotated[float, Field(ge=0, allow_inf_nan=False)] = DEFAULT_TOLERANCE
    """Tolerances of `float_tokens`: either suffices."""
    case_sensitive: bool = True


def _checker(said: Any) -> Any:
    """Read a bare name as a checker of that type; `float` is another word for `float_tokens`."""
    named = {"type": said} if isinstance(said, str) else said
    if isinstance(named, Mapping) and named.get("type") == "float":
        return {**named, "type": "float_tokens"}
    return named


_Checker = Annotated[Checker | None, BeforeValidator(_checker)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class StdinCase:
    """What a program reads, and what it must print."""

    input: str
    output: str


@dataclass(frozen=True, slots=True)
class CallCase:
    """What a function is given, and what it must return; both JSON."""

    args: list[Any]
    expected: Any


@dataclass(frozen=True, slots=True)
class StdinTests:
    """Tests of a whole program."""

    type: Literal["stdin"]
    cases: Annotated[list[StdinCase], Field(min_length=1)]
    checker: _Checker = None
    time_limit_s: _Positive | None = None
    memory_mb: _Positive | None = None


@dataclass(frozen=True, slots=True)
class CallTests:
    """Tests of one function."""

    type: Literal["call"]
    fn_name: Annotated[str, Field(min_length=1)]
    cases: Annotated[list[CallCase], Field(min_length=1)]
    call_style: Literal["function", "method"] | None = None
    """A function of the module, or a method of its class `Solution`; None takes what the program has."""
    prelude: str = ""
    """Code that stands before the program, as in its task: imports and helpers that it may count on."""
    checker: _Checker = None
    time_limit_s: _Positive | None = None
    memory_mb: _Positive | None = None


@dataclass(frozen=True, slots=True)
class AssertTests:
    """Test code that fails by raising."""

    type: Literal["assert"]
    code: Annotated[str, Field(pattern=r"\S")]
    setup: str = ""
    entry_point: str | None = None
    """The function under test; what `check(candidate)` is called with where the code does not call it itself."""
    prelude: str = ""
    """Code that stands before the program, as in its task: imports and helpers that it may count on."""
    time_limit_s: _Positive | None = None
    memory_mb: _Positive | None = None


Tests = StdinTests | CallTests | AssertTests
_TESTS: TypeAdapter[Tests] = TypeAdapter(Annotated[Tests, Field(discriminator="type")])


class UnusableTestsError(Exception):
    """Tests that cannot be used as they are; the text says why."""


def read_tests(data: Mapping[str, Any]) -> Tests:
    """Check a problem's tests; keys that are not known are left alone.

    Raises:
        UnusableTestsError: they are of no known form.
    """
    try:
        return _TESTS.validate_python(dict(data))
    except ValidationError as err:
        first = err.errors(include_url=False, include_input=False)[0]
        if first["type"].startswith("union_tag"):
            raise UnusableTestsError('the tests cannot be used: their "type" must be stdin, call or assert') from err
        place = ".".join(str(part) for part in first["loc"])
        raise UnusableTestsError(f"the tests cannot be used: {place or 'type'}: {first['msg']}") from err
