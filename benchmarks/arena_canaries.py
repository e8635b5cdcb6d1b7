"""What a hostile program might steal, spoil or reach; placed in an arena before it, looked at after it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path("/tmp/curator_canary")
SECRET, SOCKET = FOLDER / "secret.txt", FOLDER / "sock"
ADDRESS = ("127.0.0.1", 48123)
ENVIRONMENT = {"OPENAI_API_KEY": "cnry-env-7f3a91d2"}
IN_FILE, IN_SOCKET, IN_NETWORK = "cnry-file-55d0c2aa", "cnry-unix-19fe6c30", "cnry-net-e81b0477"
ALL = (*ENVIRONMENT.values(), IN_FILE, IN_SOCKET, IN_NETWORK)


def _state() -> tuple[object, ...]:
    try:
        found = [path.stat() for path in (FOLDER, SECRET, SOCKET)]
        return *((one.st_ino, one.st_mode, one.st_uid) for one in found), SECRET.read_bytes()
    except OSError as err:
        return (str(err),)


@dataclass(slots=True)
class Canaries:
    """The canaries of an arena: nobody but a program that got out talks to them."""

    callers: int = 0
    """Connections to the Unix socket or the port so far."""
    _as_placed: tuple[object, ...] = field(default_factory=_state)

    def intact(self) -> bool:
        """Tell whether files, their content, owners and permissions are as they were placed."""
        return _state() == self._as_placed

    def answer(self, server: socket.socket, text: str) -> None:
        """Give whoever connects what is to be stolen, until the server is shut down."""
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            self.callers += 1
            with caller:
                caller.sendall(text.encode())


@contextmanager
def canaries() -> Iterator[Canaries]:
    """Place the canaries of file, Unix socket and port, open to every user.

    That of the environment is the caller's to place, and to delete the files is the arena's.
    """
    FOLDER.mkdir()
    FOLDER.chmod(0o755)
    SECRET.write_text(IN_FILE + "\n")
    with socket.socket(socket.AF_UNIX) as local, socket.create_server(ADDRESS) as port:
        local.bind(str(SOCKET))
        local.listen()
        SOCKET.chmod(0o777)
        placed = Canaries()
        for server, text in ((local, IN_SOCKET), (port, IN_NETWORK)):
            threading.Thread(target=placed.answer, args=(server, text), daemon=True).start()
        try:
            yield placed
        finally:
            for server in (local, port):
                server.shutdown(socket.SHUT_RDWR)


def packets() -> int:
    """Count what went through the arena's loopback, to whatever port."""
    lines = Path("/proc/self/net/dev").read_text().splitlines()
    (loopback,) = (line.split() for line in lines if line.strip().startswith("lo:"))
    return int(loopback[2])
