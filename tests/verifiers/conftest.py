"""What tests of programs need: a kernel that lets them be kept apart."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

NOBODY = 65_534


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Skip where nobody could sandbox anything; a sandbox that is broken for other reasons must fail."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: sudo apt-get install bubblewrap")
    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    words = ["unshare", "--user", "--pid", "--fork", "true"]
    tried = subprocess.run(words, capture_output=True, check=False, cwd="/", **other)
    if tried.returncode != 0:
        pytest.skip(f"this kernel or container forbids user namespaces: {tried.stderr.decode().strip()}")
