"""Corrected golds: what a file says now of problems that are stored already.

Only stored problems change: answer, tests, tolerance, verifier, domain, language, source and meta. A row means the
stored problem with its id, else the one with its content, else the one with its prompt and domain, if that was given
no id of its own. Not covered: a prompt that changed; it is another problem.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from curator.store import queries
from curator.store.client import Store
from curator.stored import pages
from schemas.problem import Domain, Problem

PAGE = 256
"""Problems looked up at a time; tests may be long."""


class Rule(NamedTuple):
    """What chooses a problem's verifiers."""

    domain: Domain
    verifier: str | None


@dataclass(slots=True)
class Corrections:
    """What became of the rows of one file."""

    corrected: int = 0
    """Stored problems that have another answer, tests, tolerance, domain or verifier now."""
    unknown: int = 0
    """Problems of the file that are not stored."""
    unclear: int = 0
    """Problems of the file whose prompt several stored problems share, each with another gold."""
    former: dict[str, Rule] = field(default_factory=dict)
    """By problem id, what chose the verifiers of those for which it changed."""

    def notes(self, path: object) -> list[str]:
        """Say it to a person."""
        notes = [f"stored problems that {path} corrects: {self.corrected:,}"]
        if self.unknown:
            notes.append(f"problems of the file that are not in the store: {self.unknown:,}")
        if self.unclear:
            text = "several stored problems have their prompt, and only an id would tell which is meant"
            notes.append(f"problems of the file that were left out: {self.unclear:,} ({text})")
        return notes


class _Known(NamedTuple):
    """A stored problem, as far as a correction needs it."""

    id: str
    content_hash: str
    rule: Rule


def correct_golds(store: Store, problems: Iterable[Problem]) -> Corrections:
    """Write what `problems` say into the stored problems that they mean.

    Raises:
        StoreError: An id is stored with another prompt.
    """
    corrections = Corrections()
    for page in pages(problems, PAGE):
        meant = _meant(store, page)
        changed = []
        for problem in page:
            known = meant[problem.id]
            if len(known) == 1:
                changed.append(_correct(problem, known[0], corrections))
            elif known:
                corrections.unclear += 1
            else:
                corrections.unknown += 1
        store.write(changed)
    return corrections


def _correct(problem: Problem, known: _Known, corrections: Corrections) -> Problem:
    rule = Rule(problem.domain, problem.verifier)
    if rule != known.rule:
        corrections.former[known.id] = known.rule
    corrections.corrected += rule != known.rule or problem.content_hash != known.content_hash
    return replace(problem, id=known.id)


def _meant(store: Store, page: Sequence[Problem]) -> Mapping[str, Sequence[_Known]]:
    """Find, per problem of the file, the stored one that it means; none, or several where that is unclear."""
    rows = store.rows(
        queries.KNOWN_PROBLEMS, [[problem.id for problem in page], [problem.content_hash for problem in page]]
    )
    by_id = {str(row["id"]): [_known(row)] for row in rows}
    by_content = {known.content_hash: [known] for [known] in by_id.values()}
    found = {problem.id: by_id.get(problem.id) or by_content.get(problem.content_hash) or [] for problem in page}
    rest = [problem for problem in page if not found[problem.id]]
    if rest:
        by_prompt = _unnamed(store, rest)
        found |= {problem.id: by_prompt[problem.prompt, problem.domain] for problem in rest}
    return found


def _unnamed(store: Store, problems: Sequence[Problem]) -> Mapping[tuple[str, str], list[_Known]]:
    """Look up stored problems without an id of their own, by prompt and domain."""
    found: dict[tuple[str, str], list[_Known]] = defaultdict(list)
    for row in store.rows(queries.UNNAMED_PROBLEMS, [[problem.prompt for problem in problems]]):
        found[str(row["prompt"]), str(row["domain"])].append(_known(row))
    return found


def _known(row: Mapping[str, Any]) -> _Known:
    return _Known(row["id"], row["content_hash"], Rule(row["domain"], row["verifier"]))
