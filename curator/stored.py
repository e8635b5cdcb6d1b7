"""What the store already holds of a page of work, so that nothing is asked, stored or judged twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, TypeVar

from curator.store import queries
from curator.store.client import Store
from curator.store.tables import candidate_from_row
from schemas.candidate import Candidate
from schemas.problem import Problem

T = TypeVar("T")


class Judged(NamedTuple):
    """What the store knows of one verdict, enough to tell whether it still holds."""

    verifier: str
    version: str
    config_hash: str


def pages(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut `items` into lists of at most `size`, reading no further than it must."""
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page


def register_problems(store: Store, problems: Sequence[Problem]) -> list[Problem]:
    """Store problems and return them, in order, under the ids that they have there.

    One whose content is stored under another id already goes on under that id.
    """
    rows = store.rows(queries.STORED_PROBLEMS_BY_HASH, [[problem.content_hash for problem in problems]])
    known = {str(row["content_hash"]): str(row["id"]) for row in rows}
    named = [replace(problem, id=known.get(problem.content_hash, problem.id)) for problem in problems]
    store.write(list({problem.id: problem for problem in named}.values()))
    return named


def stored_verdicts(store: Store, candidate_ids: Sequence[str]) -> dict[str, list[Judged]]:
    """Look up which of these candidates exist, each with the latest verdict of every verifier."""
    state: dict[str, list[Judged]] = {}
    for row in store.rows(queries.CANDIDATE_STATE, [list(candidate_ids)]):
        held = state.setdefault(str(row["id"]), [])
        if row["verifier"] is not None:
            held.append(Judged(str(row["verifier"]), str(row["version"]), str(row["config_hash"])))
    return state


def load_candidates(store: Store, candidate_ids: Sequence[str]) -> dict[str, Candidate]:
    """Read candidates back by id."""
    if not candidate_ids:
        return {}
    rows = store.rows(queries.CANDIDATES_BY_ID, [list(candidate_ids)])
    return {candidate.id: candidate for candidate in map(candidate_from_row, rows)}
