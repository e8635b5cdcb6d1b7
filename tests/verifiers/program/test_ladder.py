"""On every machine the best rung that holds is found, and where none does, programs are not judged."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from tests.forbidding import AS_ROOT, ROOT, THIRD_RUNG, told
from verifiers.program.confined import FRESH, UNSAFE, UNWRAPPED, WARM
from verifiers.program.ladder import canary, fault

NO_BUBBLEWRAP = "/nowhere"
PROBE = "import json\nfrom verifiers.program.ladder import probe\nfound = probe()\n"
PROBE += "print(json.dumps([found.rung, found.detail, found.missed, found.hint]))"
SOMEBODY = pytest.mark.parametrize("other", [False, pytest.param(True, marks=AS_ROOT)], ids=["us", "another user"])
EVERYTHING = {
    *("a way to gain privileges", "system calls that none needs", "new namespaces", "the environment"),
    *("processes of the machine", "the network", "files of the machine", "a disk to write to"),
    "memory or time without end",
}
AS_ROOT_TOO = {"capabilities", "root", "the process that watches it"}


@SOMEBODY
@pytest.mark.usefixtures("namespaces")
def test_where_nothing_is_forbidden_the_best_rung_holds(other: bool) -> None:
    """Root or not; there is nothing to advise then."""
    rung, detail, missed, hint = told(PROBE, other=other)
    assert (rung, missed, hint) == (WARM, "", "")
    assert "no network" in detail


@AS_ROOT
@pytest.mark.usefixtures("namespaces")
def test_a_container_whose_first_process_we_are_is_no_worse() -> None:
    """Numbers of processes inside a sandbox are then those of ours, too."""
    alone = ["unshare", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root may make no namespaces here")
    done = subprocess.run([*alone, sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"[{WARM},")


@pytest.mark.usefixtures("namespaces")
def test_where_namespaces_cannot_be_nested_each_program_gets_a_bubblewrap() -> None:
    """The second rung, and why it is not the first."""
    rung, detail, missed, _ = told(PROBE, "nested")
    assert (rung, "slower" in detail) == (FRESH, True)
    assert missed.startswith("bubblewrap does not work here")


@THIRD_RUNG
def test_without_bubblewrap_root_has_the_third_rung() -> None:
    """And learns what to install for a better one."""
    rung, detail, missed, hint = told(PROBE, path=NO_BUBBLEWRAP)
    assert (rung, missed) == (UNWRAPPED, "bubblewrap is not installed")
    assert "weaker" in detail
    assert "apt-get install bubblewrap" in hint


@THIRD_RUNG
@pytest.mark.usefixtures("namespaces")
def test_where_namespaces_are_forbidden_root_has_the_third_rung() -> None:
    """And learns how a container is started that may make some."""
    rung, _, missed, hint = told(PROBE, "namespaces", container="podman")
    assert (rung, "bubblewrap does not work here" in missed) == (UNWRAPPED, True)
    assert "podman run --security-opt" in hint


@pytest.mark.parametrize(("what", "path", "advice"), [
    ("nothing", NO_BUBBLEWRAP, "install bubblewrap"), ("namespaces", None, "namespaces"),
])  # fmt: skip
def test_who_is_not_root_is_refused_without_namespaces(what: str, path: str | None, advice: str) -> None:
    """Nobody but root can give programs a user of their own."""
    rung, detail, _, hint = told(PROBE, what, path=path, other=os.geteuid() == 0)
    assert rung is None
    assert "only root" in detail
    assert advice in hint


def test_without_namespaces_and_landlock_everybody_is_refused() -> None:
    """No rung is left, and each reason is told."""
    rung, detail, _, hint = told(PROBE, "both")
    assert rung is None
    assert "bubblewrap" in detail
    assert hint


JUDGE = """
import json
from schemas.candidate import Candidate
from schemas.problem import Problem
from verifiers.run import verify_one
from verifiers.settings import CodeSettings, VerifierSettings
problem = Problem("p", "code", "q", tests={"type": "stdin", "cases": [{"input": "", "output": "1"}]})
answer = "<think>\\nOne.\\n</think>\\n<answer>\\n```python\\nprint(1)\\n```\\n</answer>"
candidate = Candidate("c", "r", "p", 0, None, answer, "inline", "stop", "m")
for unsafe in (False, True):
    settings = VerifierSettings(code=CodeSettings(unsafe_local_execution=unsafe))
    found = verify_one("code", problem, candidate, settings)
    said.append([found.outcome, found.reason, found.detail])
print(json.dumps(said))
"""


@THIRD_RUNG
@pytest.mark.parametrize(
    "program",
    [
        "from multiprocessing import Lock\\nLock()\\nprint(1)",
        "import subprocess, sys\\nsubprocess.run([sys.executable, '-c', ''], check=True)\\nprint(1)",
    ],
)
def test_what_only_the_third_rung_lacks_is_no_rejection(program: str) -> None:
    """A right program that it cannot run is neither right nor wrong there."""
    outcome, reason, detail = told(f"said = []\n{JUDGE.replace('print(1)', program, 1)}", path=NO_BUBBLEWRAP)[0]
    assert (outcome, reason) in (("error", "sandbox_unavailable"), ("accept", "ok")), detail


def test_nothing_is_run_unsafely_unless_the_user_says_so() -> None:
    """Without a rung a right program is an error, never a rejection; with the user's word its verdict names rung 4."""
    refused, unsafe = told(f"said = []\n{JUDGE}", "both")
    assert refused[:2] == ["error", "sandbox_unavailable"]
    assert (unsafe[:2], unsafe[2].endswith("rung 4")) == (["accept", "ok"], True)


@pytest.mark.usefixtures("namespaces")
def test_the_users_word_makes_no_good_rung_worse() -> None:
    """Where a rung holds, programs are kept apart whatever the settings allow."""
    assert [detail.rpartition(", ")[2] for _, _, detail in told(f"said = []\n{JUDGE}")] == ["rung 1", "rung 1"]


def _reached(printed: str) -> set[str]:
    return set(printed.removesuffix("the canary sings").split(", "))


@pytest.mark.usefixtures("namespaces")
def test_all_that_the_canary_tries_succeeds_where_nothing_confines_it() -> None:
    """A check that cannot fail would show nothing."""
    options: dict[str, Any] = {"env": {**os.environ, "OPENAI_API_KEY": "sk"}, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-c", canary()], check=True, **options)
    expected = EVERYTHING | (AS_ROOT_TOO if os.geteuid() == 0 else set())
    assert expected - _reached(done.stdout.strip()) == set()


def test_what_no_rung_confines_reaches_most_of_it() -> None:
    """The rung that only runs when asked for is told from the others by what a program can do there."""
    prefix, reached = fault(UNSAFE).split(": ", 1)
    assert prefix == "programs in the sandbox reach what they must not"
    assert {"the network", "files of the machine", "a disk to write to", "processes of the machine"} <= _reached(
        reached
    )
