"""What an examination finds, and how it is kept from hanging or breaking the others."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from curator.errors import CuratorError

LIMIT_S = 60.0
"""Longest that one examination may take; those that ask somebody else have shorter limits of their own."""


class Status(StrEnum):
    """`fail` is something needed or configured that is broken; `info` is neither good nor bad."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor."""

    status: Status
    subject: str
    detail: str
    advice: str = ""
    """What to do; empty where nothing need be done."""


def limited(subject: str, examine: Callable[[], Iterable[Finding]], seconds: float = LIMIT_S) -> list[Finding]:
    """Examine in a thread of its own; whatever goes wrong with it, hanging included, is a finding."""
    answers: queue.SimpleQueue[list[Finding]] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_caught(subject, examine)), daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        advice = "try again when the machine is less busy"
        return [Finding(Status.FAIL, subject, f"nothing was found out within {seconds:g} s", advice)]


def _caught(subject: str, examine: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(examine())
    except CuratorError as err:
        return [Finding(Status.FAIL, subject, err.message, err.hint)]
    except Exception as err:  # noqa: BLE001  the one boundary: what breaks one examination must not end the others
        return [Finding(Status.FAIL, subject, f"could not be examined: {type(err).__name__}: {err}")]
