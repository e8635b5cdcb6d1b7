"""At most so many traces of each problem: any, the shortest, the longest, or those least alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

import numpy as np
import polars as pl

from curator.curating.shingles import Shingles, shingles
from curator.curating.steps import Step, draw, step

Select = Literal["random", "shortest", "longest", "diverse"]
Texts = Callable[[Sequence[str]], Mapping[str, str]]
"""Fetches the traces of at most `PAGE` candidates, by their ids."""
PAGE = 256
"""Candidates whose texts are held at once."""

_KEPT: Mapping[Select, str] = {
    "random": "by the seed",
    "shortest": "the shortest by completion tokens",
    "longest": "the longest by completion tokens",
    "diverse": "one by the seed, then those that are least like the ones kept",
}


def choose(pool: pl.DataFrame, most: int, select: Select, seed: int, texts: Texts) -> tuple[pl.DataFrame, Step]:
    """Keep at most `most` candidates of each problem, in the order of `pool`.

    Ties go by the seed. `diverse` is greedy: it begins with the candidate that `random` would keep, for a beginning
    at the shortest would put that one into every dataset; then it takes, again and again, the candidate of whose
    distinct runs of words the smallest share stands in those already kept. A trace too short for a run comes last.
    It asks for the texts of problems with more than `most` candidates only, once each, and holds 8 bytes for each
    distinct run of words of one problem.

    Args:
        pool: Columns of `POOL`.
        most: 1 or more.
        select: Which ones to keep.
        seed: Decides `random`, and ties.
        texts: Called by `diverse` only.

    Not covered: `diverse` compares words, not ideas, and no traces of different problems; it leans to longer traces,
    of which a smaller share can stand in shorter ones.
    """
    draws = [draw(seed, "per-problem", name) for name in pool["candidate_id"]]
    drawn = pool.with_columns(pl.Series("draw", draws, pl.Binary)).sort("draw", "candidate_id")
    crowded = drawn.filter(pl.len().over("problem_id") > most)
    kept = _diverse(pool, crowded, most, texts) if select == "diverse" else _first(crowded, most, select)
    dropped = crowded.filter(~pl.col("candidate_id").is_in(kept))["candidate_id"]
    chosen = pool.filter(~pl.col("candidate_id").is_in(dropped.implode()))
    note = f"{crowded['problem_id'].n_unique():,} of {pool['problem_id'].n_unique():,} problems had more than {most:,}"
    return chosen, step("per-problem", pool, chosen, [f"{note}; kept of these: {_KEPT[select]}"])


def _first(crowded: pl.DataFrame, most: int, select: Select) -> list[str]:
    """Take the first of each problem, by length if need be; `crowded` comes in the order of the draw."""
    if select != "random":
        crowded = crowded.sort("tokens", "draw", "candidate_id", descending=[select == "longest", False, False])
    return crowded.group_by("problem_id", maintain_order=True).head(most)["candidate_id"].to_list()


def _diverse(pool: pl.DataFrame, crowded: pl.DataFrame, most: int, texts: Texts) -> list[str]:
    """Spread each problem's choice; texts are asked for in the order of `pool`, for that is how they are stored."""
    members = dict(crowded.group_by("problem_id").agg("candidate_id").iter_rows())
    problems = [members[name] for name in pool["problem_id"].unique(maintain_order=True) if name in members]
    traces = _read([name for ids in problems for name in ids], texts)
    kept: list[str] = []
    for ids in problems:
        kept += [ids[at] for at in _spread(list(islice(traces, len(ids))), most)]
    return kept


def _read(ids: Sequence[str], texts: Texts) -> Iterator[Shingles]:
    for start in range(0, len(ids), PAGE):
        page = ids[start : start + PAGE]
        found = texts(page)
        yield from (shingles(found[name]) for name in page)


def _spread(traces: Sequence[Shingles], most: int) -> list[int]:
    """Choose traces that overlap least, greedily from the first one on; the earlier one of equals."""
    fresh, kept, left = list(traces), [0], list(range(1, len(traces)))
    while len(kept) < most:
        for at in left:
            fresh[at] = np.setdiff1d(fresh[at], traces[kept[-1]], assume_unique=True)
        newest = max(left, key=lambda at: len(fresh[at]) / max(len(traces[at]), 1))
        left.remove(newest)
        kept.append(newest)
    return kept
