"""A student before and after, as a user types it: the table, its runs, and what cannot be evaluated."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import User
from tests.curator.evaluating.made import model

PROGRAM = Path(__file__).parents[1] / "teacher" / "fake_server.py"
WORDS = ("apples", "bridges", "窗户", "stars", "letters", "wheels", "frogs", "teeth", "pages", "doors")
SUMS = {f"How many {word} are there when {n} more join the {n} of them?": str(2 * n) for n, word in enumerate(WORDS, 3)}
GOOD = "<think>{0} = {0}.</think><answer>{0}</answer>"
BOXED = "\n\nPlease reason step by step, and put your final answer within \\boxed{}."
HOSTILE = "I \x1b[31mrefuse [bold]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A split with six held-out problems; a student that knew nothing, and what it became."""
    user = User(tmp_path_factory.mktemp("evaluated"))
    user.writes("sums.jsonl", [{"prompt": prompt, "answer": gold} for prompt, gold in SUMS.items()])
    user.writes("teacher.jsonl", [_knows(prompt, GOOD.format(gold)) for prompt, gold in SUMS.items()])
    user.writes("before.jsonl", [{"replies": [{"content": HOSTILE, "tokens": 6}]}])
    user.writes("after.jsonl", [_knows(prompt, GOOD.format(gold)) for prompt, gold in SUMS.items()])
    user.does("sample", "sums.jsonl", "--n", 1, "--teacher", "scripted:teacher.jsonl")
    user.does("curate", "s", "--test-fraction", 0.6)
    user.does("curate", "whole")
    for process in psutil.process_iter(["cmdline"]):
        if str(user.folder / "curator.duckdb") in (process.info["cmdline"] or ()):
            process.wait(20)  # the store is whole, in one file, when its process has gone
    return user.folder


def _knows(prompt: str, reply: str) -> dict[str, object]:
    return {"prompt": prompt, "replies": [{"content": reply, "tokens": 12}]}


@pytest.fixture
def curated(folder, types, tmp_path):
    """The command line in a copy, for one story."""
    for file in folder.glob("*.*"):
        shutil.copy(file, tmp_path)
    return types


EVAL = ("eval", "--model", "scripted:after.jsonl", "--split", "s", "--n", 2)
BOTH = (*EVAL, "--baseline", "scripted:before.jsonl")


def asks(types, query: str) -> list[dict[str, object]]:
    return json.loads(types("sql", query, "--format", "json").stdout)


def test_before_and_after_stand_in_one_table(curated, tmp_path) -> None:
    """Both models on the same problems, with intervals, the test of the difference, and three problems to look at."""
    done = curated(*BOTH)
    assert done.return_value == 0
    assert "Split s: 6 held-out problems, 2 samples each, up to 32 at once; temperature 0.6, top-p 0.95" in done.stdout
    assert "after does better on 6, before on 0, they tie on 0: more than chance" in done.stdout
    shown = "before: rejected (missing_think)\nI \\x1b[31mrefuse [bold]\nafter: accepted\n<think>"
    assert done.stdout.count(shown) == 3
    assert "report --compare eval-s-" in done.stdout
    page = (tmp_path / "eval-s" / "eval.md").read_text("utf-8")
    assert "| pass@1 | 0.0% (0.0% – 39.0%) | 100.0% (61.0% – 100.0%) | +100.0 points |" in page


def test_a_script_reads_what_is_saved(curated, tmp_path) -> None:
    """The JSON on stdout is the file; its figures are what SQL says of the run it names."""
    said = json.loads(curated(*BOTH, "--json", "--to", "out/eval").stdout)
    assert said == json.loads((tmp_path / "out" / "eval" / "eval.json").read_text("utf-8"))
    run = said["after"]["run"]
    counted = f"SELECT count(*) AS n, count(DISTINCT problem_id) AS p FROM accepted WHERE run_id = '{run}'"
    assert asks(curated, counted) == [{"n": 12, "p": 6}]
    assert (said["after"]["candidates"], said["problems"], said["sign_test"]["after_better"]) == (12, 6, 6)


def test_the_same_command_asks_nothing_anew(curated) -> None:
    """A second evaluation finds its runs; more samples ask for the missing ones only; other parameters are a run."""
    first, again, more, other = (
        json.loads(curated(*EVAL[:-1], *words, "--json").stdout) for words in ([2], [2], [3], [2, "--max-tokens", 100])
    )
    assert [one["after"]["sampled_now"] for one in (first, again, more, other)] == [12, 0, 6, 12]
    assert len({one["after"]["run"] for one in (first, again, more)}) == 1
    assert other["after"]["run"] != first["after"]["run"]


def test_an_evaluation_never_becomes_training_data(curated) -> None:
    """What students say to held-out problems changes neither split nor pass rates."""
    stats = "SELECT * FROM problem_stats ORDER BY problem_id"
    before = asks(curated, stats)
    curated(*EVAL)
    assert asks(curated, stats) == before
    assert "It was stored already, with the same rows" in curated("curate", "s", "--test-fraction", 0.6).stdout


def test_the_judge_of_curation_judges_evaluations_too(curated, tmp_path) -> None:
    """`[judge]` gives its opinion; what it accepts against the rules counts for neither side and is in no queue."""
    (tmp_path / "curator.toml").write_text('[judge]\nspec = "scripted:judge.jsonl"\n', "utf-8")
    replies = {"after.jsonl": GOOD.format("no idea"), "judge.jsonl": '{"verdict": "accept", "reason": "Well said."}'}
    for name, reply in replies.items():
        (tmp_path / name).write_text(json.dumps({"replies": [reply]}), "utf-8")
    said = json.loads(curated(*EVAL, "--json").stdout)
    assert (said["after"]["candidates"], said["after"]["undecided"]) == (12, 12)
    assert asks(curated, "SELECT DISTINCT reason FROM undecided") == [{"reason": "judge_disagrees"}]
    assert json.loads(curated("review", "--json").stdout)["candidates"] == []


def test_one_model_is_shown_alone(curated) -> None:
    """Without a baseline there is one column; --limit takes some of the problems, the same ones each time."""
    once, again = (json.loads(curated(*EVAL, "--limit", 2, "--json").stdout) for _ in range(2))
    assert [(one["before"], one["problems"]) for one in (once, again)] == [(None, 2)] * 2
    assert again["after"]["sampled_now"] == 0
    out = curated(*EVAL, "--limit", 2).stdout
    assert "difference" not in out
    assert "report --run eval-s-" in out


def test_students_are_asked_the_bare_problem(curated, tmp_path) -> None:
    """The problem stands in the split's own template and in nothing else, whatever its domain and language."""
    curated("curate", "boxed", "--test-fraction", 0.6, "--student", "boxed")
    asked = [{"prompt": prompt + BOXED, "replies": [GOOD.format(gold)]} for prompt, gold in SUMS.items()]
    (tmp_path / "after.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked), "utf-8")
    said = json.loads(curated(*EVAL[:4], "boxed", "--n", 1, "--json").stdout)
    assert (said["after"]["failed"], said["after"]["pass1"]["value"]) == (0, 1.0)


def test_a_folder_is_served_for_the_evaluation(curated, tmp_path) -> None:
    """`vllm:FOLDER` starts a server on it and ends it; a loss that cannot be had is said, and the rest is there."""
    folder = model(tmp_path / "student")
    command = f"'{sys.executable}' '{PROGRAM}' {{port}} {{model}}"
    words = ("--split", "s", "--n", 1, "--vllm-command", command, "--json")
    said = json.loads(curated("eval", "--model", "vllm:student", *words).stdout)["after"]
    assert (said["model"], said["candidates"], said["failed"]) == (str(folder), 6, 0)
    assert (said["mean_tokens"], said["valid_format"]["value"]) == (9.0, 1.0)
    assert "has no tokenizer" in said["loss"]["not_measured"]


def test_candidates_that_failed_are_an_exit_code(curated, tmp_path) -> None:
    """What came is in the table; the same command asks for the rest."""
    replies = ["<think>a</think><answer>0</answer>", {"error": "refused"}]
    (tmp_path / "after.jsonl").write_text(json.dumps({"replies": replies}))
    done = curated(*EVAL)
    assert done.return_value == 3
    assert "candidates failed; the same command asks for them again" in done.stdout


REFUSED = [
    (("--model", "scripted:after.jsonl"), "on which problems?"),
    (("--model", "scripted:after.jsonl", "--split", "S"), "there is no split 'S' in the store"),
    (("--model", "scripted:after.jsonl", "--split", "whole"), "holds no problems out"),
    (("--model", "nowhere", "--split", "s"), "local:nowhere does not exist"),
    (("--model", "openai:m", "--split", "s"), "has no URL"),
    ((*EVAL[1:], "--to", "after.jsonl"), "there is a file of that name"),
    ((*EVAL[1:], "--baseline", "scripted:after.jsonl"), "are one model"),
]


def test_what_cannot_be_evaluated_is_said_before_anything_is_asked(curated, tmp_path) -> None:
    """The message names what was typed; no run is stored and no folder made."""
    for words, said in REFUSED:
        assert said in str(curated("eval", *words).exception), words
    assert asks(curated, "SELECT count(*) AS n FROM runs") == [{"n": 1}]
    assert not list(tmp_path.glob("eval*"))
