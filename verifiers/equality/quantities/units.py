r"""Units after (or a currency before) a value: 5 cm, 60 km/h, 9.8 m s^{-2}, \$7, 25 ^\circ C, 3小时30分, 5个苹果.

Two units are the same or they differ: 1 m is not 100 cm. Only what stands together is added up: 2 h 30 min is 2.5 h.
A noun that no table knows is a unit after a number. Measure words (个, 名, 条) and what follows "of" mean nothing.
Not covered: units in the middle of an expression, and nouns in two languages that no table knows.
"""

from __future__ import annotations

import re
from fractions import Fraction

from verifiers.equality.quantities.chinese import NUMERALS
from verifiers.equality.quantities.english import NUMBER_WORDS
from verifiers.equality.quantities.rational import rational
from verifiers.equality.quantities.unit_grammar import known_unit, singular, unit_name
from verifiers.equality.quantities.unit_names import BESIDE_LARGER, DEGREE, FACTOR, NAMES

_LONGEST = 64
"""Characters at the end of a text in which its unit begins."""

_CURRENCY = re.compile(
    r"([+-]?) ?((?:US|HK)?\\?\$|[¥€£₹₩₽]|(?:USD|RMB|CNY|EUR|GBP|HKD|JPY|INR|Rs\.?|人民币)(?![A-Za-z])) ?(?=[\d.\\])"
)
_EACH = re.compile(rf"每([\u4e00-\u9fff]{{1,2}}?)(?=[\d{NUMERALS}])")
_ENDS = re.compile(
    r"(?:[A-Za-z\u4e00-\u9fff%$€£¢₹₩₽¥℃℉°Ω'\"]|\\circ|[A-Za-z\u4e00-\u9fffμΩ] ?(?:\^ ?\{? ?-?\d ?\}?|\d)|[A-Za-z]\))$"
)
_START = re.compile(rf" (?=\S)|(?<=[\d)}}\]|!{NUMERALS}])(?=[A-Za-z\\^/'\"$€£¢₹₩₽¥℃℉°μΩ%\u4e00-\u9fff])")
_TOUCHING = frozenset("mgshL")
"""One-letter units that are written without a space; 3t or 2V is a product."""
_FREE_LETTER = re.compile(r"(?<![A-Za-z\\])[A-Za-z](?![A-Za-z])")
_WORD = re.compile(r"(?<![\\A-Za-z])(?!(?:sqrt|pi|sin|cos|tan|log|ln|exp)(?![A-Za-z]))[A-Za-z]{3,}|[\u4e00-\u9fff=]")
_VALUE_END = re.compile(r"[\w)}\]|!]$")
_OPERATOR_END = re.compile(r"\\(?:cdot|times|div|pm|mp|sqrt|frac|ln|log|sin|cos|tan|cot|sec|csc|le|ge|in|cup|cap)$")
_FUNCTION = re.compile(r"(?:sin|cos|tan|cot|sec|csc)(?: ?\^ ?\{?-?\d+\}?)? ?[\d({]")

_NOUN = re.compile(r"[A-Za-z][a-z'-]*(?: [A-Za-z][a-z'-]*)*")
_ADJECTIVES = frozenset({"different", "distinct", "possible", "total", "whole", "full", "more", "such", "other"})
_TAIL = frozenset(
    {"of", "in", "on", "at", "from", "for", "left", "remaining", "altogether", "total", "overall", "each", "which",
     "who", "that", "with", "old", "apiece", "long", "tall", "wide", "high", "deep", "away"}
)  # fmt: skip
"""Words with which what is said about the unit begins."""
_NO_NOUNS = NUMBER_WORDS | {
    "or", "if", "not", "mod", "modulo", "plus", "minus", "divided", "multiplied", "by", "to", "than", "when",
    "where", "is", "are", "was", "were", "squared", "cubed", "factorial", "root", "base", "remainder", "choose",
    "sqrt", "sin", "cos", "tan", "log", "infty", "cdot", "unless", "otherwise", "but", "through", "up", "between",
    "approximately", "about", "pm", "am", "noon", "oclock", "o'clock", "equals", "fewer", "less", "greater", "the",
    "does", "can", "cannot", "reciprocal", "inverse", "negative", "doubled", "halved", "tripled", "opposite", "rounded",
    "false", "never", "null", "infinity", "percentage", "gross", "grand", "lakh", "crore", "score", "nths",
}  # fmt: skip
_LONGEST_HAN = 16
_CLASSIFIERS = frozenset(
    "个個名位條条只隻张張本支枝枚颗顆棵株朵头頭匹辆輛架台臺件块塊片粒根把座间間栋棟幅首封份串种種道项項题題艘幢所家句段扇盏顶滴"
)
"""Measure words without a meaning of their own."""
_NO_HAN_NOUN = re.compile(
    r"分之|[或和与及且至到不非约多余比又点加减乘除是为的，]|以上|以下|左右|小于|大于|等于|次方|倍数|开头|无穷"
    rf"|^(?:平方|立方|打)$|^[负错吗派]|^个?[{NUMERALS}]+$|^个?[十百千万亿]"
)


def split_unit(text: str) -> tuple[str, str | None]:
    """Part a normalised value from its unit, in one spelling per unit; None when it has none."""
    text = text.replace(r"\$", "$")
    if found := _CURRENCY.match(text):
        sign = found[2].replace("\\", "")
        return _with_currency(found[1] + text[found.end() :], NAMES.get(sign, sign))
    if rational(text) is not None or not _ENDS.search(text[-8:]):
        return text, None
    if (found := _EACH.match(text)) and (every := known_unit(found[1])):
        value, unit = split_unit(text[found.end() :])
        return (value, f"{unit}/{every}") if unit else (text, None)
    value, unit = _compound(text) or _parted(text) or (text, "")
    if unit == "%":
        return f"{value}%", None
    if unit == DEGREE:  # 180^\circ-60^\circ is a value in degrees throughout
        value = value.replace(DEGREE, "")
    return value, None if unit == "rad" and r"\pi" in value else unit or None


def _with_currency(text: str, currency: str) -> tuple[str, str]:
    value, unit = split_unit(text)
    if unit in {None, currency}:
        return value, currency
    return value, currency + unit if unit and unit.startswith("/") else f"{currency} {unit}"


def _parted(text: str) -> tuple[str, str] | None:
    r"""Find where value ends and unit begins; the unit is empty when it says nothing."""
    for found in _START.finditer(text, max(1, len(text) - _LONGEST)):
        head, tail = text[: found.start()].rstrip(), text[found.end() :]
        touching = found.start() == found.end() and text[found.start() - 1] != " "
        number = rational(head)
        if number is not None:
            tail = re.sub(r"^(?:of )?an? ", "", tail)  # half an hour
        unit = known_unit(tail) if tail.count("(") == tail.count(")") else None
        if unit is not None and _measured(head, tail, touching=touching, exact=number is not None):
            return head, "" if unit == "unit" else unit
        if number is not None and (noun := _noun(tail, touching=touching)) is not None:
            return head, noun
    return None


def _measured(head: str, tail: str, *, touching: bool, exact: bool) -> bool:
    """Whether what stands before a known unit is a value of it, rather than factors and the unit an unknown."""
    letters = re.match(r"[A-Za-z]*", tail)
    if letters and len(letters[0]) == 1:
        if (not exact and _FREE_LETTER.search(head)) or (touching and letters[0] not in _TOUCHING):
            return False
        if touching and letters[0] != "m" and re.fullmatch(r".[\^\d{} -]+", tail):
            return False
    if exact:
        return True
    if (
        tail.startswith("/")
        or head.count("{") != head.count("}")
        or _WORD.search(head)
        or _OPERATOR_END.search(head)
        or not _VALUE_END.search(head)
    ):
        return False
    return not (tail.startswith(("^", "'")) and _FUNCTION.search(head))


def _noun(text: str, *, touching: bool) -> str | None:
    """Spell what is counted; empty when only a measure word or a tail stands there, None when it is no noun."""
    if not text.isascii():
        return _han_noun(text)
    if not _NOUN.fullmatch(text := text.removesuffix(".")):
        return None
    words = text.lower().split(" ")
    end = next((index for index, word in enumerate(words) if word in _TAIL), len(words))
    if (touching and len(words[0]) < 4) or not _NO_NOUNS.isdisjoint(words[:end]):
        return None
    named = [word for word in words[:end] if word not in _ADJECTIVES]
    if not named:
        return ""
    if min(map(len, named)) < 2:
        return None
    last = unit_name(named[-1])
    if last is None and len(named[-1]) < 4:  # ab and xyz are unknowns
        return None
    return " ".join([*named[:-1], last or singular(named[-1])])


def _han_noun(text: str) -> str | None:
    if len(text) > _LONGEST_HAN or text[0] in NUMERALS or not re.fullmatch("[\u4e00-\u9fff]+", text):
        return None
    noun = text.removeprefix(text[0]) if text[0] in _CLASSIFIERS else text
    noun = re.sub("^不同的?", "", noun)
    if noun.startswith("半") or _NO_HAN_NOUN.search(noun):
        return None
    container = NAMES.get(noun[:1], "")
    return NAMES.get(noun) or container or noun


_AMOUNT = rf"\d+(?:\.\d+)?|\d+/\d+|[{NUMERALS}]+?|[a-z]+(?:[ -][a-z]+){{0,5}}?"
_STEP_NAMES = "|".join(
    sorted((re.escape(name) for name, unit in NAMES.items() if unit in FACTOR), key=len, reverse=True)
)
_STEP = re.compile(
    rf"(?P<amount>{_AMOUNT}) ?(?P<name>(?:{_STEP_NAMES})(?:s|es)?(?![A-Za-z])|{'|'.join(BESIDE_LARGER)})"
    r" ?(?:, ?(?:and )?|and |& ?|又|零)?"
)


def _compound(text: str) -> tuple[str, str] | None:
    """Add up `2 hours 30 minutes`, 3元5角, 两小时半 in its largest unit; None when it is no such sum."""
    if len(text) > _LONGEST or not (found := _STEP.match(text)):
        return None
    whole, largest = rational(found["amount"]), unit_name(found["name"])
    if whole is None or largest not in FACTOR:
        return None
    if text[found.end() :] == "半":
        return str(whole + Fraction(1, 2)), largest
    total, last, here = whole, Fraction(1), found.end()
    while here < len(text):
        step = _STEP.match(text, here)
        amount, size = _smaller(step, largest, last) if step else (None, None)
        if step is None or amount is None or size is None:
            return None
        total, last, here = total + amount * size, size, step.end()
    return (str(total), largest) if here > found.end() else None


def _smaller(step: re.Match[str], largest: str, last: Fraction) -> tuple[Fraction | None, Fraction | None]:
    """Return the amount of a part and its unit's share of the largest one, None where it is no smaller one."""
    names = BESIDE_LARGER.get(step["name"]) or (unit_name(step["name"]) or "",)
    sizes = [FACTOR[largest][name] for name in names if name in FACTOR[largest] and FACTOR[largest][name] < last]
    return rational(step["amount"]), sizes[0] if sizes else None
