"""Units in two languages: one spelling for one unit, and nothing that is an unknown taken for one."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import assert_linear
from verifiers.equality.normalise import normalise
from verifiers.equality.quantities.rational import rational
from verifiers.equality.quantities.unit_names import FACTOR, NAMES
from verifiers.equality.quantities.units import split_unit

SAME = [
    ("cm", "centimeters", "centimetre", "厘米"),
    ("cm^2", "cm²", "sq. cm", "sq cm", "square centimeters", "centimeters squared", "平方厘米"),
    ("m^3", "cubic meters", "立方米", "m^{3}"),
    ("km/h", "km per hour", "kph", "千米/时", "公里每小时", "kilometers per hour"),
    ("m/s^2", r"m s^{-2}", "米/秒^2", "meters per second squared"),
    ("kg/m^3", "千克/立方米", r"kg\cdot m^{-3}", "kilograms per cubic meter"),
    ("kWh", "千瓦时", "kilowatt-hours"),
    ("dollars", "USD", "美元", "bucks"),
    ("元", "yuan", "RMB", "块钱"),
    ("°C", "℃", "degrees Celsius", "摄氏度"),
    ("h", "hours", "hrs", "小时", "个小时"),
    ("people", "person", "人", "个人"),
    ("boxes", "box", "boxes of apples", "盒", "盒苹果"),
]


@pytest.mark.parametrize("spellings", SAME, ids=[names[0] for names in SAME])
def test_one_unit_has_one_spelling(spellings: tuple[str, ...]) -> None:
    """However a unit is written, the same value and unit come back."""
    assert len({split_unit(normalise(f"12 {name}")) for name in spellings}) == 1
    assert split_unit(normalise(f"12 {spellings[0]}"))[1]


def test_no_two_units_are_one() -> None:
    """The spellings of different units stay different."""
    found = [split_unit(normalise(f"12 {names[0]}"))[1] for names in SAME]
    assert len(set(found)) == len(SAME)


@given(st.sampled_from(sorted(set(NAMES.values()) - {"%", "unit"})), st.fractions(1, 100, max_denominator=9))
@settings(max_examples=150)
def test_a_canonical_unit_stands(unit: str, value: Fraction) -> None:
    """What a table calls a unit is read as that unit after any number."""
    assert split_unit(f"{value} {unit}") == (str(value), unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        (r"\$60", "60", "$"), ("€60", "60", "€"), ("60€", "60", "€"), (r"US\$ 60", "60", "$"), ("-£3", "-3", "£"),
        ("¥15元", "15", "¥"), (r"\$15/hour", "15", "$/h"), (r"\$5 million", "5 million", "$"),
    ],
)  # fmt: skip
def test_a_currency_stands_before_or_behind(text: str, value: str, unit: str) -> None:
    """A sign, a code and a word name one currency."""
    assert split_unit(normalise(text)) == (value, unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("2 hours 30 minutes", "5/2", "h"), ("2小时30分", "5/2", "h"), ("两小时半", "5/2", "h"),
        ("3元5角2分", "88/25", "¥"),
        ("1 h 20 min 30 s", "161/120", "h"), ("5 feet 6 inches", "11/2", "ft"), ("1米75厘米", "7/4", "m"),
        ("5 dollars and 30 cents", "53/10", "$"), ("三天两小时", "37/12", "day"), ("5分30秒", "5分30秒", None),
    ],
)  # fmt: skip
def test_parts_add_up_in_the_largest_unit(text: str, value: str, unit: str | None) -> None:
    """What stands together is one quantity, unless its first unit could be several."""
    assert split_unit(normalise(text)) == (value, unit)


@given(st.sampled_from(sorted(FACTOR)), st.data())
@settings(max_examples=60)
def test_a_sum_is_exact(largest: str, data: st.DataObject) -> None:
    """A part counts as often as its unit goes into the largest one."""
    parts = {name: size for name, size in FACTOR[largest].items() if size < 1 and name not in {"fen", "两", "'", "''"}}
    for name, size in parts.items():
        many = data.draw(st.integers(1, 9))
        value, unit = split_unit(f"3 {largest} {many} {name}")
        assert (rational(value), unit) == (3 + many * size, largest)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5个", None), ("5名学生", "student"), ("5位同学", "同学"), ("5只鸡", "鸡"), ("3箱苹果", "box"),
        ("12种不同的方法", "way"),
        ("five red apples", "red apple"), ("24 students in total", "student"), ("2 dozen eggs", "egg"),
        ("3/5 of the cake", None), ("3 units", None), ("3个三角形", "三角形"), ("5 children", "child"),
    ],
)  # fmt: skip
def test_things_are_counted(text: str, unit: str | None) -> None:
    """A noun is a unit; measure words, and what is said about the thing, are not."""
    assert split_unit(normalise(text))[1] == unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("三千米", "km"),
        ("三千五百米", "m"),
        ("三百万元", "¥"),
        ("十分钟", "min"),
        ("三分之一米", "m"),
        ("一个半小时", "h"),
    ],
)
def test_chinese_numerals_end_where_the_unit_begins(text: str, unit: str) -> None:
    """千 is a prefix before 米, and a numeral elsewhere."""
    value, found = split_unit(text)
    assert found == unit
    assert rational(value) is not None


@pytest.mark.parametrize(
    "text",
    ["5x", "6ab^2", "6s^2", "3t", "2mn", "2 g h", "3x/y", "x^2+3s", "5 xyz", "5 or 6", "5 squared", "5 sin x", "5 i",
     r"\sin 30^\circ", "x=5 cm", "3 cm and 4 cm", "3:30 pm", "17", r"\frac{a}{b}", "小明",
     "cm", "", "5比3", "3人或4人"],
)  # fmt: skip
def test_unknowns_are_no_units(text: str) -> None:
    """Letters that may be unknowns, sentences and lists stay whole."""
    assert split_unit(text) == (text, None)


@given(st.text(max_size=40) | st.text(alphabet="12 .,/^{}\\cmksh米元个半分度每$€'%-", max_size=24))
@settings(max_examples=200)
def test_any_text_is_split(text: str) -> None:
    """No text whatever makes it raise, a unit has a name, and a value never vanishes."""
    value, unit = split_unit(text)
    assert unit is None or unit.strip()
    assert value.strip() or not text.strip()


@pytest.mark.parametrize("piece", ["5 cm ", "a ", "1", "3小时", "三千", "^\\circ", "5 apples and ", "m/s", "per ", "$"])
def test_a_long_text_is_split_in_linear_time(piece: str) -> None:
    """Hostile repetition costs no more than its length."""
    assert_linear(split_unit, piece, 40_000)
