"""Which column of a file holds which of our fields (`--field prompt=problem`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from curator.errors import UsageError
from curator.reading.rows import Source

SHOWN_COLUMNS = 30
"""Columns that one error message lists."""
MOST_COLUMNS = 1000
"""Column names that are remembered; rows keyed by some id would otherwise fill the memory."""
_INDEX = re.compile(r"-?\d+")
_MISSING = object()
LIKELY: Mapping[str, tuple[str, ...]] = {
    "prompt": ("problem", "question", "instruction", "query", "input", "题目", "问题", "题干"),
    "answer": (
        *("gold", "gold_answer", "ground_truth", "final_answer", "target", "label", "solution"),
        *("答案", "标准答案"),
    ),
    "id": ("uuid", "task_id", "problem_id", "unique_id", "qid", "question_id", "编号", "题号"),
    "completion": ("trace", "response", "output", "generation", "generated_text", "model_output", "回答", "回复"),
}
"""Names that other people's files give these fields: proposed to the user, and assumed of benchmarks only."""


class Columns:
    """The mapping of one file, and which columns its rows turned out to have.

    Args:
        fields: Column by our field's name; a column may be a path (`extra.answer`, `messages.0.content`).
        names: Our fields that this file may fill.
        bulky: Those of them whose texts must not be kept twice: a path into a column uses that column up.

    Raises:
        UsageError: `fields` names a field that is not ours.
    """

    def __init__(self, fields: Mapping[str, str], names: Sequence[str], *, bulky: Sequence[str] = ()) -> None:
        self.fields = fields
        for ours, theirs in fields.items():
            if ours not in names:
                swapped = f"Did you mean --field {theirs}={ours}? " if theirs in names else ""
                hint = f"{swapped}Fields: {', '.join(names)}."
                raise UsageError(f"--field {ours}={theirs}: there is no field {ours!r}", hint=hint)
        # A column that is mapped to one field does not also fill the field of its own name.
        taken = set(fields.values())
        self._columns = {name: fields.get(name, name) for name in names if name in fields or name not in taken}
        self._taken = {
            *self._columns.values(),
            *(theirs.partition(".")[0] for ours, theirs in fields.items() if ours in bulky),
        }
        self._found: set[str] = set()
        self._seen: dict[str, None] = {}

    def pick(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the row says of our fields; a field whose column the row lacks is left out."""
        if len(self._seen) < MOST_COLUMNS:
            self._seen.update(dict.fromkeys(values))
        picked = {name: _look(values, column) for name, column in self._columns.items()}
        picked = {name: value for name, value in picked.items() if value is not _MISSING}
        self._found.update(picked)
        return picked

    def rest(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns that no field was taken from; a path leaves its column there, unless bulky."""
        return {name: value for name, value in values.items() if name not in self._taken}

    def label(self, name: str) -> str:
        """Name a field as the user knows it: `answer`, or `answer (column gold)`."""
        return f"{name} (column {self.fields[name]})" if name in self.fields else name

    def free(self, name: str) -> bool:
        """Tell whether a field of this file is left to be recognised: it is ours, and no `--field` maps it."""
        return name in self._columns and name not in self.fields

    def claims(self, column: str) -> bool:
        """Tell whether a `--field` takes this column, or a path into it."""
        return any(column in {theirs, theirs.partition(".")[0]} for theirs in self.fields.values())

    def found(self, name: str) -> bool:
        """Tell whether any row so far had this field."""
        return name in self._found

    def check(self, path: Source, needed: Sequence[str]) -> None:
        """Complain of a mapping to nothing, and of a file that has none of the `needed` fields.

        Raises:
            UsageError: names the columns that exist, and the mapping that was probably meant.
        """
        if not self._seen:
            return
        for ours, theirs in self.fields.items():
            if not self.found(ours):
                text = f"{path.name}: no row has a column {theirs!r} (--field {ours}={theirs})"
                raise UsageError(f"{text}; columns: {self._listed()}", hint=self.proposal())
        if not any(self.found(name) for name in needed):
            raise UsageError(
                f"{path.name}: no row has a {needed[0]}; columns: {self._listed()}",
                hint=self.proposal() or f"Name its column: --field {needed[0]}=COLUMN",
            )

    def proposal(self) -> str:
        """Propose mappings for the fields that no row had, from the columns that exist."""
        lower = {column.lower(): column for column in reversed(self._seen)}
        likely = (
            (name, next((lower[alias] for alias in aliases if alias in lower), None))
            for name, aliases in LIKELY.items()
            if (name in self._columns or name in self.fields) and not self.found(name)
        )
        options = {name: f"--field {name}={column}" for name, column in likely if column is not None}
        # An id alone helps nobody whose prompts or answers were not found.
        return f"Probably: {' '.join(options.values())}" if options.keys() - {"id"} else ""

    def _listed(self) -> str:
        names = list(self._seen)
        more = f" and {len(names) - SHOWN_COLUMNS} more" if len(names) > SHOWN_COLUMNS else ""
        return ", ".join(names[:SHOWN_COLUMNS]) + more


def _look(values: Mapping[str, Any], column: str) -> Any:
    if column in values:
        return values[column]
    value: Any = values
    for part in column.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and _INDEX.fullmatch(part) and -len(value) <= int(part) < len(value):
            value = value[int(part)]
        else:
            return _MISSING
    return value
