"""The starter problems: readable, right, and fit for the verifiers that will judge them."""

from __future__ import annotations

import json
import re
from collections import Counter

from curator.prompts import starter_path
from schemas.candidate import Candidate
from schemas.policy import ANSWER_VERIFIERS
from schemas.problem import Problem
from schemas.trace import Trace, format_trace
from schemas.verdict import Outcome
from verifiers.run import verify_one
from verifiers.settings import VerifierSettings

ROWS = [json.loads(line) for line in starter_path().read_text(encoding="utf-8").splitlines()]
PROBLEMS = [Problem(**row) for row in ROWS]
SUM = re.compile(r"(?:What is |^)(\d+) ?(plus|minus|times|divided by|加|减|乘|除以) ?(\d+)(?:\?|等于多少？)")
RESULT = {
    **{"plus": int.__add__, "minus": int.__sub__, "times": int.__mul__, "divided by": int.__floordiv__},
    **{"加": int.__add__, "减": int.__sub__, "乘": int.__mul__, "除以": int.__floordiv__},
}


def test_there_are_about_forty_in_two_languages_and_three_domains() -> None:
    """Chinese and English, math, choice and logic: a demo shows each."""
    assert len(ROWS) == 40
    assert {(row["domain"], row["language"]) for row in ROWS} == {
        (domain, language) for domain in ("math", "choice", "logic") for language in ("en", "zh")
    }


def test_each_row_is_named_for_what_it_is() -> None:
    """An id says domain and language, so a query's result reads by itself; no prompt comes twice."""
    for row in ROWS:
        assert set(row) == {"id", "domain", "language", "prompt", "answer"}
        assert re.fullmatch(rf"starter-{row['domain']}-{row['language']}-\d\d", row["id"])
        assert bool(re.search("[一-鿿]", row["prompt"])) == (row["language"] == "zh")
    assert not [text for text, count in Counter(row["prompt"] for row in ROWS).items() if count > 1]
    assert len({row["id"] for row in ROWS}) == len(ROWS)


def test_every_gold_passes_its_own_verifier() -> None:
    """A right answer in a well-formed trace is accepted."""
    for problem in PROBLEMS:
        text = format_trace(Trace("Reasoning.", problem.answer or ""))
        candidate = Candidate("c", "r", problem.id, 0, None, text, "inline", "stop", "model")
        verdict = verify_one(ANSWER_VERIFIERS[problem.domain], problem, candidate, VerifierSettings())
        assert verdict.outcome is Outcome.ACCEPT, problem


def test_the_sums_are_right() -> None:
    """Problems that only name an operation are computed again."""
    checked = 0
    for row in ROWS:
        if found := SUM.search(row["prompt"]):
            assert RESULT[found[2]](int(found[1]), int(found[3])) == int(row["answer"]), row
            checked += 1
    assert checked >= 6


def test_choices_name_an_option_that_is_offered() -> None:
    """The gold letter is among the options, and the options are told apart by their letters."""
    for row in (row for row in ROWS if row["domain"] == "choice"):
        offered = re.findall(r"^([A-D])\. ", row["prompt"], re.MULTILINE)
        assert row["answer"] in offered
        assert len(set(offered)) == len(offered) >= 2
