r"""The final answer inside an answer text.

In this order: the last box (`verifiers.boxed`), what follows the last "answer is", 答案, `####`, the whole text when it
is short, its last sentence. Of a sentence the value is taken that it states (`verifiers.sentence`). Where an answer is
taken back ("Wait, that is wrong") and none is given after that, there is none.

Not covered: an answer spread over several sentences, or one that only a reader could infer.
"""

from __future__ import annotations

import re

from verifiers.boxed import boxed_answer
from verifiers.sentence import is_prose, stated

LONGEST = 2_000
"""Characters beyond which a text without box or cue holds no answer, only prose."""
_MARGIN = 40
"""Characters before a cue that are looked at."""
_TAIL = 20
"""Characters by which the end of an answer is found again in the text."""
_ITEM = 120
"""Most characters of one item of a list of answers."""

_TURN = re.compile(r"<[|｜][\w▁]{2,40}[|｜]>(?:assistant\b)?|</?s>|<(?:start|end)_of_turn>|\[/?INST\]")
_BARE = re.compile(r"\$\$|\\[\[\]]|```\w*|[-=_*|: ]*")
_DISPLAY = re.compile(r"\$\$.{1,600}?\$\$|\\\[.{1,600}?\\\]|\\begin\{(\w{1,12})\}.{1,600}?\\end\{\1\}", re.DOTALL)

_KEY = re.compile(r"answer|Answer|ANSWER|Ans|ANS|答|故选|应选|####")
_WITHIN = re.compile(r"[A-Za-z0-9][Aa]$|[回解作]答$")
"""A cue within a longer word."""
_CUE = re.compile(
    r"an(?:swer(?:s|\(s\))?|s)(?![a-z])[ \t*_]*(?:\([^()\n]{1,20}\)\s*)?(?:(?:to|of|for)\s[^\n.:=]{1,60}?\s)??"
    r"(?:(?:is|are|was|(?:will|would|should|must) be|equals?)\b[*_ \t]*[:：]?|[:：=|]|(?<=ns)\.(?=\s*\d))"
    r"|(?:答案)[】\]* \t]*(?:就|便|即|也|则|应该|应当|应|只能)*(?:(?:[是为:：=选]|等于)[ \t]*[:：]?)?"
    r"|答[ \t]*[:：]|[故应]选[ \t]*[:：]?|####",
    re.IGNORECASE,
)
_HEADING = re.compile(r"an(?:swers?|s)\b[\s*_\]|#]*(?=\n|$|-?\d|[$\\(√π\[])", re.IGNORECASE)
_MARKUP = re.compile(r"[\s#*_>|\W]*(?:(?:the|my|our|final|correct|so)\s+)*", re.IGNORECASE)
_REMARK = re.compile(
    r"[\s*:]*(?:(?:also |therefore |indeed )?(?:correct|right|reasonable|consistent|confirmed|verified|valid)\b"
    r"|正确|合理|对的|符合|无误|成立|很|可|的|见|step\b|part\b|case\b|solution\b|explanation|verif|check|remark|note\b"
    r"|步骤|第.步|验|解|总结|结论|说明)",
    re.IGNORECASE,
)
"""What is said about an answer, or heads a paragraph, instead of giving it."""
_RETRACTED = re.compile(
    r"\b(?:wait|hold on|oops|scratch that|correction)\b|\bno,"
    r"|\b(?:that|this|it)(?: is|'s| was) (?:wrong|incorrect|not right|a mistake)\b|不对|等一下|等等，|更正|有误|错了",
    re.IGNORECASE,
)
_ABBREVIATED = r"(?<!Mr)(?<!Dr)(?<!St)(?<!Ms)"
_END = re.compile(
    rf"{_ABBREVIATED}[.．]\s+(?=[A-Z]|\((?!(?:[a-h]|\d|[ivx]{{1,3}})\)))|(?<=[\d$)}}*])\.\s|[。✅✓]|[;；]?\s*【|！\s*$"
    r"|[,，;]?\s+(?:since|because|where|which|so that|meaning|given that)\b|,\s+(?:as|so|and so|for)\s"
    r"|[,，]?(?:因为|所以|由于|其中)|\s*[(（](?:因为|由于|即|见|注|其中|i\.e\."
    r"|(?:since|because|as|which|that is|where|see|rounded|from|using|by|note)\b)"
)
"""Where the answer ends and its reason, or another sentence, begins."""
_NOT_BUT = re.compile(r"(?:not|不是)\s*[^\n]{1,60}?[,，]?\s*(?:\bbut(?: rather)?\b|而是)\s*(.+)", re.IGNORECASE)
_BUT_NOT = re.compile(
    r"(?<=[\d})$])[,，]?\s*(?:\band )?(?:\bnot|\brather than|\binstead of|而?不是)\b.*", re.IGNORECASE
)
_BULLET = re.compile(r"[-+–*•·]\s+")
_NUMBER = re.compile(r"\$?-?\d[\d.,/]*\$?$")
_PART = re.compile(r"[(（](?:[a-h]|\d|[ivx]{1,4})[)）]|[①-⑳]|第[一二三四五六]问")
_NAMED = re.compile(r"\$?(\\?[A-Za-z]\w{0,8}(?:_\{?\w{1,4}\}?)?)\s*=[^=]{1,80}")
_CLOSING = re.compile(
    r"(?:I hope|hope (?:this|it)|let me know|feel free|please let|is there anything|good luck|希望|如有|如果[你您])",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    rf"{_ABBREVIATED}(?<=[\w$)}}\]*%])[.!?](?:\$\$|[$)*])?\s+(?=[A-Z\\$*(])(?!\\[)\]])|(?<=[。！？])(?=\S)"
)


def final_answer(text: str) -> str | None:
    """Return the final answer in `text`, None when it holds none that can be told from prose."""
    text = _last_turn(text)
    boxed = boxed_answer(text)
    if boxed is not None:
        return boxed.strip() or None
    cued = _cued(text)
    if cued is not None:
        return stated(cued) or None
    lines = _lines(text[-LONGEST - 1 :])
    if not lines:
        return None
    if len(text) <= LONGEST and (items := _items(lines)) and items[1] == len(lines):
        return items[0]
    return _in_prose(lines) if len(lines[-1]) <= LONGEST else None


def cued_answer(text: str) -> str:
    """Return what follows the last cue (answer is, 答案), up to the end of its line and sentence; else nothing."""
    return _cued(text) or ""


def _last_turn(text: str) -> str:
    """Cut off what follows a token that ends a turn."""
    if not any(mark in text for mark in ("<", "[INST", "[/INST")):
        return text
    return next((turn for turn in _TURN.split(text) if turn.strip()), "")


def _cued(text: str) -> str | None:
    """Return what the last cue announces; nothing when it was taken back, None when no cue announces anything."""
    for key in reversed([found.start() for found in _KEY.finditer(text)]):
        cue = _CUE.match(text, key)
        if not cue and not _HEADING.match(text, key):
            continue
        line = text[max(key - _MARGIN, 0) : key].rpartition("\n")[2]
        if not cue and _MARKUP.fullmatch(line):
            cue = _HEADING.match(text, key)
        if not cue or _WITHIN.search(line[-1:] + text[key]):
            continue
        after = text[cue.end() : cue.end() + LONGEST]
        if _REMARK.match(after):
            continue
        said = _announced(after, line.lstrip().startswith("|"))
        if said:
            end = max(text.find(said[-_TAIL:], cue.end()), cue.end()) + len(said[-_TAIL:])
            return "" if _RETRACTED.search(text, end) else said
    return None


def _announced(after: str, table: bool) -> str:
    """Return the answer at the beginning of a text: a list, or a line up to its reason or the next sentence."""
    lines = _lines(after)
    if not lines:
        return ""
    line = lines[0]
    if after.lstrip(" \t*")[:1] in {"\n", "\r", ""} and (items := _items(lines)):
        return items[0]
    if table:
        line = next((cell.strip(" *") for cell in line.split("|") if cell.strip()), "")
    if found := _NOT_BUT.match(line):
        line = found[1]
    return _BUT_NOT.sub("", _END.split(line, maxsplit=1)[0]).strip(" *,，.．")


def _lines(text: str) -> list[str]:
    """Split a text into lines that say something; a displayed formula is one line."""
    if any(opening in text for opening in ("$$", "\\[", "\\begin")):
        text = _DISPLAY.sub(lambda found: " ".join(found[0].split()), text)
    return [bare for line in text.splitlines() if not _BARE.fullmatch(bare := line.strip(" \t"))]


def _items(lines: list[str]) -> tuple[str, int] | None:
    """Join the lines of a list that stands at the beginning, and count them; None when it is no list of values.

    Items of a list, parts of an answer, numbers, or values of different names are lists; else lines are steps.
    """
    for mark in (_BULLET, _PART, _NUMBER):
        items = _leading(lines, mark)
        if len(items) > 1 and not any(len(item) > _ITEM or is_prose(item) for item in items):
            return ", ".join(mark.sub("", item, count=1) if mark is _BULLET else item for item in items), len(items)
    named = _leading(lines, _NAMED)
    names = {found[1] for line in named if (found := _NAMED.match(line))}
    if len(names) == len(named) > 1 and all(_NAMED.fullmatch(line) for line in named):
        return ", ".join(line.rstrip(" .,;") for line in named), len(named)
    return None


def _leading(lines: list[str], mark: re.Pattern[str]) -> list[str]:
    count = next((index for index, line in enumerate(lines) if not mark.match(line)), len(lines))
    return [line.rstrip(" ,;，；") for line in lines[:count]]


def _in_prose(lines: list[str]) -> str | None:
    """Return what the last sentence states that is no mere courtesy."""
    for line in reversed(lines[-3:]):
        for sentence in reversed(_SENTENCE.split(line)):
            if sentence.strip() and not _CLOSING.match(sentence.strip()):
                return stated(sentence.strip())
    return None
