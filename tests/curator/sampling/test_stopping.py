"""When a problem has been sampled enough: the rule holds whatever becomes of the candidates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.sampling.stopping import StopRule, Tally, expected_rate, stop_reason, wanted_now
from schemas.policy import Decision

ACCEPTED = Decision("accepted", "ok", "policy")
REJECTED = Decision("rejected", "wrong_answer", "math")
CUT = Decision("undecided", "cut_loop", "repetition")
NO_GOLD = Decision("undecided", "no_gold", "math")
CRASH = Decision("undecided", "verifier_crash", "math")
COMMON = (ACCEPTED, REJECTED, CUT)

rules = st.builds(
    StopRule,
    max_n=st.integers(1, 40),
    until=st.integers(1, 12),
    give_up_below=st.floats(0, 1),
    enough_above=st.floats(0, 1),
)
fates = st.lists(st.sampled_from((*COMMON, NO_GOLD, CRASH)), max_size=40)


def tally(*decisions: Decision) -> Tally:
    counted = Tally()
    for decision in decisions:
        counted = counted.plus(decision)
    return counted


def sampled(rule: StopRule, fate: list[Decision], at_once: int) -> tuple[Tally, int]:
    """Ask as the rule wants, `at_once` verdicts coming together; return what came and the most in flight."""
    counted, most, rest = Tally(), 0, iter(fate)
    while (in_flight := min(at_once, wanted_now(rule, counted, 0))) > 0:
        most = max(most, in_flight)
        for decision in [next(rest, REJECTED) for _ in range(in_flight)]:
            counted = counted.plus(decision)
    return counted, most


@pytest.mark.parametrize(
    ("decisions", "reason"),
    [
        ([], None),
        ([ACCEPTED] * 3, "solved"),
        ([REJECTED] * 9, None),
        ([REJECTED] * 10, "hopeless"),
        ([CUT] * 10, "hopeless"),
        ([REJECTED] * 10 + [ACCEPTED], None),
        ([ACCEPTED] + [REJECTED] * 15, "max_n"),
        ([NO_GOLD], "unjudgeable"),
        ([REJECTED, NO_GOLD], "unjudgeable"),
        ([CRASH], None),
        ([CRASH, CRASH], "unjudgeable"),
        ([CRASH, CRASH, REJECTED], None),
    ],
)
def test_each_reason_has_its_case(decisions: list[Decision], reason: str | None) -> None:
    """Three accepted are wanted, of at most sixteen; what is cut or cannot be judged is not accepted."""
    assert stop_reason(StopRule(16, until=3), tally(*decisions)) == reason


def test_a_trivial_problem_is_not_asked_about_until_its_many_are_accepted() -> None:
    """Ten of ten are enough although fifty were wanted; one rejection makes it worth while again."""
    rule = StopRule(100, until=50)
    assert stop_reason(rule, tally(*[ACCEPTED] * 9)) is None
    assert stop_reason(rule, tally(*[ACCEPTED] * 10)) == "trivial"
    assert stop_reason(rule, tally(REJECTED, *[ACCEPTED] * 10)) is None


@given(fates.map(lambda fate: [one for one in fate if one in COMMON]))
def test_bounds_of_nought_and_one_turn_the_rule_off(fate: list[Decision]) -> None:
    """Then only enough accepted ones, or the most candidates, end a problem."""
    assert stop_reason(StopRule(1000, 1000, give_up_below=0, enough_above=1), tally(*fate)) is None


@given(st.integers(0, 100), st.integers(0, 100))
def test_the_expected_rate_is_a_rate_and_follows_the_evidence(accepted: int, others: int) -> None:
    """It lies between 0 and 1, rises with an accepted candidate, and falls with another."""
    rate = expected_rate(accepted, accepted + others)
    assert (
        0
        < expected_rate(accepted, accepted + others + 1)
        < rate
        < expected_rate(accepted + 1, accepted + others + 1)
        < 1
    )


@given(rules, st.lists(st.sampled_from(COMMON), max_size=40), st.integers(0, 40))
def test_no_more_is_in_flight_than_lacks(rule: StopRule, fate: list[Decision], in_flight: int) -> None:
    """However many are in flight, with the new ones they could all be accepted and not be too many."""
    counted = tally(*fate)
    more = wanted_now(rule, counted, in_flight)
    assert more >= 0
    if more:
        assert counted.accepted + in_flight + more <= rule.until
        assert counted.tries + in_flight + more <= rule.max_n


@given(rules, fates, st.integers(1, 20))
def test_a_problem_always_comes_to_its_end(rule: StopRule, fate: list[Decision], at_once: int) -> None:
    """Asking as wanted ends for a reason, never with more than wanted, accepted or in all."""
    counted, _ = sampled(rule, fate, at_once)
    assert stop_reason(rule, counted) is not None
    assert counted.tries <= rule.max_n and counted.accepted <= rule.until


@given(rules, st.sampled_from([NO_GOLD, CRASH]), st.integers(1, 20))
def test_who_cannot_be_judged_costs_two_candidates_at_most(rule: StopRule, decision: Decision, at_once: int) -> None:
    """Even if many could be in flight at once."""
    assert sampled(rule, [decision] * 40, at_once)[0].tries <= 2


@given(rules.filter(lambda rule: rule.until), st.sampled_from([ACCEPTED, REJECTED]), st.integers(1, 20))
def test_the_rule_is_not_overrun_by_what_is_in_flight(rule: StopRule, decision: Decision, at_once: int) -> None:
    """A problem whose candidates all end alike costs the same, one by one or many at once."""
    assert sampled(rule, [decision] * 40, at_once)[0].tries == sampled(rule, [decision] * 40, 1)[0].tries


@given(st.integers(1, 40), fates)
def test_a_fixed_number_is_asked_for_whatever_comes(n: int, fate: list[Decision]) -> None:
    """All at once, and none beyond."""
    counted = tally(*fate[:n])
    assert wanted_now(StopRule(n), counted, 0) == n - counted.tries
