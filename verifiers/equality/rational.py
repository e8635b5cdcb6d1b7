r"""Rational numbers as people write them: 1,234.5, 2\frac12, 50%, 3\times10^8, 0.\overline{6}, 三又二分之一."""

from __future__ import annotations

import re
from fractions import Fraction

_LONGEST = 400
"""Digits and decimal exponent beyond which a number is left to slower hands."""

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d*)?|\.\d+"
_PLAIN = re.compile(_NUMBER)
_RATIO = re.compile(rf"({_NUMBER}) ?/ ?({_NUMBER})")
_FRACTION = re.compile(r"\\frac ?(?:\{ ?(-?[\d.]+) ?\}|(\d)) ?(?:\{ ?(-?[\d.]+) ?\}|(\d))")
_MIXED = re.compile(r"(\d+) ?(?:(?:\+ ?)?(\\frac.+)| (\d+/\d+))")
_SCIENTIFIC = re.compile(
    r"(\d+(?:\.\d+)?) ?(?:\\times|\\cdot|\*) ?10 ?\^ ?(?:\{ ?([+-]?\d+) ?\}|(\d))|([\d.]+)[eE]([+-]?\d+)"
)
_REPEATING = re.compile(r"(\d+)\.(\d*)\\(?:overline|dot) ?\{?(\d+)\}?")

_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]+")
_SCALED = re.compile(r"([\d.,]+) ?(hundred|thousand|million|billion|trillion)", re.IGNORECASE)
_ENGLISH = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_WORDS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
]  # fmt: skip
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_HAN = "零〇一二两三四五六七八九十百千"
_HAN_NUMBER = re.compile(rf"[{_HAN}万亿]+(?:点[{_HAN}]+)?|\d+(?:\.\d+)? ?[万亿]+")


def rational(text: str) -> Fraction | None:
    """Read a normalised text that is one number; None when it is anything else."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    if text.endswith("%"):
        value = rational(text[:-1])
        return None if value is None else value / 100
    if found := _SCALED.fullmatch(text):
        return _over(rational(found[1]), Fraction(1, _ENGLISH[found[2].lower()]))
    if text[0] in "+-负":
        value = None if text[1:2] in {"+", "-"} else _unsigned(text[1:].strip())
        return value if value is None or text[0] == "+" else -value
    return _unsigned(text)


def _unsigned(text: str) -> Fraction | None:
    if text.startswith("(") and text.endswith(")"):
        return rational(text[1:-1])
    if _PLAIN.fullmatch(text):
        return _decimal(text)
    for form, read in ((_RATIO, _ratio), (_FRACTION, _fraction), (_MIXED, _mixed), (_SCIENTIFIC, _scientific)):
        if found := form.fullmatch(text):
            return read(found)
    if _HEXADECIMAL.fullmatch(text):
        return Fraction(int(text, 16))
    if found := _REPEATING.fullmatch(text):
        return _repeating(*found.groups())
    return Fraction(_WORDS.index(word)) if (word := text.lower()) in _WORDS else _chinese(text)


def _decimal(text: str) -> Fraction:
    return Fraction(re.sub(r"[, ]", "", text).rstrip(".") or "0")


def _over(top: Fraction | None, bottom: Fraction | None) -> Fraction | None:
    return None if top is None or not bottom else top / bottom


def _ratio(found: re.Match[str]) -> Fraction | None:
    return _over(_decimal(found[1]), _decimal(found[2]))


def _fraction(found: re.Match[str]) -> Fraction | None:
    return _over(rational(found[1] or found[2]), rational(found[3] or found[4]))


def _mixed(found: re.Match[str]) -> Fraction | None:
    part = rational(found[2] or found[3])
    return None if part is None or not 0 <= part < 1 else int(found[1]) + part


def _scientific(found: re.Match[str]) -> Fraction | None:
    exponent = int(found[2] or found[3] or found[5])
    base = _PLAIN.fullmatch(found[1] or found[4])
    return None if abs(exponent) > _LONGEST or not base else _decimal(base.group()) * Fraction(10) ** exponent


def _repeating(whole: str, steady: str, period: str) -> Fraction:
    shift, nines = 10 ** len(steady), 10 ** len(period) - 1
    return int(whole) + Fraction(int(steady or "0"), shift) + Fraction(int(period), nines * shift)


def _chinese(text: str) -> Fraction | None:
    whole, mixed, part = text.rpartition("又")
    if mixed:
        head, tail = rational(whole), rational(part)
        return None if head is None or tail is None else head + tail
    bottom, divided, top = text.partition("分之")
    if divided:
        return _over(rational(top), Fraction(100) if bottom == "百" else rational(bottom))
    if text == "一半":
        return Fraction(1, 2)
    return _chinese_number(text) if _HAN_NUMBER.fullmatch(text) else None


def _chinese_number(text: str) -> Fraction | None:
    for sign, scale in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = text.rpartition(sign)
        if found:
            high, low = rational(head or "一"), rational(tail) if tail else Fraction(0)
            return None if high is None or low is None else high * scale + low
    whole, _, decimals = text.partition("点")
    total = _below_ten_thousand(whole) if any(sign in _SCALES for sign in whole) else _digits(whole)
    return None if total is None else Fraction(f"{total}.{_digits(decimals, pad=True)}" if decimals else total)


def _digits(text: str, *, pad: bool = False) -> str | None:
    """Read digit by digit, 二〇二四 as 2024; a lone digit is the common case."""
    if any(sign not in _DIGITS for sign in text):
        return None
    digits = "".join(str(_DIGITS[sign]) for sign in text)
    return digits if pad else str(int(digits or "0"))


def _below_ten_thousand(text: str) -> str:
    total, digit = 0, 0
    for sign in text:
        if sign in _SCALES:
            total += (digit or 1) * _SCALES[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return str(total + digit)
