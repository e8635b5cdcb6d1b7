"""A few traces for each reason, so that a reader of figures sees what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curator.store import yield_queries as questions
from curator.store.client import Store
from curator.yields import Outcome

EACH = 3
"""Traces shown per reason and deciding verifier."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning and the end of a text."""

    name: str
    """What the text is: `reasoning` or `content`."""
    beginning: str
    end: str
    left_out: int
    """Characters between them."""


@dataclass(frozen=True, slots=True)
class Example:
    """One candidate as a report shows it; texts are as they were stored, but cut."""

    candidate_id: str
    run_id: str
    model: str
    problem_id: str
    domain: str
    language: str
    prompt: str
    trace: Sequence[Excerpt]
    facts: Mapping[str, str]
    """What the deciding verifier said, and the gold answer; what is not known is left out."""


def trace_examples(store: Store, runs: Sequence[str]) -> dict[Outcome, list[Example]]:
    """Choose up to `EACH` candidates per outcome of these runs: the same ones whenever the store holds the same."""
    chosen: dict[str, Outcome] = {}
    for row in store.rows(questions.EXAMPLES, [EACH, list(runs)]):
        outcome = Outcome(str(row["decision"]), str(row["reason"]), str(row["decided_by"]))
        chosen[str(row["candidate_id"])] = outcome
    verifiers = [outcome.decided_by for outcome in chosen.values()]
    found: dict[Outcome, list[Example]] = {}
    rows = store.rows(questions.EXAMPLE_TEXTS, [list(chosen), verifiers])
    for row in sorted(rows, key=lambda row: str(row["id"])):
        found.setdefault(chosen[str(row["id"])], []).append(_example(row))
    return found


def _example(row: Mapping[str, Any]) -> Example:
    facts = {"extracted": row["extracted"], "expected": row["expected"], "detail": row["detail"], "gold": row["answer"]}
    return Example(
        candidate_id=row["id"],
        run_id=row["run_id"],
        model=row["model"],
        problem_id=row["problem_id"],
        domain=row["domain"],
        language=row["language"],
        prompt=row["prompt"],
        trace=[_excerpt(row, name) for name in ("reasoning", "content") if row[name] is not None],
        facts={name: text for name, text in facts.items() if text},
    )


def _excerpt(row: Mapping[str, Any], name: str) -> Excerpt:
    beginning, end = row[name], row[f"{name}_end"]
    return Excerpt(name, beginning, end, row[f"{name}_length"] - len(beginning) - len(end))
