"""From verdicts to one decision."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.policy import PolicyRule, decide, default_policy
from schemas.problem import DOMAINS
from schemas.verdict import NOT_JUDGED, Outcome, Reason, Verdict

RULES = tuple(rule for rule in default_policy() if rule.domain == "math")
NAMES = tuple(rule.verifier for rule in RULES)


def verdict(name: str, outcome: Outcome, reason: Reason) -> Verdict:
    """A verdict of which only the verifier, the outcome and the reason matter here."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Verdict("c", name, "1", "h", outcome, reason, "", None, None, None, 1.0, at)


ACCEPTED = {name: verdict(name, Outcome.ACCEPT, Reason.OK) for name in NAMES}


def test_every_domain_has_an_answer_verifier() -> None:
    """By default each domain requires format, one verifier of the answer, language, length and repetition."""
    for domain in DOMAINS:
        names = [rule.verifier for rule in default_policy() if rule.domain == domain]
        assert (names[0], names[2:]) == ("format", ["language", "length", "repetition"])


def test_all_accept_is_accepted() -> None:
    """A candidate that every required verifier accepts is accepted."""
    assert decide(RULES, ACCEPTED).decision == "accepted"


def test_first_rejection_gives_the_reason() -> None:
    """Of several rejections the one first in the policy's order is told."""
    wrong = verdict("math", Outcome.REJECT, Reason.WRONG_ANSWER)
    long = verdict("length", Outcome.REJECT, Reason.TOO_LONG)
    decision = decide(RULES, ACCEPTED | {"length": long, "math": wrong})
    assert (decision.decision, decision.reason, decision.decided_by) == ("rejected", "wrong_answer", "math")


@pytest.mark.parametrize("outcome", [Outcome.ABSTAIN, Outcome.ERROR])
def test_cannot_tell_is_undecided(outcome: Outcome) -> None:
    """'Cannot tell' neither accepts nor rejects."""
    unsure = verdict("math", outcome, Reason.VERIFIER_TIMEOUT)
    decision = decide(RULES, ACCEPTED | {"math": unsure})
    assert (decision.decision, decision.reason) == ("undecided", "verifier_timeout")


def test_rejection_goes_before_cannot_tell() -> None:
    """A candidate that is surely bad is rejected though another verifier cannot tell."""
    unsure = verdict("format", Outcome.ERROR, Reason.VERIFIER_CRASH)
    long = verdict("length", Outcome.REJECT, Reason.TOO_LONG)
    assert decide(RULES, ACCEPTED | {"format": unsure, "length": long}).decision == "rejected"


def test_missing_verdict_is_undecided() -> None:
    """A candidate that was not judged yet is not accepted."""
    decision = decide(RULES, {"format": ACCEPTED["format"], "length": ACCEPTED["length"]})
    assert (decision.decision, decision.reason, decision.decided_by) == ("undecided", NOT_JUDGED, "math")


def test_advice_decides_nothing() -> None:
    """An advisory verifier's rejection hides nothing and rejects nothing."""
    advice = PolicyRule("math", "paragraphs", "advisory", 9)
    wordy = verdict("paragraphs", Outcome.REJECT, Reason.TOO_LONG)
    assert decide([*RULES, advice], ACCEPTED | {"paragraphs": wordy}).decision == "accepted"


@given(st.tuples(*[st.sampled_from(Outcome)] * len(NAMES)))
def test_order_of_rules_does_not_matter(outcomes: tuple[Outcome, ...]) -> None:
    """Rules decide by their position, not by the order in which a database returns them."""
    verdicts = {name: verdict(name, outcome, Reason.OK) for name, outcome in zip(NAMES, outcomes, strict=True)}
    assert len({decide(rules, verdicts) for rules in permutations(RULES)}) == 1
