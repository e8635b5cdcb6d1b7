"""Which client is asking a teacher for which candidate, so that two runs at once never pay for one twice."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Sequence


class Claims:
    """Claims of all connections, in memory only: they matter while their holder lives.

    Not covered: a claim is forgotten when the store process dies, so two runs of the same candidates may then both
    ask for what is in flight. The store keeps one of the two.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: dict[str, socket.socket] = {}

    def claim(self, peer: socket.socket, candidate_ids: Sequence[str]) -> list[str]:
        """Claim what nobody else holds; return that."""
        with self._lock:
            return [name for name in candidate_ids if self._holders.setdefault(name, peer) is peer]

    def settle(self, candidate_ids: Iterable[str]) -> None:
        """Forget claims on what is stored now."""
        with self._lock:
            for name in candidate_ids:
                self._holders.pop(name, None)

    def release(self, peer: socket.socket) -> None:
        """Forget the claims of a client that went away."""
        with self._lock:
            self._holders = {name: holder for name, holder in self._holders.items() if holder is not peer}
