"""What an evaluation found: one column per model, and what the two make of the same problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curator.comparison import PairedProblem, Pairing
from curator.evaluating.examples import Example
from curator.evaluating.figures import Measured
from curator.evaluating.loss import Unmeasured
from curator.evaluating.task import Task
from curator.progress import Progress
from schemas.candidate import Run
from schemas.training import LossReport


@dataclass(frozen=True, slots=True)
class Column:
    """One model on all problems."""

    name: str
    """The model as it was named, or found; no secrets."""
    run: Run
    figures: Measured
    loss: LossReport | Unmeasured
    session: Progress
    """What this command added to the run."""
    concurrency: int
    """Samples asked for at once, at most: their seconds depend on it."""
    outcomes: Sequence[Mapping[str, Any]]
    """Per problem: the rows of `eval_queries.OUTCOMES`, in the order of their ids."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A student on a split's held-out problems, beside what it was before unless that is unknown."""

    task: Task
    store: Path
    folder: Path
    """Where it is saved."""
    before: Column | None
    after: Column
    examples: Sequence[Example]
    notes: Sequence[str]

    @property
    def columns(self) -> list[Column]:
        """Before, if any, and after."""
        return [self.before, self.after] if self.before else [self.after]

    @property
    def failed(self) -> int:
        """Candidates that this command asked for and did not get."""
        return sum(column.session.failed for column in self.columns)

    @property
    def pairing(self) -> Pairing | None:
        """The problems under both models; None where there is one model."""
        if self.before is None:
            return None
        rows = zip(self.before.outcomes, self.after.outcomes, strict=True)
        return Pairing([PairedProblem(one["problem_id"], *_decided(one), *_decided(two)) for one, two in rows], {})


def _decided(row: Mapping[str, Any]) -> tuple[int, int]:
    return row["accepted"], row["accepted"] + row["rejected"]
