"""From accepted traces to a named split, as a user types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psutil
import pytest

from tests.conftest import User

GOOD, BETTER = "<think>{0} = {0}, 0 + 0.</think><answer>{0}</answer>", "<think>{0}.</think><answer>{0}</answer>"
WRONG = "<think>0</think><answer>0</answer>"
PROMPTS = {
    "spiders": ("How many legs do seven spiders have together, if none lost a leg?", "56"),
    "frogs": ("一只青蛙每天吃十二只虫子，五天一共吃多少只虫子？", "60"),
    "prime": ("Find the least prime above nine thousand, please.", "9001"),
    "pages": ("A book has ninety sheets of paper. How many pages is that?", "180"),
}
COPY = "how many legs do seven  spiders have together if none lost a leg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A sampled store: two accepted traces of each problem and a wrong one; one problem twice, in two spellings."""
    user = User(tmp_path_factory.mktemp("sampled"))
    problems = {**PROMPTS, "copy": (COPY, "56")}
    script = [
        {"prompt": prompt, "replies": [GOOD.format(gold), BETTER.format(gold), WRONG]}
        for prompt, gold in problems.values()
    ]
    rows = [{"id": name, "prompt": prompt, "answer": gold} for name, (prompt, gold) in problems.items()]
    user.writes("script.jsonl", script)
    user.writes("rows.jsonl", rows)
    user.writes("bench.jsonl", [{"problem": PROMPTS["prime"][0].upper(), "level": 5}])
    user.does("sample", "rows.jsonl", "--n", 3, "--teacher", "scripted:script.jsonl")
    for process in psutil.process_iter(["cmdline"]):
        if str(user.folder / "curator.duckdb") in (process.info["cmdline"] or ()):
            process.wait(20)  # the store is whole, in one file, when its process has gone
    return user.folder


@pytest.fixture
def sampled(folder, user):
    """Its copy, for one story."""
    for file in folder.glob("*.*"):
        shutil.copy(file, user.folder)
    return user


STEPS = (
    "--dedup",
    "--decontaminate",
    "bench.jsonl",
    "--per-problem",
    1,
    "--select",
    "shortest",
    "--test-fraction",
    0.3,
)


def members(user, name: str) -> list[dict]:
    return user.asks(f"SELECT candidate_id, problem_id, part FROM split_rows WHERE split = '{name}' ORDER BY ALL")


def test_every_step_says_what_it_kept_and_why(sampled) -> None:
    """The table has a line for each step; what was left out is a query away."""
    out = sampled.does("curate", "legs", *STEPS)
    for said in (
        "source",
        "say what another trace says",
        "1 exact",
        "decontaminate",
        "bench.jsonl: 1 of 4 problems",
        "per-problem",
        "test",
    ):
        assert said in out
    drops = sampled.asks("SELECT reason, problem_id, match FROM split_drops ORDER BY reason")
    assert [(row["reason"], row["problem_id"], row["match"]) for row in drops] == [
        ("contaminated", "prime", "bench.jsonl#1"),
        ("exact_duplicate", "spiders", "copy"),
    ]
    assert {row["problem_id"] for row in members(sampled, "legs")} == {"copy", "frogs", "pages"}
    assert [row["part"] for row in members(sampled, "legs")].count("test") == 1


def test_the_same_command_gives_the_same_rows(sampled) -> None:
    """Twice under one name changes nothing; under another name the members and their parts are the same."""
    sampled.does("curate", "one", *STEPS)
    before = sampled.asks("SELECT * FROM splits")
    again = json.loads(sampled.does("curate", "one", *STEPS, "--json"))
    assert again["unchanged"]
    assert sampled.asks("SELECT * FROM splits") == before
    sampled.does("curate", "two", *STEPS)
    assert members(sampled, "one") == members(sampled, "two")


def test_a_name_stands_for_one_recipe(sampled) -> None:
    """Another recipe needs another name, or an explicit word."""
    sampled.does("curate", "s", "--per-problem", 1)
    done = sampled.types("curate", "s")
    assert done.returncode == 2
    assert "made by another recipe" in done.stderr
    assert len(members(sampled, "s")) == 5
    sampled.does("curate", "s", "--overwrite")
    assert len(members(sampled, "s")) == 10


def test_new_traces_do_not_slip_into_an_old_split(sampled) -> None:
    """When the store has changed, the same recipe says that its rows are others now."""
    sampled.does("curate", "s")
    sampled.does("sample", "rows.jsonl", "--n", 4, "--teacher", "scripted:script.jsonl")
    done = sampled.types("curate", "s")
    assert done.returncode == 2
    assert "gives other rows now" in done.stderr


def test_the_recipe_is_stored_with_the_split(sampled) -> None:
    """All choices are there as JSON, with what a template and a benchmark held when they were used."""
    sampled.does("curate", "s", *STEPS, "--where", "pass_rate > 0.5", "--student", "boxed")
    (row,) = sampled.asks("SELECT recipe FROM splits")
    recipe = json.loads(row["recipe"])
    assert (recipe["where"], recipe["per_problem"], recipe["select"]) == ("pass_rate > 0.5", 1, "shortest")
    assert recipe["student"]["template"].startswith("{prompt}\n\nPlease reason")
    assert recipe["decontaminate"][0]["name"] == "bench.jsonl"
    assert recipe["decontaminate"][0]["fingerprint"].startswith("b2:")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("s", "--where", "pass_rate > 1"), "would be empty: the step source kept none of 15"),
        (("s", "--mix", "domain:math=0.5,domain:code=0.5"), "code"),
        (("s", "--mix", "domain:math"), "--mix"),
        (("s", "--decontaminate", "bench.jsonl", "--benchmark-field", "text"), "level"),
        (("s", "--decontaminate", "nowhere.jsonl"), "nowhere.jsonl"),
        (("s", "--select", "longest"), "--per-problem"),
        (("s", "--student", "boxd"), "did you mean 'boxed'"),
        (("s", "--unverified", "--undecided"), "cannot both"),
        (("a/b",), "name"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_stored(sampled, words: tuple[str, ...], said: str) -> None:
    """The message names the value that was typed; there is no half-made split."""
    done = sampled.types("curate", *words)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert sampled.asks("SELECT * FROM splits") == []


def test_no_store_is_no_split(user) -> None:
    """Curating nothing says where traces come from."""
    done = user.types("curate", "s")
    assert done.returncode == 1
    assert "no store at curator.duckdb" in done.stderr
