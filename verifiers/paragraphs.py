"""Is the reasoning broken into paragraphs that a person can read?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.tokens import estimate_tokens
from schemas.trace import parse
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.markdown import without_blocks
from verifiers.settings import VerifierSettings

_BREAK = re.compile(r"\n(?=[ \t]*(?:\n|$|[-*+•][ \t]|#{1,6}[ \t]|\d{1,3}[.)、．]))")
"""A blank line, or a line that begins an item of a list or is a heading."""
_QUOTED = 60


class Paragraphs:
    """Rejects reasoning with a long paragraph; the score is the longest one's length in estimated tokens.

    DeepSeek-R1's report names long paragraphs among what was filtered out of its training data, without a figure.
    A blank line ends a paragraph, and so does an item of a list, a heading, a fenced block, a displayed formula or a
    table; what stands in those three is no prose and is not counted.
    Not covered: the answer, and whether a paragraph within the limit is easy to read.
    """

    name = "paragraphs"
    version = "1"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Measure the reasoning, as far as there is any."""
        reasoning = parse(candidate.content, candidate.reasoning).reasoning or ""
        start, end, tokens = _longest(without_blocks(reasoning))
        most, score = settings.paragraphs.max_tokens, float(tokens)
        if tokens <= most:
            return Judgement(Outcome.ACCEPT, Reason.OK, score=score)
        opening = " ".join(reasoning[start : start + _QUOTED].split())
        detail = f"about {tokens} tokens in one paragraph, more than {most}: reasoning {start}–{end}, {opening!r} …"
        return Judgement(Outcome.REJECT, Reason.LONG_PARAGRAPH, detail, score=score)


def _longest(text: str) -> tuple[int, int, int]:
    """Return begin, end and tokens of the longest paragraph; its first one when several are."""
    measured = ((start, end, estimate_tokens(text[start:end])) for start, end in _paragraphs(text))
    return max(measured, key=lambda one: one[2], default=(0, 0, 0))


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in [*(found.start() for found in _BREAK.finditer(text)), len(text)]:
        paragraph = text[start:end]
        begin = start + len(paragraph) - len(paragraph.lstrip())
        if begin < end:
            yield begin, begin + len(paragraph.strip())
        start = end
