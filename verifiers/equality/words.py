"""Answers in words: yes and no, days, names, conditions; and the words that leave an answer open."""

from __future__ import annotations

import re

from verifiers.equality.conclusions import conclusion
from verifiers.equality.normalise import split_top
from verifiers.equality.quantities.chinese import NUMERALS
from verifiers.equality.quantities.english import ordinal
from verifiers.equality.quantities.rational import rational
from verifiers.equality.quantities.times import same_time
from verifiers.equality.quantities.units import split_unit
from verifiers.equality.synonyms import MEANING

RELATION = re.compile(
    r"[<>]|\\(?:le|ge|ne|cup|cap|in|infty|mathbb|emptyset|setminus)(?![A-Za-z])|^\\\{.*\|"
    r"|全体|实数|空集|^R$|[Rr]eal|[Ee]mpty"
)
"""Signs of a set of numbers."""

_RATIO = re.compile(r"[零一二三四五六七八九十百千万]比[零一二三四五六七八九十百千万]")
_WORDS = re.compile(r"[A-Za-z][A-Za-z'.-]*(?: [A-Za-z][A-Za-z'.-]*)*|[\u4e00-\u9fff][\u4e00-\u9fff\w]*")
_JOINED = re.compile(r"[,;]|\b(?:and|or)\b|和|与|及|或者?")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)|第(\w+)")
_NUMERAL = re.compile(rf"(?<=[\u4e00-\u9fff])(?<![{NUMERALS}])[一二三四五六七八九](?![{NUMERALS}])")
"""A lone numeral within words: 方案二 is 方案2."""
_FRAME = re.compile(r"^(?:(?:the|an?|it is|it's|is) |是(?=.)|为)|(?:的|条件|方向| conditions?)$")
_ENDS = " \t.,;:!?'\"。，！？"

_AMOUNT = rf"[\d\\${NUMERALS}(+-]"
HEDGE = re.compile(
    r"\b(?:not|neither|nor|or more|or less|or fewer|or so|at least|at most|no more|no less|up to|about|around"
    r"|(?:less|more|greater|fewer|larger|smaller|higher|lower) than(?=.)|approximately|approx|roughly|nearly|almost"
    r"|close to|maybe|perhaps|possibly|probably|likely|might|could|may be|if|otherwise|unless|either|between|depends"
    r"|depending|guess|unsure|undetermined|indeterminate|unknown|except|wrong|incorrect)\b"
    r"|不(?!同)|[^A-Za-z\u4e00-\u9fff]非|^非|至少|至多|最多|最少|大约|大概|约为|可能|也许|或许|估计|或者更|以上|以下|以内"
    r"|超过|左右|上下|如果|否则|除非|接近|将近|几乎|差不多|未知|没有|多于|少于|高于|低于|之间|无法"
    rf"|(?<![公节简特大])(?:约|近)(?={_AMOUNT})|(?<=[\d{NUMERALS}])[多余来几](?=[\u4e00-\u9fff]|$)"
    r"|(?:若|假如)(?=.{0,30}[,:则])"
    r"|\\approx|(?<!\d)(?<!\d )(?:\\[lc]?dots|\.\.\.|…)|(?<![\d.])\d+ ?(?:\\[lc]?dots|\.\.\.|…)|\?$",
    re.IGNORECASE,
)
"""Words that leave open which value is meant; the dots of a repeating decimal do not."""


def worded(text: str) -> bool:
    """Whether a text is a name or a phrase; two Latin letters may be a product, one Chinese character is a word."""
    words = _WORDS.fullmatch(text) and (len(text) > 2 or not text.isascii())
    return bool(words) and rational(split_unit(text)[0]) is None and not _RATIO.search(text)


def same_words(gold: str, given: str) -> bool | None:
    """Compare where the gold is words, a time or a date rather than a formula; None when it is a formula."""
    left, right = _meaning(gold), _meaning(given)
    if isinstance(left, int):
        return left in (right, _concluded(given))
    if (told := same_time(gold, given)) is not None:
        return told
    place, other = _placed(str(left)), _placed(str(right))
    if place and other:
        return place == other
    if (told := _same_list(gold, given)) is not None:
        return told
    return None if not worded(gold) or RELATION.search(gold) else left in (right, _concluded(given))


def _concluded(text: str) -> int | str | None:
    """Return the meaning of what a statement says in the end, unless it hedges before."""
    found = conclusion(text)
    return None if found is None or HEDGE.search(found[1]) else _meaning(found[0])


def _same_list(gold: str, given: str) -> bool | None:
    """Whether both list the same names, in any order; None when the gold is no list of names."""
    names = split_top(gold, _JOINED) if _JOINED.search(gold) else []
    if len(names) < 2 or not all(_named(name) for name in names):
        return None
    return {_meaning(name) for name in names} == {_meaning(name) for name in split_top(given, _JOINED)}


def _named(text: str) -> bool:
    return worded(text) or text.lower() in MEANING


def _meaning(text: str) -> int | str:
    """Reduce words to the number of their meaning, else to one spelling."""
    words = " ".join(text.casefold().replace("\\ ", " ").split()).strip(_ENDS)
    for spelling in (words, words.replace("-", " "), _FRAME.sub("", words.replace("-", " ")).strip()):
        if (number := MEANING.get(spelling)) is not None:
            return number
        words = spelling
    return _NUMERAL.sub(lambda found: str("一二三四五六七八九".index(found[0]) + 1), words.replace(".", ""))


def _placed(text: str) -> str | None:
    """Spell `third`, `3rd` and 第三 alike."""
    found = _ORDINAL.fullmatch(text)
    place = rational(found[1] or found[2]) if found else ordinal(text)
    return None if place is None else f"#{place}"
