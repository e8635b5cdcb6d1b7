"""The problems that are shown: one of each kind, the same ones each time, long texts cut."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.evaluating.examples import BEGINNING, END, Example, choose_examples, shortened
from curator.store.client import Store
from schemas.identity import content_hash
from schemas.problem import Problem
from tests.curator.curating.stock import stock
from tests.curator.evaluating.made import outcome

PROBLEMS = [Problem(f"p{number}", "math", f"{number}+1?", str(number + 1)) for number in range(6)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    """Two candidates of each problem: the first is one model's, the second the other's."""
    folder = tmp_path_factory.mktemp("examples")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        with Store.open(folder / "s.duckdb") as opened:
            stock(opened, [(problem, "aa") for problem in PROBLEMS])
            yield opened


def choose(store: Store, *models: str) -> list[Example]:
    """Choose among problems p0, p1, … for which each model's first sample came to a letter; - is none."""
    outcomes = [
        [_row(number, index, letter) for number, letter in enumerate(said)] for index, said in enumerate(models)
    ]
    return choose_examples(store, PROBLEMS, outcomes)


def _row(number: int, index: int, letter: str) -> dict[str, Any]:
    row = outcome(f"p{number}", letter.strip("-"))
    return row | {"first_id": row["first_id"] and content_hash([f"p{number}", index])}


def test_one_became_better_one_worse_one_stayed(store) -> None:
    """In this order, wherever they stand; so nobody sees three successes only."""
    examples = choose(store, "rraaar", "aaraar")
    assert [example.problem_id for example in examples] == ["p0", "p2", "p3"]
    assert [said.decision for said in examples[0].said] == ["rejected", "accepted"]
    assert examples[0].said[1].text == "<think>\nway 1 of p0\n</think>\n<answer>1</answer>"
    assert (examples[0].prompt, examples[0].gold) == ("0+1?", "1")


def test_a_missing_kind_leaves_room_for_others(store) -> None:
    """Where nothing became worse, a second one that became better is shown; undecided stands between."""
    assert [example.problem_id for example in choose(store, "rurr", "uarr")] == ["p0", "p1", "p2"]


def test_one_model_shows_what_was_decided(store) -> None:
    """Alone, its successes come first."""
    assert [example.said[0].decision for example in choose(store, "rruaa")] == ["accepted", "undecided", "rejected"]


def test_a_problem_without_an_answer_is_not_shown(store) -> None:
    """A candidate that failed for good has no text."""
    assert [example.problem_id for example in choose(store, "r-r", "aa-")] == ["p0"]
    assert choose(store, "--", "aa") == []


@given(st.text(max_size=3 * (BEGINNING + END)))
def test_a_long_text_keeps_its_ends(text: str) -> None:
    """What is shown is never much longer than the limit, and short texts are whole."""
    shown = shortened(text)
    assert len(shown) <= BEGINNING + END + 40
    if len(text) <= BEGINNING + END:
        assert shown == text
    else:
        assert f"[… {len(text) - BEGINNING - END:,} characters …]" in shown
        assert shown.startswith(text[:BEGINNING].rstrip())
