"""Rational numbers in digits and in words of two languages."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import assert_linear
from verifiers.equality.normalise import normalise
from verifiers.equality.quantities.rational import rational

ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_fractions_are_read_exactly(top: int, bottom: int) -> None:
    """`a/b` and its LaTeX spelling are the same number."""
    plain, latex = rational(f"{top}/{bottom}"), rational(rf"\frac{{{top}}}{{{bottom}}}")
    assert plain == latex == Fraction(top, bottom)


def in_english(number: int) -> str:
    """Write a number below 10^15 in words."""
    for name, scale in (("trillion", 10**12), ("billion", 10**9), ("million", 10**6), ("thousand", 1000)):
        if number >= scale:
            rest = number % scale
            return f"{in_english(number // scale)} {name}" + (f" {in_english(rest)}" if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{ONES[number // 100]} hundred" + (f" and {in_english(rest)}" if rest else "")
    if number < 20:
        return ONES[number]
    return TENS[number // 10 - 2] + (f"-{ONES[number % 10]}" if number % 10 else "")


def in_chinese(number: int) -> str:
    """Write a number below 10^12 in Chinese characters."""
    for sign, scale in (("亿", 10**8), ("万", 10**4)):
        high, low = divmod(number, scale)
        if high:
            rest = (("零" if low < scale // 10 else "") + in_chinese(low)) if low else ""
            return in_chinese(high) + sign + rest
    text, gap = "", False
    for scale, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            text += ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + sign
        gap = not digit
    return text or "零"


def as_receipt(number: int) -> str:
    """Write a number in the numerals of receipts."""
    return in_chinese(number).translate(str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟"))


SPELLINGS: list[Callable[[int], str]] = [
    str, lambda number: f"{number:,}", lambda number: f"{number:,}".replace(",", " "),
    lambda number: f"{number:,}".replace(",", "'"), lambda number: f"{number}.00", lambda number: f"{10 * number}e-1",
    lambda number: rf"{number}\times 10^{{0}}", lambda number: f"{number}000 x 10^-3", lambda number: f"({number})",
    in_english, in_chinese, as_receipt,
]  # fmt: skip


@given(st.integers(0, 10**12 - 1) | st.integers(0, 10_000))
@settings(max_examples=200)
def test_a_number_is_itself_in_every_spelling(number: int) -> None:
    """Separators, scales, English and Chinese words change nothing, and no neighbour is met."""
    assert [rational(spell(number)) for spell in SPELLINGS] == [number] * len(SPELLINGS)


@given(st.integers(1, 99), st.integers(2, 99))
def test_a_fraction_is_itself_in_chinese(top: int, bottom: int) -> None:
    """三分之二 is two thirds; a sign in front makes it negative."""
    assert rational(f"{in_chinese(bottom)}分之{in_chinese(top)}") == Fraction(top, bottom)
    assert rational(f"负{bottom}分之{top}") == -Fraction(top, bottom)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 999).filter(lambda period: period % 111))
def test_a_period_is_itself_in_every_spelling(whole: int, steady: int, period: int) -> None:
    """Bar, dots, brackets and an ellipsis after two periods are one number."""
    head, digits = f"{whole}.{steady:02}", f"{period:03}"
    value = Fraction(f"{whole}.{steady:02}") + Fraction(period, 99900)
    spellings = [
        rf"\overline{{{digits}}}", rf"\bar{{{digits}}}", f"({digits})", rf"{digits}{digits}\ldots", f"{digits * 3}...",
        rf"\dot{{{digits[0]}}}{digits[1]}\dot{{{digits[2]}}}", f"{digits[0]}\u0307{digits[1:]}\u0307",
    ]  # fmt: skip
    assert [rational(head + spelling) for spelling in spellings] == [value] * len(spellings)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十二", 12), ("两百零五", 205), ("一百五", 150), ("三万五", 35_000), ("1.2万", 12_000),
        ("3千5百", 3500), ("二〇二四", 2024),
        ("1.5万亿", 15 * 10**11), ("三点一四", Fraction(157, 50)), ("一半", Fraction(1, 2)), ("两个半", Fraction(5, 2)),
        ("三成五", Fraction(7, 20)), ("百分之二十点五", Fraction(41, 200)), ("零下五", -5),
        ("一又三分之二", Fraction(5, 3)),
        ("a dozen", 12), ("half a dozen", 6), ("two and a half", Fraction(5, 2)), ("three quarters", Fraction(3, 4)),
        ("one twenty-fifth", Fraction(1, 25)), ("twelve hundred", 1200), ("minus zero point five", Fraction(-1, 2)),
        ("one hundred and two thirds", Fraction(302, 3)), ("three over four", Fraction(3, 4)),
        ("1.5 million", 1_500_000),
        ("3.5e2", 350), ("-2.5%", Fraction(-1, 40)), ("5‰", Fraction(1, 200)), (r"0.1\overline{6}", Fraction(1, 6)),
        (".5", Fraction(1, 2)), ("-0x1f", -31), ("10^{-3}", Fraction(1, 1000)),
        ("2⅜", Fraction(19, 8)), ("3rd", 3), ("第三", 3),
        ("1,00,000", 100_000), ("-(-3)", 3), ("(-1)/(2)", Fraction(-1, 2)), (r"2\frac{1}{2}", Fraction(5, 2)),
    ],
)  # fmt: skip
def test_many_spellings(text: str, value: Fraction | int) -> None:
    """Scales, digit strings, shares, repeating decimals, mixed numbers, ordinals."""
    assert rational(normalise(text)) == value


@pytest.mark.parametrize(
    "text",
    ["", "x", "1/0", r"\frac{1}{0}", "1e999999", "--3", "1,23", "1.234,5", "12,34,567",
    "2 and 1/2", "分之", "点", "1万2",
     "三两", "百", "十百", "二十三十", "9" * 500, "third", "twenty third", "twenty thirty", "one two", "and", "hundred",
     "one hundred twenty fifths", "thousand million", "3.1415...", "0.33...", "(" * 50 + "1" + ")" * 50, "²"],
)  # fmt: skip
def test_anything_else_is_no_number(text: str) -> None:
    """What is no number, may be two, or is too long to be one cheaply, is left to slower hands."""
    assert rational(text) is None


WORDS = sorted({*ONES, *TENS, "hundred", "thousand", "and", "a", "half", "thirds", "point", "over", "dozen", "fifth"})


@given(
    st.text(max_size=30)
    | st.text(alphabet="0123456789.,'()%+-/eE ^{}\\fracdot零一二两十百千万亿半点又分之成负第个", max_size=16)
    | st.lists(st.sampled_from(WORDS), max_size=7).map(" ".join)
)
@settings(max_examples=300)
def test_any_text_is_a_number_or_none(text: str) -> None:
    """No text whatever makes it raise."""
    assert isinstance(rational(text), Fraction | None)


@pytest.mark.parametrize("piece", ["1", "1,", "(", "一", "一万", "亿", "one ", "and ", "%", "-", ".3", "half a "])
def test_a_long_text_is_read_in_linear_time(piece: str) -> None:
    """Hostile repetition costs no more than its length."""
    assert_linear(rational, piece, 40_000)
