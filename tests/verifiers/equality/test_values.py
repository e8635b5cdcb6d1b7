"""Two values: decided by the cheapest sound rule, and the rule is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifiers.equality.algebra.values import Decision, read_once, same_equation, same_value


def told(gold: str, given_: str, tolerance: float | None = None) -> Decision | None:
    """Compare two texts."""
    return same_value(read_once(gold), read_once(given_), tolerance)


RULES = [
    ("1/3+1/6", "1/2", True, "exact numbers"),
    ("2^{1000000}", "2^{1000000}+1", False, "exact numbers"),
    ("x+y", "y+x", True, "one canonical form"),
    (r"2\cdot 3^{10^{20}}", r"6\cdot 3^{10^{20}-1}", True, "one canonical form"),
    ("(x+1)^2", "x^2+2x+1", True, "values at 6 points"),
    ("(x+1)^2", "x^2+1", False, "values at a point"),
    (r"\sqrt{3+2\sqrt{2}}", r"1+\sqrt{2}", True, "values to 75 digits"),
    (r"\sqrt{2}+\sqrt{3}", r"\sqrt{5}", False, "values to 75 digits"),
    ("10^{10^{10}}", "10^{10^{9}}", False, "size"),
    ("10^{10^{10}}", "10^{10^{10}}+1", False, "remainders"),
    ("x^{10^{9}}-1", "x^{10^{9}}+1", False, "remainders"),
    (r"\frac{x^2}{2}+C", r"\frac{x^2}{2}+3+C", True, "antiderivatives"),
    (r"\sin^2 x+C", r"-\cos^2 x+C", True, "antiderivatives"),
    (r"\frac{x^2}{2}+C", "x^2+C", False, "antiderivatives"),
]


@pytest.mark.parametrize(("gold", "answer", "equal", "rule"), RULES)
def test_each_rule_decides_what_it_can(gold: str, answer: str, equal: bool, rule: str) -> None:
    """In both directions."""
    assert told(gold, answer) == Decision(equal, rule)
    assert told(answer, gold) == Decision(equal, rule)


NEAR = [
    ("262537412640768744", r"e^{\pi\sqrt{163}}"),
    (r"\pi", r"\frac{\ln(640320^3+744)}{\sqrt{163}}"),
    ("0", "e^{-1000}"),
    ("1", "1+e^{-400}"),
    ("1", "2^{2^{-60}}"),
    ("123456789012345678", "123456789012345679"),
    ("x^{300}", "x^{300}+1"),
]


@pytest.mark.parametrize(("gold", "answer"), NEAR)
def test_nearly_equal_is_never_equal(gold: str, answer: str) -> None:
    """Thirty common digits, or a term that floating point swallows, prove nothing."""
    decision = told(gold, answer)
    assert decision is None or not decision.equal


@pytest.mark.parametrize(
    "text", [r"\sin\pi", r"\cos\frac{\pi}{2}", r"\ln e-1", r"\sqrt{2}\sqrt{3}-\sqrt{6}", r"e^{i\pi}+1"]
)
def test_a_true_zero_is_zero(text: str) -> None:
    """What rounding leaves of it is not taken for a small number."""
    assert told("0", text) is not None
    assert told("0", text).equal  # type: ignore[union-attr]


def test_roots_and_logarithms_keep_to_where_they_make_sense() -> None:
    """Ln x² is 2 ln x where both are real; √x² is |x| and no x."""
    assert told(r"\ln x^2", r"2\ln x") == Decision(True, "values at 6 points")
    assert told("|x|", r"\sqrt{x^2}") == Decision(True, "values at 16 points")
    assert told("x", r"\sqrt{x^2}") == Decision(False, "values at a point")


def test_a_bare_logarithm_has_either_base() -> None:
    r"""`\log` is natural for some and common for others; a base that is named is that base."""
    assert told("2", r"\log 100").equal  # type: ignore[union-attr]
    assert told(r"\ln 5", r"\log 5").equal  # type: ignore[union-attr]
    assert not told(r"\ln 5", r"\lg 5").equal  # type: ignore[union-attr]


def test_tolerance_is_the_problems_alone() -> None:
    """A third is not 0.333, unless the problem says so."""
    assert not told(r"\frac{1}{3}", "0.333").equal  # type: ignore[union-attr]
    assert told(r"\frac{1}{3}", "0.333", 0.001).equal  # type: ignore[union-attr]
    assert told(r"\pi", "3.14", 0.01).equal  # type: ignore[union-attr]
    assert not told(r"\pi", "3.14", 0.001).equal  # type: ignore[union-attr]


EQUATIONS = [
    ("y", "2x+1", "2x-y", "-1", True),
    ("x^2+y^2", "1", "2x^2", "2-2y^2", True),
    ("y", "2x+1", "y", "2x-1", False),
    ("x^2+y^2", "1", "x+y", "1", False),
    ("y", "x", "z", "x", False),
    ("x", "1", "x^2", "1", False),
]


@pytest.mark.parametrize(("left", "right", "one", "other", "equal"), EQUATIONS)
def test_equations_are_one_up_to_a_factor(left: str, right: str, one: str, other: str, equal: bool) -> None:
    """Sides may be swapped, terms moved, and all multiplied by a number that is not zero."""
    gold, answer = ([read_once(side) for side in sides] for sides in ((left, right), (one, other)))
    decision = same_equation(gold, answer)
    assert decision is not None
    assert decision.equal is equal


TERMS = st.sampled_from(["x", "2y", r"\sqrt{3}", r"\pi", "x^2", r"\frac{1}{3}", "xy", r"\sin x"])


@given(st.lists(TERMS, min_size=1, max_size=5), st.randoms(use_true_random=False), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_a_sum_is_itself_in_any_order_and_no_other(terms: list[str], random: object, more: int) -> None:
    """Turned around it is equal; with something added it is not."""
    turned = list(terms)
    random.shuffle(turned)  # type: ignore[attr-defined]
    assert told("+".join(terms), "+".join(turned)).equal  # type: ignore[union-attr]
    assert not told("+".join(terms), "+".join(turned) + f"+{more}").equal  # type: ignore[union-attr]


def test_threads_do_not_disturb_each_other() -> None:
    """Precision is state of no one: eight threads find what one finds."""
    pairs = [(gold, answer) for gold, answer, _, _ in RULES] * 4
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda pair: told(*pair), pairs)) == [told(*pair) for pair in pairs]
