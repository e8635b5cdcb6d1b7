"""An examination that hangs or breaks is a finding, and never the end of the others."""

from __future__ import annotations

import threading

from curator.doctor.finding import Finding, Status, limited
from curator.errors import CuratorError


def test_findings_are_handed_on() -> None:
    """What an examination yields comes back in order."""
    found = [Finding(Status.OK, "a", "b"), Finding(Status.WARN, "c", "d", "e")]
    assert limited("x", lambda: iter(found)) == found


def test_an_examination_that_hangs_is_given_up() -> None:
    """The doctor goes on after the limit and says so."""
    never = threading.Event()
    (found,) = limited("teacher", lambda: [Finding(Status.OK, "x", str(never.wait()))], seconds=0.05)
    never.set()
    assert (found.status, found.subject) == (Status.FAIL, "teacher")
    assert "within 0.05 s" in found.detail


def test_an_expected_fault_brings_its_own_advice() -> None:
    """What a command would print as error and hint is one finding."""

    def examine() -> list[Finding]:
        raise CuratorError("it is locked", hint="unlock it")

    assert limited("store", examine) == [Finding(Status.FAIL, "store", "it is locked", "unlock it")]


def test_a_bug_is_a_finding_too() -> None:
    """Its kind and words are told, without a traceback."""
    (found,) = limited("sandbox", lambda: [1 / 0])
    assert found.status is Status.FAIL
    assert "ZeroDivisionError: division by zero" in found.detail
