"""Is the completion a whole, well-formed trace with one answer?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, TraceFault, parse
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.answer import LONGEST, cued_answer, final_answer
from verifiers.base import shorten
from verifiers.boxes import Box, boxes, certainly_differ, conflict, has_parts
from verifiers.markdown import without_code
from verifiers.settings import VerifierSettings

_TEMPLATE = re.compile(
    r"<[|｜][A-Za-z_▁][\w▁-]{1,40}[\w▁][|｜]>|\[/?INST\]|<</?SYS>>|\[gMASK\]|\[/?(?:AVAILABLE_TOOLS|TOOL_CALLS)\]"
    r"|<(?:start|end)_of_turn>|</?tool_(?:call|response)>|<(?:bos|eos|pad|unk|sop)>|<unused\d{1,3}>"
    r"|<s>(?P<struck>[^<\n]{0,200}</s>)|</s>"
)
"""Tokens of chat templates and tokenizers by their shapes; `struck` is HTML and none of them."""
_OPENING = re.compile(r"\s*<s>")
"""The token that begins a text, at its beginning."""
_HASHED = re.compile(r"^####[ \t]*(\S.*)$")
_QUOTED = 40


class Format:
    """Rejects truncated completions, what `schemas.trace` cannot read, and traces no student should learn to write.

    Those hold tokens of a chat template (outside code, and not the problem's own), or give several answers: boxes in
    the answer that differ, or a box or block that says another number than the box, the `####` line or the "answer is"
    beside it.
    Not covered: what the reasoning boxes; answers that differ and are no numbers, beside the block.
    """

    name = "format"
    version = "2"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Judge the finish reason first: a truncated text has other faults only because it was truncated."""
        if candidate.finish_reason == "length":
            return Judgement(Outcome.REJECT, Reason.TRUNCATED, "the teacher reached its token limit")
        trace = parse(candidate.content, candidate.reasoning)
        if isinstance(trace, TraceFault):
            return Judgement(Outcome.REJECT, trace.reason, trace.detail)
        rest = candidate.content.rpartition(THINK_CLOSE)[2]
        return (
            _leak(problem.prompt, {"reasoning": trace.reasoning, "answer": rest.strip()})
            or _several_boxes(trace.answer)
            or _contradiction(trace.answer, rest)
            or Judgement(Outcome.ACCEPT, Reason.OK)
        )


def _leak(prompt: str, texts: dict[str, str]) -> Judgement | None:
    for where, text in texts.items():
        for token in _tokens(without_code(text)):
            if token.lastgroup != "struck" and token.group().strip() not in prompt:
                detail = f"{token.group().strip()} at {where} {token.start()} is a token of a template, not text"
                return Judgement(Outcome.REJECT, Reason.LEAKED_TEMPLATE, detail)
    return None


def _tokens(text: str) -> Iterator[re.Match[str]]:
    opening = _OPENING.match(text)
    if opening:
        yield opening
    yield from _TEMPLATE.finditer(text, opening.end() if opening else 0)


def _several_boxes(answer: str) -> Judgement | None:
    found = conflict(answer)
    if found is None:
        return None
    told = (f"{shorten(box.content, _QUOTED)!r} at answer {box.start}" for box in (one.boxes[-1] for one in found))
    return Judgement(Outcome.REJECT, Reason.SEVERAL_BOXES, f"boxes that differ: {' and '.join(told)}")


def _contradiction(answer: str, rest: str) -> Judgement | None:
    """Compare what the answer says with what stands around its block; one that agrees is enough."""
    before, _, block = rest.partition(ANSWER_OPEN)
    around = f"{before}\n{block.partition(ANSWER_CLOSE)[2]}" if block else ""
    beside = [box.content for box in boxes(around)]
    if hashed := _HASHED.match(rest.rstrip().rpartition("\n")[2]):
        beside.append(hashed[1])
    found = boxes(answer)
    if found and not has_parts(answer) and (said := cued_answer(_without(found, answer))):
        beside.append(said)
    if not beside or len(answer) > LONGEST:
        return None
    inside = [box.content for box in found] or [final_answer(answer) or ""]
    if not all(certainly_differ(one, other) for one in inside for other in beside):
        return None
    detail = f"the answer says {shorten(inside[-1], _QUOTED)!r}, and {shorten(beside[-1], _QUOTED)!r} stands beside it"
    return Judgement(Outcome.REJECT, Reason.CONTRADICTED_BOX, detail)


def _without(found: list[Box], text: str) -> str:
    """Put a line that is no answer in the place of every box of a text."""
    begins = [0, *(box.end for box in found)]
    ends = [*(box.start for box in found), len(text)]
    return "\n□\n".join(text[begin:end] for begin, end in zip(begins, ends, strict=True))
