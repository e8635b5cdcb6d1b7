r"""math-verify speaks where our own reader is silent, and only its 'equal' counts."""

from __future__ import annotations

import pytest

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason
from verifiers.equality.algebra.second_reader import says_equal
from verifiers.equality.algebra.values import Decision
from verifiers.equality.decide import decide
from verifiers.run import verify_one
from verifiers.settings import VerifierSettings

GOLD = "x^2+y^2<1"


def test_it_reads_what_we_cannot() -> None:
    """An inequality in two unknowns is beyond our readers, not beyond math-verify; the verdict says who decided."""
    assert decide(GOLD, "x^2+y^2-1<0") == Decision(True, "math-verify")
    assert not says_equal(GOLD, "x^2+y^2<2")


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [("x^2+y^2-1<0", Outcome.ACCEPT, Reason.OK), ("x^2+y^2<2", Outcome.ABSTAIN, Reason.GOLD_UNPARSABLE)],
)
def test_its_no_is_not_heard(answer: str, outcome: Outcome, reason: Reason) -> None:
    """Where only math-verify can read a gold, its 'equal' accepts and its 'different' leaves the verdict open."""
    given = Candidate("c", "r", "p", 0, None, f"<think>t</think>\\boxed{{{answer}}}", "inline", "stop", "m")
    verdict = verify_one("math", Problem("p", "math", "", GOLD), given, VerifierSettings())
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_units_are_not_its_business() -> None:
    """math-verify drops units, so it is not asked where there are some."""
    assert not says_equal(r"15\text{ cm}^2", r"15\text{ cm}^3")


@pytest.mark.parametrize("text", ["", "the cat sat", "\\frac{", "天气很好"])
def test_what_nobody_can_read_is_never_equal(text: str) -> None:
    """Two unreadable texts are not equal for being unreadable, and nothing is raised."""
    assert not says_equal("42", text)
