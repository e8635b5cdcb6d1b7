"""The store process: owns one DuckDB file for all of this user's commands, and ends with its last client.

Started as `python -m curator.store.server FILE [--create]`; says on standard output, in one JSON line, that it
listens or why it cannot, and is silent from then on. What it does for its clients is in `service`.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path

from curator.errors import StoreError
from curator.store.location import Location, hold, holder, locate, release
from curator.store.spared import spare

PREDECESSOR_S = 60.0
"""How long it waits for the process before it to finish writing."""


def main() -> None:
    """Open the file named on the command line, tell the client, serve."""
    if os.fork():
        os._exit(0)  # the client need not wait for a process that outlives it; no thread has started yet
    try:
        location = locate(Path(sys.argv[1]))
        owner = _own(location)
        try:
            _serve(location)
        finally:
            release(location.owner_lock, owner)
    except StoreError as err:
        print(json.dumps({"error": err.message, "hint": err.hint}), flush=True)  # noqa: T201 - to the client
        return
    os._exit(0)  # threads that still wait for a reader hold nothing that matters


def _serve(location: Location) -> None:
    spare("pandas", "numpy")
    from curator.store.service import Service  # noqa: PLC0415 - its libraries start threads, and we had to fork first

    service = Service(location.file, create="--create" in sys.argv)
    with _listen(location) as listener:
        print(json.dumps({"pid": os.getpid()}), flush=True)  # noqa: T201 - to the client
        _silence()
        service.serve(listener)
    location.socket.unlink(missing_ok=True)
    service.close()


def _own(location: Location) -> int:
    """Become the file's only store process."""
    give_up = time.monotonic() + PREDECESSOR_S
    while (owner := hold(location.owner_lock)) is None:
        if time.monotonic() > give_up:
            pid = holder(location.owner_lock)
            raise StoreError(f"the store process {pid} of {location.file} does not end", hint=f"end it: kill {pid}")
        time.sleep(0.02)
    return owner


def _listen(location: Location) -> socket.socket:
    location.socket.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    listener.bind(str(location.socket))
    os.umask(before)
    listener.listen(64)
    return listener


def _silence() -> None:
    """Let go of the client's pipes and directory."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    os.chdir("/")


if __name__ == "__main__":
    main()
