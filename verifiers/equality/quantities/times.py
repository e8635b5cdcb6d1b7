"""Times of day and dates: 3:30 pm, 15:30, half past three, 下午3点30分; March 5, 5 March 2024, 3月5日.

A bare 3:30 is a ratio where nothing says that it is a time; against a time it is one whose half of the day is missing.
Not covered: seconds, time zones, and dates in figures whose order differs between countries (3/5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifiers.equality.quantities.english import ordinal
from verifiers.equality.quantities.rational import rational

MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
]  # fmt: skip
_MONTH = "|".join(rf"{month}|{month[:3]}\.?|{month[:4]}\." for month in MONTHS)
_HALF = r"(?P<half>[ap]) ?\.? ?m\.?|in the (?P<part>morning|afternoon|evening)"
_HAN = "零一二两三四五六七八九十"
_DAY_PART = "(?P<half>凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上)?"
_LONGEST = 40
_HINT = re.compile(
    rf"[:点时月午夜]|[ap] ?\.? ?m\.?$|past|clock|noon|midnight| (?:to|after|before|of|in) |\d-\d|{_MONTH}",
    re.IGNORECASE,
)
"""What every time or date holds."""

_CLOCK = re.compile(rf"(?P<hour>\d{{1,2}}):(?P<minute>\d\d) ?(?:{_HALF}|o'?clock)?", re.IGNORECASE)
_WORDED = re.compile(
    rf"(?:(?P<past>[a-z0-9-]+)(?: minutes?)? (?P<way>past|after|to|before) )?(?P<hour>\d{{1,2}}|[a-z]+)"
    rf"(?P<sharp> ?o'?clock)? ?(?:{_HALF})?",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    rf"{_DAY_PART} ?(?P<hour>\d{{1,2}}|[{_HAN}]{{1,3}}) ?[点时] ?"
    rf"(?:整|(?P<minute>\d{{1,2}}|[{_HAN}]{{1,3}}) ?分?|(?P<past>半|一刻|三刻))?"
)
_CHINESE_CLOCK = re.compile(rf"{_DAY_PART} ?(?P<hour>\d{{1,2}}):(?P<minute>\d\d)")
_NAMED = {"noon": 720, "midday": 720, "正午": 720, "midnight": 0, "午夜": 0}
_PAST = {"half": 30, "quarter": 15, "半": 30, "一刻": 15, "三刻": 45}
_LATER = {"p", "afternoon", "evening", "下午", "傍晚", "晚上", "中午"}
_DATES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?P<name>{_MONTH}) ?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: ?,? ?(?P<year>\d{{4}}))?",
        rf"(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ?(?P<name>{_MONTH})(?: ?,? ?(?P<year>\d{{4}}))?",
        rf"(?:(?P<year>\d{{4}}) ?年 ?)?(?P<month>\d{{1,2}}|[{_HAN}]{{1,2}}) ?月"
        rf" ?(?P<day>\d{{1,2}}|[{_HAN}]{{1,3}}) ?[日号]",
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
    )
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was said."""

    spoken: tuple[int, int]
    """Hour and minute."""
    minutes: int | None
    """Since midnight; None where the half of the day is missing."""
    plain: bool = False
    """Whether it may as well be a ratio."""


def same_time(gold: str, given: str) -> bool | None:
    """Compare times of day or dates; None where not both are times, or nothing tells them from ratios."""
    if max(len(gold), len(given)) > _LONGEST or not (_HINT.search(gold) and _HINT.search(given)):
        return None
    left, right = _clock(gold), _clock(given)
    if left and right and not (left.plain and right.plain):
        if left.minutes is None or right.minutes is None:
            return left.spoken == right.spoken
        return left.minutes == right.minutes
    day, other = _date(gold), _date(given)
    if day is None or other is None:
        return None
    return day[1:] == other[1:] and (day[0] == other[0] or None in {day[0], other[0]})


def _clock(text: str) -> Clock | None:
    if (minutes := _NAMED.get(text.lower())) is not None:
        return Clock((12, 0), minutes)
    for form in (_CLOCK, _CHINESE_CLOCK, _CHINESE, _WORDED):
        if found := form.fullmatch(text):
            return _told(found.groupdict(), plain=form is _CLOCK and found["half"] is found["part"] is None)
    return None


def _told(said: dict[str, str | None], *, plain: bool) -> Clock | None:
    hour, minute = _number(said["hour"]), _number(said.get("minute") or "0")
    half = (said["half"] or said.get("part") or "").lower()
    past = said.get("past")
    if past is not None:
        minute = _PAST.get(past.lower()) or _number(past)
    elif "way" in said and not half and not said["sharp"]:
        return None  # a bare number
    if hour is None or minute is None or hour > 24 or minute > 59:
        return None
    if said.get("way") in {"to", "before"}:
        hour, minute = (hour + 11) % 12 or 12, 60 - minute
    at_night = half == "晚上" and hour == 12
    later = hour % 12 + 12 * (half in _LATER and not at_night) if half and hour <= 12 else hour
    resolved = bool(half) or hour > 12 or hour == 0
    zeros = str(said.get("minute")).startswith("0") or str(said["hour"]).startswith("0")
    return Clock((hour, minute), later % 24 * 60 + minute if resolved else None, plain=plain and not zeros)


def _date(text: str) -> tuple[int | None, int, int] | None:
    """Read year, month and day; the year may be missing."""
    for form in _DATES:
        if found := form.fullmatch(text):
            said = found.groupdict()
            name = (said.get("name") or "").lower()[:3]
            month = 1 + [month[:3] for month in MONTHS].index(name) if name else _number(said["month"])
            day = _number(said["day"])
            if month is None or day is None or not (0 < month < 13 and 0 < day < 32):
                return None
            return int(said["year"]) if said["year"] else None, month, day
    return None


def _number(text: str | None) -> int | None:
    value = rational(text) if text and ordinal(text) is None else None
    return int(value) if value is not None and value.denominator == 1 and value >= 0 else None
