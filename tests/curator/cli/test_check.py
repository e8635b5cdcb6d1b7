"""`curator check` tells, before any token is spent, which golds would make right answers look wrong."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from curator.cli.main import cli
from curator.errors import UsageError

HOSTILE = "[bold red]\x1b[2J nobody \x9b31m {"
GOOD = [
    {"id": "half", "prompt": "What is half of one?", "answer": "1/2"},
    {"id": "一半", "prompt": "1除以2等于几？", "answer": "二分之一"},
    {"id": "pick", "domain": "choice", "prompt": "Which?\nA. x\nB. y", "answer": "B"},
    {"id": "who", "verifier": "exact", "prompt": "Who is the knave?", "answer": "Alice, that is"},
]
BAD = [
    {"id": "torn", "prompt": "How long is it?", "answer": r"\frac{1}{"},
    {"id": "hostile", "domain": "math", "prompt": "Who?", "answer": HOSTILE},
    {"id": "none", "domain": "math", "prompt": "What?", "answer": None},
    {"id": "option", "domain": "choice", "prompt": "Which one?\nA. x\nB. y", "answer": "neither"},
    {"id": "loose", "prompt": "About how many?", "answer": "5", "answer_tolerance": 1e9},
    {"id": "huge", "prompt": "How many?", "answer": r"\sin(9^{9^{9^9}})"},
    {"id": "poem", "prompt": "Write a poem."},
]


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """One file with golds of every kind, checked for a person and for a program."""
    folder = tmp_path_factory.mktemp("check")
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in GOOD + BAD))
    with pytest.MonkeyPatch.context() as environment:
        environment.chdir(folder)
        environment.setenv("COLUMNS", "160")
        shown, listed = (
            CliRunner().invoke(cli, ["check", str(path), *more], standalone_mode=False) for more in ((), ("--json",))
        )
    return SimpleNamespace(shown=shown, listed=listed, report=json.loads(listed.stdout), files=list(folder.iterdir()))


def test_golds_that_pass_end_with_success(user) -> None:
    """English and Chinese golds of several verifiers; exit code 0."""
    user.writes("rows.jsonl", GOOD)
    out = user.does("check", "rows.jsonl")
    assert "the golds of 4 problems" in out
    assert "4 passed" in out
    assert "exact" in out


def test_some_that_do_not_pass_end_with_1(checked) -> None:
    """A script can stop before it spends a token; progress stays away from stdout."""
    assert checked.shown.return_value == checked.listed.return_value == 1
    assert checked.listed.stderr == ""


def test_nothing_is_stored(checked) -> None:
    """No database and no other file appears."""
    assert [path.name for path in checked.files] == ["rows.jsonl"]


def test_cannot_tell_is_told_from_wrong_and_from_our_own_faults(checked) -> None:
    """Every kind of failure has its own name."""
    found = {row["id"]: (row["outcome"], row["reason"]) for row in checked.report["failures"]}
    assert found == {
        "torn": ("abstain", "gold_unparsable"),
        "hostile": ("abstain", "gold_unparsable"),
        "none": ("abstain", "no_gold"),
        "option": ("abstain", "gold_unparsable"),
        "loose": ("accepts_wrong", "accepts_wrong"),
        "huge": ("error", "verifier_timeout"),
        "poem": ("abstain", "no_judge"),
    }


def test_the_counts_add_up(checked) -> None:
    """Problems are what passed and what did not; groups hold the same."""
    report = checked.report
    kinds = ("passed", "rejected", "cannot_be_judged", "errors", "accepts_wrong", "not_checked")
    assert [report[kind] for kind in kinds] == [4, 0, 5, 1, 1, 0]
    assert sum(group["problems"] for group in report["groups"]) == report["problems"] == 11


def test_failures_name_the_problem_and_its_gold(checked) -> None:
    """They come in the order of the file, with what is needed to find and mend them."""
    failures = checked.report["failures"]
    assert [row["number"] for row in failures] == sorted(row["number"] for row in failures)
    torn = failures[0]
    assert (torn["id"], torn["gold"], torn["prompt"]) == ("torn", r"\frac{1}{", "How long is it?")
    assert (torn["domain"], torn["verifier"]) == ("math", "math")


def test_a_person_reads_what_to_do(checked) -> None:
    """Each kind of failure comes with its remedy."""
    out = checked.shown.stdout
    for remedy in ("--field answer=COLUMN", '[policy.general] judge = "off"', "bare final answer", "the tolerance"):
        assert remedy in out
    for name in ("torn", "option", "poem", "checking failed"):
        assert name in out


def test_hostile_golds_are_shown_as_text(checked) -> None:
    """Neither terminal escapes nor rich markup in a gold do anything."""
    for out in (checked.shown.stdout, checked.listed.stdout):
        assert "\x1b" not in out
        assert "\x9b" not in out
        assert "[bold red]" in out


def _writes(*rows: object) -> None:
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.mark.usefixtures("namespaces")
def test_programs_are_checked_by_their_tests(types) -> None:
    """A reference solution must pass, a program that does nothing must not, and tests alone are read all the same."""
    echo = {"type": "stdin", "cases": [{"input": "4\n", "output": "4\n"}]}
    nothing = {"type": "stdin", "cases": [{"input": "", "output": ""}]}
    kinds = {"good": ("print(input())", echo), "wrong": ("print(5)", echo), "loose": ("x = 1", nothing)}
    kinds |= {"alone": (None, echo), "torn": (None, {"type": "stdout"}), "bare": ("print(4)", None)}
    _writes(*({"id": name, "domain": "code", "prompt": f"Echo {name}.", "answer": answer, "tests": tests}
              for name, (answer, tests) in kinds.items()))  # fmt: skip
    report = json.loads(types("check", "rows.jsonl", "--json").stdout)
    assert {row["id"]: (row["outcome"], row["reason"]) for row in report["failures"]} == {
        "wrong": ("reject", "wrong_answer"),
        "loose": ("accepts_wrong", "accepts_wrong"),
        "torn": ("abstain", "gold_unparsable"),
        "bare": ("abstain", "no_gold"),
    }
    assert (report["passed"], report["not_checked"]) == (1, 1)


def test_a_verifier_that_is_off_leaves_nothing_to_check(types) -> None:
    """What the policy does not ask for cannot fail; the file may be named in curator.toml."""
    Path("curator.toml").write_text('[problems]\npath = "rows.jsonl"\n[policy.general]\njudge = "off"\n')
    _writes(*({"prompt": f"Write poem {i}."} for i in range(3)))
    done = types("check")
    assert done.return_value == 0
    assert "3 not checked" in done.stdout


def test_twenty_failures_are_shown_and_the_rest_is_counted(types) -> None:
    """A long list does not bury the summary; a program gets all of it."""
    _writes(*({"prompt": f"Write poem {i}."} for i in range(25)))
    shown = types("check", "rows.jsonl").stdout
    assert shown.count("no judge model") == 20
    assert "and 5 more: --json lists all" in shown
    assert len(json.loads(types("check", "rows.jsonl", "--json").stdout)["failures"]) == 25


def test_it_reads_as_sample_does(types) -> None:
    """Fields, prefixes, limits, and faulty rows that stop it unless they are skipped."""
    rows = [{"id": i, "q": f"{i}+0?", "gold": str(i)} for i in range(6)]
    _writes({"id": "bad", "q": "x?", "gold": "} {"}, {"id": 9, "q": ""}, *rows)
    words = ("check", "rows.jsonl", "--field", "prompt=q", "--field", "answer=gold", "--id-prefix", "a-")
    assert isinstance(types(*words).exception, UsageError)
    report = json.loads(types(*words, "--skip-bad", "--limit", 3, "--json").stdout)
    assert (report["problems"], report["passed"]) == (3, 2)
    assert report["failures"][0]["id"] == "a-bad"
    assert "1 faulty rows skipped" in report["notes"][-1]


def test_without_problems_it_says_how_to_name_them(types) -> None:
    """Neither the command nor curator.toml names a file."""
    error = types("check").exception
    assert isinstance(error, UsageError)
    assert "curator check problems.jsonl" in error.hint
