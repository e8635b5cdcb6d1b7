"""The loss curve as a picture shows what was logged."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.image import imread

from trainer.errors import TrainerError
from trainer.plot import draw_loss

TRAIN, EVAL, RATE = (0x1F, 0x6F, 0xB4), (0xC8, 0x46, 0x1E), (0x8A, 0x8A, 0x8A)


def _steps(number: int) -> list[dict[str, float]]:
    return [{"step": at, "loss": 2 / at, "learning_rate": 1e-3 / at} for at in range(1, number + 1)]


def _dots(file: Path, color: tuple[int, int, int]) -> int:
    """Count the dots of exactly one colour."""
    picture = np.round(imread(file)[..., :3] * 255).astype(int)
    return int((picture == color).all(axis=-1).sum())


def test_a_picture_has_both_losses_and_the_rate(tmp_path) -> None:
    """All three are seen in their colours, on 900 by 540 dots."""
    file = tmp_path / "loss.png"
    evaluated = [{"step": 30, "eval_loss": 0.4}, {"step": 60, "eval_loss": 0.3}]
    draw_loss([*_steps(60), *evaluated], file, title="demo")
    assert struct.unpack(">II", file.read_bytes()[16:24]) == (900, 540)
    assert min(_dots(file, TRAIN), _dots(file, EVAL)) > 300
    draw_loss(evaluated, tmp_path / "bare.png", title="demo")
    assert _dots(file, RATE) > 10 * _dots(tmp_path / "bare.png", RATE)
    assert {path.name for path in tmp_path.iterdir()} == {"loss.png", "bare.png"}


@pytest.mark.parametrize("number", [1, 2, 50, 51, 400])
def test_any_number_of_points_is_seen(tmp_path, number) -> None:
    """One point is a mark, few are a line, many are smoothed; without evaluations there is nothing in their colour."""
    draw_loss(_steps(number), tmp_path / "loss.png", title="demo")
    assert _dots(tmp_path / "loss.png", TRAIN) > 10
    assert _dots(tmp_path / "loss.png", EVAL) == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_leaves_a_gap(tmp_path, value) -> None:
    """The rest is drawn as ever, without a warning; the gap is not painted over by the smoothing."""
    whole, broken = tmp_path / "whole.png", tmp_path / "broken.png"
    steps = [{"step": at, "loss": 1.0} for at in range(1, 101)]
    gaps = [line | {"loss": value} if line["step"] > 50 and line["step"] % 2 else line for line in steps]
    draw_loss(steps, whole, title="demo")
    draw_loss(gaps, broken, title="demo")
    assert 0.4 < _dots(broken, TRAIN) / _dots(whole, TRAIN) < 0.6


@pytest.mark.parametrize("metrics", [[], [{"step": 1, "loss": math.nan}], [{"step": 2, "eval_loss": 1.0}]])
def test_almost_nothing_makes_a_picture_too(tmp_path, metrics) -> None:
    """A training that ended at once, or went wrong at once, has a plot like any other."""
    draw_loss(metrics, tmp_path / "loss.png", title="demo")
    assert imread(tmp_path / "loss.png").shape[:2] == (540, 900)


@pytest.mark.parametrize("title", ["cost of $5 and $6", r"$\frac{$", "中文数据", "{curly} %s \x1b \n"])
def test_a_title_is_never_read_as_a_formula(tmp_path, title) -> None:
    """Dollars are dollars; what no font knows makes no warning."""
    draw_loss(_steps(3), tmp_path / "loss.png", title=title)
    assert (tmp_path / "loss.png").is_file()


def test_an_earlier_picture_is_replaced(tmp_path) -> None:
    """A training that went on has one picture, of all of it."""
    file = tmp_path / "loss.png"
    file.write_bytes(b"old")
    draw_loss(_steps(3), file, title="demo")
    assert file.read_bytes().startswith(b"\x89PNG")


def test_a_full_disk_is_told_and_leaves_the_earlier_picture(tmp_path) -> None:
    """The message names the file; what was there stays."""
    file = tmp_path / "loss.png"
    file.write_bytes(b"old")
    (tmp_path / ".loss.png.draft").symlink_to("/dev/full")
    with pytest.raises(TrainerError, match=r"no space left to write .*loss\.png"):
        draw_loss(_steps(3), file, title="demo")
    assert [path.name for path in tmp_path.iterdir()] == ["loss.png"]
    assert file.read_bytes() == b"old"


def test_no_window_system_is_touched(tmp_path) -> None:
    """The figure is made without pyplot, which would look for a screen."""
    draws = "import pathlib, sys, trainer.plot as p; p.draw_loss([], pathlib.Path(sys.argv[1]), title='demo')"
    tells = "print('matplotlib.pyplot' in sys.modules)"
    words = [sys.executable, "-c", f"{draws}; {tells}", str(tmp_path / "loss.png")]
    assert subprocess.check_output(words, text=True) == "False\n"
