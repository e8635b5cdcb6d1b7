"""Splits in the store: saved whole, found by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import polars as pl

from curator.errors import UsageError, did_you_mean
from curator.store import split_queries as questions
from curator.store.client import Store
from curator.store.tables import SCHEMAS, to_tables
from schemas.split import Split, SplitDrop

LISTED = 20
"""Most splits that an error lists."""


def find_split(store: Store, name: str) -> Split | None:
    """Look a split up; None when there is none of that name."""
    rows = store.rows(questions.SPLIT_BY_NAME, [name])
    return _split(rows[0]) if rows else None


def load_split(store: Store, name: str) -> Split:
    """Return the split called `name`.

    Raises:
        UsageError: There is none; the hint lists those there are.
    """
    split = find_split(store, name)
    if split is not None:
        return split
    known = [str(row["name"]) for row in store.rows(questions.SPLIT_NAMES)]
    listed = f"splits: {', '.join(known[-LISTED:])}" if known else f"make one: curator curate {name}"
    raise UsageError(f"there is no split {name!r} in the store{did_you_mean(name, known)}", hint=listed)


def save_split(store: Store, split: Split, members: pl.DataFrame, drops: Sequence[SplitDrop]) -> None:
    """Store a split with its members and drops in one commit, in place of any that has its name.

    Args:
        store: The store.
        split: The split.
        members: Columns `candidate_id` and `part`.
        drops: What was left out.
    """
    rows = members.select(pl.lit(split.name).alias("split"), "candidate_id", "part").to_arrow()
    store.write_tables({**to_tables([split, *drops]), "split_members": rows.cast(SCHEMAS["split_members"])})


def _split(row: Mapping[str, Any]) -> Split:
    return Split(
        row["name"],
        json.loads(row["recipe"]),
        json.loads(row["report"] or "[]"),
        row["fingerprint"] or "",
        row["created_at"].replace(tzinfo=UTC),
    )
