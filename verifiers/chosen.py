r"""Which options a text names by their labels: B, (B), ACD, A、C和D, ①③, 故选：B, "B. Mars", "A is wrong, so B".

Labels are capitals, numbers (① and (1) are 1), Roman numerals, or 甲 乙 丙. Several labels are a set. What leaves the
choice open (or, 或, not, maybe) names nothing.
Not covered: ordinals ("the second option"), and sentences that name an option in none of these forms.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from verifiers.equality.normalise import normalise

LETTERS = tuple("ABCDEFGHIJ")
"""What options are called where a problem does not list them."""
NUMBERS = tuple(str(number) for number in range(1, 21))
STEMS = tuple("甲乙丙丁戊己庚辛")
LONGEST = 500
"""Characters beyond which a text is an essay, and no choice."""

_CIRCLED = re.compile("[①-⑳]")
_SMALL_SIGNS = re.compile("[①-⒛Ⅰ-Ⅻⅰ-ⅻ]")
_MAY_CHOOSE = re.compile("[A-J①-⑳Ａ-Ｊ]")
_LEAD = re.compile(
    r"(?:so|thus|hence|therefore|both)\b[,:\s]*|(?:所以|因此|综上|故)[,:]?"
    r"|(?:i|we)\s+(?:would\s+)?(?:choose|pick|select|go\s+with)\s+|it\s+(?:is|must\s+be)\s+"
    r"|(?:the\s+)?(?:(?:only|correct|right|best|final)\s+)*(?:answer|option|choice|letter)s?\b"
    r"\s*(?:(?:is|are|must\s+be)\b)?\s*[:=]?\s*"
    r"|(?:我|本题|此题|应该?|正确的?|最终)*(?:选择|答案|选项?)(?:应?[为是])?\s*[:=]?\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:(?:is|are)\s+the\s+(?:(?:only|correct|right|best)\s+)?(?:answer|option|choice)s?"
    r"|(?:选?项)?[是为](?:本题的?)?(?:正确的?)?(?:答案|选项)|选?项)?[\s.]*$",
    re.IGNORECASE,
)
_MARK = re.compile(r"\s*(?:(?<!\d)[.:,]|[.:,](?!\s*\d))\s*|(?<=[)\]])\s*")
"""What parts a label from its text; 1.5 and 2:3 are no first and no second option."""
_JOIN = r"\s*(?:[,;&+]\s*)?(?:(?:\\?\band\b|和|与|以?及)\s*)?"
_CLAUSE_END = re.compile(r"\s*(?:[,;.!]\s*|\bbut\b|而(?!是)|但是?)\s*")
_THEREFORE = re.compile(r"(?:\b(?:so|thus|hence|therefore)\b|所以|因此|故)", re.IGNORECASE)
_RULED_OUT = (
    r"\s*(?:(?:is|are)\s+(?:all\s+|both\s+)?(?:(?:wrong|incorrect|false|eliminated|impossible|ruled\s+out|out)\b"
    r"|not\s+(?:correct|right|true|possible)\b)|[是都均]?(?:错误?的?|不(?:对|正确|成立)的?|排除))"
)
_RULING_OUT = r"(?:\b(?:and\s+)?not|\brul(?:e|ing)\s+out|\beliminat(?:e|ing)|排除|而?不是|并?非|不选)\s*"
_AFTERTHOUGHT = re.compile(r"(?:but|or|maybe|perhaps|possibly|probably|i\s+guess|但|或|可能|也许)", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:or|not|neither|either|maybe|perhaps|possibly|probably|likely|might|could|unsure|unless|guess)\b|n't\b"
    r"|或|还是|[不非]|可能|也许|大概|\?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """Labels that a text names, and what it says after a lone one: the option's own text, or why."""

    labels: frozenset[str]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Forms:
    """The patterns that read one set of labels."""

    each: re.Pattern[str]
    several: re.Pattern[str]
    eliminated: re.Pattern[str]
    alone: re.Pattern[str]


def same_choice(gold: str, given: str) -> bool | None:
    """Compare two answers of a mathematics problem that are choices; None when one of them is none.

    Texts after both labels are left to who compares whole answers: "A: 3" is not "A: 4".
    """
    if not _MAY_CHOOSE.search(gold):
        return None
    labels = NUMBERS if _CIRCLED.search(gold) else LETTERS
    left = named(gold, labels, folded=False)
    right = named(given, labels, folded=False) if left else None
    if not left or not right or (left.rest and right.rest):
        return None
    return left.labels == right.labels


def named(text: str, labels: tuple[str, ...] = LETTERS, *, folded: bool = True) -> Named | None:
    """Read which of `labels` a text chooses; `folded` also takes `b` for B, yet never `bad` for three of them."""
    if len(text) > LONGEST:
        return None
    text, forms = plain(text), _forms(labels, folded)
    return _stated(text, forms) or _concluded(text, forms)


def mentioned(text: str, labels: tuple[str, ...]) -> frozenset[str]:
    """Find the labels that stand alone in a text, whatever it says of them; the article "A" is none."""
    return frozenset(_forms(labels, False).alone.findall(plain(text)))


def leaves_open(text: str) -> bool:
    """Whether a text holds a word that leaves a choice open, or denies one."""
    return bool(_OPEN.search(normalise(text)))


def plain(text: str) -> str:
    """Spell as labels are read: normalised, ① as (1), Ⅲ as III."""
    return normalise(_SMALL_SIGNS.sub(_bracketed, text))


def _bracketed(found: re.Match[str]) -> str:
    sign = unicodedata.normalize("NFKC", found.group())
    return sign.upper() if sign.isalpha() else f"({sign.strip('().')})"


def _stated(text: str, forms: _Forms) -> Named | None:
    """Read a text that begins with its choice, or with words that announce one."""
    for begin in _after_leads(text):
        found = forms.several.match(text, begin)
        labels = _labels(found.group(), forms) if found else []
        if not found or len(set(labels)) != len(labels):
            continue
        if _TAIL.match(text, found.end()):
            return Named(frozenset(labels))
        mark = _MARK.match(text, found.end())
        if mark and len(labels) == 1 and not _reopened(text[mark.end() :], labels[0], forms):
            return Named(frozenset(labels), text[mark.end() :])
    return None


def _labels(text: str, forms: _Forms) -> list[str]:
    return [label.upper() for label in forms.each.findall(text) if label]


def _after_leads(text: str) -> list[int]:
    """Return where a choice may begin: after the words that announce it, or at once."""
    begins = [0]
    while (lead := _LEAD.match(text, begins[-1])) and lead.end() > begins[-1]:
        begins.append(lead.end())
    return begins[::-1]


_DENIED = re.compile(r"[\s,:;]*(?:(?:which|it) is )?(?:not|no|wrong|incorrect|false)\b|\s*(?:不|错)", re.IGNORECASE)


def _reopened(rest: str, label: str, forms: _Forms) -> bool:
    return bool(_AFTERTHOUGHT.match(rest) or _DENIED.match(rest)) or bool(set(forms.alone.findall(rest)) - {label})


def _concluded(text: str, forms: _Forms) -> Named | None:
    """Read "A is wrong, so B": what is left when the options it rules out are gone, or its last conclusion."""
    eliminated = {label for found in forms.eliminated.finditer(text) for label in _labels(found[1] or found[2], forms)}
    kept = forms.eliminated.sub(",", text)
    clauses = [clause for clause in _CLAUSE_END.split(kept) if clause.strip()]
    if not clauses or _OPEN.search(kept):
        return None
    *parts, last = _THEREFORE.split(clauses[-1])
    before = " ".join((*clauses[:-1], *parts)).strip()
    if before and not parts:
        return None
    found = _stated(last.strip(), forms)
    if found is None or found.rest or found.labels & eliminated:
        return None
    return found if set(forms.alone.findall(before)) <= found.labels else None


@lru_cache(maxsize=64)
def _forms(labels: tuple[str, ...], folded: bool) -> _Forms:
    one = "|".join(sorted(map(re.escape, labels), key=len, reverse=True))
    announced = r"(?:options?\s+|选项\s*)?"
    bare = rf"(?<![A-Za-z\d\\])(?:{one})(?![A-Za-z\d'])[)\]]?"
    touching = all(len(label) == 1 and not label.isdigit() for label in labels)
    run = rf"(?-i:(?:{one}){{2,}})(?![A-Za-z])|" if touching else ""
    item = rf"{announced}(?:{run}[(\[]\s*(?:{one})\s*[)\]]|{bare})(?:选?项)?"
    several = rf"{item}(?:{_JOIN}{item})*"
    flags = re.IGNORECASE if folded else re.NOFLAG
    return _Forms(
        each=re.compile(rf"\band\b|options?|({one})", flags),
        several=re.compile(rf"{several}|[(\[]\s*{several}\s*[)\]]", flags),
        eliminated=re.compile(rf"({several}){_RULED_OUT}|{_RULING_OUT}({several})", flags),
        alone=re.compile(rf"(?<![A-Za-z\d\\])({one})(?!(?<=A)\s+(?!is\b|are\b|and\b|or\b)[a-z])(?![A-Za-z\d'])"),
    )
