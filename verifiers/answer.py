r"""The final answer inside an answer text.

In this order: the last `\boxed{…}` (boxes joined by a comma, and, or, 和, 或 are one list), else what follows the
last "answer is", 答案, `####`, else the whole text when it is short, else its last line.

Not covered: an answer spread over several sentences, or one that only a reader could infer.
"""

from __future__ import annotations

import re

from verifiers.boxes import boxes

LONGEST = 2_000
"""Characters beyond which a text without box or cue holds no answer, only prose."""

_BOX = re.compile(r"\\(?:boxed|fbox|framebox)\s*\{")
_JOIN = re.compile(
    r"(?:[\s$,，、;；。.]|\\[()\[\],;! ]|\\q?quad|\\(?:text|mathrm|mbox)\s*\{"
    r"|\}|&|\\\\|\b(?:and|or)\b|和|或|及|与|以及)*"
)
_LISTED = re.compile(r"[,，、;；]|\b(?:and|or)\b|和|或|及|与")
_BARE = frozenset({"", "$$", r"\[", r"\]", "```"})
_CUE = re.compile(
    r"\*{0,2}\b(?:final\s+answer|answer)\s*\*{0,2}\s*(?:is\b(?!\s*not\b)|[:：=])\s*[:：]?"
    r"|^#+\s*(?:final\s+)?answer\b\s*[:：]?|\*\*final answer\*\*|####"
    r"|[【\[]?答案[】\]]?\s*(?:应?[为是]|[:：])*|故选\s*[:：]?|(?<![回解作])答\s*[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE_END = re.compile(
    r"[.．]\s+(?=[A-Z(✅I])|。|[;；]?\s*【|[,，]?\s+(?:since|because|where|which|so that)\b|[,，]?(?:因为|所以)"
)
_MATH_SPAN = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$|\\\((.+?)\\\)|\\\[(.+?)\\\]|\*\*([^*]+)\*\*", re.DOTALL)
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}(?![A-Za-z}])[,.]?\s+[A-Za-z]{2,}")


def final_answer(text: str) -> str | None:
    """Return the final answer in `text`, None when it holds none that can be told from prose."""
    boxed = _last_boxes(text)
    if boxed is not None:
        return boxed.strip() or None
    cued = cued_answer(text)
    if cued:
        return cued
    if len(text) > LONGEST:
        text = text.rstrip()[-2 * LONGEST :]
    lines = [line for line in text.splitlines() if line.strip() not in _BARE]
    return _span_in_prose(lines[-1].strip()) if lines and len(lines[-1]) <= LONGEST else None


def _last_boxes(text: str) -> str | None:
    found = boxes(text)
    if not found:
        return None
    answers = [found[-1].content]
    for box, after in zip(reversed(found[:-1]), reversed(found[1:]), strict=True):
        between = text[box.end : after.start]
        if len(between) > 60 or not _JOIN.fullmatch(between) or not _LISTED.search(between):
            break
        answers.append(box.content)
    joined = ", ".join(reversed(answers))
    return _last_boxes(joined) if len(answers) == 1 and _BOX.search(joined) else joined


def cued_answer(text: str) -> str:
    """Return what follows the last cue (answer is, 答案), up to the end of its line and sentence; else nothing."""
    for cue in reversed(list(_CUE.finditer(text))):
        lines = [line.strip(" \t*") for line in text[cue.end() :].splitlines()]
        line = next((line for line in lines if line not in _BARE), "")
        if line:
            return _SENTENCE_END.split(line, maxsplit=1)[0].strip(" *,，.")[:LONGEST]
    return ""


def _span_in_prose(line: str) -> str:
    """Return the last formula or bold text of a line of prose; the line itself when it is no prose."""
    spans = [next(filter(None, match.groups())) for match in _MATH_SPAN.finditer(line)]
    outside = _MATH_SPAN.sub(" ", line)
    return spans[-1] if spans and _PROSE.search(outside) else line
