"""What a dataset card says of a split, asked from the store: few figures, however many traces there are."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from curator.exporting.card_lengths import Length, Summary, summarise
from curator.store import card_queries as questions
from curator.store.client import Store
from schemas.split import Split

SHOWN = 50
"""Most rows that one table of a card lists."""
EVERY = "all"
"""Stands for all parts together."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """The largest rows of a table, and how many more there are."""

    rows: Sequence[Row]
    more: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the completions of a split are."""

    by_part: Mapping[str, Summary]
    every: Sequence[Length]
    """Of all parts together, shorter ones first; empty when none is known."""
    estimated: int
    """Traces whose tokens were estimated from the text because the teacher did not say."""
    unknown: int
    """Traces without a length."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of all candidates of the runs that a split comes from."""

    rows: Sequence[Row]
    """decision, reason, decided_by, counted, taken (into the split)."""
    candidates: int
    taken: Mapping[str, int]
    """By decision, what the split has taken."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything of a card that is counted."""

    sizes: Mapping[str, Row]
    """Traces and problems per part, and of `EVERY`."""
    sources: Listing
    licenses: Listing
    domains: Listing
    languages: Listing
    teachers: Listing
    funnel: Funnel
    pass_rates: Mapping[str, int]
    """Problems of the split per range of their pass rate."""
    decided_per_problem: float
    """Candidates that such a rate comes from, on average."""
    verifiers: Sequence[Row]
    lengths: Lengths
    drops: Sequence[Row]
    """reason, benchmark (None for duplicates), problems."""

    @property
    def unlicensed(self) -> int:
        """Problems whose licence is not recorded."""
        return sum(row["problems"] for row in self.licenses.rows if row["license"] is None)

    @property
    def contaminated(self) -> Mapping[str, int]:
        """Problems left out, by benchmark."""
        return {row["benchmark"]: row["problems"] for row in self.drops if row["benchmark"] is not None}

    def dropped(self, reason: str) -> int:
        """Count the problems left out for one of `schemas.split.DropReason`."""
        return sum(row["problems"] for row in self.drops if row["reason"] == reason)


def figures(store: Store, split: Split) -> Figures:
    """Ask the store for all figures of a split that has at least one trace."""
    name = split.name
    groups = _grouped(store.rows(questions.GROUPS, [name, SHOWN]), "kind")
    decided = store.rows(questions.DECISIONS, [name])
    rated: list[Row] = [row for row in decided if row["decision"] is None]
    return Figures(
        sizes={str(row["part"] or EVERY): row for row in store.rows(questions.SIZES, [name])},
        sources=_listing(groups["source"]),
        licenses=_listing(groups["license"]),
        domains=_listing(groups["domain"]),
        languages=_listing(groups["language"]),
        teachers=_listing([_with_sampling(row) for row in store.rows(questions.TEACHERS, [name, SHOWN])]),
        funnel=_funnel([row for row in decided if row["decision"] is not None]),
        pass_rates=_pass_rates(rated),
        decided_per_problem=_mean([(row["accepted"] + row["rejected"], row["counted"]) for row in rated]),
        verifiers=store.rows(questions.VERIFIERS, [name]),
        lengths=_lengths(store.rows(questions.LENGTHS, [name])),
        drops=store.rows(questions.DROPS, [name]),
    )


def _grouped(rows: Iterable[Row], key: str) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[str(row[key])].append(row)
    return found


def _listing(rows: Sequence[Row]) -> Listing:
    return Listing(rows, rows[0]["kinds"] - len(rows) if rows else 0)


def _with_sampling(row: Row) -> Row:
    return {**row, "sampling": json.loads(row["sampling"]) if row["sampling"] else None}


def _funnel(rows: Sequence[Row]) -> Funnel:
    taken: Counter[str] = Counter()
    for row in rows:
        taken[row["decision"]] += row["taken"]
    return Funnel(rows, sum(row["counted"] for row in rows), +taken)


RATES = ("none", "up to a quarter", "up to a half", "up to three quarters", "more, but not all", "all", "unknown")
"""Ranges of a problem's pass rate: accepted / (accepted + rejected)."""


def _pass_rates(rows: Iterable[Row]) -> dict[str, int]:
    found = dict.fromkeys(RATES, 0)
    for row in rows:
        found[_range(row["accepted"], row["rejected"])] += row["counted"]
    return found


def _range(accepted: int, rejected: int) -> str:
    if not accepted + rejected:
        return RATES[6]
    rate = Fraction(accepted, accepted + rejected)
    if rate in (0, 1):
        return RATES[5] if rate else RATES[0]
    return next(RATES[quarter] for quarter in (1, 2, 3, 4) if rate <= Fraction(quarter, 4))


def _mean(values: Sequence[tuple[int, int]]) -> float:
    """Average numbers, each given with how often it occurs; rounded."""
    return round(sum(number * times for number, times in values) / sum(times for _, times in values), 1)


def _lengths(rows: Iterable[Row]) -> Lengths:
    known: dict[str, list[Length]] = defaultdict(list)
    every: dict[int, int] = defaultdict(int)
    unknown = estimated = 0
    for row in rows:
        if row["tokens"] is None:
            unknown += row["traces"]
            continue
        known[row["part"]].append(Length(row["tokens"], row["traces"]))
        every[row["tokens"]] += row["traces"]
        estimated += row["estimated"]
    together = [Length(tokens, traces) for tokens, traces in sorted(every.items())]
    parts = {**known, EVERY: together} if len(known) > 1 else known
    return Lengths({part: summarise(found) for part, found in parts.items()}, together, estimated, unknown)
