r"""One spelling for what means the same: full-width signs, LaTeX dress, Chinese connectives.

The result is plain ASCII LaTeX with single spaces, and the Chinese words that remain; `notation` holds the tables.
"""

from __future__ import annotations

import re

from verifiers.equality.notation import CHARACTERS, LATEX, PLAIN, RARE, SMALL_DIGITS, WIDE, on_line

_SIMPLE = re.compile(r"(?!.*(?:\.\.|, *(?:and|or)\b))[\w .,+-]*", re.ASCII)
"""A text that none of these tables can change."""
_DRESS = re.compile(
    r"\\(?:text|textnormal|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mbox|operatorname|emph)\s*\{([^{}]*)\}"
)
_DELIMITERS = re.compile(r"(?<!\\)\$|\\[()]|\\[\[\]](?!\d)|\*\*|`")
_LEAD = re.compile(
    r"^(?:(?:(?:the\s+)?(?:final\s+)?answers?\b\s*(?:is|are|[:=])?"
    r"|答案\s*[:是为]*|答\s*:|解\s*:|共有?|一共有?|总共|[\u4e00-\u9fff]{0,4}[A-Za-z] ?: ?(?=[^:]*=)|[:=])\s*)+",
    re.IGNORECASE,
)
_DRESS_NAME = re.compile(r"\\(?:text|mathrm|operatorname)(?![A-Za-z])(?! ?\{)")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_MOST_PASSES = 10
_LONGEST = 200_000
"""Characters at which rewriting is given up."""
_MOST_TORN = 2
"""Braces without a partner that may be an accident."""
_ONE_SIGN = re.compile(r"(?<=[\^_])\{([A-Za-z0-9])\}")
_SPACE = re.compile(r"(?<![A-Za-z\d])\s+|(?<=\d)\s+(?!\d)|\s+(?![A-Za-z\d])|(?<=[A-Za-z])\s+(?=\d)")
_RATIO = re.compile(r"(?<=\d) (?:to|比) (?=\d)")
_QUOTED = re.compile(r"[\w)}']'$")


def normalise(text: str) -> str:
    """Rewrite an answer or a gold; equal spellings become equal strings, different values stay different.

    What is normalised already stays as it is.
    """
    for _ in range(_MOST_PASSES):  # one rule may uncover what another one rewrites
        before, text = text, _once(text)
        if text == before or len(text) > _LONGEST:
            break
    return text


def _once(text: str) -> str:
    if not _SIMPLE.fullmatch(text):
        text = _balanced(_rewritten(text))
    text = _without_tail(" ".join(text.split()).lstrip(" \"'"))
    text = _RATIO.sub(":", _LEAD.sub("", text))
    return _exact_part(_unwrapped(text)).strip()


def _without_tail(text: str) -> str:
    """Strip what ends a sentence or a line; a prime stays."""
    while True:
        short = text.rstrip(' .,;:"')
        if short.endswith("\\"):
            short = short[: -2 if short.endswith("\\\\") else -1]
        elif short.endswith("'") and not _QUOTED.search(short[-2:]):
            short = short[:-1]
        if short == text:
            return text
        text = short


def _rewritten(text: str) -> str:
    tables = [PLAIN]
    if not text.isascii():
        text = SMALL_DIGITS.sub(on_line, text.translate(CHARACTERS))
        tables.insert(0, WIDE)
    if "\\" in text:
        if r"\begin" not in text:
            text = re.sub(r"\\\\(?=[A-Za-z(\[)\]])", r"\\", text)  # escaped twice on its way here
        tables.append(LATEX)
    for pattern, replacement in (row for table in tables for row in table):
        text = pattern.sub(replacement, text)
    for sign, rows in RARE:
        if sign in text:
            for pattern, replacement in rows:
                text = pattern.sub(replacement, text)
    text = _DELIMITERS.sub("", text)
    for _ in range(_MOST_PASSES):
        before, text = text, _DRESS.sub(r" \1 ", text)
        if text == before:
            break
    return text.replace(r"\%", "%").replace(r"\&", "&")


def _balanced(text: str) -> str:
    """Drop a brace or two without a partner: some publishers' golds were torn out of their box."""
    opened: list[int] = []
    lonely: list[int] = []
    for found in _BRACE.finditer(text):
        if found.group() == "{":
            opened.append(found.start())
        elif found.group() == "}":
            lonely += [] if opened and opened.pop() >= 0 else [found.start()]
    if not 0 < len(lonely := lonely + opened) <= _MOST_TORN:
        return text
    for index in sorted(lonely, reverse=True):
        text = text[:index] + " " + text[index + 1 :]
    return _DRESS_NAME.sub(" ", text)


def squeeze(text: str) -> str:
    """Remove what never carries meaning between two normalised strings: spaces and braces around one sign.

    A space between two words or two numbers stays.
    """
    return _ONE_SIGN.sub(r"\1", _SPACE.sub("", text))


def split_top(text: str, separators: re.Pattern[str]) -> list[str]:
    """Split at `separators` that stand outside all brackets; the parts are stripped, empty ones dropped."""
    parts, depth, begin, here = [], 0, 0, 0
    while here < len(text):
        if text[here] == "\\" and text[here + 1 : here + 2] in {"{", "}"}:
            depth += 1 if text[here + 1] == "{" else -1
            here += 2
            continue
        found = separators.match(text, here) if depth == 0 else None
        if found and found.end() > here:
            parts.append(text[begin:here])
            begin = here = found.end()
            continue
        depth += (text[here] in "([{") - (text[here] in ")]}")
        here += 1
    return [part.strip() for part in [*parts, text[begin:]] if part.strip()]


def _unwrapped(text: str) -> str:
    """Take off braces that hold the whole text."""
    if not (text.startswith("{") and text.endswith("}")):
        return text
    closes: dict[int, int] = {}
    opened: list[int] = []
    for found in _BRACE.finditer(text):
        if found.group() == "{":
            opened.append(found.start())
        elif found.group() == "}" and opened:
            closes[opened.pop()] = found.start()
    first, last = 0, len(text) - 1
    while text[first] == "{" and closes.get(first) == last:
        first, last = first + 1, last - 1
    return text[first : last + 1].strip()


def _exact_part(text: str) -> str:
    r"""Keep what stands before `\approx`; a mere approximation stays marked as one."""
    exact, approx, _ = text.partition(r"\approx")
    return exact if approx and exact.strip() else text
