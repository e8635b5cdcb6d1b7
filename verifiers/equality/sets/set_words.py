r"""Sets described in words, rewritten in signs: x大于2且小于等于5 becomes `x > 2 and \le 5`.

Covered: relations, connectives, exceptions and the names of a few sets, Chinese and English.
Not covered: what leaves open whether an end belongs, as "between 1 and 3" does.
"""

from __future__ import annotations

import re

_BE = r"(?:\b(?:is|are|be|must be)\b ?)?(?:\bstrictly ?)?"
_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (r"大于(?:或者?)?等于|不(?:小于|少于|低于)|至少[为是]?|≧|\\not ?<", r" \\ge "),
        (r"小于(?:或者?)?等于|不(?:大于|超过|多于|高于)|(?:至多|最多)[为是]?|≦|\\not ?>", r" \\le "),
        (r"不能?等于|不能?[为是取]", r" \\ne "),
        (r"大于|超过|多于|高于", " > "),
        (r"小于|少于|低于|不足", " < "),
        (r"等于", " = "),
        (rf"{_BE}\b(?:greater|more|larger|bigger) than or equal to\b", r" \\ge "),
        (rf"{_BE}\b(?:less|smaller) than or equal to\b", r" \\le "),
        (rf"{_BE}\b(?:at least|(?:no|not) (?:less|smaller|fewer) than)\b", r" \\ge "),
        (rf"{_BE}\b(?:at most|(?:no|not) (?:more|greater|larger) than)\b", r" \\le "),
        (rf"{_BE}\bnot equal to\b|\bdoes not equal\b|\b(?:cannot|can not|can't) (?:be|equal)\b|\bis not\b", r" \\ne "),
        (rf"{_BE}\b(?:greater|more|larger|bigger) than\b", " > "),
        (rf"{_BE}\b(?:less|smaller|fewer) than\b", " < "),
        (r"\\(?:lor|vee)(?![a-z])|或者?", " or "),
        (r"\\(?:land|wedge)(?![a-z])|并且|而且|且|\bbut (?=[a-z] ?(?:\\ne|[<>]))", " and "),
        (r"以及|和|及|与", ", "),
        (r"(?<=[)\]}]) ?U ?(?=[(\[\\])", r"\\cup "),
        (
            r"\\backslash(?![a-z])|(?<=[})\]R]) ?\\(?= ?(?:\\\{|\{[^{}]*(?<!\\)\}))|∖|(?<=[})\]R]) ?- ?(?=\\?\{)",
            r"\\setminus ",
        ),
        (r"\\[lr]vert(?![a-z])|\\middle ?\|", "|"),
    )
)
_RELATION = r"(?:<|>|\\[gln]e(?![a-z]))"
_OF = r"(?: of (?:the function )?[a-z](?:\([a-z]\))?)?"
_LEAD = re.compile(
    r"(?:原?不等式的?|函数的?|(?:实数)? ?[a-z](?:\([a-z]\))? ?的?)?(?:解集|定义域|值域|取值范围|范围) ?[是为:] ?"
    rf"|(?:the )?(?:solution(?: set)?|domain|range|values?){_OF} ?(?:\bis\b|\bare\b|:) ?",
    re.IGNORECASE,
)
_SUCH = re.compile(
    rf"(?:the )?(?:set of )?(?:(?:all|any|every) )?(?:(?:real )?(?:numbers?|values?) ?(?:of )?)?"
    rf"(?:(?:[a-z] )?(?:such that|where|for which|satisfying|that|which|with) )?(?=.*{_RELATION})",
    re.IGNORECASE,
)
_OF_WHICH = re.compile(
    rf"(?:满足|所有|全体|一切|任意)*(.*{_RELATION}.*?) ?"
    r"的(?:所有|全体|一切|任意)?(?:实数|数|值|[a-z]的?值?)(?:的?集合)?",
    re.IGNORECASE,
)
_REALS = (
    r"(?:(?:the )?(?:set of )?(?:(?:all|any|every|a) )?(?:the )?(?:real numbers?|reals)"
    r"|(?:全体|一切|所有|任意|任何|全部)?实数集?(?: ?(?-i:R))?|\\mathbb\{R\}|(?-i:R))"
)
_ANY = re.compile(rf"([a-z]) ?(?:can be|may be|is|可以?[是为取]|[为是取]) ?{_REALS}", re.IGNORECASE)
_EXCEPT = re.compile(r"(.*?),? ?\b(?:except|excluding|other than|but not)(?: for)? (.+)", re.IGNORECASE)
_LEFT_OUT = re.compile(rf"除了?(.+?)(?:之外|以外|外)?的?({_REALS})", re.IGNORECASE)
_WHOLE = re.compile(r"(?:all )?(?:real )?(?:values? (?:of )?)?[a-z]", re.IGNORECASE)
_ASIDE = re.compile(rf"(.*[^\s(,]) ?\(([^()]*{_RELATION}[^()]*)\)", re.DOTALL)

_ALL = r"(?:the )?(?:set of )?(?:all )?"
_END = r" real(?: number)?s?"
NAMED: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (_REALS, r"(-\infty,\infty)"),
        (rf"{_ALL}non-?zero{_END}|(?:所有|全体)?非零实?数", r"\ne 0"),
        (rf"{_ALL}positive{_END}|(?:所有|全体)?正实?数|\\mathbb\{{R\}} ?[\^_] ?\{{?(?:\+|> ?0)\}}?", "> 0"),
        (rf"{_ALL}negative{_END}|(?:所有|全体)?负实?数|\\mathbb\{{R\}} ?[\^_] ?\{{?(?:-|< ?0)\}}?", "< 0"),
        (rf"{_ALL}non-?negative{_END}|(?:所有|全体)?非负实?数|\\mathbb\{{R\}} ?_ ?\{{ ?\\ge ?0 ?\}}", r"\ge 0"),
        (rf"{_ALL}non-?positive{_END}|(?:所有|全体)?非正实?数|\\mathbb\{{R\}} ?_ ?\{{ ?\\le ?0 ?\}}", r"\le 0"),
    )
)
"""Names of sets, and what they mean in signs."""
EMPTY_NAME = re.compile(
    r"\\emptyset|(?:the )?empty set|no (?:real )?solutions?"
    r"|空集|(?:方程|不等式)?无(?:实数)?解|没有(?:实数)?解|\\?\{ ?\\?\}",
    re.IGNORECASE,
)


def in_signs(text: str) -> str:
    """Rewrite the words of a normalised text; what is no words stays."""
    for pattern, sign in _SIGNS:
        text = pattern.sub(sign, text)
    text = " ".join(text.split())
    if lead := _LEAD.match(text):
        text = text[lead.end() :]
    if such := _SUCH.match(text):
        text = text[such.end() :]
    if found := _EXCEPT.fullmatch(text):
        return rf"{_base(found[1])} \setminus \{{{found[2]}\}}"
    if found := _LEFT_OUT.fullmatch(text):
        return rf"{found[2]} \setminus \{{{found[1]}\}}"
    if found := _OF_WHICH.fullmatch(text):
        return found[1]
    if found := _ASIDE.fullmatch(text):
        return f"{found[1]} and {found[2]}"
    return _base(text)


def _base(text: str) -> str:
    """Write "x is any real number" as a membership, and "all x" too."""
    found = _ANY.fullmatch(text)
    if found or (text[:3].lower() in {"all", "rea"} and _WHOLE.fullmatch(text)):
        return rf"{found[1] if found else text[-1]} \in \mathbb{{R}}"
    return text
