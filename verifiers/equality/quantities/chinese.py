"""Numbers in Chinese: 一百零五, 三万五, 两千五百, 壹佰贰拾, 三点一四, 三分之二, 百分之二十, 两个半, 三成, 1.5亿, 3百万.

Not covered: 折, whose direction only the problem tells, and 几 or 多, which name no number.
"""

from __future__ import annotations

import re
from fractions import Fraction

from verifiers.equality.quantities.digits import decimal, digits

_ONE_SPELLING = str.maketrans(
    "〇壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億兩點负負", "零一二二三三四五六六七八九十百千万亿两点负负"
)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_SCALES = {"": 1, "十": 10, "百": 100, "千": 1000}
NUMERALS = "零〇一二两三四五六七八九十百千万亿半壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億兩"
"""Signs that may belong to a number."""

_LONGEST = 60
_HAN = re.compile(r"[\d.零一二两三四五六七八九十百千万亿半点分之又成个 \\a-z{}/]+")
_STRING = re.compile("[零一二三四五六七八九]{2,}")
_STEP = re.compile(r"(零?)(\d+(?:\.\d+)?|[一二两三四五六七八九])? ?([十百千]?)")
_TENTHS = re.compile(r"([一二三四五六七八九]|\d(?:\.\d)?)成([一二三四五六七八九]?)")
_OF_HUNDRED = {"百": 100, "千": 1000, "万": 10_000}


def in_chinese(text: str) -> Fraction | None:
    """Read an unsigned number in Chinese signs, or digits before them; None when it is anything else."""
    text = text.translate(_ONE_SPELLING).removeprefix("第")
    if len(text) > _LONGEST or not _HAN.fullmatch(text):
        return None
    if text in {"半", "一半"}:
        return Fraction(1, 2)
    if text.endswith("个半"):
        return _sum(_plain(text[:-2]), Fraction(1, 2))
    if found := _TENTHS.fullmatch(text):
        return (_plain(found[1]) or 0) / Fraction(10) + Fraction(_DIGITS[found[2]] if found[2] else 0, 100)
    whole, mixed, part = text.rpartition("又")
    if mixed:
        below = _parts(part) if "分之" in part else digits(part)
        return _sum(_plain(whole), below if below is not None and below < 1 else None)
    return _parts(text) if "分之" in text else _plain(text)


def _sum(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left + right


def _parts(text: str) -> Fraction | None:
    """Read 三分之二, 百分之二十."""
    below, _, above = text.partition("分之")
    bottom = _OF_HUNDRED.get(below) or _plain(below)
    top = Fraction(100) if below == above == "百" else _plain(above)
    return None if top is None or not bottom else top / bottom


def _plain(text: str) -> Fraction | None:
    """Read 三万五千, 3百万, 三点五亿, 二〇二四."""
    text = text.strip()
    for sign, scale in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = text.rpartition(sign)
        if found:
            high, low = _plain(head), _after(tail, scale)
            return None if high is None or low is None else high * scale + low
    if (value := decimal(text)) is not None:
        return value
    whole, point, places = text.partition("点")
    if point:
        fits = places and all(sign in _DIGITS and sign != "两" for sign in places)
        total = _section(whole) if fits else None
        return None if total is None else total + Fraction(f"0.{''.join(str(_DIGITS[sign]) for sign in places)}")
    return _section(text)


def _after(tail: str, scale: int) -> Fraction | None:
    """Read what follows 万 or 亿; a lone numeral counts the next lower power of ten, as in 三万五."""
    if not tail:
        return Fraction(0)
    if len(tail) == 1 and tail in _DIGITS:
        return Fraction(_DIGITS[tail] * scale, 10)
    value = _plain(tail)
    written_out = not tail.isascii() or len(tail) >= len(str(scale)) - 1  # 12万3456, but not 1万2
    return value if value is not None and value < scale and written_out else None


def _section(text: str) -> Fraction | None:
    """Read what is below ten thousand, or digit by digit."""
    if text in _DIGITS:
        return Fraction(_DIGITS[text])
    if _STRING.fullmatch(text):
        return Fraction(int("".join(str(_DIGITS[sign]) for sign in text)))
    total, above, here = Fraction(0), 10_000, 0
    while here < len(text):
        found = _STEP.match(text, here)
        worth = _worth(found, above, here) if found and found.end() > here else None
        if not found or worth is None:
            return None
        total, above, here = total + worth, _SCALES[found[3]], found.end()
    return total if here else None


def _worth(found: re.Match[str], above: int, here: int) -> Fraction | None:
    """Return what one numeral with its scale adds, None where it may not stand."""
    gap, digit, sign = found.groups()
    scale = _SCALES[sign]
    if scale >= above or (not digit and (sign != "十" or (gap and here))):
        return None
    value = Fraction(_DIGITS.get(digit, digit or 1))
    if sign:
        return value * scale if value < 10 or not here else None
    if digit not in _DIGITS:
        return value if gap and here and digit.isdecimal() and value < above else None  # 3千零50
    return value if gap or above == 10 or not here else value * above / 10
