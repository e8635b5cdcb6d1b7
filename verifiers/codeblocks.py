"""Does the reasoning about something that is no code hold blocks of code?"""

from __future__ import annotations

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.trace import parse
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.markdown import fences
from verifiers.settings import VerifierSettings


class Codeblocks:
    """Rejects reasoning with fenced blocks where no program was asked for; the score is their number.

    DeepSeek-R1's report names code blocks among what was filtered out of the reasoning in its training data.
    A fence is a block whatever stands in it, a table or a drawing as well, and also where it is never closed.
    In domain code every number is accepted.
    Not covered: the answer, inline code, and code that is indented only.
    """

    name = "codeblocks"
    version = "1"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Count the blocks, and say where the first begins."""
        reasoning = parse(candidate.content, candidate.reasoning).reasoning or ""
        found = list(fences(reasoning))
        score = float(len(found))
        most = settings.codeblocks.max_blocks
        if problem.domain == "code" or len(found) <= most:
            return Judgement(Outcome.ACCEPT, Reason.OK, score=score)
        counted = f"{len(found)} fenced block{'s' if len(found) > 1 else ''}, more than {most}"
        where = f"the first at reasoning {found[0].start}–{found[0].end}{'' if found[0].closed else ', never closed'}"
        return Judgement(Outcome.REJECT, Reason.CODE_BLOCK, f"{counted}: {where}", score=score)
