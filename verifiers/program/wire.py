"""What a sandbox and its harness say to each other on their control socket.

Inwards go the rules and jobs of `harness`, by `marshal`: the receiver trusts us, and importing `json` would take it
longer than most programs run. Outwards come lines of plain words, for whoever reads them does not trust the writer.
"""

from __future__ import annotations

import marshal
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

READY = b"ready\n"
JOB, STOP = b"j", b"s"
"""Four files come with the first, and a job after it; the second ends the program at work."""
_HEADER = struct.Struct(">I")
_LINE_BYTES = 200


def message(said: Any) -> bytes:
    """Write rules or a job."""
    data = marshal.dumps(said)
    return _HEADER.pack(len(data)) + data


def receive(control: Any) -> Any:
    """Read rules or a job, in the harness; None at the end."""
    header = read(control, _HEADER.size)
    data = read(control, _HEADER.unpack(header)[0]) if header else b""
    return marshal.loads(data) if data else None  # noqa: S302  from who started us


def ended(status: int, cpu_s: float, memory_mb: float, fault: str = "") -> bytes:
    """Say how a program ended: its exit status, or minus the signal; and what ended it, if we did."""
    return f"{status} {cpu_s:.6f} {memory_mb:.2f} {fault}\n".encode("ascii")


def read_ended(line: bytes) -> dict[str, Any]:
    """Read {status, cpu_s, memory_mb, fault}.

    Raises:
        ValueError: it is no such line.
    """
    status, cpu_s, memory_mb, fault = line.decode("ascii").removesuffix("\n").split(" ")
    return {"status": int(status), "cpu_s": float(cpu_s), "memory_mb": float(memory_mb), "fault": fault}


def receive_line(control: Any) -> bytes:
    """Read a line of the harness's; nothing at its end, or when it is none."""
    line = b""
    while not line.endswith(b"\n"):
        part = control.recv(1)
        if not part or len(line) > _LINE_BYTES:
            return b""
        line += part
    return line


def read(stream: Any, size: int) -> bytes:
    """Read so many bytes from a socket; nothing at its end."""
    data = bytearray()
    while len(data) < size:
        part = stream.recv(min(size - len(data), 1 << 20))
        if not part:
            return b""
        data += part
    return bytes(data)
