"""How many candidates were wanted of the problems of some runs, and why no more was asked about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from curator.store import yield_queries as questions
from curator.store.client import Store
from schemas.sampling_plan import StopReason

WORDS: Mapping[StopReason, str] = {
    "solved": "enough accepted",
    "max_n": "as many candidates as allowed",
    "hopeless": "given up: hardly any would be accepted",
    "trivial": "too easy: nearly all would be accepted",
    "unjudgeable": "nobody can judge its candidates",
    "budget": "left open: the tokens are spent",
}
"""What a stop's reason means, in the order in which reports tell them."""


class StopCount(NamedTuple):
    """The problems that were stopped for one reason, and all that was spent on them."""

    reason: StopReason
    problems: int
    candidates: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Stops:
    """What was wanted, by run, and why problems were stopped, over all runs."""

    plans: Mapping[str, str]
    """In words, of the newest command of each run that asked for more than a fixed number."""
    counts: Sequence[StopCount]

    def lines(self) -> list[str]:
        """Explain the plan; nothing where there is only a fixed number."""
        told = [f"plan of run {run}: {words}" for run, words in self.plans.items()]
        for row in self.counts:
            what = f"{row.problems:,} problems, {row.candidates:,} candidates, {row.tokens:,} tokens"
            told.append(f"  {WORDS[row.reason]}: {what}")
        return told

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {"plans": dict(self.plans), "stops": [row._asdict() for row in self.counts]}


def stops_of(store: Store, runs: Sequence[str]) -> Stops:
    """Ask the store about some runs."""
    plans = {str(row["run_id"]): plan_words(row) for row in store.rows(questions.PLANS, [list(runs)])}
    rows: list[dict[str, Any]] = store.rows(questions.STOPS, [list(runs)])
    order = list(WORDS)
    counts = sorted((StopCount(**row) for row in rows), key=lambda row: order.index(row.reason))
    return Stops(plans, counts)


def plan_words(row: Mapping[str, Any]) -> str:
    """Put a plan into words; `row` is one of `sampling_plans`."""
    words = f"{row['max_n']} candidates of every problem"
    if row["until"] is not None:
        words = f"until {row['until']} accepted, of at most {row['max_n']} candidates of a problem"
        if row["give_up_below"] > 0:
            words += f"; given up below an expected pass rate of {row['give_up_below']:g}"
        if row["enough_above"] < 1:
            words += f"; too easy above {row['enough_above']:g}"
    if row["budget_tokens"] is not None:
        words += f"; at most {row['budget_tokens']:,} completion tokens, the most promising problems first"
    return words
