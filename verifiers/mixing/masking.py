r"""What is no language: code, formulas, addresses, identifiers. Masked texts keep their length, and so every offset.

Covered: fenced, inline and bare lines of code; `$…$`, `\(…\)`, `\[…\]`, environments and single commands of LaTeX;
URLs, e-mail addresses, paths, file names, command-line options, tags, calls, camelCase, snake_case, what-is-hyphenated.
Not covered: program text without any mark of being one, and a formula left open for more than `FARTHEST` characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MASK = "\ufffc"
"""Stands for one masked character; it is no letter, no digit and no space."""
FARTHEST = 4_000
"""Characters within which a formula must close."""
_FARTHEST_CODE = 100_000
_PROSE_WORDS = 4

_OPENERS = re.compile(r"```|~~~|``?|\\begin\s?\{([A-Za-z]+\*?)\}|\\\[|\\\(|\$\$?")
_CLOSERS = {"\\[": "\\]", "\\(": "\\)"}
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_IN_FORMULA = re.compile(r"\\(?:text|mbox|mathrm|textbf|operatorname)\w*\*?\s*\{[^{}]*\}|\\[A-Za-z]+|[_^]\{[^{}]*\}")
_PLAIN_WORD = re.compile(r"(?<![A-Za-z_^{\\])[A-Za-z]{3,}(?![A-Za-z_(])")
_CODE_LINE = re.compile(
    r"^[ \t]*(?:"
    r"(?:def|class|for|while|if|elif|with|return|print|switch|int|void|public|const|let|var|function)\b"
    r"[^\n\u3040-\u9fff]{0,300}"
    r"(?:(?:\w[(\[]|[=<>])[^\n\u3040-\u9fff]{0,300}[:)]|[()=][^\n\u3040-\u9fff]{0,300}[;{}])"
    r"|import [\w.]+(?: as \w+)?|from [\w.]+ import [\w*, ]+|(?:else|try|finally):|#include\b[^\n]*"
    r"|[A-Za-z_][\w.\[\]]{0,60} ?[-+*/|&]?= ?[^\n=\u3040-\u9fff]{0,300}[()\[\]\"'][^\n\u3040-\u9fff]{0,300}"
    r")[ \t]*$",
    re.MULTILINE,
)
_CODE = re.compile(
    # prose, many words at once: it holds no sign with which anything below begins, or that follows its first word
    r"(?P<prose>(?:(?:[A-Z]?[a-z]++|[A-Z]++)(?![\w@~+(\[-]|\.\S|:/|\s?(?:[<>!]=|[=≈≤≥≠<>^+*/]))"
    r"|[0-9]++(?![\w.@/~+-])|[^\w.+~/\\<@\"-]++|[.+~/-](?=\s))++)"
    r"|(?P<nameless>https?://[!-;=?-~]+|www\.[!-;=?-~]+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # addresses
    r"|(?<![A-Za-z0-9_-])[A-Za-z]+(?:-[A-Za-z0-9]+)+"  # top-k
    r"|</?[A-Za-z][A-Za-z0-9_-]{0,30}(?:\s[^<>\n]{0,200}=[^<>\n]{0,200})?\s?/?>"  # tags
    r"|\\(?:text\w*|math\w+|operatorname|mbox|begin|end|boxed|label|color)\*?\s?"  # LaTeX
    r"\{(?:[^{}]|\{[^{}]{0,200}\}){0,200}\}|\\[A-Za-z]+"
    r"|(?<![\w/])(?:~|\.{1,2})?(?:/[A-Za-z0-9_.@~-]+){2,}/?)"  # absolute paths
    r"|(?<![\w.~/-])(?:[A-Za-z0-9_.~-]+/)+[A-Za-z0-9_.~-]*"  # relative paths, km/h
    r"|(?<![\w-])--?[A-Za-z][A-Za-z0-9_-]*"  # options
    r"|(?<![\w.])@[A-Za-z]\w*"  # @decorators, @tags
    r"|(?<=[\[{,])\"[A-Za-z]+\""  # ["of","letters"]
    r"|(?<![A-Za-z0-9_])(?:"
    r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+"  # file.name, object.attribute
    r"|[A-Za-z]*[0-9_][A-Za-z0-9_]*[A-Za-z_][A-Za-z0-9_]*|[A-Za-z]+[0-9_][A-Za-z0-9_]*"  # x1, 2x, snake_case
    r"|[a-z]+[A-Z][A-Za-z]*|[A-Z][a-z]+[A-Z][A-Za-z]*"  # camelCase
    r"|[A-Za-z]+(?=[\[(]|\s?(?:[<>!]=|[=≈≤≥≠<>^])|\s?[+*/]\s?[A-Za-z0-9])"  # call( index[ left = or < or +
    r")",
    re.ASCII,
)
_NAME = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text of which only language is left."""

    text: str
    """As long as the original, with `MASK` for every character that is no language."""
    names: frozenset[str]
    """Words in lower case that occur in the masked code, and so may be names wherever they occur."""


def mask(text: str) -> Masked:
    """Mask code first, then formulas, then what looks like code in a line of prose. Linear in the text's length."""
    names: set[str] = set()
    text = _blocks(text, names)
    for pattern in (_CODE_LINE, _CODE):
        text = pattern.sub(lambda match: _cover(match, names), text)
    return Masked(text, frozenset(names))


def _cover(match: re.Match[str], names: set[str]) -> str:
    if match.lastgroup == "prose":
        return match.group()
    if match.lastgroup != "nameless":
        _collect(match.group(), names)
    return MASK * len(match.group())


def _collect(code: str, names: set[str]) -> None:
    names.update(name.lower() for name in _NAME.findall(code))


def _blocks(text: str, names: set[str]) -> str:
    """Mask what stands between an opening and a closing mark."""
    parts: list[str] = []
    absent: dict[str, int] = {}
    done = 0
    for opener in _OPENERS.finditer(text):
        if opener.start() < done:
            continue
        end = _end(text, opener, absent)
        if end is None:
            continue
        parts += (text[done : opener.start()], MASK * (end - opener.start()))
        if opener.group()[0] in "`~":
            _collect(text[opener.end() : end], names)
        done = end
    return "".join(parts) + text[done:]


def _end(text: str, opener: re.Match[str], absent: dict[str, int]) -> int | None:
    """Return where the block ends that `opener` begins; None when it begins none.

    `absent` says, per closing mark, up to where it was looked for in vain; looking there again would take squared time.
    """
    mark = opener.group()
    closer = f"\\end{{{opener[1]}}}" if opener[1] else _CLOSERS.get(mark, mark)
    is_fence = mark in ("```", "~~~")
    last = opener.end() + (_FARTHEST_CODE if is_fence else FARTHEST)
    close = text.find(closer, max(opener.end(), absent.get(closer, 0)), last)
    if close < 0:
        absent[closer] = max(opener.end(), last - len(closer))
        # a fence that is never closed ends with its paragraph
        return (text.find("\n\n", opener.end()) + 1 or len(text)) if is_fence else None
    inner = text[opener.end() : close]
    if mark in ("`", "``", "$") and "\n" in inner.strip():
        return None
    if mark in ("$", "$$") and _is_prose(inner):
        return None  # two dollar signs that are no pair: prices, or the end of one formula and the start of the next
    return close + len(closer)


@lru_cache(maxsize=256)
def _is_prose(inner: str) -> bool:
    if not inner.strip():
        return True
    bare = _IN_FORMULA.sub(" ", inner)
    return bool(_HAN.search(bare)) or len(_PLAIN_WORD.findall(bare)) >= _PROSE_WORDS
