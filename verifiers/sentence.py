r"""The one value that a sentence states: 12 apples of "So there are 12 apples left.", 3 of "因此，x 的值为 3 。".

A value is a formula, bold text, or a number with its unit; several with nothing but signs, "and" or "or" between them
are one list. What follows the first "is" (是, 为) counts before the whole sentence. A sentence that hedges ("at least
12"), calculates ("half of the 20") or holds several values is left as it is: which one it means would be a guess.

Not covered: values in words, and formulas without delimiters amid words.
"""

from __future__ import annotations

import re
from itertools import pairwise

from verifiers.equality.quantities.unit_names import NAMES
from verifiers.equality.words import HEDGE

_HAN = "\u4e00-\u9fff"
_SPAN = (
    r"\$\$(.{1,400}?)\$\$|\$(?!\d[\d,.]*\s+[a-z]{2,}\s)([^$]{1,400})\$|\\\((.{1,400}?)\\\)|\\\[(.{1,400}?)\\\]"
    r"|(?<![\w)\]])\*\*(?=\S)([^*]{1,400})\*\*(?!\w)"
)
_NUMBER = (
    r"(?<![A-Za-z\d_^./{])(?:[-−]|百分之|负)?(?:\\?[$¥€£￥]\s?)?\d+(?:,\d{3})*(?:\.\d+)?(?:\s?/\s?\d+|(?::\d+)+)?"
    r"(?:\s?\\?[%％]|\s?[AaPp]\.?[Mm]\b\.?)?(?:\s?(?:thousand|million|billion|dozen|[百千万亿]+))?"
)
_VALUE = re.compile(rf"{_SPAN}|{_NUMBER}", re.DOTALL)
_DELIMITED = re.compile(_SPAN, re.DOTALL)
_LISTED = re.compile(r"(?:[\s,，、;；]|\b(?:and|or)\b|和|或者?|及|与|以及)+")
_UNIT = re.compile(
    rf"\s?(?:[AaPp]\.?[Mm]\b\.?|°[CF]?|℃|\\?%|\^\{{?\\circ\}}?|(?:(?:square|cubic|sq)\s)?(?P<word>[A-Za-z]+)"
    rf"(?:\s?(?:/|per\s)\s?(?P<by>[A-Za-z]+)\b)?(?:\s?\^\{{?[23]\}}?|[²³])?|(?P<han>[{_HAN}]{{1,6}}(?:/[{_HAN}]{{1,2}})?))"
)
_NO_UNIT = re.compile(r"(?:a|an|as|in|at|I)\b(?!\s*(?:[.,;]\s*)?$)")
"""Words that are names of units too, unless they end the text."""
_SHORT = 3
"""Most letters of a symbol; it has no plural."""
_PROSE = re.compile(rf"(?<![\\A-Za-z{{])[A-Za-z]{{2,}}(?![A-Za-z}}])[,.]?\s+[A-Za-z]{{2,}}|[{_HAN}]\s?[{_HAN}]")
_MATHEMATICS = re.compile(r"[\d\\$=+^√π∞]|^\(?[A-Za-z]\)?$")
_LEAD = re.compile(
    r"^(?:(?:so|thus|hence|therefore|consequently|finally|that|we (?:get|have|find|obtain|conclude))\b[,:]?\s*"
    r"|(?:因此|所以|综上(?:所述)?|故|于是|从而|由此|可知|[可解求]得|则|即|[，,:：])\s*)+",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"[,;:，；：]\s*(?:and\s+)?(?:so|thus|hence|therefore|then)\b,?\s+(?!that\b)|所以|因此|综上所述|于是|从而"
    r"|^(?:since|because|as|when|given)\b[^,]*,\s*",
    re.IGNORECASE,
)
_IS = re.compile(r"\b(?:is|are|was|were|equals?)\b(?:\s+(?:equal to|exactly|just|only))?\s*:?|(?<![因成作])为|是|等于")
_CALCULATES = re.compile(
    r"\b(?:half|twice|thrice|double|triple|quarter|root|squared|cubed|divided|divisible|multiplied|plus|minus)\b"
    r"|一半|除以|乘以|加上|减去|比",
    re.IGNORECASE,
)
_NO_BEGINNING = re.compile(
    r"[+*^/×÷<>≤≥√_-]\s*$|(?<!a total )\b(?:of|than)\s+(?:the\s+)?$|[第之又点〇零一二两三四五六七八九十百千万亿]\s*$"
    r"|(?:正|方案|方法|步骤|情况|零下|型|表|图|周|星期)\s*$|\b(?:step|case|part|question|problem|equation|figure|example|theorem|line|page|chapter)\s*$",
    re.IGNORECASE,
)
"""What before a number shows that it is only an operand, or the number of a part."""
_NO_END = re.compile(r"[A-Za-z]|分之|[多余来几又点成]|\s*[+*^/×÷=<>≤≥√_{\\]|\(|\s*[-−]\s*(?:\d|[A-Za-z]\b)")
"""What after a number shows that it is only the beginning of a formula."""
_CHOSEN = re.compile(
    r"\b(?:options?|choices?)\b|选|^[(（]?[A-J][)）.．、,，:：]|^(?:yes|no|true|false|是的|不是|对|错)\b", re.I
)
"""A choice, or yes and no, which say more than the number in them."""
_MODAL_CLAUSE = re.compile(r"\b(?:that|which|who) (?:could|can|might|may)\b")
_ENDS = re.compile(r"^[\s,，:：]+|[\s.,;:。，；：．！]+$")


def stated(sentence: str) -> str:
    """Return the value that a sentence states, spelled as there; what states none, or several, as it is."""
    if not is_prose(_LEAD.sub("", sentence)):
        wrapped = _LEAD.match(sentence) or _DELIMITED.fullmatch(sentence)
        return (wrapped and _formula(sentence)) or sentence
    if _CHOSEN.search(sentence) or HEDGE.search(_MODAL_CLAUSE.sub("", sentence)) or sentence.endswith(("?", "？")):
        return sentence
    turns = list(_TURN.finditer(sentence))
    clause = sentence[turns[-1].end() :] if turns else sentence
    found = _IS.search(clause)
    return (found and _value(clause[found.end() :])) or _value(clause) or sentence


def unit_at(text: str, at: int) -> str:
    """Return the unit that a text names at a place, with the space before it; nothing when it names none."""
    found = _UNIT.match(text, at)
    if not found or _NO_UNIT.match(text[at:].lstrip()):
        return ""
    if han := found["han"]:
        named = next((han[:end] for end in range(len(han), 0, -1) if _known(han[:end])), "")
        return text[at : found.start("han")] + named if named else ""
    if found["word"] and not _known(found["word"]):
        return ""
    return text[at : found.end("word")] if found["by"] and not _known(found["by"]) else found[0]


def _known(word: str) -> bool:
    word = word.removeprefix("个").removeprefix("平方").removeprefix("立方")
    spelled = {word, word.lower(), word.partition("/")[0]}
    plural = {name.removesuffix(ending) for name in spelled if len(name) > _SHORT for ending in ("s", "es")}
    return not NAMES.keys().isdisjoint(spelled | plural)


def is_prose(text: str) -> bool:
    """Whether words stand side by side outside the formulas of a text."""
    return bool(_PROSE.search(_VALUE.sub(" 0 ", text)))


def _value(clause: str) -> str | None:
    """Return the only value, or list of values, of a clause; None where that cannot be told."""
    if not is_prose(clause) and not _IS.search(clause):
        return _formula(clause)
    found = list(_VALUE.finditer(clause))
    values = [value for value in found if value[0].startswith("**") and _MATHEMATICS.search(value[0])] or found
    if not values or _CALCULATES.search(_VALUE.sub(" ", clause)) or _NO_BEGINNING.search(clause[: values[0].start()]):
        return None
    gaps = (clause[one.end() : other.start()] for one, other in pairwise(values))
    if not all(_LISTED.fullmatch(gap) for gap in gaps):
        return None
    end = values[-1].end() + len(unit_at(clause, values[-1].end()))
    return None if _NO_END.match(clause, end) else _formula(clause[values[0].start() : end])


def _formula(text: str) -> str | None:
    """Take off what leads to a formula and the delimiters around it; None when there is no mathematics in it."""
    bare = _ENDS.sub("", _LEAD.sub("", text))
    if span := _DELIMITED.fullmatch(bare):
        return str(next(filter(None, span.groups()))).strip()
    bare = bare.replace("**", "") if bare.startswith("**") else bare
    return bare if _MATHEMATICS.search(bare) else None
