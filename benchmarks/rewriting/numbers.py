r"""Rational numbers written in other ways, and numbers that they are not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from benchmarks.rewriting.parts import Number

UNITS = {
    "%": (r"\%", " percent"),
    "degrees": (r"^\circ", "°", "度", r"\text{ degrees}"),
    "cents": ("", r"\text{ cents}", " cents"),
    "dollars": ("", r"\text{ dollars}", " dollars", "美元"),
    "": ("",),
}
"""Spellings of the units that are known; a missing unit is one of them where that leaves the value alone."""
OTHERS = {
    "degrees": (r"\text{ cm}", " radians"),
    "cents": (r"\text{ dollars}", " kg"),
    "dollars": (" euros", r"\text{ cm}"),
}
"""Units that contradict."""
_DIGITS, _SCALES = "零一二三四五六七八九", ((1000, "千"), (100, "百"), (10, "十"))


def same_number(gold: Number, *, percent: bool) -> Iterator[tuple[str, str]]:
    """Yield names and texts of the same value; `percent` tells whether the problem is about percentages."""
    plain, unitless = spelled(gold.value), not gold.unit
    for unit in UNITS.get(gold.unit, ("", gold.unit)):
        yield "unit" if unit else "plain", plain + unit
    yield from _same_value(gold.value / 100 if gold.unit == "%" else gold.value)
    if gold.unit == "%":
        yield "percent in Chinese", f"百分之{plain}"
    if unitless:
        yield "named", f"x = {plain}"
    if unitless and gold.value.denominator == 1:
        yield from (("unit added", plain + unit) for unit in (r"\text{ cm}", "个"))
    if unitless and not percent and abs(gold.value) < 1 and (hundredfold := _decimal(gold.value * 100)):
        yield "percent", f"{hundredfold}\\%"


def other_number(gold: Number, *, percent: bool) -> Iterator[tuple[str, str]]:
    """Yield names and texts of values that differ."""
    value, unit = gold.value, UNITS.get(gold.unit, (gold.unit,))[0]
    yield "next number", spelled(value + 1) + unit
    yield "previous number", spelled(value - 1) + unit
    yield "two values", f"{spelled(value)}{unit}, {spelled(value + 1)}{unit}"
    yield "digit changed", _digit_changed(value) + unit
    if value:
        yield "sign flipped", spelled(-value) + unit
        yield "ten times", spelled(value * 10) + unit
        yield "a tenth", spelled(value / 10) + unit
    if value.denominator > 1 and value.numerator:
        yield "upside down", spelled(1 / value) + unit
        yield from (("rounded", text + unit) for text in _rounded(value))
    if abs(value) > 1 and not percent and not gold.unit:
        yield "percent sign added", f"{spelled(value)}\\%"
        yield "root", f"\\sqrt{{{spelled(abs(value))}}}"
    if gold.unit == "%" and value:
        yield "percent sign dropped", spelled(value)
    for other in OTHERS.get(gold.unit, ()):
        yield "another unit", spelled(value) + other
    if gold.unit not in UNITS:
        other = next(each for each in ("kg", "mol", "s") if each not in gold.unit)
        yield "another unit", f"{spelled(value)}\\text{{ {other}}}"


def spelled(value: Fraction) -> str:
    """Write a number the usual way: a terminating decimal or a fraction; with a power of ten where it is long."""
    decimal = _decimal(value)
    if decimal is None:
        return f"{'-' if value < 0 else ''}\\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return decimal if len(decimal) < 14 else _scientific(value)


def _same_value(value: Fraction) -> Iterator[tuple[str, str]]:
    top, bottom, sign = abs(value.numerator), value.denominator, "-" if value < 0 else ""
    if len(str(top)) + len(str(bottom)) > 14:
        yield "scientific", _scientific(value)
        return
    if bottom > 1:
        yield "fraction", f"{sign}\\frac{{{top}}}{{{bottom}}}"
        yield "slash", f"{sign}{top}/{bottom}"
        yield "Chinese fraction", f"{'负' if sign else ''}{bottom}分之{top}"
    if bottom > 1 and top > bottom:
        yield "mixed number", f"{sign}{top // bottom}\\frac{{{top % bottom}}}{{{bottom}}}"
    yield "unreduced fraction", f"{sign}\\dfrac{{{3 * top}}}{{{3 * bottom}}}"
    if (decimal := _decimal(value)) is not None:
        yield "decimal", decimal if "." in decimal else f"{decimal}.0"
        yield "trailing zeros", f"{decimal}00" if "." in decimal else f"{decimal}.00"
    if bottom == 1 and top >= 1000:
        yield from (("thousands", sign + f"{top:,}".replace(",", comma)) for comma in (",", "{,}", r"\,", r",\!"))
        yield "scientific", _scientific(value)
    if bottom == 1 and top < 10**8:
        yield "Chinese numeral", ("负" if sign else "") + chinese(top)
        yield "chained", f"{sign}{top} + 7 - 7 = {sign}{top}"


def _decimal(value: Fraction) -> str | None:
    """Write a value as a terminating decimal; None when it has none of at most 30 places."""
    places = next((places for places in range(31) if (value * 10**places).denominator == 1), None)
    if places is None:
        return None
    digits = str(abs(value * 10**places).numerator).rjust(places + 1, "0")
    return ("-" if value < 0 else "") + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _scientific(value: Fraction) -> str:
    ten = 0
    while value and not 1 <= abs(value) < 10:
        value, ten = (value / 10, ten + 1) if abs(value) >= 10 else (value * 10, ten - 1)
    return f"{_decimal(value)} \\times 10^{{{ten}}}"


def _rounded(value: Fraction) -> Iterator[str]:
    """Yield decimals that are near a value without being it."""
    decimal = _decimal(value)
    if decimal is None:
        yield f"{float(value):.2f}"
        yield f"{float(value):.6f}"
    elif "." in decimal[:-2] and len(decimal) < 14:
        yield decimal[:-1]


def _digit_changed(value: Fraction) -> str:
    """Write a number with its first digit above zero raised by one, or lowered from nine to eight."""
    text = spelled(value)
    at = next((at for at, sign in enumerate(text) if sign in "123456789"), None)
    return "4" if at is None else text[:at] + ("8" if text[at] == "9" else str(int(text[at]) + 1)) + text[at + 1 :]


def chinese(value: int) -> str:
    """Write an integer from 0 to 99,999,999 in Chinese numerals, as people say it."""
    if value >= 10**4:
        high, low = divmod(value, 10**4)
        return chinese(high) + "万" + ("" if not low else ("零" if low < 1000 else "") + _below(low))
    told = _below(value)
    return told[1:] if 10 <= value < 20 else told


def _below(value: int) -> str:
    """Write an integer below ten thousand; one zero stands for any run of them."""
    if value < 10:
        return _DIGITS[value]
    scale, sign = next(one for one in _SCALES if one[0] <= value)
    high, low = divmod(value, scale)
    return _DIGITS[high] + sign + ("" if not low else ("零" if low < scale // 10 else "") + _below(low))
