"""From verdicts to one decision."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.policy import ANSWER_VERIFIERS, PolicyRule, decide, default_policy, wants_judge
from schemas.problem import DOMAINS
from schemas.verdict import JUDGE_DISAGREES, NOT_JUDGED, Outcome, Reason, Verdict

MATH = tuple(rule for rule in default_policy() if rule.domain == "math")
GENERAL = tuple(rule for rule in default_policy() if rule.domain == "general")
RULES = tuple(rule for rule in MATH if rule.requirement == "required")
NAMES = tuple(rule.verifier for rule in RULES)


def verdict(name: str, outcome: Outcome, reason: Reason) -> Verdict:
    """A verdict of which only the verifier, the outcome and the reason matter here."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Verdict("c", name, "1", "h", outcome, reason, "", None, None, None, 1.0, at)


ACCEPTED = {name: verdict(name, Outcome.ACCEPT, Reason.OK) for name in NAMES}


def test_every_domain_has_an_answer_verifier() -> None:
    """By default each domain requires format, one verifier of the answer, language, length and repetition."""
    for domain in DOMAINS:
        rules = [rule for rule in default_policy() if rule.domain == domain]
        required = [rule.verifier for rule in rules if rule.requirement == "required"]
        assert required == ["format", ANSWER_VERIFIERS[domain], "language", "length", "repetition"]


def test_advice_is_what_no_rule_can_be_sure_of() -> None:
    """Long paragraphs, code blocks where no program was asked for, and a judge's second opinion on math."""
    advice = {domain: [r.verifier for r in default_policy() if r.domain == domain][5:] for domain in DOMAINS}
    style = ["paragraphs", "codeblocks"]
    assert advice == dict.fromkeys(DOMAINS, style) | {"math": [*style, "judge"], "code": ["paragraphs"]}


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


WRONG = ACCEPTED | {"math": verdict("math", Outcome.REJECT, Reason.WRONG_ANSWER)}
RIGHT = {"judge": verdict("judge", Outcome.ACCEPT, Reason.OK)}


def test_an_answer_that_a_judge_defends_is_for_a_person() -> None:
    """It is neither rejected any more nor silently accepted."""
    decision = decide(MATH, WRONG | RIGHT)
    assert (decision.decision, decision.reason, decision.decided_by) == ("undecided", JUDGE_DISAGREES, "judge")
    assert decide(RULES, WRONG | RIGHT).decision == "rejected", "without a rule for it, a judge has no say"


@pytest.mark.parametrize("outcome", [Outcome.REJECT, Outcome.ABSTAIN, Outcome.ERROR])
def test_a_judge_that_does_not_accept_changes_nothing(outcome: Outcome) -> None:
    """The rule's rejection stands."""
    decision = decide(MATH, WRONG | {"judge": verdict("judge", outcome, Reason.JUDGE_UNSURE)})
    assert (decision.decision, decision.reason, decision.decided_by) == ("rejected", "wrong_answer", "math")


def test_a_judge_defends_answers_only() -> None:
    """A trace that is too long stays rejected, whatever a judge says of its answer."""
    long = {"length": verdict("length", Outcome.REJECT, Reason.TOO_LONG)}
    assert decide(MATH, WRONG | long | RIGHT).reason == "too_long"


def test_a_judge_is_asked_where_its_word_can_decide() -> None:
    """For a second opinion where only the answer is rejected; in domain general unless something else is."""
    long = {"length": verdict("length", Outcome.REJECT, Reason.TOO_LONG)}
    fair = {rule.verifier: verdict(rule.verifier, Outcome.ACCEPT, Reason.OK) for rule in GENERAL[2:]}
    assert wants_judge(MATH, WRONG)
    assert not any(wants_judge(MATH, said) for said in (ACCEPTED, WRONG | long, ACCEPTED | long))
    assert wants_judge(GENERAL, fair)
    assert not wants_judge(GENERAL, fair | long)
    assert not wants_judge(RULES, WRONG), "no rule, no question"
