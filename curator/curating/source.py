"""The first step: which candidates a split is made from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import polars as pl
import pyarrow as pa

from curator.curating.steps import POOL, Step
from curator.errors import StoreError, UsageError
from curator.escape import one_line
from curator.store import split_queries as questions
from curator.store.client import Store

Decision = Literal["accepted", "undecided", "any"]
BASES: dict[Decision, str] = {
    "accepted": "decision = 'accepted'",
    "undecided": "decision = 'undecided' AND complete",
    "any": "complete",
}
"""What each choice takes; but for accepted ones, only completions that ended by themselves and are traces."""
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_NAMES_DECISION = re.compile(r"\bdecision\b", re.IGNORECASE)
CHARACTERS_PER_TOKEN = 3
"""For candidates whose tokens nobody counted: between English (four) and Chinese (one and a half)."""


def source(store: Store, decision: Decision, where: str | None, time_limit_s: float) -> tuple[pl.DataFrame, Step]:
    """Take candidates by their decision, and by a condition of the user's own.

    Args:
        store: The store.
        decision: Which decisions count.
        where: SQL over the view `pool`; one that names `decision` itself replaces the default, accepted.
        time_limit_s: Seconds that the user's condition may compute.

    Raises:
        UsageError: The condition is no SQL, or passed a limit.
    """
    if where is not None and not where.strip():
        raise UsageError("--where is empty", hint="leave it out, or give it a condition")
    if where is None and decision == "accepted":
        table = store.table(questions.ACCEPTED)
    else:
        table = _chosen(store, base(decision, where), where or "true", time_limit_s)
    pool = _counted(store, pl.DataFrame(table, schema_overrides=POOL))
    ((total,),) = (row.values() for row in store.rows(questions.CANDIDATE_TOTAL))
    dropped = int(str(total)) - pool.height
    return pool, Step("source", pool.height, dropped, pool["problem_id"].n_unique(), _notes(decision, where))


def base(decision: Decision, where: str | None) -> str:
    """Return what is taken besides the user's condition: the accepted, unless the condition speaks of `decision`."""
    speaks = where is not None and decision == "accepted" and _NAMES_DECISION.search(_QUOTED.sub("", where))
    return BASES["any"] if speaks else BASES[decision]


def _notes(decision: Decision, where: str | None) -> Sequence[str]:
    note = base(decision, where)
    return (f"{note} AND ({one_line(where, 200)})" if where else note,)


def _chosen(store: Store, chosen: str, where: str, time_limit_s: float) -> pa.Table:
    try:
        with store.sql(questions.CHOSEN.format(base=chosen, where=where), time_limit_s=time_limit_s) as result:
            return pa.Table.from_batches(result, result.schema)
    except StoreError as err:
        first = err.message.removeprefix("the query cannot run: ").partition("\n")[0]
        hint = 'curator sql "DESCRIBE pool" lists the columns; for example: --where "pass_rate BETWEEN 0.2 AND 0.8"'
        raise UsageError(f"--where {one_line(where, 200)}: {first}", hint=hint) from err


def _counted(store: Store, pool: pl.DataFrame) -> pl.DataFrame:
    """Estimate the tokens that nobody counted."""
    if not pool["tokens"].null_count():
        return pool
    lengths = pl.DataFrame(store.table(questions.UNCOUNTED))
    joined = pool.join(lengths, on="candidate_id", how="left", maintain_order="left")
    estimated = (pl.col("characters") // CHARACTERS_PER_TOKEN).cast(pl.Int64)
    return joined.with_columns(pl.coalesce("tokens", estimated).alias("tokens")).drop("characters")
