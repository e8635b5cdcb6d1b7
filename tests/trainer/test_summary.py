"""A training in a few figures: what its curve says, and nothing that was not measured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from schemas.training import METRICS
from trainer.summary import summary


def logged(folder: Path, lines: Iterable[Mapping[str, float | None]]) -> Path:
    (folder / METRICS).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def steps(*losses: float | None) -> list[dict[str, float | None]]:
    return [{"step": at, "loss": loss, "tokens": 10 * at, "elapsed_s": 2 * at} for at, loss in enumerate(losses, 1)]


@pytest.mark.parametrize(
    ("losses", "first", "last"),
    [((3.0,), 3.0, 3.0), ((3.0, 2.0, 1.0), 3.0, 1.0), ((4.0, 2.0, *[1.5] * 5, 1.0), 3.0, 1.25)],
)
def test_beginning_and_end_of_the_curve_do_not_overlap(tmp_path, losses, first, last) -> None:
    """Means over a quarter of the logged steps, over five at most; of three steps they are the first and the last."""
    found = summary(logged(tmp_path, steps(*losses)))
    assert (found["loss_first"], found["loss_last"]) == (first, last)


def test_long_curves_are_averaged_over_five_steps(tmp_path) -> None:
    """A single batch says little."""
    found = summary(logged(tmp_path, steps(*map(float, range(100, 0, -1)))))
    assert (found["loss_first"], found["loss_last"]) == (98.0, 3.0)


def test_tokens_time_and_evaluations_are_there(tmp_path) -> None:
    """The first and the last evaluation, and the pace over the whole time."""
    evaluated = [{"step": at, "eval_loss": loss, "elapsed_s": at} for at, loss in ((0, 2.0), (3, 1.0))]
    found = summary(logged(tmp_path, [evaluated[0], *steps(3.0, 2.0, 1.0), evaluated[1]]))
    assert (found["eval_loss_first"], found["eval_loss_last"]) == (2.0, 1.0)
    assert (found["tokens"], found["runtime_s"], found["tokens_per_s"]) == (30, 6, 5)
    assert found["peak_memory_bytes"] > 1e6


def test_what_was_not_measured_is_left_out(tmp_path) -> None:
    """A loss that became no number is no figure, and a training without logs has none."""
    assert "loss_first" not in summary(logged(tmp_path, steps(None)))
    assert set(summary(logged(tmp_path, []))) == {"peak_memory_bytes"}
