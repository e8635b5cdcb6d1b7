"""Two runs beside each other: their figures, and what became of the problems that both have."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from curator.errors import UsageError
from curator.store import yield_queries as questions
from curator.store.client import Store
from curator.yields import YieldReport

CHANCE = 0.05
"""Below this probability a difference is said to be more than chance."""
LISTED = 10
"""Problems that are named because the runs differ most on them."""


class PairedProblem(NamedTuple):
    """A problem that both runs have candidates of."""

    problem_id: str
    first_accepted: int
    first_decided: int
    """Candidates of the first run that were accepted or rejected."""
    second_accepted: int
    second_decided: int

    @property
    def rates(self) -> tuple[float, float] | None:
        """The pass rates of both runs; None where all candidates of one are undecided."""
        if not (self.first_decided and self.second_decided):
            return None
        return self.first_accepted / self.first_decided, self.second_accepted / self.second_decided

    @property
    def lead(self) -> int:
        """Above 0 where the second run's pass rate is higher, below where the first's is; exact."""
        return self.second_accepted * self.first_decided - self.first_accepted * self.second_decided

    @property
    def gap(self) -> float:
        """How far the second run's pass rate is above the first's; 0 where one has none."""
        return 0.0 if self.rates is None else self.rates[1] - self.rates[0]


@dataclass(frozen=True, slots=True)
class Pairing:
    """The problems that two runs share; none is possible."""

    problems: Sequence[PairedProblem]
    prompts: Mapping[str, str]
    """Beginnings of the texts of those in `widest`."""

    @property
    def solved(self) -> Counter[str]:
        """Problems with an accepted candidate: of `both` runs, of the `first` or `second` only, of `neither`."""
        names = {(True, True): "both", (True, False): "first", (False, True): "second", (False, False): "neither"}
        return Counter(names[one.first_accepted > 0, one.second_accepted > 0] for one in self.problems)

    @property
    def rates(self) -> list[tuple[float, float]]:
        """Pass rates of each problem that has one in both runs."""
        return [one.rates for one in self.problems if one.rates is not None]

    @property
    def means(self) -> tuple[float, float] | None:
        """Mean pass rate of each run over `rates`; None where there are none."""
        rates = self.rates
        if not rates:
            return None
        return math.fsum(first for first, _ in rates) / len(rates), math.fsum(second for _, second in rates) / len(
            rates
        )

    @property
    def better(self) -> tuple[int, int]:
        """Problems on which the first, and on which the second run has the higher pass rate."""
        leads = [one.lead for one in self.problems if one.rates is not None]
        return sum(lead < 0 for lead in leads), sum(lead > 0 for lead in leads)

    @property
    def widest(self) -> list[PairedProblem]:
        """The problems whose pass rates differ most."""
        return widest(self.problems)

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        first, second = self.better
        return {
            "problems": len(self.problems),
            "solved_by": {name: self.solved[name] for name in ("both", "first", "second", "neither")},
            "problems_with_pass_rates": len(self.rates),
            "mean_pass_rates": self.means,
            "first_better": first,
            "second_better": second,
            "sign_test_p": sign_test(first, second),
            "widest": [one._asdict() for one in self.widest],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs as they stand in the store."""

    first: str
    second: str
    report: YieldReport
    """Of these two runs."""
    pairing: Pairing

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        names = (self.first, self.second)
        runs = [{"run": run, "model": self.report.models[run], **self.report.runs[run].as_json()} for run in names]
        return {"store": str(self.report.store), "runs": runs, "shared_problems": self.pairing.as_json()}


def check_runs(first: str, second: str) -> None:
    """Refuse to compare a run with itself.

    Raises:
        UsageError: Both are the same.
    """
    if first == second:
        raise UsageError(f"--compare {first} {second}: these are one run", hint="name two; `curator report` lists them")


def compare(store: Store, report: YieldReport, first: str, second: str) -> Comparison:
    """Pair the problems of two runs, of which `report` has the figures."""
    rows = store.table(questions.SHARED_PROBLEMS, [first, second]).to_pylist()
    problems = [PairedProblem(**row) for row in rows]
    wanted = [one.problem_id for one in widest(problems)]
    prompts = {str(row["id"]): str(row["prompt"]) for row in store.rows(questions.PROMPT_BEGINNINGS, [wanted])}
    return Comparison(first, second, report, Pairing(problems, prompts))


def widest(problems: Sequence[PairedProblem]) -> list[PairedProblem]:
    """Return the `LISTED` problems whose pass rates differ most, the widest gap first."""
    apart = [one for one in problems if one.gap]
    return sorted(apart, key=lambda one: (-abs(one.gap), one.problem_id))[:LISTED]


def sign_test(first: int, second: int) -> float:
    """Return how likely a split at least as uneven as this one is when each side is as likely: two-sided, exact.

    Of n problems that are not tied, the number that favour one side is then binomial(n, 1/2). Ties tell nothing and
    are left out, and so is how wide a difference is: a run that wins often by little beats one that wins seldom by
    much. Not covered: problems that resemble each other count as independent.
    """
    n, fewer = first + second, min(first, second)
    if not n or first == second:
        return 1.0
    logs = (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(fewer + 1))
    return min(1.0, 2 * math.fsum(math.exp(log - n * math.log(2)) for log in logs))


def sign_verdict(first: int, second: int) -> str:
    """Say whether a split of problems that are not tied is more than chance, and by which test."""
    p = sign_test(first, second)
    shown = f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001"
    said = "no difference" if first == second else "more than chance" if p < CHANCE else "this may be chance"
    return f"{said} (exact sign test over problems, {shown})"
