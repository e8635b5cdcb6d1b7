"""`--until` and `--budget-tokens` as a user types them: less is asked, nothing twice, and the plan is explained."""

from __future__ import annotations

import json
import signal
import time

import pytest

GOOD = "<think>two and two</think><answer>4</answer>"
WRONG = "<think>hm</think><answer>5</answer>"


def sums(count: int, words: str = "") -> list[dict[str, str]]:
    return [
        {"id": f"{words}{i}", "domain": "math", "prompt": f"{words}{i}+4-{i}?", "answer": "4"} for i in range(count)
    ]


@pytest.fixture
def given(user):
    """Easy problems, one that is never solved, and one without a gold."""
    user.writes("script.jsonl", [{"prompt": "never", "replies": [WRONG]}, {"replies": [WRONG, GOOD]}])
    gold = {"domain": "math", "prompt": "who knows?", "answer": None}
    user.writes("sums.jsonl", [*sums(3), *sums(1, "never "), gold])
    return user


def test_an_adaptive_run_asks_for_what_lacks_and_explains_it(given) -> None:
    """Solved, hopeless and unjudgeable problems are told apart, by the command, the report, its JSON and in SQL."""
    out = given.does("sample", "sums.jsonl", "--until", 1, "--teacher", "scripted:script.jsonl")
    assert "enough accepted: 3" in out and "hardly any would be accepted: 1" in out
    stops = given.asks("SELECT reason, count(*) AS n FROM stops GROUP BY 1 ORDER BY 1")
    assert stops == [{"reason": "hopeless", "n": 1}, {"reason": "solved", "n": 3}, {"reason": "unjudgeable", "n": 1}]
    assert given.asks("SELECT count(*) AS n FROM candidates WHERE problem_id = 'never 0'") == [{"n": 10}]
    assert "until 1 accepted, of at most 16 candidates" in given.does("report")
    report = json.loads(given.does("report", "--json"))
    assert sum(row["candidates"] for row in report["stops"]) == report["candidates"]
    assert sum(row["tokens"] for row in report["stops"]) == report["completion_tokens"]
    given.does("report", "--html", "report.html")
    assert "nobody can judge its candidates" in (given.folder / "report.html").read_text("utf-8")


def test_a_budget_ends_a_run_in_order(given) -> None:
    """Exit code 0, what is left open is said, and the same command spends nothing more."""
    command = ("sample", "sums.jsonl", "--until", 2, "--budget-tokens", 60, "--teacher", "scripted:script.jsonl")
    out = given.does(*command)
    assert "the budget of 60 completion tokens is spent" in out
    again = json.loads(given.does(*command, "--json"))
    assert again["session"]["sampled"] == 0
    assert again["session"]["problems_left_open"] > 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--n", 4, "--until", 1), "--n and --until do not go together"),
        (("--max-n", 4), "--max-n without --until"),
        (("--until", 3, "--max-n", 2), "cannot be reached"),
        (("--until", 1, "--cut-siblings"), "--cut-siblings and --until"),
    ],
)
def test_plans_that_contradict_themselves_are_refused(given, words, told) -> None:
    """Exit code 2, before anything is asked."""
    done = given.types("sample", "sums.jsonl", *words, "--teacher", "scripted:script.jsonl")
    assert done.returncode == 2
    assert told in done.stderr


def test_flags_outrank_the_plan_of_the_file(given) -> None:
    """`--n` asks for a fixed number although curator.toml says `until`."""
    (given.folder / "curator.toml").write_text("[sampling]\nuntil = 1\nmax_n = 2\n")
    report = json.loads(given.does("sample", "sums.jsonl", "--teacher", "scripted:script.jsonl", "--json"))
    assert report["session"]["problems_ended"] == {"solved": 3, "max_n": 1, "unjudgeable": 1}
    report = json.loads(given.does("sample", "sums.jsonl", "--n", 3, "--teacher", "scripted:script.jsonl", "--json"))
    assert report["candidates"] == 15


@pytest.mark.parametrize("more", [(), ("--budget-tokens", 10**6)], ids=["until", "budget"])
def test_a_killed_adaptive_run_goes_on_where_it_stopped(user, more) -> None:
    """After `kill -9` nothing is lost, doubled or asked twice: candidates per problem are as if it had never died."""
    slow = [{"content": text, "delay_s": 0.1, "tokens": 9} for text in (WRONG, GOOD)]
    user.writes("script.jsonl", [{"replies": slow}])
    user.writes("sums.jsonl", sums(40))
    command = ("sample", "sums.jsonl", "--until", 1, "--teacher", "scripted:script.jsonl", *more, "--concurrency", 4)
    process, deadline = user.start(*command), time.monotonic() + 60
    counted = ("sql", "SELECT count(*) AS n FROM candidates", "--format", "json")
    while (done := user.types(*counted)).returncode or not json.loads(done.stdout)[0]["n"]:
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGKILL)
    process.communicate()
    stored = user.asks("SELECT count(*) AS n FROM candidates")[0]["n"]
    session = json.loads(user.does(*command, "--concurrency", 32, "--json"))["session"]
    totals = "SELECT count(*) AS n, count(DISTINCT id) AS d, count(DISTINCT problem_id) AS p FROM candidates"
    assert stored > 0
    (total,) = user.asks(totals)
    assert (total["n"], total["d"], total["p"]) == (stored + session["sampled"], total["n"], 40)
    assert user.asks("SELECT DISTINCT accepted AS a FROM problem_stats") == [{"a": 1}]
    assert user.asks("SELECT reason, count(*) AS n FROM stops GROUP BY 1") == [{"reason": "solved", "n": 40}]
