"""The loss curve as a picture."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from trainer.drafts import told_when_full
from trainer.whole_file import write_whole

_INCHES, _DPI = (9.0, 5.4), 100
_MANY = 50
"""Points beyond which the raw curve is too restless to be read."""
_WINDOWS = 20
"""A smoothed point is the mean of this part of the curve around it."""
_TRAIN, _EVAL, _RATE = "#1f6fb4", "#c8461e", "#8a8a8a"
_CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "SimHei")
"""Fonts that a title may need; matplotlib brings none of them."""

Curve = npt.NDArray[np.float64]


def draw_loss(metrics: Sequence[Mapping[str, float]], file: Path, *, title: str) -> None:
    """Draw training and evaluation loss over the steps, and the learning rate, as a PNG of 900 by 540 dots.

    Args:
        metrics: Lines of `metrics.jsonl`, as `read_metrics` gives them; values that are not finite leave a gap.
        file: Where the picture is to lie; it appears whole or not at all.
        title: Above the picture, as it is. Characters that no installed font knows become boxes.

    Raises:
        TrainerError: The disk is full.
    """
    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, parse_math=False, family=_fonts())
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats per token)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    _draw_rate(axes, *_curve(metrics, "learning_rate"))
    _draw_trained(axes, *_curve(metrics, "loss"))
    _draw_evaluated(axes, *_curve(metrics, "eval_loss"))
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    if axes.lines:
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
    with told_when_full(file):
        write_whole(file, _png(figure))


def _draw_trained(axes: Axes, steps: Curve, values: Curve) -> None:
    if len(steps) > _MANY:
        axes.plot(steps, values, color=_TRAIN, alpha=0.3, linewidth=0.8, label="training loss, each log")
        axes.plot(steps, _smoothed(values), color=_TRAIN, linewidth=1.8, label="training loss, smoothed")
    elif len(steps):
        axes.plot(steps, values, color=_TRAIN, linewidth=1.5, marker=".", label="training loss")


def _draw_evaluated(axes: Axes, steps: Curve, values: Curve) -> None:
    if len(steps):
        axes.plot(steps, values, color=_EVAL, linewidth=1.2, marker="o", markersize=5, label="evaluation loss")


def _draw_rate(axes: Axes, steps: Curve, values: Curve) -> None:
    """Draw the learning rate behind the rest, on the right."""
    if not len(steps):
        return
    right = axes.twinx()
    right.set_zorder(axes.get_zorder() - 1)
    axes.patch.set_visible(False)
    right.plot(steps, values, color=_RATE, linewidth=1.0, linestyle="--", marker="." * (len(steps) == 1))
    right.set_ylabel("learning rate (dashed)", color=_RATE)
    right.tick_params(axis="y", colors=_RATE)
    right.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
    right.set_ylim(bottom=0)


def _curve(metrics: Sequence[Mapping[str, float]], name: str) -> tuple[Curve, Curve]:
    points = [(line["step"], line[name]) for line in metrics if name in line]
    steps, values = np.array(points, dtype=np.float64).reshape(-1, 2).T
    return steps, np.where(np.isfinite(values), values, np.nan)


def _smoothed(values: Curve) -> Curve:
    """Average over a moving window; one cut short at both ends, where less is known."""
    window = np.ones(len(values) // _WINDOWS + 1)
    known = np.isfinite(values)
    sums = np.convolve(np.where(known, values, 0.0), window, "same")
    counts = np.convolve(known, window, "same")
    means: Curve = np.divide(sums, counts, out=np.full(len(values), np.nan), where=known)
    return means


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the title is the user's
        figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _fonts() -> list[str]:
    """Name the fonts to look for a character in: matplotlib's own, then those that know Chinese."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it tells of fonts without a normal weight
    installed = set(font_manager.get_font_names())
    return ["DejaVu Sans", *(font for font in _CHINESE if font in installed)]
