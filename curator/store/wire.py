"""What travels between the store process and its clients: a JSON header and, where rows travel, Arrow IPC bytes.

One frame is two lengths (unsigned, big-endian: header 4 bytes, payload 8), the header, the payload. Both ends are
this user's own processes; the socket's directory and peer check keep others out, so frames have no size limit.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

PROTOCOL = 1
"""Raised when frames change meaning; both ends must agree."""
FRAME_BYTES = 4 << 20
"""Roughly the most bytes of rows in one frame of a streamed result, unless a single row is larger."""

_LENGTHS = struct.Struct(">IQ")
Header = dict[str, Any]


class Disconnected(ConnectionError):
    """The other end went away."""


def send(peer: socket.socket, header: Header, payload: bytes | memoryview = b"") -> None:
    """Send one frame.

    Raises:
        OSError: the other end went away, or the socket's timeout passed.
    """
    text = json.dumps(header).encode()
    peer.sendall(_LENGTHS.pack(len(text), len(payload)) + text)
    if payload:
        peer.sendall(payload)


def receive(peer: socket.socket) -> tuple[Header, bytearray]:
    """Receive one frame.

    Raises:
        Disconnected: the other end went away.
        OSError: the socket's timeout passed.
    """
    header_length, payload_length = _LENGTHS.unpack(_exactly(peer, _LENGTHS.size))
    header: Header = json.loads(bytes(_exactly(peer, header_length)))
    return header, _exactly(peer, payload_length)


def pack(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> memoryview:
    """Write batches as one Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return memoryview(sink.getvalue())


def unpack(payload: bytes | bytearray | memoryview) -> pa.RecordBatchReader:
    """Read what `pack` wrote."""
    return pa.ipc.open_stream(pa.py_buffer(payload))


def slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Part a batch so that each frame stays near `FRAME_BYTES`."""
    step = max(1, batch.num_rows * FRAME_BYTES // max(1, batch.nbytes))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def _exactly(peer: socket.socket, length: int) -> bytearray:
    data = bytearray(length)
    view = memoryview(data)
    while view:
        count = peer.recv_into(view)
        if not count:
            raise Disconnected("the other end closed the connection")
        view = view[count:]
    return data
