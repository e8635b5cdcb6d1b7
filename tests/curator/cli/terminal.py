"""A pseudo-terminal with a person at it: reads the screen, then presses one key."""

from __future__ import annotations

import os
import re
import select
import subprocess
import termios
import time
from typing import Any

PATIENCE_S = 30.0
OURS = re.compile(r"\x1b\[[012]m|\x1b\[\?2004[hl]")
"""Bold, dim and neither, as rich writes them where colours are not wanted, and what readline says around a line."""


class Terminal:
    """One command at a terminal of its own.

    Keys are pressed only once the command waits for them: what is typed ahead is thrown away, as it should be.
    """

    def __init__(self, user: Any, *words: object, rows: int = 40, columns: int = 80) -> None:
        self._master, slave = os.openpty()
        termios.tcsetwinsize(slave, (rows, columns))
        user.env |= {"COLUMNS": str(columns), "LINES": str(rows), "TERM": "xterm", "PAGER": "cat", "LC_ALL": "C.UTF-8"}
        self._process: subprocess.Popen[str] = user.start(
            *words, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self.before = termios.tcgetattr(self._master)
        self._raw = b""
        self._seen = 0

    @property
    def screen(self) -> str:
        """Everything that the terminal received, exactly."""
        return self._raw.decode()

    def reads(self, *texts: str) -> str:
        """Wait until all of `texts` have come since the last key; return what has, without our own styles."""
        self._wait(lambda: all(text in self._new for text in texts), texts)
        return self._new

    def presses(self, key: str, *then: str) -> str:
        """Press a key once the command waits for one; return what came, up to and with `then`."""
        self._wait(lambda: not termios.tcgetattr(self._master)[3] & termios.ICANON, key)
        self.types(key)
        return self.reads(*then)

    def types(self, text: str) -> None:
        """Write at once, whatever the command is doing."""
        self._seen = len(self._raw)
        os.write(self._master, text.encode())

    def ends(self) -> int:
        """Wait until the command ends; return its exit code."""
        self._wait(lambda: self._process.poll() is not None, "the end")
        while self._pump():
            pass
        return int(self._process.returncode)

    def settings(self) -> list[Any]:
        """How the terminal treats what is typed."""
        return termios.tcgetattr(self._master)

    def leave(self) -> None:
        """Close the window."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    @property
    def _new(self) -> str:
        return OURS.sub("", self._raw[self._seen :].decode(errors="ignore"))

    def _wait(self, done: Any, wanted: object) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < deadline, f"waited for {wanted!r}, and the screen says:\n{self._new}"
            self._pump()

    def _pump(self) -> bool:
        """Read what there is within a moment."""
        if not select.select([self._master], [], [], 0.02)[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # Linux says so when nobody holds the other end any more
            return False
        self._raw += data
        return bool(data)
