"""The validation loss: how well a model foretells the teacher's traces of the held-out problems.

The trainer measures it, in a process of its own; no torch gets into this one. Where it cannot, the evaluation goes on
without a loss and says why.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
from pydantic import ValidationError

from curator.errors import CuratorError
from curator.escape import one_line
from curator.exporting.facts import LayoutName
from curator.exporting.formats import FORMATS, members
from curator.exporting.layouts import LAYOUTS
from curator.exporting.rows import pages
from curator.store.client import Store
from curator.training.launch import require_trainer
from schemas.split import Split
from schemas.training import LossReport

_WHY_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """There is no loss."""

    why: str


def write_held_out(store: Store, split: Split, ids: Collection[str], layout: LayoutName, folder: Path) -> Path | None:
    """Write the traces of these problems in a split's test part, as `curator export` does; None where it has none.

    Args:
        store: The store.
        split: The split.
        ids: Of the problems; others of the test part are left out.
        layout: How traces are written: as the student was trained.
        folder: Where the file comes to lie.
    """
    chosen, wanted = FORMATS["prompt-completion"], frozenset(ids)
    found = members(store, split, chosen).filter(pc.field("part") == "test")
    left_out, count = Counter[str](), 0
    file = chosen.open(folder, "test")
    for page in pages(store, split, found, LAYOUTS[layout], left_out):
        units = [unit for unit in page if unit and unit[0].problem_id in wanted]
        file.write([row for unit in units for row in chosen.shape(unit, left_out)])
        count += len(units)
    file.close()
    return folder / chosen.files.format(part="test") if count else None


def measure_loss(weights: str | None, file: Path | None) -> LossReport | Unmeasured:
    """Let the trainer read `file` with a model, which takes as long as loading it and reading each row once.

    Args:
        weights: What `python -m trainer loss` loads; None where a server has them.
        file: As `write_held_out` wrote it.
    """
    if weights is None:
        return Unmeasured("its weights are behind a server")
    if file is None:
        return Unmeasured("no held-out trace is well formed")
    try:
        require_trainer()
    except CuratorError as err:
        return Unmeasured(f"{err.message} ({err.hint})")
    command = [sys.executable, "-P", "-m", "trainer", "loss", weights, str(file)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        return LossReport.model_validate_json(done.stdout)
    except ValidationError:
        return Unmeasured(_fault(done.stderr) or f"the trainer ended with exit code {done.returncode}")


def _fault(said: str) -> str:
    """Find what the trainer said went wrong, else the last line it wrote."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [line.removeprefix("error:").strip() for line in lines if line.startswith("error:")]
    return one_line((told or lines[-1:] or [""])[-1], _WHY_WIDTH)
