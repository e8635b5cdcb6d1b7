"""What a call did to the containers that it was given."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from verifiers.program.changes import Containers


def called(args: list[Any], call: Callable[..., None]) -> None:
    """Let `call` work on copies, and its changes show in the originals."""
    ours, theirs = Containers(args, crosses), Containers(copies := copy.deepcopy(args), crosses)
    theirs.remember()
    call(*copies)
    known = theirs.handles()
    told = theirs.changes(lambda it: known.get(id(it), {"new": it}))
    ours.apply(told, lambda it: ours.known[it[1]] if isinstance(it, list) else it["new"])


def crosses(value: object) -> bool:
    """Every container is a copy here."""
    return True


def test_changes_show_in_the_originals() -> None:
    """In lists, sets, dictionaries and the like, also those within others."""
    row, seen, names, data, queue = [3, 1], {1}, {"a": 1}, bytearray(b"x"), deque([1])

    def call(rows: Any, seen: Any, names: Any, data: Any, queue: Any) -> None:
        rows[0].sort()
        seen.add(2)
        names["b"] = names.pop("a")
        data.extend(b"y")
        queue.appendleft(0)

    called([(row,), seen, names, data, queue], call)
    assert (row, seen, names, data, list(queue)) == ([1, 3], {1, 2}, {"b": 1}, b"xy", [0, 1])


def test_what_is_moved_stays_itself() -> None:
    """A list that ends up elsewhere is not another list of the same items."""
    a, b = [1], [2]
    rows = [a, b]

    def call(rows: Any) -> None:
        rows.reverse()
        rows[0].append(rows[1])

    called([rows], call)
    assert rows[0] is b
    assert b[1] is a


def test_nothing_is_told_of_what_did_not_change() -> None:
    """However large it is."""
    given = Containers([[1, [2]], {3: [4]}], crosses)
    given.remember()
    assert given.changes(lambda it: it) == []


def test_forged_changes_are_refused() -> None:
    """Those of a container that was never given, or of no number."""
    given = Containers([[1]], crosses)
    for forged in ([[5, []]], [["x", []]], [[0]], 3):
        with pytest.raises((ValueError, TypeError, LookupError)):
            given.apply(forged, lambda it: it)  # type: ignore[arg-type]
