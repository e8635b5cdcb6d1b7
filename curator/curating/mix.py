"""A dataset mixed in wanted shares, such as three parts of reasoning to one of general rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, isfinite
from typing import Literal, NamedTuple, cast, get_args

import polars as pl

from curator.curating.quotas import apportion
from curator.curating.steps import Step, draw, step
from curator.errors import UsageError, did_you_mean

Kind = Literal["domain", "source", "language"]
By = Literal["rows", "tokens"]
EXAMPLE = "--mix domain:math=0.6,domain:code=0.2,domain:general=0.2"
LISTED = 10
"""Most values that an error or a note lists."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How much there is to be of what."""

    kind: Kind
    ratios: Mapping[str, float]
    """By value of the pool's column `kind`; positive."""
    by: By
    """What is counted: rows, or the tokens of their completions."""

    def shares(self) -> dict[str, Fraction]:
        """Return the exact share of each part in all, 1 in sum."""
        exact = {name: Fraction(repr(ratio)) for name, ratio in self.ratios.items()}
        return {name: ratio / sum(exact.values()) for name, ratio in exact.items()}


class _Amount(NamedTuple):
    """How much there is of one part."""

    rows: int
    counted: int
    """Rows again, or tokens."""


_NOTHING = _Amount(0, 0)


def parse(text: str, by: By) -> Mix:
    """Read what `--mix` says: `KIND:VALUE=NUMBER` for each part, separated by commas.

    Numbers are ratios: 600 to 200 is 0.75 to 0.25. A value may hold `:` and `=`, for its number follows the last `=`.
    Not covered: values with a comma.

    Raises:
        UsageError: It does not read so; the message names the faulty part.
    """
    ratios: dict[tuple[Kind, str], float] = {}
    for item in map(str.strip, text.split(",")):
        kind, value, ratio = _part(item)
        if (kind, value) in ratios:
            raise _fault(item, f"{kind}:{value} is there twice")
        ratios[kind, value] = ratio
    kinds = list(dict.fromkeys(kind for kind, _ in ratios))
    if len(kinds) > 1:
        raise _fault(text, f"one mix is of one kind, not of {' and '.join(kinds)}")
    return Mix(kinds[0], {value: ratio for (_, value), ratio in ratios.items()}, by)


def mix(pool: pl.DataFrame, wanted: Mix, seed: int) -> tuple[pl.DataFrame, Step]:
    """Cut the parts of `pool` to the wanted shares, and no further than that takes; the order of `pool` stays.

    The part that has least for its share runs short; the others are cut, by the seed. By rows, every part is less
    than one row off its share of what is kept. By tokens, a part's rows are taken in drawn order up to the first one
    that would exceed its share, so that it lacks less than that row. Rows of no part are dropped.

    Raises:
        UsageError: There is nothing of a part; the hint says what there is.
    """
    drawn = pool.select(
        "candidate_id",
        part=wanted.kind,
        counted=pl.col("tokens") if wanted.by == "tokens" else pl.lit(1, pl.Int64),
        draw=pl.Series([draw(seed, "mix", name) for name in pool["candidate_id"]], dtype=pl.Binary),
    ).sort("draw", "candidate_id")
    had = _amounts(drawn)
    goals = _goals(wanted, had)
    parts = drawn.filter(pl.col("part").is_in(list(goals)))
    kept = parts.filter(pl.col("counted").cum_sum().over("part") <= pl.col("part").replace_strict(goals))
    mixed = pool.filter(pl.col("candidate_id").is_in(kept["candidate_id"].implode()))
    return mixed, step("mix", pool, mixed, _notes(wanted, had, _amounts(kept)))


def _part(item: str) -> tuple[Kind, str, float]:
    kind, _, rest = item.partition(":")
    value, _, number = rest.rpartition("=")
    if kind not in get_args(Kind):
        raise _fault(item, f"a part begins with one of {', '.join(f'{known}:' for known in get_args(Kind))}")
    if not value:
        raise _fault(item, "a part is KIND:VALUE=NUMBER")
    try:
        ratio = float(number)
    except ValueError:
        raise _fault(item, f"{number!r} is no number") from None
    if not (isfinite(ratio) and ratio > 0):
        raise _fault(item, "a share must be more than 0")
    return cast(Kind, kind), value, ratio


def _fault(item: str, why: str) -> UsageError:
    return UsageError(f"--mix {item}: {why}", hint=f"for example {EXAMPLE}")


def _amounts(rows: pl.DataFrame) -> dict[str | None, _Amount]:
    """Add up by part, the most first."""
    sums = rows.group_by("part").agg(pl.len(), pl.col("counted").sum()).sort("len", "part", descending=[True, False])
    return {part: _Amount(number, counted) for part, number, counted in sums.iter_rows()}


def _goals(wanted: Mix, had: Mapping[str | None, _Amount]) -> dict[str, int]:
    """Say how much each part may count: as much as the scarcest allows."""
    for name in wanted.ratios:
        if not had.get(name, _NOTHING).counted:
            counts = {part: amount.counted for part, amount in had.items()}
            guess = did_you_mean(name, [part for part in had if part not in (None, name)])
            raise UsageError(
                f"--mix {wanted.kind}:{name}: there are no {wanted.by} of it{guess}",
                hint=f"{wanted.by} by {wanted.kind}: {_listed(counts) or 'none'}",
            )
    shares = wanted.shares()
    enough_for = min(had[name].counted / share for name, share in shares.items())
    goals = apportion(ceil(enough_for), shares)
    fits = all(goal <= had[name].counted for name, goal in goals.items())
    return goals if fits else apportion(floor(enough_for), shares)


def _notes(wanted: Mix, had: Mapping[str | None, _Amount], kept: Mapping[str | None, _Amount]) -> list[str]:
    shares = wanted.shares()
    total = max(sum(amount.counted for amount in kept.values()), 1)
    notes = []
    for name, share in shares.items():
        got = kept.get(name, _NOTHING)
        notes.append(f"{name}: {_said(got, wanted.by)}, {got.counted / total:.1%} (wanted {float(share):.1%})")
    for name in _short(shares, had):
        taken = f"{kept.get(name, _NOTHING).rows:,} of its {_said(had[name], wanted.by)} are taken"
        notes.append(f"{name} ran short: {taken}; the others were cut to keep the shares")
    others = {part: amount.rows for part, amount in had.items() if part not in shares}
    return [*notes, f"rows of no part, dropped: {_listed(others)}"] if others else notes


def _short(shares: Mapping[str, Fraction], had: Mapping[str | None, _Amount]) -> list[str]:
    """Name the parts for whose sake others were cut."""
    enough_for = {name: had[name].counted / share for name, share in shares.items()}
    least = min(enough_for.values())
    return [name for name in shares if enough_for[name] == least < max(enough_for.values())]


def _said(amount: _Amount, by: By) -> str:
    return f"{amount.rows:,} rows" + (f" of {amount.counted:,} tokens" if by == "tokens" else "")


def _listed(counts: Mapping[str | None, int]) -> str:
    shown = [f"{name or 'without one'} {number:,}" for name, number in list(counts.items())[:LISTED]]
    more = [f"{len(counts) - LISTED} more"] if len(counts) > LISTED else []
    return ", ".join([*shown, *more])
