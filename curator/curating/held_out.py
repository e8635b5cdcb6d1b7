"""Problems that earlier splits hold out, which a later round must not train on.

A student of a first round is a teacher of the second. Both rounds are measured on the same problems only if the second
split holds out what the first did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from curator.errors import UsageError
from curator.splits import load_split
from curator.store import eval_queries as questions
from curator.store.client import Store


class HeldOut(NamedTuple):
    """What some splits keep for testing."""

    fingerprints: dict[str, str]
    """By split, of those that were named."""
    problems: frozenset[str]
    """Their ids, whether or not there are traces of them now."""


def held_out(store: Store, names: Sequence[str], made: str) -> HeldOut:
    """Read what splits hold out, and what those held out for which they were told to do so.

    Args:
        store: The store.
        names: Of the splits.
        made: Name of the split in the making.

    Raises:
        UsageError: There is no such split, it holds nothing out, or it is the one in the making.
    """
    fingerprints: dict[str, str] = {}
    problems: set[str] = set()
    asked = list(dict.fromkeys(names))
    for name in asked:  # grows: what a second round did not happen to have traces of, a third must not train on
        if name == made:
            text = f"--test-of {name}: a split cannot take its test part from itself"
            raise UsageError(text, hint="give the new one another name")
        split = load_split(store, name)
        found = {str(row["id"]) for row in store.rows(questions.HELD_OUT, [name])}
        if name in names:
            fingerprints[name] = split.fingerprint
            if not found:
                raise UsageError(f"--test-of {name}: that split holds no problem out", hint="name another split")
        problems |= found
        asked += [one["name"] for one in split.recipe.get("test_of", ()) if one["name"] not in asked]
    return HeldOut(fingerprints, frozenset(problems))
