"""What runs came to, for `curator report`: the funnel, pass rates and yield of all, per run, and per slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from curator.config import PriceSection
from curator.cost import NO_PRICES, Bill, bill_of, expenses
from curator.funnel import STYLES, per_million
from curator.lengths import Lengths
from curator.runs import select_runs
from curator.stops import Stops, stops_of
from curator.store import queries
from curator.store import yield_queries as questions
from curator.store.client import Store
from schemas.verdict import CUTS

UNDECIDED_RATE = "undecided"
STOPPED_RATE = "stopped"
PASS_RATES = ("0", "(0, 0.5]", "(0.5, 1)", "1", STOPPED_RATE, UNDECIDED_RATE)
"""Ranges of accepted / (accepted + rejected) of one problem's candidates, as the store names them."""


class Outcome(NamedTuple):
    """One way in which candidates were decided."""

    decision: str
    reason: str
    decided_by: str


class Reason(NamedTuple):
    """Why candidates came to a decision, whoever decided."""

    decision: str
    reason: str


def by_reason(outcomes: Mapping[Outcome, int]) -> Counter[Reason]:
    """Add candidates up over the verifiers that decided."""
    counts: Counter[Reason] = Counter()
    for outcome, number in outcomes.items():
        counts[Reason(outcome.decision, outcome.reason)] += number
    return counts


class Slice(NamedTuple):
    """Problems of one kind."""

    domain: str
    language: str


@dataclass(slots=True)
class Figures:
    """Sums over some candidates."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    pass_rates: Counter[str] = field(default_factory=Counter)
    """By one of `PASS_RATES`, problems."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompts_estimated: int = 0
    """Candidates whose prompt tokens were estimated from the text."""
    estimated: int = 0
    """Candidates whose completion tokens were estimated from the text."""
    prompts_unknown: int = 0
    """Candidates whose prompt tokens nobody counted; the sum leaves them out."""
    unknown: int = 0
    """Candidates whose completion tokens nobody counted."""
    teacher_s: float = 0.0
    """Seconds from request to last byte, added up over candidates: concurrent ones count each."""

    @property
    def candidates(self) -> int:
        """Candidates in all."""
        return self.outcomes.total()

    @property
    def problems(self) -> int:
        """Problems with a candidate."""
        return self.pass_rates.total()

    @property
    def solved(self) -> int:
        """Problems with an accepted candidate."""
        return self.problems - self.pass_rates["0"] - self.pass_rates[UNDECIDED_RATE]

    def count(self, decision: str) -> int:
        """Candidates that came to `decision`."""
        return sum(number for outcome, number in self.outcomes.items() if outcome.decision == decision)

    def per_million(self, number: int) -> float | None:
        """`number` per million completion tokens; None without tokens."""
        return per_million(number, self.completion_tokens)

    def add_tokens(self, row: Mapping[str, Any]) -> None:
        """Add one row of `TOKENS`."""
        self.prompt_tokens += row["prompt_tokens"]
        self.completion_tokens += row["completion_tokens"]
        self.prompts_estimated += row["prompts_estimated"]
        self.estimated += row["completions_estimated"]
        self.prompts_unknown += row["prompts_unknown"]
        self.unknown += row["completions_unknown"]
        self.teacher_s += row["teacher_s"]

    def counts(self) -> dict[str, Any]:
        """How many there are, and how they were decided."""
        return {
            "candidates": self.candidates,
            **{name: self.count(name) for name in STYLES},
            "reasons": [{**outcome._asdict(), "candidates": number} for outcome, number in self.outcomes.most_common()],
        }

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {
            "problems": self.problems,
            "solved_problems": self.solved,
            **self.counts(),
            "pass_rates": {name: self.pass_rates[name] for name in PASS_RATES},
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "prompt_tokens_estimated_candidates": self.prompts_estimated,
            "prompt_tokens_unknown_candidates": self.prompts_unknown,
            "tokens_estimated_candidates": self.estimated,
            "tokens_unknown_candidates": self.unknown,
            "accepted_per_million_tokens": self.per_million(self.count("accepted")),
            "solved_per_million_tokens": self.per_million(self.solved),
            "teacher_s": round(self.teacher_s, 2),
        }


class AdvisoryCount(NamedTuple):
    """Candidates that a verifier rejects which does not decide."""

    verifier: str
    reason: str
    candidates: int


class JudgeCost(NamedTuple):
    """What the replies of a judge model cost, each paid for once."""

    model: str
    replies: int
    prompt_tokens: int
    completion_tokens: int
    estimated: int
    """Replies of which a count was estimated from the text."""
    unknown: int
    """Replies of which a count is not known."""

    @property
    def tokens(self) -> int:
        """Prompts included."""
        return self.prompt_tokens + self.completion_tokens


class CutStreams(NamedTuple):
    """Streams that were cut because they were lost, and their tokens."""

    streams: int
    tokens: int
    spared: int
    """Tokens that they could still have come to, had each run on to the limit."""


class FailureCount(NamedTuple):
    """Requests that failed for good."""

    reason: str
    requests: int
    owed: int
    """Candidates that no later request brought."""


@dataclass(frozen=True, slots=True)
class YieldReport:
    """Some runs as they stand in the store."""

    store: Path
    models: Mapping[str, str]
    """By run, what its teacher was."""
    total: Figures
    runs: Mapping[str, Figures]
    slices: Mapping[Slice, Figures]
    teachers: Mapping[str, Counter[Outcome]]
    """By the model that wrote them, the busiest first."""
    lengths: Mapping[str, Lengths]
    """By decision, in tokens; what no one counted is left out."""
    advisory: Sequence[AdvisoryCount]
    judges: Sequence[JudgeCost]
    cut: CutStreams
    failures: Sequence[FailureCount]
    judging_s: float
    stops: Stops
    bill: Bill | None = None
    """What teachers and judges cost; None where curator.toml has no prices."""
    evaluations_left_out: int = 0
    """Runs that are no teacher's, and that nobody asked for by name."""

    @property
    def domains(self) -> dict[str, Counter[Outcome]]:
        """How the candidates of each domain were decided."""
        found: dict[str, Counter[Outcome]] = {}
        for name, figures in self.slices.items():
            found.setdefault(name.domain, Counter()).update(figures.outcomes)
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything a script might read."""
        return {
            "store": str(self.store),
            **self.total.as_json(),
            "judging_s": round(self.judging_s, 2),
            **self.stops.as_json(),
            "evaluation_runs_left_out": self.evaluations_left_out,
            "advisory_rejections": [row._asdict() for row in self.advisory],
            "judges": [{**row._asdict(), "tokens": row.tokens} for row in self.judges],
            "cost": None if self.bill is None else self.bill.as_json(),
            "cut_streams": self.cut._asdict(),
            "failed_requests": [row._asdict() for row in self.failures],
            "runs": [{"run": run, "model": self.models[run], **one.as_json()} for run, one in self.runs.items()],
            "slices": [{**name._asdict(), **one.as_json()} for name, one in self.slices.items()],
            "teachers": [{"model": model, **Figures(outcomes).counts()} for model, outcomes in self.teachers.items()],
            "lengths": {decision: lengths.as_json() for decision, lengths in self.lengths.items()},
        }


def yield_report(store: Store, path: Path, wanted: Sequence[str], prices: PriceSection = NO_PRICES) -> YieldReport:
    """Ask the store, which lies at `path`, how some runs came out, or all but evaluations.

    Raises:
        UsageError: There is no run of that name.
    """
    known = store.rows(queries.ALL_RUNS)
    models = {str(row["id"]): str(row["model"] or row["teacher"]) for row in known}
    left_out = set() if wanted else {row["id"] for row in known if row["purpose"] == "evaluation"}
    runs = [run for run in select_runs(store, wanted) if run not in left_out]
    sums = _Sums(runs)
    for row in store.rows(questions.OUTCOMES, [runs]):
        sums.add_outcome(row)
    spent = store.rows(questions.TOKENS, [runs])
    for row in spent:
        sums.add_tokens(row)
    (judging,) = store.rows(questions.JUDGING, [runs])
    judges = [JudgeCost(**row) for row in _asked(store, questions.JUDGES, runs)]
    (cut,) = _asked(store, questions.CUT_STREAMS, runs, sorted(CUTS))
    return YieldReport(
        store=path,
        models={run: models[run] for run in runs},
        total=sums.total,
        runs=sums.runs,
        slices=dict(sorted(sums.slices.items())),
        teachers=dict(sorted(sums.teachers.items(), key=lambda item: (-item[1].total(), item[0]))),
        lengths={name: Lengths(sums.lengths[name]) for name in STYLES},
        advisory=[AdvisoryCount(**row) for row in _asked(store, questions.ADVISORY, runs)],
        judges=judges,
        cut=CutStreams(**cut),
        failures=[FailureCount(**row) for row in _asked(store, questions.FAILURES, runs)],
        judging_s=float(str(judging["judging_s"])),
        stops=stops_of(store, runs),
        bill=sums.bill(prices, spent, judges),
        evaluations_left_out=len(left_out),
    )


class _Sums:
    """Sorts the rows of the store: candidates add up over runs, problems were counted over all runs by the store."""

    def __init__(self, runs: Iterable[str]) -> None:
        self.total = Figures()
        self.runs = {run: Figures() for run in runs}
        self.slices: dict[Slice, Figures] = {}
        self.teachers: dict[str, Counter[Outcome]] = {}
        self.lengths: dict[str, Counter[int]] = {name: Counter() for name in STYLES}
        self.solved: dict[str, int] = {}
        """By model, problems."""

    def add_outcome(self, row: Mapping[str, Any]) -> None:
        """Add one row of `OUTCOMES`."""
        number = row["counted"]
        if row["reason"] is not None:
            outcome = Outcome(row["decision"], row["reason"], row["decided_by"])
            for figures in (self.total, self._slice(row), self.runs[row["run_id"]]):
                figures.outcomes[outcome] += number
            self.teachers.setdefault(row["model"], Counter())[outcome] += number
        elif row["decision"] is not None:
            if row["tokens"] is not None:
                self.lengths[row["decision"]][row["tokens"]] += number
        elif row["pass_rate"] is None:
            self.solved[row["model"]] = number
        else:
            over_all = (self.total, self._slice(row))
            for figures in over_all if row["run_id"] is None else (self.runs[row["run_id"]],):
                figures.pass_rates[row["pass_rate"]] += number

    def add_tokens(self, row: Mapping[str, Any]) -> None:
        """Add one row of `TOKENS`."""
        for figures in (self.total, self._slice(row), self.runs[row["run_id"]]):
            figures.add_tokens(row)

    def bill(
        self, prices: PriceSection, spent: Iterable[Mapping[str, Any]], judges: Sequence[JudgeCost]
    ) -> Bill | None:
        """Say what it all cost; `spent` are the rows of `TOKENS`."""
        accepted = {model: Figures(outcomes).count("accepted") for model, outcomes in self.teachers.items()}
        teachers = [
            replace(one, accepted=accepted.get(one.model, 0), solved=self.solved.get(one.model, 0))
            for one in expenses(prices, "teacher", spent)
        ]
        asked = expenses(prices, "judge", (judge._asdict() for judge in judges))
        return bill_of(prices, [*teachers, *asked], self.total.count("accepted"), self.total.solved)

    def _slice(self, row: Mapping[str, Any]) -> Figures:
        return self.slices.setdefault(Slice(row["domain"], row["language"]), Figures())


def _asked(store: Store, question: str, *about: Sequence[str]) -> list[dict[str, Any]]:
    return store.rows(question, about)
