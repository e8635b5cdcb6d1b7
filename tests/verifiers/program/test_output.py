"""When printed text and returned values are what was expected."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.program import plain
from verifiers.program.output import as_json, same_output, same_value
from verifiers.program.tests import Checker


def as_sent(value: Any) -> Any:
    """What is read of a value that crossed from a program's process."""
    return as_json(plain.encode(value, lambda it: {"object": [0, type(it).__name__, None]}))


NEAR = Checker("float_tokens", 1e-6, 1e-6)
ANY_CASE = Checker("tokens", case_sensitive=False)
WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("9\n", "9"),
        ("9", "9 \n\n"),
        ("1 2\n3\n", "1  2\r\n3"),
        ("答案 9", "答案\t9\n"),
        ("", "\n"),
        ("\ufeff9", "9"),
        ("1 2", "1\u30002"),
        ("a\n\nb", "a\n\nb"),
    ],
)
def test_white_space_that_nobody_sees_is_no_difference(expected: str, printed: str) -> None:
    """Ends of lines, empty lines at the end and the width of a gap do not count."""
    assert same_output(expected, printed, None)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        *(("9", "8"), ("9", ""), ("1\n2", "1"), ("1", "1\n2"), ("1\n2", "1 2"), ("Yes", "yes"), ("12", "1 2")),
        *(("9", "9.0"), ("9", "９"), ("9", "+9"), ("0", "-0"), ("100000", "1e5"), ("1\n2", "1\n\n2"), ("1", "\n1")),
        ("a", "a\u200b"),
    ],
)
def test_other_words_or_lines_are_wrong(expected: str, printed: str) -> None:
    """A prefix, more than was asked, one line for two, another case: all wrong."""
    assert not same_output(expected, printed, None)


def test_case_counts_unless_the_checker_says_otherwise() -> None:
    """A checker may ignore case, in any alphabet."""
    assert same_output("Possible É", "POSSIBLE é", ANY_CASE)
    assert not same_output("Possible", "impossible", ANY_CASE)


@pytest.mark.parametrize("given_", ["0.333333", "0.33333333", "3.333333e-1", "+.3333333"])
def test_near_numbers_are_right_where_the_checker_says_so(given_: str) -> None:
    """However they are spelled, within the tolerance."""
    assert same_output("0.3333333333 ok", f"{given_} ok", NEAR)
    assert not same_output("0.3333333333", given_, None)


@pytest.mark.parametrize("given_", ["0.3334", "nan", "inf", "-inf", "1e999999999", "1_0", "0x1", "٣", "1e5_0"])
def test_no_tolerance_reaches_what_is_no_number(given_: str) -> None:
    """NaN and infinities are near nothing, and only plain decimals are numbers."""
    assert not same_output("0.3333333333", given_, NEAR)
    assert not same_output("1e400", given_, NEAR)


def test_whole_numbers_are_exact_under_any_tolerance() -> None:
    """A million and one is within 1e-6 of a million, and still wrong; a float of the same value is right."""
    assert not same_output("1000000", "1000001", NEAR)
    assert same_output("3", "3.0", NEAR)
    assert same_output("100000 0 3", "1e5 -0 +3", NEAR)
    assert not same_output("3", "３", NEAR)


def test_exact_compares_characters() -> None:
    """Only white space at the very end is left out."""
    assert same_output("a  b\n", "a  b", Checker("exact"))
    assert same_output("a\r\nb", "a\nb", Checker("exact"))
    assert not same_output("a  b", "a b", Checker("exact"))


@given(st.lists(st.lists(WORDS, min_size=1), min_size=1), st.integers(0, 99))
def test_output_equals_itself_and_nothing_shorter(lines: list[list[str]], cut: int) -> None:
    """Printing all is right; leaving out any word is wrong."""
    text = "\n".join(" ".join(line) for line in lines)
    assert same_output(text, text, None)
    shorter = [list(line) for line in lines]
    shorter[cut % len(lines)].pop()
    assert not same_output(text, "\n".join(map(" ".join, shorter)), None)


@pytest.mark.parametrize(
    ("expected", "returned"),
    [
        ([1, [2]], (1, (2,))),
        (9.0, 9),
        (True, 1),
        (0, False),
        ({"1": [2]}, {1: (2,)}),
        ({"true": 1}, {True: 1}),
        (None, None),
    ],
)
def test_values_are_compared_as_json_sees_them(expected: Any, returned: Any) -> None:
    """Tuples are lists, keys are text, and numbers equal as in Python."""
    assert same_value(expected, as_sent(returned), None)


@pytest.mark.parametrize(
    ("expected", "returned"),
    [
        (9, 8),
        (9, "9"),
        ("9", 9),
        ("a", b"a"),
        ([1], {1}),
        ([1, 2], [1]),
        ([1], [1, 2]),
        ([1], None),
        (None, 0),
        (0, None),
        (False, []),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"1": 1}, {1: 1, "1": 1}),
        ([["a", 1]], {"a": 1}),
        (0.3, 0.1 + 0.2),
        (9.5, math.nan),
        (math.nan, math.nan),
        (math.inf, math.inf),
        (1, 1 + 0j),
    ],
)
def test_other_values_are_wrong(expected: Any, returned: Any) -> None:
    """No kind stands for another, and floats are exact."""
    assert not same_value(expected, as_sent(returned), None)


def test_near_values_are_right_where_the_checker_says_so() -> None:
    """Within lists, too; integers stay exact, and an integer beyond any float is only itself."""
    assert same_value([0.3, [2.0]], [0.1 + 0.2, [2]], NEAR)
    assert not same_value(1_000_000, 1_000_001, NEAR)
    assert not same_value(0.5, 10**999, NEAR)


@pytest.mark.parametrize("returned", [{1: 2, "1": 2}, {10**5000: 2}, {(1,): 2}, {1, 2}, Fraction(2), b"2", range(2)])
def test_what_json_does_not_have_is_never_built(returned: Any) -> None:
    """A program cannot make us hash its numbers, or reduce its fractions."""
    assert isinstance(as_sent(returned), plain.Opaque)


def test_an_object_is_never_the_expected_value() -> None:
    """Nor a list that holds one."""
    assert not same_value(1, plain.Opaque("E"), None)
    assert not same_value([1], [plain.Opaque("E")], NEAR)


@given(JSON)
def test_json_equals_itself(value: Any) -> None:
    """Whatever can be expected can be returned."""
    assert same_value(value, as_sent(value), None)
    assert same_value(value, as_sent(value), NEAR)
