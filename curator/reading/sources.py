"""What the user typed for problems or traces → where the rows come from.

A file; a folder that holds a dataset; `hf:OWNER/NAME` on the Hugging Face hub; `reasoning-gym:TASK:SIZE[:SEED]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, TypeVar

from curator.errors import UsageError
from curator.reading.rows import Source

HUB, GYM = "hf:", "reasoning-gym:"
DEFAULT_SUBSET, DEFAULT_SPLIT = "default", "train"
SHOWN_NAMES = 30
"""Splits or subsets that one message lists."""
T = TypeVar("T")


class Choice(NamedTuple):
    """What the user chose of a dataset; None leaves it to us where there is no doubt."""

    split: str | None = None
    subset: str | None = None


class Opened(NamedTuple):
    """Where rows come from, and what was chosen for the user."""

    source: Source
    notes: tuple[str, ...] = ()


def open_source(typed: Path | str, choice: Choice = Choice()) -> Opened:  # noqa: B008  immutable
    """Find out what the user means; a dataset of the hub is fetched, files and generators are only looked for.

    Raises:
        UsageError: there is no such dataset, split or subset; several are possible; a package is missing.
    """
    # each kind is imported where it is meant: some take a second
    text = str(typed)
    if text.startswith(HUB):
        from curator.reading.hub import open_hub  # noqa: PLC0415

        return open_hub(text.removeprefix(HUB), choice)
    if text.startswith(GYM):
        from curator.reading.gym import open_gym  # noqa: PLC0415

        _no_choice(choice, f"{text} is made here")
        return Opened(open_gym(text))
    path = Path(typed)
    if path.is_dir():
        from curator.reading.folders import open_folder  # noqa: PLC0415

        return open_folder(path, choice)
    _no_choice(choice, f"{path} is a file" if path.exists() else f"{path}: no such file or folder")
    return Opened(path)


def is_path(typed: Path | str) -> bool:
    """Tell whether what the user typed is on this disk, so that it may be relative to something."""
    return not str(typed).startswith((HUB, GYM))


def _no_choice(choice: Choice, what: str) -> None:
    for flag, value in choice._asdict().items():
        if value is not None:
            raise UsageError(f"--{flag} {value}: {what}, which has no {flag}s", hint=f"Leave --{flag} out.")


def choose(kind: str, wanted: str | None, offered: Mapping[str, T], name: str, usual: str) -> tuple[T, str | None]:
    """Choose a split or subset: the one that is wanted, the only one, else the usual one.

    Args:
        kind: `split` or `subset`, as the flag is called.
        wanted: What the user chose; None when nothing.
        offered: What there is.
        name: The dataset.
        usual: What is taken of several when the user chose nothing.

    Returns:
        What was chosen, and what to tell the user about it.

    Raises:
        UsageError: there is none of that name, or nobody can tell which of several is meant.
    """
    if wanted is not None and wanted not in offered:
        near = get_close_matches(wanted, list(offered), n=1)
        guess = f"Did you mean --{kind} {near[0]}?" if near else ""
        raise UsageError(f"--{kind} {wanted}: {name} has {kind}s {_listed(list(offered))}", hint=guess)
    if wanted is not None or len(offered) == 1:
        return offered[wanted if wanted is not None else next(iter(offered))], None
    if usual in offered:
        others = [other for other in offered if other != usual]
        return offered[usual], f"{name}: {kind} {usual} taken; --{kind} takes another: {_listed(others)}"
    hint = f"Choose one: --{kind} {next(iter(offered))}" if offered else ""
    raise UsageError(f"{name} has several {kind}s: {_listed(list(offered))}", hint=hint)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
