"""Event files of TensorBoard, written at once.

tensorboardX's own writer hands events to a thread: a kill loses what it had not yet written, and on a full disk the
thread dies and the training waits for it for ever. Here a record is appended where it arises; the records and their
checksums are tensorboardX's.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary
from tensorboardX.record_writer import masked_crc32c


class EventFile:
    """One event file of a folder; TensorBoard reads a folder's files in the order of their names.

    Args:
        folder: Where it is to lie; made when missing.
        first_step: TensorBoard forgets this step and all later ones of the files before this one.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, folder: Path, *, first_step: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # two sessions may begin in the same second
        self._file = folder / f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{first_step:09}"
        self._append(Event(file_version="brain.Event:2"))
        self._append(Event(step=first_step, session_log=SessionLog(status=SessionLog.START)))

    def add(self, step: int, scalars: Mapping[str, float]) -> None:
        """Append scalars of one step, by their tags.

        Raises:
            OSError: They cannot be written.
        """
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
        self._append(Event(step=step, summary=Summary(value=values)))

    def _append(self, event: Any) -> None:
        event.wall_time = time.time()
        with self._file.open("ab") as records:
            records.write(_framed(event.SerializeToString()))


def _framed(data: bytes) -> bytes:
    """Put a record as TFRecord files do: its length and itself, each with a checksum."""
    length = struct.pack("<Q", len(data))
    return b"".join((length, _checksum(length), data, _checksum(data)))


def _checksum(data: bytes) -> bytes:
    return struct.pack("<I", masked_crc32c(data))
