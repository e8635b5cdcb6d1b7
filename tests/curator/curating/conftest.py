"""A store with a little of everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.store.client import Store
from schemas.problem import Problem
from tests.curator.curating.stock import stock


@pytest.fixture
def stocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Six problems: solved always, half the time, never; in English and Chinese, math, code and general."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with Store.open(tmp_path / "s.duckdb") as store:
        stock(
            store,
            [
                (Problem("easy", "math", "How many legs do seven spiders have together?", "56", source="farm"), "aaaa"),
                (Problem("half", "math", "一只青蛙每天吃十二只虫子，五天一共吃多少只？", "60", language="zh"), "aarr"),
                (Problem("hard", "math", "Find the least prime above nine thousand.", "9001", source="farm"), "rrrr"),
                (Problem("sort", "code", "Write a function that sorts words by length.", source="forge"), "aab"),
                (Problem("talk", "general", "Why is the sky blue at noon and red at dusk?"), "uu"),
                (Problem("poem", "general", "Write two lines about rain.", source="forge"), "au"),
            ],
        )
        yield store
