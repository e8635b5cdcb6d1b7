"""Problems that reasoning-gym makes: `reasoning-gym:TASK:SIZE[:SEED]`.

They are made in a process of their own, `python -m curator.reading.gym TASK SIZE SEED`, for two reasons: some tasks
follow the order of sets, which Python fixes only at its start, and the same command must make the same problems again.

Not covered: difficulty other than the task's default, and `composite` tasks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, NamedTuple

from curator.errors import CuratorError, UsageError
from curator.reading.rows import Fault, Row, Table
from verifiers import gym
from verifiers.procedural import META

SEED = 42
"""Seed of a SPEC that names none."""
LARGEST_SEED = 2**31 - 1
_FORM = "reasoning-gym:TASK:SIZE, such as reasoning-gym:chain_sum:100, or reasoning-gym:TASK:SIZE:SEED"
_NO_TASK = b'{"tasks": '
"""How the line begins that comes instead of a problem."""
_HERE = str(Path(__file__).resolve().parents[2])


class Spec(NamedTuple):
    """What to make."""

    task: str
    size: int
    seed: int


def open_gym(typed: str) -> Table:
    """Read a SPEC; the problems are made when they are first read.

    Raises:
        UsageError: it is no SPEC, its task is not offered, or reasoning-gym is not installed. Whether there is such a
            task shows when it is read.
    """
    spec = _spec(typed)
    if spec.task in gym.REFUSED:
        raise UsageError(f"{typed}: the task {spec.task} is not offered: {gym.REFUSED[spec.task]}")
    if why := gym.missing():
        raise UsageError(f"{typed}: {why}", hint="pip install 'r1-curator[gym]'")
    return Table(typed, _Made(typed, spec).rows, origin=f"reasoning-gym/{spec.task}")


def _spec(typed: str) -> Spec:
    _, task, *numbers = typed.split(":")
    if not task or not 1 <= len(numbers) <= 2 or not all(number.isascii() and number.isdigit() for number in numbers):
        raise UsageError(f"{typed}: expected {_FORM}")
    size, seed = int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else SEED
    if size < 1 or seed > LARGEST_SEED:
        raise UsageError(f"{typed}: SIZE is 1 or more, SEED at most {LARGEST_SEED}")
    return Spec(task, size, seed)


class _Made:
    """Problems that are made when first read and written down: some tasks need a fifth of a second for each."""

    def __init__(self, typed: str, spec: Spec) -> None:
        self._typed, self._spec = typed, spec
        self._kept = tempfile.NamedTemporaryFile(prefix="curator-")  # noqa: SIM115  closed below
        weakref.finalize(self, self._kept.close)

    def rows(self) -> Iterator[Row | Fault]:
        """Stream what was made before, then the rest."""
        kept = 0
        with Path(self._kept.name).open("rb") as lines:
            for kept, line in enumerate(lines, start=1):
                yield Row(kept, json.loads(line))
        if kept < self._spec.size:
            for number, line in enumerate(self._make(), start=1):
                if number > kept:
                    self._kept.write(line)
                    self._kept.flush()
                    yield Row(number, json.loads(line))

    def _make(self) -> Iterator[bytes]:
        with tempfile.TemporaryFile() as errors, _start(self._spec, errors) as child:
            assert child.stdout is not None
            number = 0
            try:
                for number, line in enumerate(child.stdout, start=1):  # noqa: B007  the last is told below
                    if line.startswith(_NO_TASK):
                        raise _unknown(self._typed, self._spec.task, json.loads(line))
                    yield line
            except GeneratorExit:
                child.kill()  # enough was read
                raise
            if child.wait():
                errors.seek(0)
                why = errors.read().decode("utf-8", "replace").rstrip().rpartition("\n")[2][:200]
                text = f"{self._typed}: reasoning-gym failed after {number} of {self._spec.size} problems: {why}"
                raise CuratorError(text, hint="Another SEED may do, or a smaller SIZE.")


def _start(spec: Spec, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([_HERE, *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "curator.reading.gym", *map(str, spec)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
        start_new_session=True,  # Ctrl-C is for us; without a reader the child ends by itself
    )


def _unknown(typed: str, task: str, told: dict[str, Any]) -> UsageError:
    near = get_close_matches(task, told["tasks"], n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Tasks: {', '.join(told['tasks'])}"
    return UsageError(f"{typed}: reasoning-gym has no task {task!r}", hint=hint)


def main(task: str, size: int, seed: int) -> None:
    """Write one row per line; for a task that is not offered, one line that says so."""
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # some tasks print
    try:
        maker = gym.Task(task, size, seed)
    except gym.UnknownTaskError:
        replies.write(json.dumps({"tasks": gym.tasks()}) + "\n")
        return
    first: dict[str, int] = {}
    for made in range(size):
        # A question that comes again may come with another of its right answers; its first entry stands for it.
        index = first.setdefault(maker.entry(made).question, made)
        replies.write(json.dumps(row(maker, index)) + "\n")
        replies.flush()


def row(maker: gym.Task, index: int) -> dict[str, object]:
    """Make a row of the entry at `index`."""
    entry = maker.entry(index)
    recipe = {"task": maker.name, "size": maker.size, "seed": maker.seed, "index": index, "version": gym.installed()}
    return {
        "domain": "logic",
        "prompt": entry.question,
        "answer": entry.answer,
        "language": "en",
        "verifier": "procedural",
        "meta": {META: recipe},
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
