"""The report says what is in the store, in figures that add up and commands that can be pasted."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from curator.funnel import ReasonCount
from curator.given import reader_notes
from curator.progress import Progress
from curator.reading.problems import ReadSummary
from curator.reading.rows import Fault
from curator.report import RunReport, print_report, run_report
from schemas.candidate import Run

REASONS = (
    ReasonCount("rejected", "wrong_answer", 5),
    ReasonCount("accepted", "ok", 3),
    ReasonCount("rejected", "truncated", 2),
    ReasonCount("undecided", "no_gold", 1),
)
REPORT = RunReport(
    run_id="run-1",
    model="r1",
    store=Path("curator.duckdb"),
    reasons=REASONS,
    problems=4,
    solved=2,
    completion_tokens=4000,
    session=Progress(wanted=11, sampled=11),
    examples={"accepted": "b2:aa", "rejected": "b2:bb"},
)


def _printed(report: RunReport, capsys: pytest.CaptureFixture[str]) -> str:
    print_report(report, "curator")
    return capsys.readouterr().out


def test_decisions_sum_up() -> None:
    """Candidates are the sum of the reasons, and every decision is the sum of its own."""
    data = REPORT.as_json()
    assert data["candidates"] == data["accepted"] + data["rejected"] + data["undecided"] == 11
    assert (data["accepted"], data["rejected"], data["undecided"]) == (3, 7, 1)
    assert sum(row["candidates"] for row in data["reasons"]) == 11


def test_yield_is_per_million_teacher_tokens() -> None:
    """3 accepted of 4,000 tokens are 750 of a million; without tokens there is no rate."""
    data = REPORT.as_json()
    assert (data["accepted_per_million_tokens"], data["solved_per_million_tokens"]) == (750, 500)
    assert replace(REPORT, completion_tokens=0).as_json()["accepted_per_million_tokens"] is None


def test_percentages_add_up(capsys) -> None:
    """Decisions come to 100 % of the candidates, reasons to their decision's share."""
    rows = re.findall(r"(\S+)\s+(\d+)\s+([\d.]+)%", _printed(REPORT, capsys))
    share = {name: float(percent) for name, _, percent in rows}
    assert share["accepted"] + share["rejected"] + share["undecided"] == pytest.approx(100, abs=0.2)
    assert share["wrong_answer"] + share["truncated"] == pytest.approx(share["rejected"], abs=0.2)


def test_an_empty_run_can_be_reported(capsys) -> None:
    """Nothing is divided by nothing."""
    empty = replace(REPORT, reasons=(), problems=0, solved=0, completion_tokens=0, examples={})
    out = _printed(empty, capsys)
    assert "0 candidates of 0 problems" in out
    assert "per million" not in out


@pytest.mark.parametrize("store", ["curator.duckdb", "other.duckdb", "my traces/轨迹's.duckdb"])
def test_the_next_commands_can_be_pasted(capsys, store: str) -> None:
    """They name the store unless it is the default one, in quotes where a shell needs them."""
    out = _printed(replace(REPORT, store=Path(store)), capsys).partition("Next:\n")[2]
    commands = [shlex.split(line, comments=True) for line in out.splitlines()]
    assert [words[1] for words in commands] == ["sql", "show", "show", "review"]
    assert [words[2] for words in commands[1:3]] == ["b2:bb", "b2:aa"]
    expected = [] if store == "curator.duckdb" else ["--store", store]
    assert [words[3:] for words in commands[:3]] == [expected] * 3
    assert commands[3][2:] == expected


def test_failures_are_told_with_the_last_words(capsys) -> None:
    """Which kinds, how many, what the teacher said, and that they are owed; hostile words stay text."""
    session = Progress(wanted=13, sampled=11, failed=2, last_failure="\x1b[2J [bold]no[/]")
    session.failures.update({"refused": 2})
    out = _printed(replace(REPORT, session=session), capsys)
    assert "2 candidates failed (refused 2); the same command asks for them again" in out
    assert "\\x1b[2J [bold]no[/]" in out


def test_earlier_and_other_work_is_told(capsys) -> None:
    """What was stored already and what another process samples is no mystery."""
    out = _printed(replace(REPORT, session=Progress(wanted=9, stored=4, elsewhere=5)), capsys)
    assert "4 were stored already, 5 are being sampled by another process" in out


def test_what_the_reader_decided_is_noted() -> None:
    """Inferred domains, duplicates and skipped rows are said; several traces of a problem are no duplicates."""
    fault = Fault(3, "torn", "")
    summary = ReadSummary(9, 6, 2, 1, (fault,), Counter({"math": 6}), {}, "try --field answer=gold")
    assert reader_notes(summary) == [
        "domain taken from the rows' shape: math 6 (--field domain=COLUMN sets it)",
        "2 duplicate problems left out",
        "1 faulty rows skipped:\n  line 3: torn",
        "try --field answer=gold",
    ]
    assert not any("duplicate" in note for note in reader_notes(summary, several_per_problem=True))


def test_the_report_is_read_from_the_store(bench) -> None:
    """Earlier sessions count; every decision has an example that can be shown."""
    wrong = bench.completion("<think>hm</think><answer>A</answer>")
    bench.sample(bench.teacher(bench.completion()), bench.problem(0), rules=bench.rules)
    bench.sample(bench.teacher(wrong), *bench.problems(2), rules=bench.rules)
    run = Run(bench.run, "fake", "teacher-7b", None, "b2:t", None)
    report = run_report(bench.store, run, bench.path, bench.progress)
    assert (report.candidates, report.problems, report.solved, report.completion_tokens) == (2, 2, 1, 20)
    assert report.per_million(report.count("accepted")) == 50_000
    assert report.examples == {"accepted": bench.id(bench.problem(0)), "rejected": bench.id(bench.problem(1))}
