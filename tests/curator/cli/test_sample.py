"""The main job as its user lives it: sample, look, ask again, mend, resume."""

from __future__ import annotations

import json

import pytest

GOOD = "<think>two and two</think><answer>4</answer>"
SUMS = [{"id": f"sum-{i}", "domain": "math", "prompt": f"What is {i}+4-{i}?", "answer": "4"} for i in range(6)]


def test_a_first_run_accepts_and_rejects_with_reasons(user) -> None:
    """Every candidate is decided, and the report says how and what to do next."""
    user.writes("script.jsonl", [{"replies": [GOOD, "<think>hm</think><answer>5</answer>", "<think></think>4"]}])
    user.writes("sums.jsonl", SUMS)
    out = user.does("sample", "sums.jsonl", "--n", 4, "--teacher", "scripted:script.jsonl")
    assert "24 candidates of 6 problems" in out
    assert "accepted traces per million teacher tokens" in out
    assert 'sql "SELECT reason, count(*) FROM rejected' in out
    reasons = user.asks("SELECT decision, reason, count(*) AS n FROM decisions GROUP BY ALL ORDER BY ALL")
    assert {(row["decision"], row["reason"]) for row in reasons} == {
        ("accepted", "ok"),
        ("rejected", "empty_think"),
        ("rejected", "wrong_answer"),
    }
    assert sum(row["n"] for row in reasons) == 24


def test_the_same_command_again_asks_for_nothing(user) -> None:
    """Resuming a finished run is instant and changes nothing."""
    user.writes("script.jsonl", [{"replies": [GOOD]}])
    user.writes("sums.jsonl", SUMS)
    command = ("sample", "sums.jsonl", "--n", 2, "--teacher", "scripted:script.jsonl", "--json")
    user.does(*command)
    again = json.loads(user.does(*command))
    assert (again["session"]["sampled"], again["session"]["stored_before"]) == (0, 12)
    assert user.asks("SELECT count(*) AS c, count(DISTINCT id) AS d FROM candidates") == [{"c": 12, "d": 12}]


def test_a_larger_n_keeps_what_there_is(user) -> None:
    """Identity does not depend on n: only the new samples are asked for."""
    user.writes("script.jsonl", [{"replies": [GOOD]}])
    user.writes("sums.jsonl", SUMS)
    user.does("sample", "sums.jsonl", "--n", 2, "--teacher", "scripted:script.jsonl")
    report = json.loads(user.does("sample", "sums.jsonl", "--n", 3, "--teacher", "scripted:script.jsonl", "--json"))
    assert (report["session"]["sampled"], report["candidates"]) == (6, 18)


@pytest.mark.parametrize("named", [{"id": "sum"}, {}], ids=["with id", "without id"])
def test_a_corrected_gold_judges_again_without_asking_again(user, named) -> None:
    """The gold is no part of a candidate's identity; a trace always stands beside the gold that judged it."""
    user.writes("script.jsonl", [{"replies": [GOOD]}])
    user.writes("sums.jsonl", [{"prompt": "2+2?", "answer": "5", **named}])
    user.does("sample", "sums.jsonl", "--teacher", "scripted:script.jsonl")
    assert user.asks("SELECT DISTINCT decision AS d FROM decisions") == [{"d": "rejected"}]
    user.writes("sums.jsonl", [{"prompt": "2+2?", "answer": "4", **named}])
    report = json.loads(user.does("sample", "sums.jsonl", "--teacher", "scripted:script.jsonl", "--json"))
    assert (report["session"]["sampled"], report["accepted"]) == (0, 4)
    assert user.asks("SELECT DISTINCT answer FROM accepted") == [{"answer": "4"}]


def test_failed_requests_are_owed_again(user) -> None:
    """A refused request is recorded as an attempt, the run exits 3, and the next run asks again."""
    problems = [{"domain": "math", "prompt": f"{word}: 2+2?", "answer": "4"} for word in ("easy", "hard")]
    user.writes("sums.jsonl", problems)
    user.writes("script.jsonl", [{"prompt": "hard", "replies": [{"error": "refused"}]}, {"replies": [GOOD]}])
    command = ("sample", "sums.jsonl", "--n", 3, "--teacher", "scripted:script.jsonl")
    first = user.types(*command)
    assert first.returncode == 3
    assert "3 candidates failed (refused 3)" in first.stdout
    assert user.asks("SELECT reason, tries, count(*) AS n FROM attempts GROUP BY ALL") == [
        {"reason": "refused", "tries": 1, "n": 3}
    ]
    assert user.types(*command, "--json").returncode == 3
    assert user.asks("SELECT count(*) AS n FROM attempts") == [{"n": 6}]


def test_a_run_that_must_stop_still_judges_what_came(user) -> None:
    """A teacher lost on the way leaves nothing unjudged behind."""
    rows = [{"domain": "math", "prompt": f"{'easy' if i < 2 else 'hard'} {i}: 2+2?", "answer": "4"} for i in range(20)]
    user.writes("sums.jsonl", rows)
    user.writes("script.jsonl", [{"prompt": "hard", "replies": [{"error": "unauthorized"}]}, {"replies": [GOOD]}])
    done = user.types("sample", "sums.jsonl", "--n", 2, "--teacher", "scripted:script.jsonl", "--concurrency", 4)
    assert done.returncode == 1
    assert user.asks("SELECT decision, count(*) AS n FROM decisions GROUP BY 1") == [{"decision": "accepted", "n": 4}]


def test_an_edited_script_is_another_run(user) -> None:
    """A dry run with new replies never shows the old ones."""
    user.writes("sums.jsonl", SUMS[:1])
    for answer in ("5", "4"):
        user.writes("script.jsonl", [{"replies": [f"<think>hm</think><answer>{answer}</answer>"]}])
        report = json.loads(user.does("sample", "sums.jsonl", "--teacher", "scripted:script.jsonl", "--json"))
    assert (report["session"]["sampled"], report["accepted"]) == (4, 4)


def test_one_name_never_stands_for_two_settings(user) -> None:
    """A named run refuses other sampling parameters, and says what it was made with."""
    user.writes("script.jsonl", [{"replies": [GOOD]}])
    user.writes("sums.jsonl", SUMS[:1])
    command = ("sample", "sums.jsonl", "--teacher", "scripted:script.jsonl", "--run", "mine")
    user.does(*command)
    done = user.types(*command, "--temperature", 0.1)
    assert done.returncode == 2
    assert '"temperature":0.6' in done.stderr


def test_a_teacher_that_refuses_everything_ends_the_run(user) -> None:
    """Nobody waits for ten thousand refusals."""
    user.writes("sums.jsonl", SUMS)
    user.writes("script.jsonl", [{"replies": [{"error": "refused"}]}])
    done = user.types("sample", "sums.jsonl", "--n", 8, "--teacher", "scripted:script.jsonl")
    assert done.returncode == 1
    assert "requests in a row failed" in done.stderr


def test_problems_of_every_domain_end_with_a_decision(user) -> None:
    """What no verifier can judge is undecided with a reason, never wrong and never right."""
    user.writes("script.jsonl", [{"replies": ["<think>so</think><answer>B</answer>"]}])
    rows = [
        {"domain": "choice", "prompt": "Pick.\nA. x\nB. y", "answer": "B"},
        {"domain": "logic", "prompt": "Which letter follows A?", "answer": "B"},
        {"domain": "general", "prompt": "Write a poem of one letter."},
        {"domain": "code", "prompt": "Write a program.", "tests": {"type": "stdin", "cases": []}},
        {"domain": "math", "prompt": "Which letter?", "answer": None},
    ]
    user.writes("rows.jsonl", rows)
    user.does("sample", "rows.jsonl", "--n", 1, "--teacher", "scripted:script.jsonl")
    found = user.asks("SELECT domain, decision, reason FROM decisions JOIN problems ON problem_id = problems.id")
    assert {row["domain"]: (row["decision"], row["reason"]) for row in found} == {
        "choice": ("accepted", "ok"),
        "logic": ("accepted", "ok"),
        "general": ("undecided", "no_judge"),
        "code": ("undecided", "gold_unparsable"),
        "math": ("undecided", "no_gold"),
    }


def test_chinese_problems_are_equals(user) -> None:
    """Chinese prompts get Chinese instructions, and Chinese answers are read."""
    user.writes("script.jsonl", [{"prompt": "几", "replies": ["<think>一半</think><answer>二分之一</answer>"]}])
    user.writes("zh.jsonl", [{"prompt": "1除以2等于几？", "answer": "0.5"}])
    report = json.loads(user.does("sample", "zh.jsonl", "--teacher", "scripted:script.jsonl", "--json"))
    assert report["accepted"] == 4
    assert user.asks("SELECT language, domain FROM problems") == [{"language": "zh", "domain": "math"}]


def test_two_settings_are_two_runs(user) -> None:
    """What shapes a completion names the run, so different settings never mix."""
    user.writes("script.jsonl", [{"replies": [GOOD]}])
    user.writes("sums.jsonl", SUMS[:1])
    for temperature in (0.5, 1.0):
        user.does("sample", "sums.jsonl", "--teacher", "scripted:script.jsonl", "--temperature", temperature)
    assert user.asks("SELECT count(*) AS runs FROM runs") == [{"runs": 2}]
    assert user.asks("SELECT count(*) AS n FROM candidates") == [{"n": 8}]
