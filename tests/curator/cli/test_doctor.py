"""`curator doctor` says what works, what does not and what to do, and leaves nothing behind."""

from __future__ import annotations

import json
import os

import psutil


def _statuses(out: str) -> dict[str, str]:
    return {finding["subject"]: finding["status"] for finding in json.loads(out)["findings"]}


def _session(leader: int) -> list[psutil.Process]:
    """List the processes of a session that are still there."""
    return [process for process in psutil.process_iter() if _leader(process.pid) == leader]


def _leader(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def test_a_newcomer_sees_that_nothing_is_broken(user) -> None:
    """In an empty folder; no file is made and no process stays."""
    process = user.start("doctor", start_new_session=True)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    for word in ("python", "settings", "teacher", "store", "disk", "sandbox", "verifier math"):
        assert word in out
    assert "nothing is broken" in out
    assert psutil.wait_procs(_session(process.pid), timeout=10)[1] == []
    assert [path.name for path in user.folder.iterdir()] == ["run"]


def test_a_program_reads_the_same(user) -> None:
    """Whatever is configured and broken fails: problems that are not there, a teacher that does not answer."""
    toml = '[problems]\npath = "none.jsonl"\n[teacher]\nspec = "openai:m\\u001b[2J@http://127.0.0.1:1/v1"\n'
    (user.folder / "curator.toml").write_text(toml)
    done = user.types("doctor", "--json")
    statuses = _statuses(done.stdout)
    assert done.returncode == 1
    assert not json.loads(done.stdout)["ok"]
    assert (statuses["problems"], statuses["teacher"], statuses["settings"]) == ("fail", "fail", "ok")
    assert statuses["verifier math"] == "ok"
    assert "\x1b" not in done.stdout
