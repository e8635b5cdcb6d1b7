"""What the store already holds of a page of work, so that nothing is asked, stored or judged twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from curator.errors import UsageError
from curator.store import queries
from curator.store.client import Store
from curator.store.tables import candidate_from_row
from schemas.candidate import Candidate, Run
from schemas.identity import canonical_json
from schemas.problem import Problem
from schemas.verdict import Outcome

T = TypeVar("T")


class Judged(NamedTuple):
    """What the store knows of one verdict, enough to tell whether it still holds."""

    verifier: str
    version: str
    config_hash: str


class Held(NamedTuple):
    """The latest verdict of one verifier, as far as judging again needs it."""

    judged: Judged
    outcome: Outcome
    reason: str
    created_at: datetime
    """UTC, without zone."""


def pages(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut `items` into lists of at most `size`, reading no further than it must."""
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page


_SETTINGS = {"model": "model", "sampling": "sampling", "prompts": "template", "purpose": "purpose"}
"""What makes a run this run: its name in messages, and its column."""


def refuse_other_settings(store: Store, run: Run) -> None:
    """Stop before a run's name comes to stand for two configurations.

    Raises:
        UsageError: The run is stored with another model, other sampling parameters or prompts, or for another purpose.
    """
    wanted = {
        "model": run.model,
        "sampling": run.sampling and canonical_json(asdict(run.sampling)),
        "prompts": run.template,
        "purpose": run.purpose,
    }
    for row in store.rows(queries.RUN_BY_ID, [run.id]):
        held = {name: row[column] for name, column in _SETTINGS.items()}
        changed = [f"{name} {held[name]}" for name in wanted if held[name] != wanted[name]]
        if changed:
            raise UsageError(
                f"run {run.id} was made with other settings: {'; '.join(changed)}",
                hint="give the new settings a run of their own: --run NAME, or none for a name made of the settings",
            )


def register_problems(store: Store, problems: Sequence[Problem], owners: Sequence[str | None]) -> list[Problem]:
    """Store problems and return them, in order, under the ids that they have there.

    Args:
        store: The store.
        problems: What was read; a gold may have been corrected since.
        owners: Per problem the id under which its candidates are stored, and so must stay; None when it has none.
            Without one, content that is stored under another id already goes on under that id.
    """
    rows = store.rows(queries.STORED_PROBLEMS_BY_HASH, [[problem.content_hash for problem in problems]])
    known = {str(row["content_hash"]): str(row["id"]) for row in rows}
    named = [
        replace(problem, id=owner or known.get(problem.content_hash, problem.id))
        for problem, owner in zip(problems, owners, strict=True)
    ]
    store.write(list({problem.id: problem for problem in named}.values()))
    return named


def owners(store: Store, candidate_ids: Sequence[str]) -> dict[str, str]:
    """Look up the problem ids of stored candidates."""
    rows = store.rows(queries.PROBLEMS_OF_CANDIDATES, [list(candidate_ids)])
    return {str(row["id"]): str(row["problem_id"]) for row in rows}


def stored_verdicts(store: Store, candidate_ids: Sequence[str]) -> dict[str, dict[str, Held]]:
    """Look up which of these candidates exist, each with the latest verdict of every verifier, by its name."""
    state: dict[str, dict[str, Held]] = {}
    for row in store.rows(queries.CANDIDATE_STATE, [list(candidate_ids)]):
        held = state.setdefault(str(row["id"]), {})
        if row["verifier"] is not None:
            held[str(row["verifier"])] = _held(row)
    return state


def load_candidates(store: Store, candidate_ids: Sequence[str]) -> dict[str, Candidate]:
    """Read candidates back by id."""
    if not candidate_ids:
        return {}
    rows = store.rows(queries.CANDIDATES_BY_ID, [list(candidate_ids)])
    return {candidate.id: candidate for candidate in map(candidate_from_row, rows)}


def _held(row: Mapping[str, Any]) -> Held:
    judged = Judged(row["verifier"], row["version"], row["config_hash"])
    return Held(judged, Outcome(row["outcome"]), row["reason"], row["created_at"])
