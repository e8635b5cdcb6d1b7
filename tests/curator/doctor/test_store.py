"""The store is examined without being made, changed or blocked."""

from __future__ import annotations

from pathlib import Path

import duckdb
import psutil
import pytest

from curator.doctor.finding import Status
from curator.doctor.store import store
from curator.store.client import Store


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a store could be, with its own directory of sockets."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "s.duckdb"


def _store_processes(path: Path) -> list[psutil.Process]:
    name = str(path.resolve())
    return [process for process in psutil.process_iter() if name in _words(process)]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_store_that_does_not_exist_is_not_made(path: Path) -> None:
    """Looking is free."""
    found = list(store(path))
    assert [finding.status for finding in found] == [Status.INFO, Status.OK]
    assert "does not exist yet" in found[0].detail
    assert not path.exists()


def test_a_store_that_opens_says_what_it_holds(path: Path) -> None:
    """Counts and schema; afterwards no process is left."""
    Store.open(path).close()
    psutil.wait_procs(_store_processes(path), timeout=10)
    found = list(store(path))
    assert found[0].status is Status.OK
    assert "0 candidates" in found[0].detail
    assert "schema" in found[0].detail
    assert psutil.wait_procs(_store_processes(path), timeout=10)[1] == []


def test_somebody_elses_use_is_no_fault(path: Path) -> None:
    """The doctor looks while a run is going, and names its store process."""
    with Store.open(path):
        found = list(store(path))
        (server,) = _store_processes(path)
        assert [finding.status for finding in found[:2]] == [Status.OK, Status.INFO]
        assert f"store process {server.pid}" in found[1].detail


def test_a_file_that_another_program_holds_is_named(path: Path) -> None:
    """A notebook that opened the file stops every command; the doctor says which process."""
    Store.open(path).close()
    psutil.wait_procs(_store_processes(path), timeout=10)
    with duckdb.connect(str(path)):
        (found, *_) = list(store(path))
    assert found.status is Status.FAIL
    assert "locked by process" in found.detail
    assert "notebook" in found.advice


def test_a_file_that_is_no_store_fails(path: Path) -> None:
    """A wrong path is told, and the file stays as it was."""
    path.write_text("dear diary\n" * 1000)
    assert next(iter(store(path))).status is Status.FAIL
    assert path.read_text() == "dear diary\n" * 1000


def test_a_folder_that_does_not_exist_fails(path: Path) -> None:
    """No run could write there."""
    (found,) = store(path.parent / "none" / "s.duckdb")
    assert found.status is Status.FAIL
    assert "--store" in found.advice
