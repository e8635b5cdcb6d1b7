"""The installation is examined from its metadata; nothing heavy is imported for it."""

from __future__ import annotations

import subprocess
import sys

from curator.doctor.finding import Status
from curator.doctor.installation import _Package, installation


def test_what_is_needed_is_here() -> None:
    """These tests run, so every package they need is found."""
    found = {finding.subject: finding for finding in installation()}
    assert found["python"].status is Status.OK
    assert found["packages"].status in (Status.OK, Status.WARN)
    assert "duckdb" in found["packages"].detail


def test_extras_are_never_a_failure() -> None:
    """Whoever does not train needs no torch."""
    extras = [finding for finding in installation() if finding.subject.startswith("extra ")]
    assert {"extra local", "extra train", "extra gym"} <= {finding.subject for finding in extras}
    assert {finding.status for finding in extras} <= {Status.OK, Status.INFO}


def test_another_version_than_the_pinned_one_is_named() -> None:
    """Verdicts depend on the mathematics underneath; a local build tag is no other version."""
    assert _Package("sympy", "1.14.0", "1.13.3").fault == "sympy 1.13.3 is installed, 1.14.0 is needed"
    assert _Package("sympy", "1.14.0", None).fault == "sympy is missing"
    assert _Package("torch", "2.13.0", "2.13.0+cpu").fault == ""
    assert _Package("click", None, "8.5.1").fault == ""


def test_looking_at_torch_does_not_load_it() -> None:
    """The doctor stays quick."""
    code = "import sys, curator.doctor.diagnosis as d; list(d.installation()); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
