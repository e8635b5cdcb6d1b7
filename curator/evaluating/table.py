"""The figures of an evaluation as rows of text: before, after, and by how much they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from curator.comparison import sign_verdict
from curator.evaluating.figures import Share
from curator.evaluating.loss import Unmeasured
from curator.evaluating.result import Column, Evaluation
from schemas.training import LossReport

UNKNOWN, UNMEASURED = "–", "not measured"
Write = Callable[[float], str]
_TENTHS, _HUNDREDTHS, _THOUSANDTHS = "{:,.1f}".format, "{:,.2f}".format, "{:,.3f}".format


class Row(NamedTuple):
    """One figure of every model."""

    name: str
    values: Sequence[str]
    """By column."""
    difference: str
    """After less before; empty where one of them is missing."""


def heads(found: Evaluation) -> list[str]:
    """Name the columns of models."""
    return ["before", "after"] if found.before else ["value"]


def table_rows(found: Evaluation) -> list[Row]:
    """Lay the figures out; shares are means over problems, with their 95 % intervals."""
    figures = [column.figures for column in found.columns]
    several = [_shares(f"pass@{found.task.n}", [one.passk for one in figures])] if found.task.n > 1 else []
    return [
        *_losses(found.columns),
        _shares("pass@1", [one.pass1 for one in figures]),
        *several,
        _shares("answer right, in any format", [one.answer_right for one in figures]),
        _shares("valid format", [one.valid_format for one in figures]),
        _shares("truncated", [one.truncated for one in figures]),
        _numbers("undecided candidates", [one.undecided for one in figures], "{:,}".format),
        _numbers("tokens per completion, mean", [one.mean_tokens for one in figures], _TENTHS),
        _numbers("seconds per sample, median", [one.median_s for one in figures], _HUNDREDTHS),
        _numbers("tokens/s of one stream", [one.tokens_per_s for one in figures], _TENTHS),
        _of_reports("parameters", found.columns, lambda one: one.parameters, _large, UNMEASURED),
        _of_reports("size on disk", found.columns, lambda one: one.bytes, lambda size: _large(size, "B"), UNMEASURED),
    ]


def sign_sentence(found: Evaluation) -> str:
    """Say on how many problems each model does better, and whether that may be chance; empty for one model."""
    pairing = found.pairing
    if pairing is None:
        return ""
    (before, after), decided = pairing.better, len(pairing.rates)
    return (
        f"Of {decided:,} problems decided under both, after does better on {after:,}, before on {before:,}, they tie "
        f"on {decided - before - after:,}: {sign_verdict(before, after)}."
    )


def caveats(found: Evaluation) -> list[str]:
    """Say what the figures leave out."""
    said = []
    for head, column in zip(heads(found), found.columns, strict=True):
        figures, loss, told = column.figures, column.loss, []
        if figures.undecided:
            told.append(
                f"{figures.undecided:,} of {figures.candidates:,} candidates are undecided: not right, not wrong"
            )
        if figures.passk.left_out:
            told.append(f"pass@{figures.k} leaves out {figures.passk.left_out:,} problems with fewer decided samples")
        if isinstance(loss, LossReport) and loss.left_out:
            told.append(f"the loss leaves out {loss.left_out:,} traces beyond the model's context")
        said += [f"{head}: {one}" if found.before else one for one in told]
    return said


def _losses(columns: Sequence[Column]) -> list[Row]:
    """Write the losses; models that cut text into other tokens are compared by its characters."""
    row = _of_reports("validation loss per token", columns, lambda one: one.loss, _THOUSANDTHS)
    whys = [f"{UNMEASURED}: {one.loss.why}" if isinstance(one.loss, Unmeasured) else "" for one in columns]
    rows = [row._replace(values=[why or value for why, value in zip(whys, row.values, strict=True)])]
    if len({one.loss.tokens for one in columns if isinstance(one.loss, LossReport)}) > 1:
        per_character = "validation loss per character"
        rows.append(
            _of_reports(per_character, columns, lambda one: one.loss * one.tokens / one.characters, _THOUSANDTHS)
        )
    return rows


def _of_reports(
    name: str, columns: Sequence[Column], pick: Callable[[LossReport], float], write: Write, unknown: str = UNKNOWN
) -> Row:
    losses = (column.loss for column in columns)
    return _numbers(name, [pick(one) if isinstance(one, LossReport) else None for one in losses], write, unknown)


def _shares(name: str, shares: Sequence[Share]) -> Row:
    row = _numbers(name, [one.value for one in shares], lambda value: f"{100 * value:.1f} points")
    return row._replace(values=[_share(one) for one in shares])


def _share(share: Share) -> str:
    return UNKNOWN if share.value is None else f"{share.value:.1%} ({share.low:.1%} – {share.high:.1%})"


def _numbers(name: str, values: Sequence[float | None], write: Write, unknown: str = UNKNOWN) -> Row:
    known = [value for value in values if value is not None]
    difference = _signed(known[1] - known[0], write) if len(known) == 2 else ""
    return Row(name, [unknown if value is None else write(value) for value in values], difference)


def _signed(change: float, write: Write) -> str:
    """Write a difference; what rounds to nothing has no minus sign."""
    size = write(abs(change))
    return f"{'-' if change < 0 and size != write(0) else '+'}{size}"


def _large(value: float, what: str = "") -> str:
    """Write thousands, millions and billions with their letter."""
    for letter, unit in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= unit:
            return f"{value / unit:.1f} {letter}{what}"
    return f"{value:.0f} {what}".rstrip()
