"""Which streams may be cut, and what becomes of a candidate that was: undecided with a reason, for nobody to decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from curator.cuts import watch_for
from curator.reviewing.queue import find_queue
from curator.store.tables import RunPolicy
from curator.trace_view import find_candidate, print_candidate
from curator.yield_report import print_yield
from curator.yields import CutStreams, yield_report
from schemas.candidate import Candidate, Run, SamplingParameters
from schemas.policy import PolicyRule, default_policy, rules_for
from schemas.problem import Problem
from schemas.verdict import CUTS
from verifiers.run import verify_one
from verifiers.settings import VerifierSettings

LOST = {
    "repetition": "Wait, let me check that again, the farmer has too many. " * 60,
    "language": "等等，让我再检查一遍，" + "".join(f"农夫把第{n}个苹果卖给了他的第{n + 7}个邻居。" for n in range(99)),
    "format": "<think>a</think><answer>4</answer><think>" + "".join(f"{n} is not {n + 1}. " for n in range(99)),
}
PROBLEM = Problem("p", "math", "How many apples are left?", "4")
START = datetime(2026, 1, 1, tzinfo=UTC)


def reworded(verifier: str, requirement: str) -> list[PolicyRule]:
    """The default policy with another word about one verifier; `off` leaves it out."""
    rules = [rule for rule in default_policy() if rule.verifier != verifier]
    return rules if requirement == "off" else [*rules, PolicyRule("math", verifier, requirement, 99)]


@pytest.mark.parametrize("verifier", LOST)
def test_only_what_the_policy_requires_cuts(verifier: str) -> None:
    """With `[policy.math] language = "off"`, or advisory, no other language ends a stream; so for each of them."""
    said = {}
    for requirement in ("required", "advisory", "off"):
        make = watch_for(PROBLEM, VerifierSettings(), reworded(verifier, requirement))
        assert make is not None
        said[requirement] = make().feed(f"{LOST[verifier]}") is not None
    assert said == {"required": True, "advisory": False, "off": False}


def test_a_policy_without_such_a_verifier_watches_nothing() -> None:
    """Nothing is spent on streams that nobody may end."""
    assert watch_for(PROBLEM, VerifierSettings(), [PolicyRule("math", "math", "required", 0)]) is None


@pytest.fixture
def half(bench) -> str:
    """Store and judge a candidate whose stream was cut; return its id."""
    problem, run = bench.problem(), Run(bench.run, "fake", "m", SamplingParameters(max_tokens=100), "b2:t", START)
    text, cut = "<think>so so so", "cut_loop: 'so \x1b[2J' is said 9 times in a row, and goes on"
    fields = {"abort_reason": cut, "completion_tokens": 40, "tokens_estimated": True}
    candidate = Candidate(f"b2:{bench.run}", run.id, problem.id, 0, None, text, "inline", "aborted", "m", **fields)
    rules = rules_for(default_policy(), problem)
    verdicts = [verify_one(rule.verifier, problem, candidate, VerifierSettings()) for rule in rules]
    bench.store.write([problem, run, *(RunPolicy(run.id, rule) for rule in rules), candidate, *verdicts])
    return candidate.id


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Read what was printed, as on a wide terminal."""
    monkeypatch.setenv("COLUMNS", "160")
    return lambda: capsys.readouterr().out


def test_a_cut_candidate_is_undecided_and_says_why(bench, half) -> None:
    """By every verifier, so that neither a pass rate nor an export takes it for wrong."""
    assert bench.decisions() == [("undecided", "cut_loop")]
    assert bench.rows("candidate_id, detail", "undecided") == [
        (half, "'so \x1b[2J' is said 9 times in a row, and goes on")
    ]
    said = bench.store.rows("SELECT DISTINCT outcome, reason FROM verdicts WHERE candidate_id = ?", [half])
    assert said == [{"outcome": "abstain", "reason": "cut_loop"}]


def test_nobody_is_asked_to_decide_half_a_trace(bench, half) -> None:
    """It waits for no person, unless somebody asks for its reason by name."""
    assert len(find_queue(bench.store, [bench.run], [], None)) == 0
    assert list(find_queue(bench.store, [bench.run], sorted(CUTS), None).ids()) == [half]


def test_a_cut_candidate_is_shown_as_one(bench, half, shown) -> None:
    """Why the stream was cut stands where others say how they ended, and nothing in it reaches the terminal."""
    print_candidate(find_candidate(bench.store, half), as_json=False)
    out = shown()
    assert "(estimated), aborted (cut_loop: 'so \\x1b[2J' is said 9 times in a row" in out
    assert "\x1b[2J" not in out


def test_the_report_counts_what_cutting_spared(bench, half, shown) -> None:
    """Streams, the tokens that they had come to, and how far they were from the limit on tokens."""
    found = yield_report(bench.store, bench.path, [bench.run])
    assert found.cut == CutStreams(streams=1, tokens=40, spared=60)
    print_yield(found, "curator")
    assert "1 lost stream was cut after 40 tokens; up to the limit, 60 more could have come" in shown()
