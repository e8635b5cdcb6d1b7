"""Which stored candidates are judged again, what decides before and after, and which flips are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from curator.config import Settings
from curator.flips import VerifyReport, print_flips, write_json
from curator.store.tables import RunPolicy
from curator.verifying import verify_stored
from schemas.candidate import Candidate, Run
from schemas.flip import Flip
from schemas.policy import default_policy, rules_for
from schemas.problem import DOMAINS
from schemas.review import Review
from schemas.verdict import Outcome, Reason
from verifiers.run import verify_one
from verifiers.settings import LengthBounds, LengthSettings, VerifierSettings

GOOD, WRONG = "<think>two and two</think><answer>B</answer>", "<think>hm</think><answer>A</answer>"
NOW = datetime.now(UTC)
ASKED = ("format", "choice", "length")
OFF = {rule.verifier: "off" for rule in default_policy() if rule.domain == "choice" and rule.verifier not in ASKED}
POLICY = {"choice": OFF}
SHORT = LengthSettings(choice=LengthBounds(max_tokens=5))
"""Three verifiers are enough for these stories, whatever else the default policy requires."""
RULES = Settings(policy=POLICY).rules()


@pytest.fixture
def stored(bench) -> Callable[..., list[Candidate]]:
    """Store judged candidates of one problem."""

    def do(*contents: str, judged: bool = True, run: str = bench.run, tokens: int = 9, **fields) -> list[Candidate]:
        problem = bench.problem(**fields)
        run_of = Run(run, "import", "m", None, "", NOW)
        bench.store.write([problem, run_of, *(RunPolicy(run, rule) for rule in RULES)])
        candidates = [
            Candidate(f"b2:{run}-{at}", run, problem.id, at, None, content, "inline", "stop", "m",
                      completion_tokens=tokens)
            for at, content in enumerate(contents)
        ]  # fmt: skip
        names = [rule.verifier for rule in rules_for(RULES, problem)] if judged else []
        verdicts = [verify_one(name, problem, one, VerifierSettings()) for one in candidates for name in names]
        bench.store.write([*candidates, *verdicts])
        return candidates

    return do


@pytest.fixture
def verify(bench, tmp_path) -> Callable[..., VerifyReport]:
    """Judge this story's run again; a problem given is the file's."""

    def do(*problems, only: tuple[str, ...] = (), policy=POLICY, runs: tuple[str, ...] = (), dry=False, **settings):
        if problems:
            names = ("id", "domain", "prompt", "answer", "verifier")
            rows = [json.dumps({name: getattr(problem, name) for name in names}) for problem in problems]
            (tmp_path / "golds.jsonl").write_text("\n".join(rows))
            settings["problems"] = {"path": tmp_path / "golds.jsonl"}
        found = Settings(store=bench.path, policy=policy, **settings)
        return verify_stored(found, runs=runs or (bench.run,), verifiers=only, skip_bad=False, quiet=True, dry_run=dry)

    return do


def _transitions(report: VerifyReport) -> list[tuple[str, str, str, str]]:
    return [(flip.old_decision, flip.old_reason, flip.decision, flip.reason) for flip in report.shown]


def test_verdicts_that_hold_are_not_made_again(bench, stored, verify) -> None:
    """Same version, settings, gold and policy: nothing to do, and nothing is written."""
    stored(GOOD, WRONG)
    report = verify()
    assert (report.candidates, report.new.total(), report.held, report.flips.total()) == (2, 0, 6, 0)
    assert report.notes == []


def test_other_settings_of_one_verifier_judge_with_that_one_only(bench, stored, verify) -> None:
    """What was accepted is too long now; what was wrong is wrong as before."""
    stored(GOOD, WRONG)
    report = verify(verifiers=VerifierSettings(length=SHORT))
    assert dict(report.new) == {"length": 2}
    assert _transitions(report) == [("accepted", "ok", "rejected", "too_long")]
    assert bench.decisions() == [("rejected", "too_long"), ("rejected", "wrong_answer")]


def test_a_dry_run_only_says_what_would_flip(bench, stored, verify, capsys) -> None:
    """No verdict, flip, policy or gold is stored; without it, the same command does what was said."""
    stored(GOOD, WRONG)
    asked = {"policy": {"choice": OFF | {"choice": "advisory"}}, "verifiers": VerifierSettings(length=SHORT)}
    dry = verify(replace(bench.problem(), answer="A"), dry=True, **asked)
    assert sorted(_transitions(dry)) == [
        ("accepted", "ok", "rejected", "too_long"), ("rejected", "wrong_answer", "rejected", "too_long"),
    ]  # fmt: skip
    assert bench.decisions() == [("accepted", "ok"), ("rejected", "wrong_answer")]
    assert bench.rows("*", "flips") == []
    print_flips(dry, "curator")
    assert "decisions that would flip: 2" in capsys.readouterr().out
    write_json(dry)
    assert len(json.loads(capsys.readouterr().out)["flips"]) == 2
    assert sorted(_transitions(verify(**asked))) == sorted(_transitions(dry))


def test_a_policy_that_asks_for_less_needs_no_verdict(bench, stored, verify) -> None:
    """Rules alone may flip a decision; the run's policy is the new one afterwards, and the note says so."""
    stored(GOOD, WRONG)
    report = verify(policy={"choice": OFF | {"choice": "advisory"}})
    assert report.new.total() == 0
    assert report.notes == [f"policy of run {bench.run}: choice now advisory in choice"]
    assert _transitions(report) == [("rejected", "wrong_answer", "accepted", "ok")]
    query = "SELECT domain FROM policies WHERE requirement = 'advisory' AND verifier = 'choice' AND run_id = ?"
    assert bench.store.rows(query, [bench.run]) == [{"domain": "choice"}]
    assert bench.decisions() == [("accepted", "ok")] * 2


def test_what_failed_to_be_checked_is_tried_again(bench, stored, verify) -> None:
    """An error is nobody's fault but ours, and no reason to give up."""
    (candidate,) = stored(GOOD)
    verdict = verify_one("choice", bench.problem(), candidate, VerifierSettings())
    late = replace(verdict, outcome=Outcome.ERROR, reason=Reason.VERIFIER_TIMEOUT, created_at=datetime.now(UTC))
    bench.store.write([late])
    report = verify()
    assert dict(report.new) == {"choice": 1}
    assert _transitions(report) == [("undecided", "verifier_timeout", "accepted", "ok")]


def test_a_first_decision_is_no_flip(bench, stored, verify) -> None:
    """Candidates that a crash left unjudged are judged, and counted apart."""
    stored(GOOD, WRONG, judged=False)
    report = verify()
    assert (report.first, report.flips.total(), report.new.total()) == (2, 0, 6)
    assert bench.decisions() == [("accepted", "ok"), ("rejected", "wrong_answer")]


def test_a_persons_decision_does_not_flip(bench, stored, verify) -> None:
    """It outranks verdicts, new ones too."""
    (candidate,) = stored(WRONG)
    bench.store.write([Review(candidate.id, "anna", "accept", "", NOW)])
    report = verify(bench.problem(answer="A"))
    assert dict(report.new) == {"choice": 1}
    assert report.flips.total() == 0
    assert bench.decisions() == [("accepted", "ok")]


def test_another_answer_verifier_flips_from_what_the_old_one_said(bench, stored, verify) -> None:
    """The decision before is the one by the old verifier, though the new one has not spoken yet."""
    stored("<think>hm</think><answer>(B)</answer>")
    report = verify(bench.problem(verifier="math", answer="2"))
    assert dict(report.new) == {"math": 1}
    assert [(flip.old_decision, flip.decision, flip.decided_by) for flip in report.shown] == [
        ("accepted", "rejected", "math")
    ]


def test_a_flip_that_a_killed_verify_stored_is_not_stored_again(bench, stored, verify) -> None:
    """The flip is committed with its verdicts or before them; either way it is there once."""
    (candidate,) = stored(WRONG)
    told = (candidate.id, candidate.problem_id, bench.run, "rejected", "wrong_answer", "accepted", "ok", "policy")
    bench.store.write([Flip(*told, datetime.now(UTC) + timedelta(seconds=1))])
    report = verify(bench.problem(answer="A"))
    assert (report.new.total(), report.flips.total()) == (1, 0)
    assert bench.rows("count(*)", "flips") == [(1,)]
    assert bench.decisions() == [("accepted", "ok")]


def test_a_verifier_of_no_policy_speaks_and_decides_nothing(bench, stored, verify) -> None:
    """Asked for by name it judges every candidate; one for answers only those that it answers."""
    stored(GOOD)
    everywhere = dict.fromkeys(DOMAINS, OFF)
    bench.store.write([RunPolicy(bench.run, rule) for rule in Settings(policy=everywhere).rules()])
    report = verify(only=("repetition", "math"), policy=everywhere)
    assert dict(report.new) == {"repetition": 1}
    assert (report.notes, report.flips.total()) == ([], 0)


def test_asking_one_verifier_keeps_a_policy_that_asks_for_another(bench, stored, verify) -> None:
    """A rule that nobody judged by would leave every candidate undecided."""
    stored(GOOD)
    report = verify(only=("length",), policy={"choice": OFF | {"repetition": "required"}})
    assert f"policy of run {bench.run} is not replaced" in report.notes[0]
    assert bench.decisions() == [("accepted", "ok")]


def test_other_runs_are_left_alone(bench, stored, verify) -> None:
    """Each run has its own policy; only the runs that were named are looked at."""
    other = f"{bench.run}-other"
    stored(WRONG)
    stored(WRONG, run=other)
    verify(policy={"choice": OFF | {"choice": "off"}}, runs=(other,))
    assert bench.decisions() == [("rejected", "wrong_answer")]
    assert bench.store.rows("SELECT decision FROM decisions WHERE run_id = ?", [other]) == [{"decision": "accepted"}]
