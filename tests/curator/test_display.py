"""What a person reads while a run goes on says what is so."""

from __future__ import annotations

import pytest

from curator.display import clock, line
from curator.progress import Progress
from schemas.candidate import Candidate
from schemas.policy import Decision


def _candidate(tokens: int) -> Candidate:
    return Candidate("b2:1", "run", "p", 0, None, "4", "none", "stop", "m", completion_tokens=tokens)


def test_a_new_run_promises_nothing() -> None:
    """Before the first completion there is no rate, no yield and no time left."""
    assert line(Progress(wanted=8)) == "0 of 8 sampled, 0 accepted, 0 rejected, 0 undecided"


def test_the_line_counts_what_came_and_what_became_of_it() -> None:
    """Stored candidates count as done; the yield is that of this session's tokens."""
    progress = Progress(wanted=10, stored=4)
    progress.add_candidate(_candidate(500))
    progress.add_candidate(_candidate(500))
    progress.add_decision(Decision("accepted", "ok", "policy"))
    progress.add_decision(Decision("rejected", "wrong_answer", "math"))
    text = line(progress)
    assert text.startswith("6 of 10 sampled, 1 accepted, 1 rejected, 0 undecided")
    assert "1,000 accepted per million tokens" in text
    assert progress.owed == 4


def test_trouble_is_told() -> None:
    """Failures and retries appear as soon as there are some."""
    assert "2 failed, 3 tried again" in line(Progress(wanted=4, failed=2, retries=3))


def test_work_of_other_processes_is_not_ours() -> None:
    """What another run is asking for is not owed here."""
    assert Progress(wanted=10, stored=2, elsewhere=5, sampled=3).owed == 0


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0s"), (59, "59s"), (200, "3m20s"), (7500, "2h05m")])
def test_durations_read_as_people_write_them(seconds: float, text: str) -> None:
    """Hours, minutes, seconds; never 7500 s."""
    assert clock(seconds) == text
