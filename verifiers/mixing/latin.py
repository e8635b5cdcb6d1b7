"""Words in Latin letters inside a text of another script: terms and names belong there, everyday words do not.

A run of words is foreign when it holds an everyday English word, when its words tell another language, or
when `SENTENCE` words in lower case follow each other that are no terms, whatever language they are. Left
alone are single words that nobody can tell from a name or a term, words of the problem, words that the
trace's own code uses as names, keywords and names beside the noun that says so (`for 循环`, 函数 find, 返回
result), quoted words, and terms explained in parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from verifiers.mixing.evidence import weigh
from verifiers.mixing.masking import Masked
from verifiers.mixing.scripts import Span
from verifiers.mixing.words import PLAIN, is_english, is_everyday, is_technical

SENTENCE = 4
"""Unknown words in lower case that make a sentence."""
_SHORT = 2
"""Most words of a run that is quoted or named by a noun beside it."""
_GLOSS = 8

_WORD = re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff\u0300-\u036f]{2,}")
_BETWEEN = re.compile(r"[ \t'’\"“”‘,;:.!?()0-9$€%&*#_A-Za-z\u00c0-\u024f-]*")
"""What may stand between the words of a run; a letter that is no word is a variable, or a French l'."""
_LINKS = {"of", "the", "and", "for", "to", "in", "on", "by", "with", "a", "an", "or", "from", "as", "at"}
"""Everyday words that terms contain."""
_SYMBOLS = {"He", "Be", "In", "As", "At", "No", "Am", "Os"}
"""Chemical elements that are also words."""
_PARTICLES = {"de", "du", "la", "le", "del", "di", "da", "van", "von", "der", "den"}
"""Small words inside of names."""
_VERBS = {"is", "be", "do", "can", "if", "but", "then", "when", "not"}
_UNITS = {"in", "am", "us", "as", "at"}
_SUFFIXES = {"re", "ve", "ll"}
_NAMED_BEFORE = re.compile(
    r"(?:变量|函数|方法|参数|字段|名为|叫做|叫作|称为|记为|记作|调用|指针|关键字|命令|运行|执行|属性|单词|字符串|标签|选项|节点"
    r"|返回|输出|打印|赋值给|关数|変数|함수|변수)[\s:：为是\"'“‘「*]*$"
)
_NAMED_AFTER = re.compile(
    r"[\s\"'”’」*]*(?:循环|语句|条件|判断|分支|运算|关键字|子句|函数|方法|指针|节点|操作|变量|字段|参数|属性|数组|列表|接口|命令"
    r"|模块|库|对象|块|表达式|标签|语法|算法|文件|目录|类型|文|変数|関数|함수|변수)"
)
_OPEN = re.compile(r"[(（\[【]\s*$")
_CLOSE = re.compile(r"\s*[)）\]】]")
_QUOTES = re.compile(r"[\"'“”‘’「」『』《》]")


class _Word(NamedTuple):
    start: int
    end: int
    written: str
    lower: str


def foreign_latin(masked: Masked, known: frozenset[str]) -> Iterator[Span]:
    """Yield the foreign runs of `masked`; `known` are words, in lower case, that the problem itself uses."""
    runs = list(_runs(masked.text))
    names = known | masked.names | {run[0].lower for run in runs if len(run) == 1 and _is_named(masked.text, run)}
    for run in runs:
        words = [word for word in run if word.lower not in known]
        found = _everyday(words, run, masked.text, names)
        strange = [word for word in words if _is_strange(word.written) and word.lower not in names]
        if (found or _is_sentence(strange, run, names)) and not _is_gloss(masked.text, run):
            yield Span(words[0].start, words[-1].end, _language(run), len(found) or len(strange))


def _runs(text: str) -> Iterator[list[_Word]]:
    """Yield words that nothing but spaces, digits and ASCII punctuation part from each other."""
    run: list[_Word] = []
    for match in _WORD.finditer(text):
        if run and not _BETWEEN.fullmatch(text, run[-1].end, match.start()):
            yield run
            run = []
        run.append(_Word(*match.span(), match[0], match[0].lower()))
    if run:
        yield run


def _is_sentence(strange: list[_Word], run: list[_Word], names: Set[str]) -> bool:
    if len(strange) >= SENTENCE and len(strange) * 3 > len(run):
        return True
    return weigh([word.written for word in run if word.lower not in names]).is_plain


def _language(run: list[_Word]) -> str:
    if sum(is_english(word.lower) for word in run) * 2 > len(run):
        return "en"
    evidence = weigh([word.written for word in run])
    return evidence.language if evidence.telling > 1 else "Latin"


def _everyday(words: list[_Word], run: list[_Word], text: str, names: frozenset[str]) -> list[_Word]:
    """Return the words of a run that are everyday English, and neither names nor parts of a term."""
    found = [word for word in words if is_everyday(word.lower)]
    found = [word for word in found if not _is_symbol(word, run, text)]
    shouted = [word for word in found if word.written.isupper()]
    if len(shouted) < SENTENCE:  # NOT, AND, IF are written so in code and logic; a shouted sentence is not
        found = [word for word in found if not word.written.isupper()]
    if _is_title(run):
        found = [word for word in found if word.lower not in _LINKS]
    if _is_term(run) or (len(run) <= _SHORT and (_is_named(text, run) or _is_quoted(text, run))):
        return [word for word in found if word.lower in PLAIN]
    return [word for word in found if word.lower in PLAIN or word.lower not in names]


def _is_strange(written: str) -> bool:
    return written.islower() and not is_technical(written)


def _is_title(run: list[_Word]) -> bool:
    """Whether a run of several words is a name or a term: all in capitals but the little words."""
    capital = sum(word.written[0].isupper() for word in run)
    everyday = sum(is_everyday(word.lower) for word in run)
    return (
        capital > 1
        and all(word.written[0].isupper() or word.lower in _LINKS | _PARTICLES for word in run)
        and everyday * 2 <= len(run)
    )


def _is_term(run: list[_Word]) -> bool:
    """Whether half of several words are technical, or all are capital: batch size, pip install, Tom Hanks."""
    if len(run) >= SENTENCE and any(word.lower in _VERBS for word in run):
        return False
    content = [word.lower for word in run if word.lower not in _LINKS]
    return len(run) > 1 and (sum(map(is_technical, content)) * 2 >= len(content) or _is_title(run))


def _is_named(text: str, run: list[_Word]) -> bool:
    """Whether the noun before or after says that a run is a keyword or a name."""
    start, end = run[0].start, run[-1].end
    return bool(_NAMED_BEFORE.search(text[max(0, start - 12) : start]) or _NAMED_AFTER.match(text[end : end + 12]))


def _is_symbol(word: _Word, run: list[_Word], text: str) -> bool:
    """Whether a short word is a chemical element, or a unit after its number."""
    number = text[max(0, word.start - 2) : word.start].rstrip()[-1:].isdigit()
    return (len(run) == 1 and word.written in _SYMBOLS) or (number and word.lower in _UNITS)


def _is_quoted(text: str, run: list[_Word]) -> bool:
    before, after = text[max(0, run[0].start - 1) : run[0].start], text[run[-1].end : run[-1].end + 1]
    return bool(_QUOTES.match(before) and _QUOTES.match(after))


def _is_gloss(text: str, run: list[_Word]) -> bool:
    """Whether a run stands alone in parentheses and reads like a term: 批次大小（batch size）."""
    start, end = run[0].start, run[-1].end
    if not (_OPEN.search(text, max(0, start - 3), start) and _CLOSE.match(text, end)):
        return False
    return len(run) <= _GLOSS and not any(word.lower in (PLAIN | _VERBS) - _LINKS for word in run)
