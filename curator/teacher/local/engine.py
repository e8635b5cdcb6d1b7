"""The worker process behind the teacher `local`: JSON lines in, JSON lines out, one batch of rows in between.

In: `{"id", "messages", "sampling", "seed"}` asks, `{"cancel": id}` gives a row back. Out: first `{"ready": true}` or
`{"fatal": message, "hint"}`, then per request the fields of `Completion`, or `{"id", "refused": message}`. Requests
join the batch and leave it between two tokens, so a short completion never waits for a long one.

It ends when its standard input ends or its parent is gone, so a parent that is killed leaves nothing behind.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from curator.teacher.local.batch import Batch

_GONE = 0.5
"""Seconds between two looks whether the parent is still there."""


def main() -> None:
    """Load the model and answer requests until standard input ends."""
    options = argparse.ArgumentParser()
    options.add_argument("path", type=Path)
    options.add_argument("--max-batch", type=int, required=True)
    given = options.parse_args()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like a reply
    lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    batch = _loaded(given.path, given.max_batch, replies)
    while batch is not None:
        for message in _received(lines, wait=batch.idle):
            batch.take(message)
        for reply in batch.step():
            _write(replies, reply)


def _listen(lines: queue.SimpleQueue[dict[str, Any]]) -> None:
    for line in sys.stdin.buffer:
        lines.put(json.loads(line))
    os._exit(0)


def _watch_parent(parent: int) -> None:
    """End with the parent even when a process forked from it still holds our standard input open."""
    while os.getppid() == parent:
        time.sleep(_GONE)
    os._exit(0)


def _received(lines: queue.SimpleQueue[dict[str, Any]], *, wait: bool) -> Iterator[dict[str, Any]]:
    """Yield what has come in; when there is nothing else to do, wait for the first."""
    if wait:
        yield lines.get()
    while not lines.empty():
        yield lines.get()


def _loaded(path: Path, max_batch: int, replies: TextIO) -> Batch | None:
    """Load; whatever goes wrong on the way is the user's to know, so everything is caught here and told."""
    try:
        from curator.teacher.local.batch import Batch  # noqa: PLC0415 - a broken torch must be told, too
        from curator.teacher.local.loading import load  # noqa: PLC0415

        batch = Batch(load(path), max_batch)
    except Exception as fault:  # noqa: BLE001 - foreign files and libraries fail in every way
        _write(replies, _explanation(fault, path))
        return None
    _write(replies, {"ready": True})
    return batch


def _explanation(fault: Exception, path: Path) -> dict[str, Any]:
    """Say in a person's words why the model is not loaded, and what to do."""
    text = (str(fault).strip() or type(fault).__name__).splitlines()[0]
    hint = "name a Hugging Face model folder or a .gguf file: local:PATH"
    if isinstance(fault, ImportError):
        text, hint = f"a package of the local engine cannot be imported: {text}", "run: pip install 'r1-curator[local]'"
    elif isinstance(fault, MemoryError) or "allocate memory" in text or "out of memory" in text:
        text, hint = f"there is not enough memory to load {path}", "use a smaller model, or free some memory"
    elif type(fault).__name__ != "ModelFault":
        text = f"cannot load {path}: {type(fault).__name__}: {text}"
    return {"fatal": text, "hint": hint}


def _write(replies: TextIO, reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply, ensure_ascii=True) + "\n")
    replies.flush()


if __name__ == "__main__":
    main()
