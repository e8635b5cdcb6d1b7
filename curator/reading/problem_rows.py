"""One row → one problem: types checked, values mapped, and what the row leaves unsaid inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from curator.reading.columns import Columns
from curator.reading.duplicates import RowFault
from curator.reading.inference import answer_text, infer_domain, infer_language, language_code, worked_answer
from curator.reading.rows import json_value, kind_of
from schemas.identity import canonical_json
from schemas.policy import ANSWERING
from schemas.problem import DOMAINS, Domain, Problem, problem_hash

PROBLEM_FIELDS = (
    *("id", "domain", "prompt", "answer", "tests", "answer_tolerance"),
    *("language", "verifier", "source", "meta"),
)
WORKED = "worked_answer"
"""Key of `meta` for a whole answer that ended in its gold (`… #### 42`)."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A problem, and whether its domain was inferred."""

    problem: Problem
    inferred: bool


@checked(frozen=True, slots=True, config=ConfigDict(allow_inf_nan=False))
class _Fields:
    """What a row may say of a problem, before anything is inferred."""

    id: StrictStr | StrictInt | None = None
    domain: StrictStr | None = None
    prompt: StrictStr | None = None
    answer: StrictStr | StrictBool | StrictInt | StrictFloat | list[Any] | None = None
    tests: dict[str, Any] | list[Any] | StrictStr | None = None
    answer_tolerance: float | None = Field(default=None, ge=0)
    language: StrictStr | None = None
    verifier: StrictStr | None = None
    source: Any = None
    meta: Any = None


_FIELDS = TypeAdapter(_Fields)
_WANTED = {
    "id": "text or a whole number",
    "domain": f"one of {', '.join(DOMAINS)}",
    "prompt": "text",
    "answer": "text, a number, true or false, or a list",
    "tests": "an object or a list",
    "answer_tolerance": "a number of 0 or more",
    "language": "text",
    "verifier": f"one of {', '.join(sorted(ANSWERING))}",
}


def validated(adapter: TypeAdapter[T], picked: dict[str, Any], wanted: Mapping[str, str], columns: Columns) -> T:
    """Check types at the boundary.

    Raises:
        RowFault: says, per field, what is wanted and what was found.
    """
    try:
        return adapter.validate_python(picked)
    except ValidationError as error:
        names = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors())
        texts = (f"{columns.label(name)} must be {wanted[name]}, not {excerpt(picked[name])}" for name in names)
        raise RowFault("; ".join(texts)) from error


def excerpt(value: object) -> str:
    """Show a value in a message: short texts and numbers as they are, anything else by its kind."""
    short = isinstance(value, str | int | float) and len(str(value)) <= 40
    return repr(value) if short and not isinstance(value, bool) else kind_of(value)


def read_problem(values: Mapping[str, Any], columns: Columns, *, id_prefix: str, domain: Domain | None) -> Parsed:
    """Make a problem of a row.

    Args:
        values: The row.
        columns: Which column holds which field.
        id_prefix: Put before the id, when the row has one.
        domain: Domain of a row that names none; None infers it.

    Raises:
        RowFault: the row lacks a prompt, or a field makes no sense.
    """
    picked = columns.pick(values)
    said = validated(_FIELDS, {name: picked[name] for name in PROBLEM_FIELDS if name in picked}, _WANTED, columns)
    prompt = _prompt(said, columns)
    answer = answer_text(said.answer)
    if said.answer is not None and not (answer and answer.strip()):
        raise RowFault(f"{columns.label('answer')} is empty", hint="Write null where no answer is known.")
    tests = _tests(said, columns)
    whole = answer
    if answer and tests is None and said.verifier is None:
        answer = worked_answer(answer) or answer
    given = _domain(said, columns) or domain
    known = given or infer_domain(prompt, answer, tests is not None)
    language = language_code(said.language) if said.language else infer_language(prompt)
    if language is None:
        raise RowFault(f"{columns.label('language')} {excerpt(said.language)} is not known", hint="Say en, zh, …")
    problem = Problem(
        id=_id(said, columns, id_prefix) or problem_hash(known, prompt, answer, tests, said.answer_tolerance),
        domain=known,
        prompt=prompt,
        answer=answer,
        tests=tests,
        answer_tolerance=said.answer_tolerance,
        language=language,
        verifier=_verifier(said, columns),
        source=said.source if said.source is None or isinstance(said.source, str) else canonical_json(said.source),
        meta=_meta(said.meta, columns.rest(values)) | ({} if whole == answer else {WORKED: whole}),
    )
    return Parsed(problem, inferred=given is None)


def _prompt(said: _Fields, columns: Columns) -> str:
    if said.prompt is None:
        raise RowFault(f"no {columns.label('prompt')}", hint=columns.proposal())
    if not said.prompt.strip():
        raise RowFault(f"{columns.label('prompt')} is empty")
    return said.prompt


def _id(said: _Fields, columns: Columns, prefix: str) -> str | None:
    if said.id is None:
        return None
    if not str(said.id).strip():
        raise RowFault(f"{columns.label('id')} is empty", hint="Write null, and the content names the problem.")
    return f"{prefix}{said.id}"


def _domain(said: _Fields, columns: Columns) -> Domain | None:
    if said.domain is None:
        return None
    known = next((domain for domain in DOMAINS if domain == said.domain.strip().lower()), None)
    if known is None:
        raise RowFault(f"{columns.label('domain')} must be {_WANTED['domain']}, not {excerpt(said.domain)}")
    return known


def _verifier(said: _Fields, columns: Columns) -> str | None:
    if said.verifier is not None and said.verifier not in ANSWERING:
        raise RowFault(f"{columns.label('verifier')} must be {_WANTED['verifier']}, not {excerpt(said.verifier)}")
    return said.verifier


def _tests(said: _Fields, columns: Columns) -> Mapping[str, Any] | None:
    tests = said.tests
    if isinstance(tests, str):
        try:
            tests = json_value(tests)
        except ValueError:
            tests = None
        if not isinstance(tests, dict | list):
            raise RowFault(f"{columns.label('tests')} must be {_WANTED['tests']}, or the JSON text of one")
    if tests is None:
        return None
    if not tests:
        raise RowFault(f"{columns.label('tests')} is empty", hint="Write null where there are no tests.")
    return {"cases": tests} if isinstance(tests, list) else tests


def _meta(own: Any, rest: dict[str, Any]) -> dict[str, Any]:
    if own is None:
        return rest
    return {**(own if isinstance(own, dict) else {"meta": own}), **rest}
