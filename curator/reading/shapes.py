"""Rows of well-known datasets are read as they are: recognised by their columns, whatever the file's name.

A row that has our own columns is left alone, and so is every field that the user mapped by `--field`; what was
recognised is told (`rows read as MATH-500: problem → prompt, unique_id → id`).

Sources: the dataset cards of codeparrot/apps, BAAI/TACO, openai/openai_humaneval, google-research-datasets/mbpp,
evalplus/humanevalplus, evalplus/mbppplus, PrimeIntellect/SYNTHETIC-1, open-r1/OpenR1-Math-220k, openai/gsm8k,
HuggingFaceH4/MATH-500 and Magpie-Align.

Not covered: any other dataset (its columns are mapped by `--field`), conversations of several turns, the system turn
of a conversation (it is dropped), and columns that hold several completions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from curator.reading import code_shapes as code
from curator.reading.cells import data
from curator.reading.columns import Columns
from curator.reading.duplicates import RowFault
from curator.reading.rows import Fault, Row, kind_of

_ROLES = {"user": "user", "human": "user", "assistant": "assistant", "gpt": "assistant", "system": "system"}


class Take(NamedTuple):
    """How one of our fields is made from a row."""

    columns: tuple[str, ...]
    """Columns that it is made of; they are used up, and any one of them is enough."""
    read: Callable[[Mapping[str, Any]], Any]
    kept: frozenset[str] = frozenset()
    """Those of the columns that are not used up."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The rows of one dataset."""

    name: str
    needs: frozenset[str]
    """Columns by which they are known."""
    takes: Mapping[str, Take]
    """By our field."""
    fits: Callable[[Mapping[str, Any]], bool] = bool
    """What else must hold of a row; nothing, unless said."""
    repeats: frozenset[str] = frozenset()
    """Columns that say again what others say; they are dropped."""


def _first_of(*columns: str) -> Take:
    """Take the first of these columns that says something."""
    return Take(columns, lambda row: next((row[name] for name in columns if row.get(name) not in (None, "")), None))


def _turns(row: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Part a conversation of two turns: the prompt, and the assistant's message."""
    column = "messages" if row.get("messages") is not None else "conversations"
    given = data(row, column)
    if not isinstance(given, list) or not all(isinstance(turn, dict) for turn in given):
        raise RowFault(f"{column} must be a list of messages, not {kind_of(given)}")
    spoken = [(str(turn.get("role") or turn.get("from")), turn) for turn in given]
    turns = [(_ROLES.get(role, role), turn) for role, turn in spoken if role != "system"]
    if [role for role, _ in turns] != ["user", "assistant"]:
        said = ", ".join(role for role, _ in turns[:6]) or "nothing"
        raise RowFault(f"{column} must be one user turn and one assistant turn, not {said}")
    (_, asked), (_, told) = turns
    return _said(asked), {**told, "content": _said(told)}


def _said(turn: Mapping[str, Any]) -> Any:
    return turn["content"] if "content" in turn else turn.get("value")


_TALK = ("messages", "conversations")
_REPLY = Take(_TALK, lambda row: _turns(row)[1])
_PRIME = {
    "tests": Take(("verification_info",), code.prime_tests),
    "answer": Take(
        ("verification_info", "gold_standard_solution"), code.prime_answer, frozenset({"gold_standard_solution"})
    ),
    "completion": _first_of("llm_response"),
    "id": _first_of("problem_id", "prompt_id"),
}
_MBPP = {
    "tests": Take(("test_list", "test", "test_setup_code", "test_imports"), code.mbpp_tests),
    "answer": _first_of("code"),
    "id": _first_of("task_id"),
}
SHAPES = (
    Shape(
        "APPS/TACO",
        frozenset({"question", "input_output"}),
        {
            "prompt": Take(("question", "starter_code"), code.apps_prompt),
            "tests": Take(("input_output",), code.apps_tests),
            "answer": Take(("solutions",), code.apps_solution),
            "id": _first_of("problem_id"),
        },
    ),
    Shape(
        "HumanEval",
        frozenset({"prompt", "canonical_solution", "test", "entry_point"}),
        {
            "tests": Take(("test", "entry_point"), code.humaneval_tests),
            "answer": Take(("canonical_solution",), code.humaneval_solution),
            "id": _first_of("task_id"),
        },
    ),
    Shape("MBPP", frozenset({"text", "code", "test_list"}), {"prompt": Take(("text",), code.mbpp_prompt), **_MBPP}),
    Shape("MBPP", frozenset({"prompt", "code", "test_list"}), {"prompt": Take(("prompt",), code.mbpp_prompt), **_MBPP}),
    Shape("PrimeIntellect", frozenset({"prompt", "verification_info"}), _PRIME),
    Shape("PrimeIntellect", frozenset({"problem", "verification_info"}), {"prompt": _first_of("problem"), **_PRIME}),
    Shape(
        "OpenR1-Math",
        frozenset({"problem", "answer", "problem_type", "question_type"}),
        {"prompt": _first_of("problem"), "id": _first_of("uuid"), "completion": _REPLY},
    ),
    Shape(
        "MATH-500",
        frozenset({"problem", "answer", "subject", "level", "unique_id"}),
        {"prompt": _first_of("problem"), "id": _first_of("unique_id")},
    ),
    Shape(
        "GSM8K",
        frozenset({"question", "answer"}),
        {"prompt": _first_of("question")},
        lambda row: len(row) == 2 and "####" in str(row["answer"]),
    ),
    Shape(
        "Magpie",
        frozenset({"instruction", "response", "gen_input_configs"}),
        {
            "prompt": _first_of("instruction"),
            "completion": Take(("response",), lambda row: row["response"]),
            "id": _first_of("uuid"),
        },
        repeats=frozenset(_TALK),
    ),
)
IMPORTED = tuple(
    Shape(
        column,
        frozenset({column}),
        {"prompt": Take(_TALK, lambda row: _turns(row)[0]), "completion": _REPLY},
        lambda row: "content" not in row,
    )
    for column in _TALK
)
"""Shapes that are known only where a completion is looked for."""


class Shapes:
    """Reads the rows of one file, and remembers as what."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._shapes = (*SHAPES, *IMPORTED) if columns.free("completion") else SHAPES
        self._notes: dict[str, str] = {}

    def read(self, row: Row | Fault) -> Row | Fault:
        """Give a row of a known shape our columns; any other comes back as it is."""
        shape = None if isinstance(row, Fault) else self._shape_of(row.values)
        if shape is None or isinstance(row, Fault):
            return row
        takes = {name: take for name, take in shape.takes.items() if self._open(name, take, row.values)}
        if not takes:
            return row
        try:
            found = {name: take.read(row.values) for name, take in takes.items()}
        except RowFault as fault:
            return Fault(row.line, fault.message, fault.hint)
        self._notes.setdefault(shape.name, _note(shape, takes, row.values))
        used = {column for take in takes.values() for column in take.columns if column not in take.kept} | shape.repeats
        left = {name: value for name, value in row.values.items() if name not in used or self._columns.claims(name)}
        return Row(row.line, {**left, **found})

    def note(self) -> str:
        """Say which shapes were recognised, and what became of their columns; empty when none was."""
        return "; ".join(self._notes.values())

    def _open(self, name: str, take: Take, row: Mapping[str, Any]) -> bool:
        """Tell whether a field is to be taken: ours in this file, and neither mapped nor there already."""
        there = any(column in row for column in take.columns)
        return there and self._columns.free(name) and (name in take.columns or row.get(name) is None)

    def _shape_of(self, row: Mapping[str, Any]) -> Shape | None:
        if "tests" in row or ("prompt" in row and "answer" in row):
            return None
        return next((shape for shape in self._shapes if shape.needs <= row.keys() and shape.fits(row)), None)


def _note(shape: Shape, takes: Mapping[str, Take], row: Mapping[str, Any]) -> str:
    made: dict[str, list[str]] = {}
    for name, take in takes.items():
        made.setdefault(" + ".join(column for column in take.columns if column in row), []).append(name)
    return f"{shape.name}: " + ", ".join(f"{source} → {' + '.join(names)}" for source, names in made.items())
