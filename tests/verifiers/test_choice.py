"""Which option an answer chooses, case by case; the table is `tests/cases/choice.tsv`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Verdict
from tests.growth import assert_linear
from verifiers.chosen import LETTERS, named, same_choice
from verifiers.options import listed
from verifiers.run import verify_one
from verifiers.settings import VerifierSettings

TABLE = Path(__file__).parents[1] / "cases" / "choice.tsv"
CASES = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
OUTCOMES = {
    "ok": "accept", "wrong_answer": "reject", "unparsable_answer": "unparsable", "no_answer": "unparsable",
    "unclear_answer": "unclear", "gold_unparsable": "no gold",
}  # fmt: skip
PROMPT = "Which planet?\nA. Venus\nB. Mars\nC. Earth"


def judged(gold: str, prompt: str, answer: str) -> Verdict:
    """Judge an answer as the pipeline does."""
    content = f"<think>\nLet me see.\n</think>\n<answer>\n{answer}\n</answer>"
    candidate = Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m", completion_tokens=9)
    return verify_one("choice", Problem("p", "choice", prompt, gold), candidate, VerifierSettings())


@pytest.mark.parametrize(("gold", "prompt", "answer", "outcome", "why"), CASES, ids=[f"{c[4]}: {c[2]}" for c in CASES])
def test_table(gold: str, prompt: str, answer: str, outcome: str, why: str) -> None:
    """Each row of the table holds."""
    verdict = judged(gold, prompt.replace("⏎", "\n"), answer.replace("⏎", "\n"))
    assert OUTCOMES[verdict.reason.value] == outcome, verdict.detail or why


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ("B", "B chosen by letter"),
        ("(B) Mars", "B chosen by letter and text"),
        ("Mars", "B chosen by the option's text"),
        ("Mars, Earth", "B, C chosen one by one, not B"),
        ("C", "C chosen by letter, not B"),
        ("B. Earth", "the answer names B with the text of C"),
    ],
)
def test_a_verdict_says_what_decided(answer: str, detail: str) -> None:
    """A reader learns by what the choice was told, also of an accepted answer."""
    assert judged("B", PROMPT, answer).detail == detail


@given(st.sets(st.sampled_from(LETTERS), min_size=1, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_a_set_of_letters_is_itself_in_every_spelling(chosen: set[str], random: object) -> None:
    """Order, brackets and connectives change nothing; one letter more is another choice."""
    ordered = sorted(chosen)
    random.shuffle(ordered)  # type: ignore[attr-defined]
    spellings = ["".join(ordered), ", ".join(ordered), "、".join(ordered), " and ".join(f"({one})" for one in ordered)]
    assert [named(one).labels for one in spellings] == [frozenset(chosen)] * len(spellings)  # type: ignore[union-attr]
    more = next(one for one in LETTERS if one not in chosen)
    assert all(judged("".join(sorted(chosen)), "", f"{one}, {more}").outcome == "reject" for one in spellings)


@pytest.mark.parametrize(
    ("prompt", "texts"),
    [
        ("Q\nA. 1\nB. 2", {"A": "1", "B": "2"}),
        ("Q (A) 1 (B) 2 (C) 3", {"A": "1", "B": "2", "C": "3"}),
        ("题\nA、一\nB、二", {"A": "一", "B": "二"}),
        ("题 A．一　B．二　C．三", {"A": "一", "B": "二", "C": "三"}),
        ("Q\nA: 1\nB: 2\n\nReply with the letter.", {"A": "1", "B": "2"}),
        ("Q\n- **A)** 1\n- **B)** 2", {"A": "1", "B": "2"}),
        (r"Q $\textbf{(A)}\ 1\qquad\textbf{(B)}\ 2$", {"A": "1", "B": "2$"}),
        (r"\begin{array}{ll}\text{(A)} & 1 & \text{(B)} & 2\\ \text{(C)} & 3 & \text{(D)} & 4\end{array}",
         {"A": "1", "B": "2", "C": "3", "D": "4"}),
        ("若A、B两个判断不能同假\nA. 若A则B\nB. 若B则A", {"A": "若A则B", "B": "若B则A"}),
        ("Q\nA. x\nB. y\nC.\n\nz", {"A": "x", "B": "y", "C": "z"}),
    ],
)  # fmt: skip
def test_options_are_found_however_they_are_listed(prompt: str, texts: dict[str, str]) -> None:
    """On one line or several, dressed or not; letters that the question speaks of are no options."""
    assert listed(prompt)[0] == texts


def test_a_question_without_options_lists_none() -> None:
    """One label alone, or letters in prose, are no list."""
    assert listed("Points A and B lie on a line. Plan A. Find C.") == ()


@pytest.mark.parametrize(
    ("gold", "given", "expected"),
    [
        ("B", "(B)", True), ("B", "B. Mars", True), ("B. Mars", "B", True), ("AC", "C, A", True),
        ("①③", "(1)(3)", True),
        ("B", "C", False), ("B", "A and B", False), ("①③", "①②", False),
        ("B=3", "B", None), ("B", "B=3", None), ("A: 3", "A: 4", None), ("e", "E", None), ("B", "b", None),
        ("12", "B", None), ("B", "B or C", None),
    ],
)  # fmt: skip
def test_mathematics_compares_letters_only_where_both_are_choices(gold: str, given: str, expected: bool | None) -> None:
    """A variable, a small letter and a letter with a value of its own are left to mathematics."""
    assert same_choice(gold, given) is expected


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=30))
@settings(max_examples=100)
def test_no_text_breaks_it(prompt: str, answer: str, gold: str) -> None:
    """Whatever stands in prompt, gold and answer, there is a verdict that is no error."""
    assert judged(gold, prompt, answer).outcome != "error"


@pytest.mark.parametrize("piece", ["A. ", "(A)", "$", "**", "{", "-", " ", "A", "A or ", "\\text{", "A, B; "])
def test_long_prompts_and_answers_take_linear_time(piece: str) -> None:
    """Repeated marks in a prompt or an answer are read once each."""
    assert_linear(listed, piece, 16_000)
    assert_linear(lambda text: judged("B", PROMPT, text), piece, 16_000)
