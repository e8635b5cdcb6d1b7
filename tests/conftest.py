"""A user at a terminal: an empty folder, the `curator` command, and files to give it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

NOBODY = 65_534

# Processes that run tests in parallel, or in the background, ignore Ctrl-C, and whatever they start would too.
signal.signal(signal.SIGINT, signal.default_int_handler)


class User:
    """Types commands in one folder and reads what they print."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {**os.environ, "COLUMNS": "160", "XDG_RUNTIME_DIR": str(folder / "run"), "NO_COLOR": "1"}
        (folder / "run").mkdir(mode=0o700)

    def start(self, *words: object, **options: Any) -> subprocess.Popen[str]:
        """Start `curator WORDS…` and leave it running."""
        command = [sys.executable, "-c", "from curator.cli.main import main; main()", *map(str, words)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        return subprocess.Popen(command, cwd=self.folder, env=self.env, **pipes)

    def types(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run `curator WORDS…` to its end; a traceback is never what a user should see."""
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def does(self, *words: object) -> str:
        """Run a command that must succeed; return its stdout."""
        done = self.types(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def asks(self, query: str, *words: object) -> list[dict[str, Any]]:
        """Run a query with `curator sql`; return its rows."""
        return json.loads(self.does("sql", query, "--format", "json", *words))

    def writes(self, name: str, rows: Iterable[object]) -> Path:
        """Write a JSONL file."""
        path = self.folder / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        return path


@pytest.fixture
def user(tmp_path: Path) -> User:
    """A user in an empty folder."""
    return User(tmp_path)


@pytest.fixture(autouse=True, scope="module")
def no_sandbox_stays() -> Iterator[None]:
    """Each file ends the sandboxes that stay, for the next may count the processes of ours."""
    yield
    if "verifiers.program.confined" in sys.modules:
        sys.modules["verifiers.program.confined"].close_idle()


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Skip where nobody could sandbox anything; a sandbox that is broken for other reasons must fail."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: sudo apt-get install bubblewrap")
    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    words = ["unshare", "--user", "--pid", "--fork", "true"]
    tried = subprocess.run(words, capture_output=True, check=False, cwd="/", **other)
    if tried.returncode != 0:
        pytest.skip(f"this kernel or container forbids user namespaces: {tried.stderr.decode().strip()}")
