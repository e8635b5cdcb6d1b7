"""Records reach the store in groups, in order, and none is lost in silence."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from curator.errors import StoreError
from curator.store.client import Store
from curator.writer import MAX_QUEUED, MAX_ROWS, Writer
from schemas.candidate import Run

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class WatchedStore(Store):
    """A real store that remembers what came together, and calls `before` first."""

    def write(self, records) -> None:
        self.groups = [*getattr(self, "groups", []), [record.id for record in records]]
        self.before()
        super().write(records)

    def before(self) -> None:
        """Nothing, unless a story says so."""


@pytest.fixture
def store(bench):
    """The shared store, watched."""
    with WatchedStore.open(bench.path) as store:
        yield store


@pytest.fixture
def doomed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A store whose file is gone."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with WatchedStore.open(tmp_path / "s.duckdb") as store:
        (tmp_path / "s.duckdb").unlink()
        yield store


def _runs(bench, count: int) -> list[Run]:
    return [Run(f"{bench.run}-{number:04}", "t", "m", None, "b2:t", NOW) for number in range(count)]


def _written(bench) -> int:
    (row,) = bench.store.rows("SELECT count(*) AS n FROM runs WHERE starts_with(id, ?)", [bench.run + "-"])
    return row["n"]


def test_groups_are_bounded_and_in_order(bench, store) -> None:
    """However many come at once, at most 64 go together, the earliest first."""
    runs = _runs(bench, 150)

    async def story() -> None:
        writer = Writer(store)
        writer.start()
        writer.put(*runs)
        await writer.close()

    asyncio.run(story())
    assert [len(group) for group in store.groups] == [MAX_ROWS, MAX_ROWS, 150 - 2 * MAX_ROWS]
    assert [name for group in store.groups for name in group] == [run.id for run in runs]
    assert _written(bench) == 150


def test_a_lone_record_does_not_wait_for_company_for_long(bench, store) -> None:
    """What was put is committed soon, without any `close`."""

    async def story() -> None:
        writer, written = Writer(store), asyncio.Event()
        loop = asyncio.get_running_loop()
        store.before = lambda: loop.call_soon_threadsafe(written.set)
        writer.start()
        writer.put(*_runs(bench, 1))
        await asyncio.wait_for(written.wait(), 10)
        await writer.close()

    asyncio.run(story())
    assert store.groups == [[run.id for run in _runs(bench, 1)]]


def test_close_without_records_writes_nothing(store) -> None:
    """A resumed run that owes nothing ends at once."""

    async def story() -> None:
        writer = Writer(store)
        writer.start()
        await writer.close()

    asyncio.run(story())
    assert not hasattr(store, "groups")


def test_room_holds_back_until_records_are_committed(bench, store) -> None:
    """While more records wait than may, nothing new is asked for."""

    async def story() -> None:
        writer = Writer(store)
        writer.put(*_runs(bench, MAX_QUEUED))
        await asyncio.wait_for(writer.room(), 1)
        writer.put(*_runs(bench, MAX_QUEUED + 1)[-1:])
        waiting = asyncio.create_task(writer.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        writer.start()
        await asyncio.wait_for(waiting, 10)
        await writer.close()

    asyncio.run(story())
    assert _written(bench) == MAX_QUEUED + 1


def test_a_store_that_fails_says_how_much_was_not_saved(bench, doomed) -> None:
    """The records of the group and all that wait behind it; `close` tells too."""

    async def story() -> None:
        writer = Writer(doomed)
        committing = writer.start()
        writer.put(*_runs(bench, 100))
        with pytest.raises(StoreError, match=r"was removed or replaced .*\(100 records were not saved"):
            await committing
        with pytest.raises(StoreError, match="100 records were not saved"):
            await writer.close()

    asyncio.run(story())


def test_closing_meanwhile_is_no_record(bench, doomed) -> None:
    """The number of unsaved records is right also when the work ended while the store was failing."""

    async def story() -> None:
        writer = Writer(doomed)
        writer.start()
        writer.put(*_runs(bench, MAX_ROWS))
        with pytest.raises(StoreError, match=rf"\({MAX_ROWS} records were not saved"):
            await writer.close()

    asyncio.run(story())
