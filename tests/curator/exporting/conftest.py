"""A store with a split, and the export that a story asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curator.exporting.export import Exported, export
from curator.splits import save_split
from curator.store.client import Store
from schemas.problem import Problem
from schemas.split import Split
from tests.curator.curating.stock import stock

SPIDERS = Problem("spiders", "math", "How many legs have 7 spiders?", "56", source="farm", meta={"solution": "7 · 8"})
FROG = Problem("frog", "math", "一只青蛙有几条腿？", "4", language="zh")
POEM = Problem("poem", "general", "Write a line about rain.")
TIME = datetime(2026, 1, 1, tzinfo=UTC)


class Shelf:
    """A store, its splits, and the folders that they are exported to."""

    def __init__(self, store: Store, file: Path, folder: Path) -> None:
        self.store, self.file, self.folder = store, file, folder

    def split(self, name: str, where: str, **recipe: Any) -> Split:
        """Make a split of the candidates for which `where` holds; those of the frog are for testing."""
        rows = self.store.rows(f"SELECT candidate_id, problem_id FROM decisions WHERE {where}")
        members = [(row["candidate_id"], "test" if row["problem_id"] == "frog" else "train") for row in rows]
        split = Split(name, recipe, [], f"b2:{name}", TIME)
        save_split(self.store, split, pl.DataFrame(members, {"candidate_id": str, "part": str}, orient="row"), [])
        return split

    def export(self, format_: Any, split: str = "solved", **options: Any) -> Exported:
        """Export as `curator export` does."""
        options = {"layout": "tags", "overwrite": False, "folder": self.folder / format_} | options
        return export(self.store, split, format_=format_, **options)

    def lines(self, format_: Any, part: str = "train", **options: Any) -> list[dict[str, Any]]:
        """Export, and read the JSON lines of one part."""
        folder = self.export(format_, **options).folder
        text = (folder / f"{part}.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    """Three problems, with the traces of the first in this order: right, wrong, right, broken, wrong."""
    folder = tmp_path_factory.mktemp("shelf")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        with Store.open(folder / "s.duckdb") as store:
            stock(store, [(SPIDERS, "arabr"), (FROG, "ra"), (POEM, "a")])
            yield store, folder / "s.duckdb"


@pytest.fixture
def shelf(stocked: tuple[Store, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The store of this file's stories, whose split `solved` holds what was accepted, and a folder of this story."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(stocked[1].parent))
    shelf = Shelf(*stocked, tmp_path)
    shelf.split("solved", "decision = 'accepted' AND problem_id IN ('spiders', 'frog', 'poem')")
    return shelf
