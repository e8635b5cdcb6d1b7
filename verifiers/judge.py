"""Answers that a language model judges: what it is asked, and what of its reply counts.

The model sees the problem, the reference answer where one is known, and the answer: never the reasoning, for it is
the answer that is judged, and a chain of thought persuades. Each text stands between lines that carry a mark made
from the texts themselves and found in none of them, so that no text can end its own fence or open another.

A reply counts only when it is one JSON object, `{"verdict": …, "reason": …}`, and nothing else. A `<think>` block
before it and one code fence around it are how models talk, and are taken off. Whatever else it is, the judge said
nothing: the verdict abstains.

Not covered: a model that lets itself be talked round inside the fence. What it accepts against the rules goes to a
person, never into a dataset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import NoReturn

from schemas.candidate import Candidate, FinishReason, Message
from schemas.identity import content_hash
from schemas.policy import JUDGE
from schemas.problem import Problem
from schemas.trace import THINK_CLOSE, THINK_OPEN
from schemas.verdict import Judgement, Outcome, Reason
from verifiers.base import shorten
from verifiers.settings import VerifierSettings

CRITERIA, MARK, TEXTS = SLOTS = ("{criteria}", "{mark}", "{texts}")
"""Where a rubric's frame takes what to judge by, the mark of the fences, and the fenced texts."""
MOST_SHOWN = 12_000
"""Characters of one text that the model sees; of a longer one its beginning and its end."""
MOST_REPLY = 20_000
"""Characters of a reply, reasoning left out, beyond which it is not read."""
_QUOTED = 120
_REASON = 400
_KEYS = {"verdict", "reason"}
_FENCES = {"```", "```json"}
_SAID: Mapping[object, tuple[Outcome, Reason]] = {
    "accept": (Outcome.ACCEPT, Reason.OK),
    "reject": (Outcome.REJECT, Reason.JUDGED_WRONG),
    "abstain": (Outcome.ABSTAIN, Reason.JUDGE_UNSURE),
}


@dataclass(frozen=True, slots=True)
class Rubric:
    """What a model is told besides the texts."""

    frame: str
    """The whole message, with the `SLOTS`."""
    criteria: str
    """What to judge by."""


class Judge:
    """Stands where no model can be asked; `curator.judge` asks one, and its verdicts bear this name and version."""

    name = JUDGE
    version = "1"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Abstain: a language model is no part of a worker process."""
        return Judgement(Outcome.ABSTAIN, Reason.NO_JUDGE, "no judge model was named: --judge SPEC")


def messages(problem: Problem, answer: str, rubric: Rubric) -> list[Message]:
    """Put an answer to a judge: one user turn, for some models know no other. Equal arguments give equal messages.

    Args:
        problem: Its prompt and, if there is one, its gold are shown too.
        answer: The text after the reasoning.
        rubric: Of the problem's domain and language.
    """
    texts = {"PROBLEM": problem.prompt, "REFERENCE ANSWER": problem.answer or "", "ANSWER": answer}
    texts = {name: _sendable(text) for name, text in texts.items() if text.strip() or name == "ANSWER"}
    mark = _mark(list(texts.values()))
    fenced = [
        f"=== BEGIN {name} {mark} ===\n{_shown(text, mark)}\n=== END {name} {mark} ===" for name, text in texts.items()
    ]
    told = rubric.frame.replace(CRITERIA, rubric.criteria).replace(MARK, mark)
    return [{"role": "user", "content": told.replace(TEXTS, "\n\n".join(fenced))}]  # last: texts may hold slots


def judged(problem: Problem, answer: str, reply: str, finish_reason: FinishReason) -> Judgement:
    """Judge an answer by what the model replied to its `messages`."""
    judgement = read_reply(reply, finish_reason)
    if len(answer) > MOST_SHOWN:
        judgement = replace(
            judgement, detail=f"{judgement.detail} (it saw {MOST_SHOWN:,} of {len(answer):,} characters)"
        )
    return replace(judgement, extracted=answer, expected=problem.answer)


def read_reply(text: str, finish_reason: FinishReason) -> Judgement:
    """Read a judge's reply; never raises, and what is not exactly as it was asked for abstains.

    Args:
        text: The reply's content; reasoning in a field of its own is no part of it.
        finish_reason: Why it ended; a reply that was cut does not count, even where its text looks whole.
    """
    if finish_reason != "stop":
        allow = "; [judge] max_tokens allows more" if finish_reason == "length" else ""
        return _unreadable(f"was cut before its end{allow}", text)
    body = _unwrapped(text)
    if not body:
        return _unreadable("says nothing", text)
    if len(body) > MOST_REPLY:
        return _unreadable(f"is longer than {MOST_REPLY:,} characters", body)
    try:
        said = json.loads(body, object_pairs_hook=_without_twins, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return _unreadable("is not one JSON object and nothing else", body)
    if not isinstance(said, dict) or said.keys() != _KEYS:
        return _unreadable('has not exactly the keys "verdict" and "reason"', body)
    verdict, reason = said["verdict"], said["reason"]
    if not isinstance(verdict, str) or verdict not in _SAID:
        return _unreadable('has another verdict than "accept", "reject" or "abstain"', body)
    if not isinstance(reason, str) or not reason.strip():
        return _unreadable("gives no reason", body)
    return Judgement(*_SAID[verdict], shorten(reason, _REASON))


def _mark(texts: Sequence[str]) -> str:
    """Make a mark that no text holds: 64 bits of a hash of all of them."""
    folded = [text.casefold() for text in texts]
    marks = (content_hash(["fence", number, *texts])[3:19] for number in count())
    return next(mark for mark in marks if not any(mark in text for text in folded))


def _shown(text: str, mark: str) -> str:
    """Cut the middle out of a long text, and say so in a way that the text itself cannot."""
    if len(text) <= MOST_SHOWN:
        return text
    half = MOST_SHOWN // 2
    return f"{text[:half]}\n=== {len(text) - 2 * half} CHARACTERS LEFT OUT {mark} ===\n{text[-half:]}"


def _sendable(text: str) -> str:
    """Join surrogate pairs and replace halves, as the store does: what is asked is the same before and after."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unwrapped(text: str) -> str:
    """Take off the reasoning before a reply and one code fence around it."""
    text = text.strip()
    if text.startswith(THINK_OPEN) or (THINK_CLOSE in text and not text.startswith(("{", "```"))):
        text = text.rpartition(THINK_CLOSE)[2].strip()
    head, _, rest = text.partition("\n")
    if head.strip() in _FENCES and rest.endswith("```"):
        return rest.removesuffix("```").strip()
    return text


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object that says one key twice: nobody knows which of them is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _unreadable(fault: str, text: str) -> Judgement:
    quoted = f": {shorten(text, _QUOTED)}" if text.strip() else ""
    return Judgement(Outcome.ABSTAIN, Reason.JUDGE_UNREADABLE, f"the judge's reply {fault}{quoted}")
