"""Answers of logic problems that have one answer: the same words, number, yes or no, or list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Verdict
from tests.growth import assert_linear
from verifiers.exact import same
from verifiers.run import verify_one
from verifiers.settings import VerifierSettings

WORDS = st.lists(st.sampled_from(["Alice", "knight", "甲", "1/2", "3.0", "red box"]), min_size=2, max_size=5)


def judged(gold: str, answer: str) -> Verdict:
    """Judge an answer as the pipeline does."""
    content = f"<think>\nLet me see.\n</think>\n<answer>\n{answer}\n</answer>"
    candidate = Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m", completion_tokens=9)
    return verify_one("exact", Problem("p", "logic", "Who?", gold), candidate, VerifierSettings())


@pytest.mark.parametrize(
    ("gold", "answer", "detail"),
    [
        ("Alice", "ALICE.", "the same words"), ("12", "１２", "the same words"), ("0.5", "1/2", "the same number"),
        ("yes", "是的", "the same yes or no"), ("[1, 2]", "1, 2", "the same list"),
        ("Alice", "Bob", "neither the same words, number, yes or no, nor the same list"),
    ],
)  # fmt: skip
def test_a_verdict_says_what_decided(gold: str, answer: str, detail: str) -> None:
    """A reader learns as what two answers are one, or that they are not."""
    assert judged(gold, answer).detail == detail


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("None", "accept"), ("none.", "accept"), ("No", "reject"), ("0", "reject"), ("None of them lies", "abstain")],
)
def test_none_is_an_answer(answer: str, outcome: str) -> None:
    """A gold that says None is a gold."""
    assert judged("None", answer).outcome == outcome


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("Yes", "yes"), ("yes", "Yes, Alice is one."), ("yes", "YES - see above"), ("True", "True\n\nAll hold."),
        ("no", "No; not at all."), ("no", "No, not yes."), ("是", "对，因为甲说真话"),
        ("否", "不对。乙说谎"), ("真", "True."),
    ],
)  # fmt: skip
def test_yes_and_no_may_be_explained(gold: str, answer: str) -> None:
    """Case, language and what follows the first clause change nothing."""
    assert judged(gold, answer).outcome == "accept"
    assert judged("no" if gold in {"Yes", "yes", "True", "是", "真"} else "yes", answer).outcome == "reject"


@pytest.mark.parametrize(
    "answer", ["Yes, no", "Yes. Well, no.", "No, yes", "Yes?", "maybe yes", "Yes, maybe", "是，不是"]
)
def test_what_is_taken_back_is_not_said(answer: str) -> None:
    """Both, or a doubtful one, are neither yes nor no."""
    assert {judged(gold, answer).outcome for gold in ("yes", "no")} == {"reject"}


@given(WORDS, st.sampled_from(["{}", "[{}]", "({})"]), st.sampled_from([", ", ",", "、", "; "]))
def test_a_list_is_itself_in_every_spelling(members: list[str], brackets: str, comma: str) -> None:
    """Brackets, quotes and separators are dress."""
    gold = ", ".join(members)
    assert same(gold, brackets.format(comma.join(members)))
    assert same(gold, brackets.format(comma.join(f"'{one}'" for one in members)))


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("1, 2", "2, 1"), ("1, 2", "1, 2, 3"), ("[[1, 2], [3]]", "[[1], [2, 3]]"), ("[[1, 2]]", "[1, 2]"),
        ("()", "[]"), ("A=1, B=2", "A=2, B=1"), ("a, a=1", "a=1, a"),
    ],
)  # fmt: skip
def test_order_and_nesting_of_a_list_count(gold: str, answer: str) -> None:
    """Members in other places are another answer."""
    assert same(gold, answer) is None


def test_assignments_have_no_order() -> None:
    """Each value goes to its name wherever that stands."""
    assert same("A=1, B=2", "B=2, A=1") == same("{a: 1, b: 2}", "b: 2, a: 1.0") == "list"


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_breaks_it(gold: str, answer: str) -> None:
    """There is a verdict that is no error, and every gold answers itself."""
    assert judged(gold, answer).outcome != "error"
    assert same(gold, gold)


@pytest.mark.parametrize("piece", ["[", "]", ",", "a=1,", "yes, ", " ", "a"])
def test_long_answers_take_linear_time(piece: str) -> None:
    """Nesting, separators and clauses are read once each."""
    assert_linear(lambda text: same("a, b", text), piece, 16_000)
