"""The trace grammar: one parser and one layout for what every teacher sends.

Reasoning arrives inline (`<think>…</think>`), inline without its opening tag (the chat template supplied it), or in
a field of its own. The answer text is what follows the last `</think>`; in it, the last `<answer>…</answer>` if any.
Each tag stands at most once and in that order; a tag that is only spoken of, even in code, is one too: a student's
tokenizer, and every reader of a dataset, takes it for what it says.

Not covered: which part of the answer is the final value (`verifiers.answer`), and whether it is right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.verdict import Reason

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"
ANSWER_OPEN, ANSWER_CLOSE = "<answer>", "</answer>"
_ORDER = (THINK_OPEN, THINK_CLOSE, ANSWER_OPEN, ANSWER_CLOSE)
_TAG = re.compile("|".join(_ORDER))


@dataclass(frozen=True, slots=True)
class Trace:
    """A well-formed trace; both texts are stripped, not empty, and free of tags."""

    reasoning: str
    answer: str


@dataclass(frozen=True, slots=True)
class TraceFault:
    """Why a completion is no trace, with whatever could still be read of it."""

    reason: Reason
    detail: str
    reasoning: str | None
    answer: str | None
    """The answer text, when one follows the reasoning (or there is no reasoning at all)."""


def parse(content: str, reasoning: str | None = None) -> Trace | TraceFault:
    """Read a completion.

    Args:
        content: The message's content.
        reasoning: The message's separate reasoning field; None when it has none.
    """
    thought, rest = _split(content, reasoning)
    if thought is None and rest is None:
        return TraceFault(Reason.UNCLOSED_THINK, "<think> is never closed", content.partition(THINK_OPEN)[2], None)
    if not rest:
        where = "the completion is empty" if thought is None else "nothing follows the reasoning"
        return TraceFault(Reason.EMPTY_ANSWER if thought != "" else Reason.EMPTY_THINK, where, thought, None)
    if thought is None:
        return TraceFault(Reason.MISSING_THINK, "there is no reasoning before the answer", None, _answer(rest)[0])
    answer, closed = _answer(rest)
    if not thought:
        return TraceFault(Reason.EMPTY_THINK, "the reasoning is empty", "", answer)
    if not answer:
        return TraceFault(Reason.EMPTY_ANSWER, "nothing follows the reasoning", thought, None)
    if not closed:
        return TraceFault(Reason.UNCLOSED_ANSWER, "<answer> is never closed", thought, answer)
    if stray := _stray_tag(content, reasoning or ""):
        return TraceFault(Reason.MISPLACED_TAGS, stray, thought, answer)
    return Trace(thought, answer)


def format_trace(trace: Trace) -> str:
    """Write a trace in the layout that datasets use; `parse` reads it back unchanged."""
    return f"{THINK_OPEN}\n{trace.reasoning}\n{THINK_CLOSE}\n{ANSWER_OPEN}\n{trace.answer}\n{ANSWER_CLOSE}"


def _split(content: str, reasoning: str | None) -> tuple[str | None, str | None]:
    """Part reasoning from answer text; (None, None) is an unclosed think."""
    before, close, after = content.rpartition(THINK_CLOSE)
    if close:
        inline = before.partition(THINK_OPEN)[2] if before.lstrip().startswith(THINK_OPEN) else before
        parts = [part for part in (reasoning, inline) if part and part.strip()]
        return "\n".join(parts).strip(), after.strip()
    if reasoning is not None and not content.lstrip().startswith(THINK_OPEN):
        return reasoning.strip(), content.strip()
    if THINK_OPEN in content:
        return None, None
    return None, content.strip()


def _stray_tag(content: str, reasoning: str) -> str | None:
    """Tell the first tag that is nested, repeated or out of order, with its place; None when there is none."""
    if inside := _TAG.search(reasoning):
        return f"{inside.group()} stands within the reasoning, at reasoning {inside.start()}"
    last = -1
    for tag in _TAG.finditer(content):
        place = _ORDER.index(tag.group())
        if place <= last:
            return f"{tag.group()} after {_ORDER[last]}, at content {tag.start()}"
        if place == 0 and content[: tag.start()].strip():
            return f"{tag.group()} after other text, at content {tag.start()}"
        last = place
    return None


def _answer(text: str) -> tuple[str, bool]:
    """Return the last answer block's text and whether it was closed; the whole text when there is no block."""
    _, opened, tail = text.rpartition(ANSWER_OPEN)
    answer, closed, _ = tail.partition(ANSWER_CLOSE)
    return answer.strip(), bool(closed or not opened)  # a template may have supplied the opening tag
