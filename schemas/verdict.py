"""What a verifier says of a candidate, and the closed set of reasons it can give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.identity import content_hash


class Outcome(StrEnum):
    """`abstain` and `error` mean 'cannot tell': never wrong, and never right."""

    ACCEPT = "accept"
    REJECT = "reject"
    ABSTAIN = "abstain"
    ERROR = "error"


class Reason(StrEnum):
    """Why a verdict is what it is. Faults of the answer reject; limits of our checking abstain or are errors."""

    OK = "ok"
    # format: the trace itself
    TRUNCATED = "truncated"
    MISSING_THINK = "missing_think"
    UNCLOSED_THINK = "unclosed_think"
    EMPTY_THINK = "empty_think"
    EMPTY_ANSWER = "empty_answer"
    UNCLOSED_ANSWER = "unclosed_answer"
    MISPLACED_TAGS = "misplaced_tags"
    LEAKED_TEMPLATE = "leaked_template"
    SEVERAL_BOXES = "several_boxes"
    CONTRADICTED_BOX = "contradicted_box"
    # math, choice, exact, procedural, code: the answer
    NO_ANSWER = "no_answer"
    WRONG_ANSWER = "wrong_answer"
    UNPARSABLE_ANSWER = "unparsable_answer"
    # exact: the gold stands within a longer answer
    UNCLEAR_ANSWER = "unclear_answer"
    # code: what the program did
    NO_CODE = "no_code"
    COMPILE_ERROR = "compile_error"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    # length, language, repetition, paragraphs, codeblocks
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    MIXED_LANGUAGE = "mixed_language"
    REPETITION = "repetition"
    LONG_PARAGRAPH = "long_paragraph"
    CODE_BLOCK = "code_block"
    # judge: what a language model says
    JUDGED_WRONG = "judged_wrong"
    JUDGE_UNSURE = "judge_unsure"
    JUDGE_UNREADABLE = "judge_unreadable"
    # cannot tell: the stream was cut before its end, because it was lost
    CUT_LOOP = "cut_loop"
    CUT_BUDGET = "cut_budget"
    CUT_LANGUAGE = "cut_language"
    CUT_FORMAT = "cut_format"
    # cannot tell: the problem lacks something
    NO_GOLD = "no_gold"
    GOLD_UNPARSABLE = "gold_unparsable"
    NO_VERIFIER = "no_verifier"
    NO_JUDGE = "no_judge"
    # cannot tell: our checking failed
    VERIFIER_TIMEOUT = "verifier_timeout"
    VERIFIER_MEMORY = "verifier_memory"
    VERIFIER_CRASH = "verifier_crash"
    SANDBOX_UNAVAILABLE = "sandbox_unavailable"
    JUDGE_UNAVAILABLE = "judge_unavailable"


CUTS = frozenset({Reason.CUT_LOOP, Reason.CUT_BUDGET, Reason.CUT_LANGUAGE, Reason.CUT_FORMAT})
"""Why we cut a stream. A candidate says so in its `abort_reason`: one of these, a colon, a blank, what was seen."""
NOT_JUDGED = "not_judged"
"""Reason of an undecided candidate whose required verdict is still missing."""
JUDGE_DISAGREES = "judge_disagrees"
"""Reason of an undecided candidate whose answer the rules reject and the judge accepts: a person is to decide."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one verifier found: a verdict before it is timed and attributed."""

    outcome: Outcome
    reason: Reason
    detail: str = ""
    """One or two sentences for a person; may quote a few words of the answer, never a whole trace."""
    extracted: str | None = None
    """The answer that was judged, as found in the trace."""
    expected: str | None = None
    score: float | None = None
    """The measured value behind the outcome, stored even when it accepts (tokens, a share, …)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One append-only row: what a verifier, in one version and configuration, said of one candidate."""

    candidate_id: str
    verifier: str
    version: str
    config_hash: str
    """Hash of the verifier's settings, the gold and the tests: equal hashes need no second judging."""
    outcome: Outcome
    reason: Reason
    detail: str
    extracted: str | None
    expected: str | None
    score: float | None
    elapsed_ms: float
    created_at: datetime

    @property
    def id(self) -> str:
        """Identity of the row, so that writing it twice stores it once."""
        return content_hash(
            ["verdict", self.candidate_id, self.verifier, self.version, self.config_hash, self.created_at.isoformat()]
        )
