"""Answers in words: yes and no, days, names; and the words that leave an answer open."""

from __future__ import annotations

import re

from verifiers.equality.rational import rational
from verifiers.equality.units import split_unit

_RATIO = re.compile(r"[零一二三四五六七八九十百千万]比[零一二三四五六七八九十百千万]")
RELATION = re.compile(
    r"[<>]|\\(?:le|ge|ne|cup|cap|in|infty|mathbb|emptyset|setminus)(?![A-Za-z])|^\\\{.*\||全体|实数|空集|^R$|[Rr]eal|[Ee]mpty"
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z'-]*(?: [A-Za-z][A-Za-z'-]*)*|[\u4e00-\u9fff][\u4e00-\u9fff\w]*")

_SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split("|"))
    for words in (
        "yes|true|correct|是|是的|对|正确|成立|真",
        "no|false|incorrect|否|不是|错|错误|不正确|不成立|假",
        "no solution|no solutions|none|no real solution|no real solutions|empty set|the empty set"
        "|空集|无解|没有解|无实数解|方程无解|\\emptyset",
        "does not exist|doesn't exist|dne|undefined|不存在|无意义",
        "infinity|infinite|\\infty|+\\infty|无穷大|无穷|正无穷",
        "negative infinity|minus infinity|-\\infty|负无穷大|负无穷",
        "odd|奇数|奇函数|奇", "even|偶数|偶函数|偶",
        "increasing|递增|单调递增|增函数", "decreasing|递减|单调递减|减函数",
        "monday|星期一|周一|礼拜一", "tuesday|星期二|周二|礼拜二", "wednesday|星期三|周三|礼拜三",
        "thursday|星期四|周四|礼拜四", "friday|星期五|周五|礼拜五", "saturday|星期六|周六|礼拜六",
        "sunday|星期日|星期天|周日|周天|礼拜天",
    )
)  # fmt: skip
HEDGE = re.compile(
    r"\b(?:not|or more|or less|or fewer|at least|at most|less than|more than|greater than|fewer than|about|around"
    r"|approximately|roughly|maybe|perhaps|possibly|probably|if|otherwise|unless|either|undetermined|unknown)\b"
    r"|不|非|至少|至多|最多|最少|大约|约为|约(?=[\d\\零一二两三四五六七八九十百])|可能|也许|或者更|以上|以下|超过|不到|左右|如果|否则"
    r"|\\approx|\\ldots|\\dots|\\cdots|\.\.\.|…",
    re.IGNORECASE,
)
"""Words that leave open which value is meant."""


def worded(text: str) -> bool:
    """Whether a text is a name or a phrase; two Latin letters may be a product, one Chinese character is a word."""
    words = _WORDS.fullmatch(text) and (len(text) > 2 or not text.isascii())
    return bool(words) and rational(split_unit(text)[0]) is None and not _RATIO.search(text)


def same_words(gold: str, given: str) -> bool | None:
    """Compare where the gold is words rather than a formula; None when it is a formula."""
    left, right = _plain_words(gold), _plain_words(given)
    for group in _SYNONYMS:
        if left in group:
            return right in group
    if not worded(gold) or RELATION.search(gold):
        return None
    return left == right


def _plain_words(text: str) -> str:
    return re.sub(r"^(?:the|an?) ", "", " ".join(text.casefold().replace("\\ ", " ").split()))
