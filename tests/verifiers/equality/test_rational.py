"""Rational numbers in both languages."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.equality.normalise import normalise
from verifiers.equality.rational import rational


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_fractions_are_read_exactly(top: int, bottom: int) -> None:
    """`a/b` and its LaTeX spelling are the same number."""
    plain, latex = rational(f"{top}/{bottom}"), rational(rf"\frac{{{top}}}{{{bottom}}}")
    assert plain == latex == Fraction(top, bottom)


@given(st.integers(0, 10**12))
def test_thousands_are_read_exactly(number: int) -> None:
    """Separators change nothing."""
    assert rational(f"{number:,}") == rational(str(number)) == number


@given(st.integers(0, 99_999_999))
def test_chinese_numerals_are_read_exactly(number: int) -> None:
    """Whatever Chinese writes in characters comes back as the number."""
    assert rational(chinese(number)) == number


def chinese(number: int) -> str:
    """Write a number below 10^8 in Chinese characters."""
    high, low = divmod(number, 10_000)
    if high:
        rest = (("零" if low < 1000 else "") + chinese(low)) if low else ""
        return chinese(high) + "万" + rest
    text, gap = "", False
    for scale, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            text += ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + sign
        gap = not digit
    return text or "零"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十二", 12), ("两百零五", 205), ("一亿三千万", 130_000_000), ("1.2万", 12_000), ("二〇二四", 2024),
        ("一半", Fraction(1, 2)), ("3.5e2", 350), ("-2.5%", Fraction(-1, 40)), (r"0.1\overline{6}", Fraction(1, 6)),
        (".5", Fraction(1, 2)), ("-0x1f", -31),
    ],
)  # fmt: skip
def test_many_spellings(text: str, value: Fraction | int) -> None:
    """Scales, digit strings, percent, repeating decimals."""
    assert rational(normalise(text)) == value


@pytest.mark.parametrize("text", ["", "x", "1/0", r"\frac{1}{0}", "1e999999", "--3", "1,23", "分之", "点", "9" * 500])
def test_anything_else_is_no_number(text: str) -> None:
    """What is no number, or too long to be one cheaply, is left to slower hands."""
    assert rational(text) is None
