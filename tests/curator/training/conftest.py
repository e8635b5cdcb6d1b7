"""A store with splits, and what a training asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curator.splits import load_split, save_split
from curator.store.client import Store
from curator.training.folder import Wanted, prepare
from schemas.problem import Problem
from schemas.split import Split
from schemas.training import TrainingConfig
from tests.curator.curating.stock import stock

CONFIG = TrainingConfig(model="local")


class Desk:
    """A store with the splits `sums` (half of it held out) and `held` (all of it), and a folder to be prepared."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder

    def split(self, name: str, part_of_water: str, part_of_sum: str) -> None:
        """Make a split, or make it anew; its fingerprint tells the parts."""
        parts = {"water": part_of_water, "sum": part_of_sum}
        rows = self.store.rows("SELECT candidate_id, problem_id FROM accepted")
        members = [(row["candidate_id"], parts[str(row["problem_id"])]) for row in rows]
        split = Split(name, {}, [], f"b2:{part_of_water}-{part_of_sum}", datetime(2026, 1, 1, tzinfo=UTC))
        frame = pl.DataFrame(members, {"candidate_id": str, "part": str}, orient="row")
        save_split(self.store, split, frame, [])

    def wants(self, split: str = "sums", **changes: Any) -> Wanted:
        wanted = Wanted(self.folder, CONFIG, load_split(self.store, split), "tags")
        return replace(wanted, **changes)

    def prepare(self, *, overwrite: bool = False, split: str = "sums", **changes: Any) -> None:
        """Prepare the folder as `curator train` does; `config` may be a few settings."""
        config = CONFIG.model_copy(update=changes.pop("config", {}))
        prepare(self.store, self.wants(split, config=config, **changes), overwrite=overwrite)

    def files(self) -> dict[str, bytes]:
        """Everything in the folder."""
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Four accepted traces of two problems."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        with Store.open(folder / "s.duckdb") as store:
            found = [(Problem("sum", "math", "2+3?", "5"), "aa"), (Problem("water", "math", "水几度开？", "100"), "aa")]
            stock(store, found)
            yield store


@pytest.fixture
def desk(stocked: Store, tmp_path: Path) -> Desk:
    """The store with this story's splits, and an empty folder."""
    desk = Desk(stocked, tmp_path / "out")
    desk.folder.mkdir()
    desk.split("sums", "test", "train")
    desk.split("held", "test", "test")
    return desk


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Write a program that stands where the trainer does; return the words that start it."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(text: str) -> list[str]:
        (tmp_path / "standin.py").write_text(text, "utf-8")
        return ["standin", "a", "b"]

    return write
