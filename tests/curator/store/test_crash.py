"""Whatever dies or runs full: what was acknowledged stays, once, and the run goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading

import pytest

from curator.errors import StoreError
from curator.store.client import Store

COUNT = "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM candidates"


def test_writes_go_on_when_the_store_process_is_killed(seeded, records, process) -> None:
    """Killed again and again while batches are written: every batch is there, once."""
    stop = threading.Event()

    def kill_often() -> None:
        while not stop.wait(0.4):
            process.kill()

    killer = threading.Thread(target=kill_often)
    killer.start()
    for number in range(12):
        seeded.write(records.candidates(64, first=64 * number, content=str(number) * 2000))
    stop.set()
    killer.join()
    assert seeded.rows(COUNT) == [{"n": 768, "ids": 768}]


def test_what_a_killed_client_committed_stays(path, records) -> None:
    """`kill -9` of the writer loses nothing that `write` had returned from."""
    code = """
        import os, pickle, signal, sys
        from pathlib import Path
        from curator.store.client import Store
        store = Store.open(Path(sys.argv[1]))
        store.write(pickle.load(sys.stdin.buffer))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    import pickle  # noqa: PLC0415 - this one story needs it

    command = [sys.executable, "-c", textwrap.dedent(code), path]
    done = subprocess.run(command, input=pickle.dumps(records.candidates(10)), check=False)
    assert done.returncode == -9
    with Store.open(path, create=False) as store:
        assert store.rows(COUNT) == [{"n": 10, "ids": 10}]


def test_a_store_removed_under_a_run_is_reported(seeded, path, records) -> None:
    """Rows never go silently into a file that nobody can find."""
    path.unlink()
    with pytest.raises(StoreError, match="was removed or replaced"):
        seeded.write([records.candidate(0)])


def test_a_new_store_in_place_of_a_removed_one_is_new(seeded, path, records) -> None:
    """A process that still holds the removed file does not answer for the new one."""
    seeded.write([records.candidate(0)])
    path.unlink()
    with Store.open(path) as again:
        assert again.rows(COUNT) == [{"n": 0, "ids": 0}]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 6 MB, and how to make it larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]
    if os.getuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root and the right to mount")
    yield disk, lambda: subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_is_said_and_survived(small_disk, records) -> None:
    """The write that found no space says so; nothing before it is lost, and it succeeds once there is space."""
    disk, enlarge = small_disk
    written, noise = 0, os.urandom(200_000).hex()
    with Store.open(disk / "s.duckdb") as store:
        with pytest.raises(StoreError, match=r"no space left for .*s\.duckdb") as err:
            for written in range(60):
                store.write([records.candidate(written, content=noise + str(written))])
        assert "free some space" in err.value.hint
        assert store.rows(COUNT) == [{"n": written, "ids": written}]
        enlarge()
        store.write([records.candidate(written, content=noise + str(written))])
        assert store.rows(COUNT) == [{"n": written + 1, "ids": written + 1}]
