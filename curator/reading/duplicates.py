"""Which rows of a file are one problem, and which contradict each other."""

from __future__ import annotations

from typing import NamedTuple

from curator.errors import UsageError
from schemas.identity import content_hash
from schemas.problem import Problem


class RowFault(UsageError):
    """One row cannot be used; whoever knows its line makes a `Fault` of it."""


class Known(NamedTuple):
    """What is kept of a problem that was met: hashes, never texts."""

    id: str
    content: bytes
    prompt: int
    """Python's hash of the prompt: only words a message, so a collision costs nothing."""
    line: int


class Ledger:
    """The problems of one file so far; roughly 400 bytes each.

    Args:
        golds_may_differ: Whether one prompt with two golds is two problems. Imported traces were made for some
            gold each; when sampling, the candidates of two such problems would be the same.
    """

    def __init__(self, *, golds_may_differ: bool) -> None:
        self._golds_may_differ = golds_may_differ
        self._by_id: dict[str, Known] = {}
        self._by_content: dict[bytes, Known] = {}

    def __len__(self) -> int:
        """Count the distinct problems."""
        return len(self._by_content)

    def place(self, problem: Problem, line: int) -> Known | None:
        """Enter a problem; return the one that it repeats, None when it is new.

        Raises:
            RowFault: it contradicts an earlier row, which the message names.
        """
        content = problem.content_hash
        known = Known(problem.id, _digest(content), hash(problem.prompt), line)
        same_id = self._by_id.get(problem.id)
        if same_id is not None and same_id.content != known.content:
            raise _two_meanings(problem.id, same_id, known)
        key = known.content if self._golds_may_differ else _digest(content_hash([problem.domain, problem.prompt]))
        first = self._by_content.get(key)
        if first is not None and first.content != known.content:
            raise RowFault(
                f"the prompt of line {first.line} again, with another answer, tests or tolerance",
                hint="One prompt can have one answer: keep the right one of the two lines.",
            )
        if problem.id != content:
            self._by_id.setdefault(problem.id, known)
        if first is None:
            self._by_content[key] = known
        return first


def _two_meanings(problem_id: str, first: Known, again: Known) -> RowFault:
    if first.prompt != again.prompt:
        return RowFault(
            f"id {problem_id!r} has another prompt on line {first.line}",
            hint="When files with their own numbering were merged, read each by itself with an --id-prefix of its own.",
        )
    return RowFault(
        f"id {problem_id!r} has the same prompt on line {first.line}, but another answer, tests, tolerance or domain",
        hint="One id can have one answer: keep the right one of the two lines.",
    )


def _digest(content: str) -> bytes:
    return bytes.fromhex(content.rpartition(":")[2])
