r"""Numbers written in digits: 1,234.5, 2\frac12, 1.2\times10^{-3}, 0x1f, 0.\overline{6}, 0.1(6), 3rd.

Not covered: `1.234,5`, where nobody can tell the point from the separator; the base of `1010_2`.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

_MOST_ZEROS = 400
"""Decimal exponent beyond which a number is left to slower hands."""
_LONGEST_PERIOD = 12

_GROUPED = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+|\d{1,2},0\d(?:,\d\d)*,\d{3}"  # the last is Indian
_NUMBER = rf"(?:(?:{_GROUPED}|\d+)(?:\.\d*)?|\.\d+)"
_SIGNED = rf"[+-]? ?{_NUMBER}"
_PLAIN = re.compile(_NUMBER)
_RATIO = re.compile(rf"(?:\( ?({_SIGNED}) ?\)|({_NUMBER})) ?/ ?(?:\( ?({_SIGNED}) ?\)|([+-]?{_NUMBER}))")
_FRACTION = re.compile(rf"\\frac ?(?:\{{ ?({_SIGNED}) ?\}}|(\d)) ?(?:\{{ ?({_SIGNED}) ?\}}|(\d))")
_MIXED = re.compile(r"(\d+) ?(?:(?:又 ?)?(\\frac.+)|(?:又 ?| )(\d+ ?/ ?\d+))")
_SCIENTIFIC = re.compile(
    rf"(?:({_NUMBER}) ?(?:\\times|\\cdot|[*xX]) ?)?10 ?\^ ?(?:[{{(] ?([+-]?\d+) ?[)}}]|([+-]?\d+))"
    rf"|({_NUMBER})[eE]([+-]?\d+)"
)
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]+")
_ORDINAL = re.compile(r"(\d+) ?\^? ?\{? ?(?:st|nd|rd|th) ?\}?")
_VULGAR = re.compile(r"(\d*) ?([¼-¾⅐-⅞↉])")
_STEADY = r"(\d*)\.(\d*)"
_REPEATING = tuple(
    re.compile(_STEADY + period)
    for period in (
        r"\\(?:overline|bar|dot) ?(?:\{ ?(\d+) ?\}|(\d))",
        r"\((\d+)\)",
        r"\\dot ?(\{?\d\}?\d*) ?\\dot ?(\{?\d\}?)",  # a dot over the first and over the last digit
        "(\\d)\u0307(?:(\\d*)(\\d)\u0307)?",
        "((?:\\d\u0305)+)",
    )
)
_GOES_ON = re.compile(r"(\d*)\.(\d+) ?(?:\\ldots|\.\.+|…+)")


def decimal(text: str) -> Fraction | None:
    """Read digits with or without separators and point; None when it is anything else."""
    if text.isdecimal() and text.isascii():
        return Fraction(int(text))
    if not _PLAIN.fullmatch(text):
        return None
    return Fraction(re.sub(r"[,' ]", "", text).rstrip(".") or "0")


def digits(text: str) -> Fraction | None:
    """Read an unsigned number in digits; None when it is anything else."""
    if (value := decimal(text)) is not None:
        return value
    for form, read in _FORMS:
        if found := form.fullmatch(text):
            return read(found)
    return _repeating(text)


def _signed(text: str | None) -> Fraction | None:
    if not text:
        return None
    value = decimal(text.lstrip("+- "))
    return -value if value is not None and text.startswith("-") else value


def _quotient(found: re.Match[str]) -> Fraction | None:
    top, bottom = _signed(found[1] or found[2]), _signed(found[3] or found[4])
    return None if top is None or not bottom else top / bottom


def _mixed(found: re.Match[str]) -> Fraction | None:
    part = digits(found[2] or found[3])
    return None if part is None or not 0 <= part < 1 else int(found[1]) + part


def _scientific(found: re.Match[str]) -> Fraction | None:
    exponent = int(found[2] or found[3] or found[5])
    base = decimal(found[1] or found[4] or "1")
    return None if abs(exponent) > _MOST_ZEROS or base is None else base * Fraction(10) ** exponent


def _vulgar(found: re.Match[str]) -> Fraction:
    top, _, bottom = unicodedata.normalize("NFKC", found[2]).partition("\u2044")
    return int(found[1] or "0") + Fraction(int(top), int(bottom or "1"))


def _repeating(text: str) -> Fraction | None:
    for form in _REPEATING:
        if found := form.fullmatch(text):
            period = "".join(sign for part in found.groups()[2:] if part for sign in part if sign.isdigit())
            return _endless(found[1], found[2], period)
    found = _GOES_ON.fullmatch(text)
    period = _period(found[2]) if found else ""
    return _endless(found[1], found[2], period) if found and period else None


def _endless(whole: str, steady: str, period: str) -> Fraction:
    shift, nines = 10 ** len(steady), 10 ** len(period) - 1
    return int(whole or "0") + Fraction(int(steady or "0"), shift) + Fraction(int(period), nines * shift)


def _period(seen: str) -> str:
    """Find what the decimals before an ellipsis repeat: one digit three times, or more digits twice; else nothing."""
    for length in range(1, min(_LONGEST_PERIOD, len(seen) // 2) + 1):
        period = seen[-length:]
        if seen.endswith(period * (3 if length == 1 else 2)):
            return period
    return ""


_FORMS = (
    (_RATIO, _quotient), (_FRACTION, _quotient), (_MIXED, _mixed), (_SCIENTIFIC, _scientific), (_VULGAR, _vulgar),
    (_HEXADECIMAL, lambda found: Fraction(int(found[0], 16))), (_ORDINAL, lambda found: Fraction(int(found[1]))),
)  # fmt: skip
