"""A few problems with what each model said to them: the same ones whenever the runs hold the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curator.store.client import Store
from curator.stored import load_candidates
from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import THINK_CLOSE, THINK_OPEN

SHOWN = 3
BEGINNING, END = 600, 300
"""Characters that are kept of a long text."""
_RANKS = {"rejected": 0, "undecided": 1, "accepted": 2}


@dataclass(frozen=True, slots=True)
class Said:
    """The first sample of one model."""

    candidate_id: str
    text: str
    """Its reasoning and answer, a long one without its middle."""
    decision: str
    reason: str


@dataclass(frozen=True, slots=True)
class Example:
    """One problem; texts are as they were written, but cut."""

    problem_id: str
    prompt: str
    gold: str | None
    said: Sequence[Said]
    """By each model, in the order of the columns."""


def choose_examples(
    store: Store, problems: Iterable[Problem], outcomes: Sequence[Sequence[Mapping[str, Any]]]
) -> list[Example]:
    """Choose problems whose first sample became better, worse or neither: one of each kind as long as there are some.

    Args:
        store: Where the texts are.
        problems: All that were asked.
        outcomes: For each model the rows of `eval_queries.OUTCOMES`, in one order of problems.
    """
    asked = {problem.id: problem for problem in problems}
    chosen = _one_of_each([rows for rows in zip(*outcomes, strict=True) if all(row["first_id"] for row in rows)])
    texts = load_candidates(store, [row["first_id"] for rows in chosen for row in rows])
    return [_example(asked[rows[0]["problem_id"]], rows, texts) for rows in chosen]


def shortened(text: str) -> str:
    """Cut the middle out of a long text."""
    cut = len(text) - BEGINNING - END
    if cut <= 0:
        return text
    return f"{text[:BEGINNING].rstrip()}\n[… {cut:,} characters …]\n{text[-END:].lstrip()}"


def _one_of_each(found: list[tuple[Mapping[str, Any], ...]]) -> list[tuple[Mapping[str, Any], ...]]:
    """Take the first of each kind, then the second, until there are enough; in the order of the kinds."""
    kinds: dict[int, list[tuple[Mapping[str, Any], ...]]] = {}
    for rows in found:
        kinds.setdefault(_kind(rows), []).append(rows)
    in_turn = sorted((turn, kind) for kind, members in kinds.items() for turn in range(len(members)))
    return [kinds[kind][turn] for kind, turn in sorted((kind, turn) for turn, kind in in_turn[:SHOWN])]


def _kind(rows: Sequence[Mapping[str, Any]]) -> int:
    """Tell better (0), worse (1) and the same (2); of one model alone, what was decided, the best first."""
    ranks = [_RANKS[row["first_decision"]] for row in rows]
    if len(ranks) == 1:
        return -ranks[0]
    return 0 if ranks[1] > ranks[0] else 1 if ranks[1] < ranks[0] else 2


def _example(problem: Problem, rows: Sequence[Mapping[str, Any]], texts: Mapping[str, Candidate]) -> Example:
    said = [
        Said(row["first_id"], shortened(_whole(texts[row["first_id"]])), row["first_decision"], row["first_reason"])
        for row in rows
    ]
    return Example(problem.id, shortened(problem.prompt), problem.answer and shortened(problem.answer), said)


def _whole(candidate: Candidate) -> str:
    if candidate.reasoning is None:
        return candidate.content
    return f"{THINK_OPEN}\n{candidate.reasoning}\n{THINK_CLOSE}\n{candidate.content}"
