"""`eval.md` and `eval.json`: an evaluation for people and for scripts, each file whole or not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curator.comparison import sign_test
from curator.errors import CuratorError, UsageError
from curator.evaluating.loss import Unmeasured
from curator.evaluating.result import Column, Evaluation
from curator.evaluating.table import UNMEASURED, caveats, heads, sign_sentence, table_rows
from curator.exporting.files import write_json
from curator.exporting.markdown import fenced, prose, shown
from curator.exporting.target import MADE_BY, draft_beside

PAGE, DATA = "eval.md", "eval.json"


def check_target(folder: Path) -> None:
    """Stop before something is lost, and before any work is done; an earlier evaluation there is replaced.

    Raises:
        UsageError: `folder` is no folder, or holds files of these names that are no evaluation.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--to {folder}: there is a file of that name", hint="name a folder")
    if any((folder / name).exists() for name in (PAGE, DATA)) and not _is_ours(folder / DATA):
        raise UsageError(f"--to {folder}: {PAGE} or {DATA} there is no evaluation's", hint="name another folder")


def save(found: Evaluation) -> None:
    """Write both files into the evaluation's folder.

    Raises:
        CuratorError: The folder cannot be written to, or the disk is full.
    """
    folder = found.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft_beside(folder / PAGE) as draft:
            (draft / PAGE).write_text("\n".join(_page(found)) + "\n", "utf-8")
            write_json(draft / DATA, as_json(found))
            for name in (PAGE, DATA):
                (draft / name).replace(folder / name)
    except OSError as err:
        hint = "the runs are stored: the same command with another --to writes them without sampling again"
        raise CuratorError(f"cannot write the evaluation into {folder}: {err.strerror}", hint=hint) from err


def as_json(found: Evaluation) -> dict[str, Any]:
    """Everything a script might read."""
    task, pairing = found.task, found.pairing
    better = pairing.better if pairing else None
    return {
        "made_by": MADE_BY,
        "split": task.split.name,
        "fingerprint": task.split.fingerprint,
        "store": str(found.store),
        "folder": str(found.folder),
        "problems": len(task.problems),
        "n": task.n,
        "sampling": asdict(task.sampling),
        "before": found.before and _column(found.before),
        "after": _column(found.after),
        "sign_test": better and {"before_better": better[0], "after_better": better[1], "p": sign_test(*better)},
        "examples": [asdict(example) for example in found.examples],
        "notes": [*found.notes, *caveats(found)],
    }


def setting(found: Evaluation) -> str:
    """Say in a line what was asked, and how."""
    task, how = found.task, found.task.sampling
    problems = f"{len(task.problems):,} held-out problems, {task.n} samples each"
    parameters = f"temperature {how.temperature:g}, top-p {how.top_p:g}, at most {how.max_tokens:,} tokens"
    return f"{problems}, up to {found.after.concurrency:,} at once; {parameters}"


def _column(column: Column) -> dict[str, Any]:
    loss, session = column.loss, column.session
    return {
        "name": column.name,
        "model": column.run.model,
        "run": column.run.id,
        **column.figures.as_json(),
        "loss": {"not_measured": loss.why} if isinstance(loss, Unmeasured) else loss.model_dump(),
        "sampled_now": session.sampled,
        "stored_before": session.stored,
        "failed": session.failed,
        "last_failure": session.last_failure,
    }


def _page(found: Evaluation) -> Iterator[str]:
    names = heads(found)
    yield from (f"# Evaluation on the split {shown(found.task.split.name)}", "", f"{setting(found)}.", "")
    for head, column in zip(names, found.columns, strict=True):
        yield f"- {head}: {shown(column.name)}, model {shown(column.run.model)}, run {shown(column.run.id)}"
    last = ["difference"] if found.before else []
    yield from ("", _line(["", *names, *last]), _line(["---", *["--:"] * len([*names, *last])]))
    for row in table_rows(found):
        values = (prose(value) if value.startswith(UNMEASURED) else value for value in row.values)
        yield _line([row.name, *values, *[row.difference][: len(last)]])
    yield from ("", "Shares are means over problems, with 95 % intervals.", sign_sentence(found), "")
    yield from (f"- {prose(note)}" for note in [*found.notes, *caveats(found)])
    yield from _examples(found)


def _examples(found: Evaluation) -> Iterator[str]:
    names = heads(found)
    for example in found.examples:
        yield from ("", f"## Problem {shown(example.problem_id)}", "", fenced(example.prompt))
        if example.gold is not None:
            yield from ("", f"Gold answer: {shown(example.gold)}")
        for head, said in zip(names, example.said, strict=True):
            why = "" if said.decision == "accepted" else f" ({said.reason})"
            yield from ("", f"{head}: **{said.decision}**{why}, {shown(said.candidate_id)}", "", fenced(said.text))


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _is_ours(file: Path) -> bool:
    with suppress(OSError, ValueError, TypeError, KeyError):
        return bool(json.loads(file.read_text("utf-8"))["made_by"] == MADE_BY)
    return False
