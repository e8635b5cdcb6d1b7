r"""Server-sent events out of bytes, however the network cut them.

Covered: `\n`, `\r\n` and `\r` line ends, comments, several `data` lines per event, characters and events split
anywhere. Not covered: event names, ids and reconnection, which chat completions do not use; as the standard has it,
an event whose blank line never came is dropped.
"""

from __future__ import annotations

_DONE = b"[DONE]"
"""What chat completions send as their last event; it is no JSON."""


class SSEParser:
    """Feed it bytes as they come; it hands back the data of every event that they complete."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def feed_json(self, data: bytes) -> bytes:
        """Take some bytes of events that are JSON texts; return those that ended, comma between, without `[DONE]`.

        One text of many costs a third of many texts, and the events of most servers need no more than this.
        """
        if self._pieces and b"\n" in data:
            self._pieces = [b"".join(self._pieces)]
            buffer = self._pieces[0] + data
        else:
            buffer = data
        end = buffer.rfind(b"\n\n")
        if end >= 0 and buffer.startswith(b"data: ") and b"\r" not in buffer:
            texts = buffer[6:end].replace(b"\n\ndata: ", b",")
            if b"\n" not in texts:
                self._pieces = [buffer[end + 2 :]]
                return texts.removesuffix(_DONE).removesuffix(b",")
        return b",".join(event for event in self.feed(data) if event != _DONE)

    def feed(self, data: bytes) -> list[bytes]:
        """Take some bytes; return the data of each event that ended in them, in order."""
        self._pieces.append(data)
        if b"\n" not in data and b"\r" not in data:
            return []  # no line ends here: keep long events linear
        buffer = b"".join(self._pieces)
        held = b""
        if b"\r" in buffer:
            if buffer.endswith(b"\r"):  # perhaps half of \r\n
                buffer, held = buffer[:-1], b"\r"
            buffer = buffer.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *blocks, rest = buffer.split(b"\n\n")
        self._pieces = [rest + held]
        return [payload for block in blocks if (payload := _payload(block)) is not None]


def _payload(block: bytes) -> bytes | None:
    """Return the data of one event; None when it has none."""
    if b"\n" not in block:
        return _data(block)
    lines = [data for line in block.split(b"\n") if (data := _data(line)) is not None]
    return b"\n".join(lines) if lines else None


def _data(line: bytes) -> bytes | None:
    if line.startswith(b"data: "):
        return line[6:]
    if line.startswith(b"data:"):
        return line[5:]
    return b"" if line == b"data" else None
