"""Numbers in English words: twenty-one, one hundred and five, three and a half, two thirds, a dozen, 1.5 million.

Not covered: years in pairs (twenty twenty-four), telephone digits, and words that are ordinals as well as fractions
(twenty third), which are left unread.
"""

from __future__ import annotations

import re
from fractions import Fraction

from verifiers.equality.quantities.digits import decimal

_FIRST = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_SMALL = {word: value for value, word in enumerate(_FIRST)}
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {"trillion": 10**12, "billion": 10**9, "million": 10**6, "thousand": 1000, "hundred": 100}
_FEWER_THAN = {"hundred": 100}
"""What may stand before a scale: twelve hundred, but not a thousand thousand."""
_ODD_ORDINALS = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
_UNIT_ORDINALS = _ODD_ORDINALS | {f"{word}th": value for word, value in _SMALL.items() if value in {4, 6, 7}}
_ORDINALS = (
    {f"{word}th": value for word, value in _SMALL.items() if value > 9 and value != 12}
    | {f"{word[:-1]}ieth": value for word, value in _TENS.items()}
    | _UNIT_ORDINALS
)
_PARTS = {
    **{word: value for word, value in _ORDINALS.items() if value > 2},
    **{f"{scale}th": value for scale, value in _SCALES.items()},
    "half": 2,
    "quarter": 4,
}
_MOST_WORDS = 24
_ARTICLES = {"a", "an"}

NUMBER_WORDS = frozenset({*_SMALL, *_TENS, *_SCALES, *_PARTS, "and", "point", "over", "dozen", "halves"}) | {
    f"{part}s" for part in _PARTS
}
"""Words that may belong to a number."""
_WORDS = re.compile(r"[A-Za-z]+(?:[ -][A-Za-z]+)*")
_SCALED = re.compile(rf"([\d.,]+) ?({'|'.join(_SCALES)}|dozen)", re.IGNORECASE)


def in_english(text: str) -> Fraction | None:
    """Read an unsigned number in words, or digits before a scale; None when it is anything else."""
    if found := _SCALED.fullmatch(text):
        value = decimal(found[1])
        return None if value is None else value * _SCALES.get(found[2].lower(), 12)
    if not _WORDS.fullmatch(text):
        return None
    words = text.lower().replace("-", " ").split(" ")
    if len(words) > _MOST_WORDS or any(word not in NUMBER_WORDS and word not in _ARTICLES for word in words):
        return None
    for read in (_dozens, _decimal, _over, _fraction, _mixed):
        if (value := read(words)) is not None:
            return value
    total = _cardinal(words)
    return None if total is None else Fraction(total)


def ordinal(text: str) -> int | None:
    """Read `first`, `twenty-third`; None when it is anything else."""
    words = text.lower().replace("-", " ").split(" ")
    if len(words) == 2:
        return _TENS[words[0]] + _UNIT_ORDINALS[words[1]] if words[0] in _TENS and words[1] in _UNIT_ORDINALS else None
    return _ORDINALS.get(words[0]) if len(words) == 1 else None


def _cardinal(words: list[str]) -> int | None:
    for name, scale in _SCALES.items():
        if name in words:
            here = words.index(name)
            high = 1 if words[:here] in ([word] for word in _ARTICLES) else _cardinal(words[:here])
            low = _rest(words[here + 1 :])
            if high is None or low is None or low >= scale or not 0 < high < _FEWER_THAN.get(name, 1000):
                return None
            return high * scale + low
    if len(words) == 1:
        return _SMALL.get(words[0], _TENS.get(words[0]))
    if len(words) == 2 and words[0] in _TENS and 0 < _SMALL.get(words[1], 0) < 10:
        return _TENS[words[0]] + _SMALL[words[1]]
    return None


def _rest(words: list[str]) -> int | None:
    if not words:
        return 0
    return _cardinal(words[1:] if words[0] == "and" else words)


def _dozens(words: list[str]) -> Fraction | None:
    if words[-1] != "dozen":
        return None
    count = words[:-1]
    if count in (["half"], ["half", "a"]):
        return Fraction(6)
    many = 1 if not count or count[0] in _ARTICLES else _cardinal(count)
    return None if many is None else Fraction(12 * many)


def _decimal(words: list[str]) -> Fraction | None:
    if "point" not in words:
        return None
    here = words.index("point")
    whole = _cardinal(words[:here]) if here else 0
    places = [_SMALL.get(word, 10) for word in words[here + 1 :]]
    if whole is None or not places or max(places) > 9:
        return None
    return Fraction(f"{whole}.{''.join(map(str, places))}")


def _over(words: list[str]) -> Fraction | None:
    if "over" not in words:
        return None
    here = words.index("over")
    top, bottom = _cardinal(words[:here]), _cardinal(words[here + 1 :])
    return None if top is None or not bottom else Fraction(top, bottom)


def _fraction(words: list[str]) -> Fraction | None:
    """Read `two thirds`, `one twenty-fifth`; None also where two readings differ."""
    if "and" in words:  # one hundred and two thirds
        return None
    found = {_divided(words[:-size], words[-size:]) for size in (1, 2) if len(words) >= size} - {None}
    return found.pop() if len(found) == 1 else None


def _divided(above: list[str], below: list[str]) -> Fraction | None:
    bottom, many = _denominator(below)
    top = 1 if (len(above) == 1 and above[0] in _ARTICLES) or (not above and below == ["half"]) else _cardinal(above)
    if top is None or not bottom:
        return None
    plain = top == 1 or (top < 20 and bottom <= 10)  # "two third" is seen, "twenty third" is an ordinal
    return Fraction(top, bottom) if many or plain else None


def _denominator(words: list[str]) -> tuple[int, bool]:
    """Read `thirds` or `twenty-fifth`, and whether it is plural; 0 when it is none."""
    last = "half" if words[-1] == "halves" else words[-1].removesuffix("s")
    value = _PARTS.get(last, 0)
    if len(words) == 2:
        value = _TENS.get(words[0], 0) + value if words[0] in _TENS and last in _UNIT_ORDINALS else 0
    return value, last != words[-1]


def _mixed(words: list[str]) -> Fraction | None:
    if "and" not in words:
        return None
    here = len(words) - 1 - words[::-1].index("and")
    whole, part = _cardinal(words[:here]), _fraction(words[here + 1 :])
    return None if whole is None or part is None or part >= 1 else whole + part
