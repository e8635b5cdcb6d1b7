"""Which streams may be cut, and for what: only a verifier that the policy requires may end one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from schemas.policy import PolicyRule, rules_for
from schemas.problem import Problem
from verifiers.settings import VerifierSettings
from verifiers.watch import WATCHED, Watch


def watch_for(problem: Problem, settings: VerifierSettings, rules: Sequence[PolicyRule]) -> Callable[[], Watch] | None:
    """Return what makes a watch for each stream of a problem; None where no rule could cut one.

    A verifier that is advisory, or off, decides nothing, and so ends nothing.
    """
    required = {rule.verifier for rule in rules_for(rules, problem) if rule.requirement == "required"}
    return partial(Watch, problem, settings, required & WATCHED) if required & WATCHED else None
