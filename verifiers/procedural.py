"""reasoning-gym problems: the answer is right when the task's own scorer gives it the full score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Judgement, Outcome, Reason
from verifiers import gym
from verifiers.answer import final_answer
from verifiers.base import answer_text
from verifiers.exact import NO, YES, plain
from verifiers.settings import VerifierSettings

META = "reasoning_gym"
"""Key of a problem's `meta` under which its recipe stands."""
FULL = 1.0
"""The score of a right answer; less is the scorer's credit for form or for a part."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which entry a problem is."""

    task: str
    size: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0)]
    index: Annotated[int, Field(ge=0)]
    version: str
    """Of the reasoning-gym that made it."""


_RECIPE = TypeAdapter(Recipe)


class Procedural:
    """Makes the entry again and asks its scorer.

    An answer counts as a whole, such as a solved grid, or by its final answer. Not covered: problems that another
    version of reasoning-gym made, where that version makes others; a scorer that breaks on an answer is an error.
    """

    name = "procedural"

    @property
    def version(self) -> str:
        """Changes with reasoning-gym, so that installing it brings the verdicts that it was missing for."""
        return f"2 with reasoning-gym {gym.installed() or 'missing'}"

    def check(self, problem: Problem, candidate: Candidate, settings: VerifierSettings) -> Judgement:
        """Score the answer."""
        try:
            recipe = _RECIPE.validate_python(problem.meta.get(META))
        except ValidationError:
            return _abstain(f"the problem's meta does not say which reasoning-gym entry it is ({META})")
        if why := gym.missing():
            return _abstain(f"{why}: pip install 'r1-curator[gym]', then judge again")
        text = answer_text(candidate)
        if not text:
            return Judgement(Outcome.REJECT, Reason.NO_ANSWER, "no final answer was found", expected=problem.answer)
        try:
            return _scored(problem, recipe, text)
        except gym.UnknownTaskError as err:
            return _abstain(f"reasoning-gym's task {recipe.task} is not scored: {err.reason or 'there is none'}")


def _scored(problem: Problem, recipe: Recipe, text: str) -> Judgement:
    task = gym.task(recipe.task, recipe.size, recipe.seed)
    entry = task.entry(recipe.index) if recipe.index < recipe.size else None
    if entry is None or (entry.question, entry.answer) != (problem.prompt, problem.answer):
        made = f"made by version {recipe.version}, installed is {gym.installed()}"
        return _abstain(f"this reasoning-gym does not make this problem ({made})")
    given = dict.fromkeys((text, final_answer(text) or text))
    scored = ((task.score(_as_the_gold_spells(one, entry.answer), entry), one) for one in given)
    score, best = max(scored, key=lambda pair: pair[0])
    if score >= FULL:
        return Judgement(Outcome.ACCEPT, Reason.OK, "", best, problem.answer, score)
    if not any(gym.harmless(recipe.task, one) for one in given):
        detail = "the scorer would run this answer as a program; it is not given one"
        return Judgement(Outcome.REJECT, Reason.UNPARSABLE_ANSWER, detail, best, problem.answer, 0.0)
    return Judgement(Outcome.REJECT, Reason.WRONG_ANSWER, f"scored {score:.3g} of 1", best, problem.answer, score)


def _as_the_gold_spells(given: str, gold: str | None) -> str:
    """Spell yes and no like the gold: some scorers take `yes.` for wrong where it is `Yes`.

    Other words are left alone: their capitals may be what a task asks about.
    """
    same = gold is not None and plain(gold) in YES | NO and plain(given) == plain(gold)
    return gold if gold is not None and same else given


def _abstain(detail: str) -> Judgement:
    return Judgement(Outcome.ABSTAIN, Reason.NO_VERIFIER, detail)
