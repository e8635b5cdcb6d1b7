"""Which verdicts a candidate is owed, and what becomes of it."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from curator.panel import Panel
from curator.progress import Progress
from curator.stored import Held, Judged, load_candidates
from curator.writer import Writer
from schemas.policy import PolicyRule, default_policy
from schemas.verdict import Outcome
from verifiers.pool import WorkerPool
from verifiers.registry import VERIFIERS
from verifiers.run import config_hash
from verifiers.settings import LengthBounds, LengthSettings, VerifierSettings

SETTINGS = VerifierSettings()


@pytest.fixture
def panel(bench) -> Panel:
    """A panel by the default policy that has not judged anything."""
    return Panel(default_policy(), SETTINGS, WorkerPool(1), Writer(bench.store), Progress())


STYLE = ("language", "length", "repetition", "paragraphs", "codeblocks")


def _held(problem, *names: str) -> dict[str, Held]:
    judged = [Judged(name, VERIFIERS[name].version, config_hash(name, SETTINGS, problem)) for name in names]
    return {one.verifier: Held(one, Outcome.ACCEPT, "ok", datetime(2026, 1, 1)) for one in judged}


def test_a_new_candidate_is_owed_its_domains_verifiers(bench, panel) -> None:
    """In the policy's order; other domains' verifiers have no say, nor has a judge that is not there."""
    assert panel.owed(bench.problem(), {}) == ["format", "choice", *STYLE]
    assert panel.owed(bench.problem(domain="math"), {}) == ["format", "math", *STYLE]


def test_verdicts_that_still_hold_are_not_owed(bench, panel) -> None:
    """Only what is missing, of another version or about another gold is judged again."""
    problem = bench.problem()
    assert panel.owed(problem, _held(problem, "format", "choice", *STYLE)) == []
    assert panel.owed(problem, _held(problem, "choice")) == ["format", *STYLE]
    held = _held(problem, "format", "choice", *STYLE)
    held["format"] = held["format"]._replace(judged=held["format"].judged._replace(version="0"))
    assert panel.owed(problem, held) == ["format"]
    assert "choice" in panel.owed(bench.problem(answer="A"), _held(problem, "choice"))


def test_sampled_candidates_are_decided(bench) -> None:
    """Every verdict is stored, and the decisions are counted as they are made."""
    wrong = bench.completion("<think>hm</think><answer>A</answer>")
    bench.sample(bench.teacher(bench.completion(), wrong), *bench.problems(2), rules=bench.rules, concurrency=1)
    assert bench.decisions() == [("accepted", "ok"), ("rejected", "wrong_answer")]
    assert dict(bench.progress.decisions) == {("accepted", "ok"): 1, ("rejected", "wrong_answer"): 1}
    assert bench.progress.judging == 0


def test_a_candidate_left_without_verdicts_gets_them_on_resume(bench) -> None:
    """A crash between the two costs no token: the stored text is judged, the teacher is not asked."""
    bench.sample(bench.teacher(bench.completion()), bench.problem(), n=2)
    assert bench.rows("verifier", "verdicts JOIN candidates ON candidates.id = candidate_id") == []
    teacher = bench.teacher(bench.completion("never asked"))
    progress = bench.sample(teacher, bench.problem(), n=2, rules=bench.rules)
    assert (teacher.asked, progress.stored, progress.count("accepted")) == ([], 2, 2)
    assert bench.decisions() == [("accepted", "ok")] * 2


def test_a_changed_setting_judges_again_with_that_verifier_only(bench) -> None:
    """The other verdicts stay as they are; the latest verdict counts."""
    bench.sample(bench.teacher(bench.completion()), bench.problem(), rules=bench.rules)
    longer = VerifierSettings(length=LengthSettings(choice=LengthBounds(min_tokens=99)))
    bench.sample(bench.teacher(None), bench.problem(), rules=bench.rules, settings=longer)
    counted = bench.rows("verifier", "verdicts JOIN candidates ON candidates.id = candidate_id")
    assert counted == [(name,) for name in sorted(["choice", "format", "length", *STYLE])]
    assert bench.decisions() == [("rejected", "too_short")]


def test_an_advisory_verifier_speaks_but_does_not_decide(bench) -> None:
    """Its verdict is stored beside the decision of the required ones."""
    rules = [PolicyRule("choice", "format", "required", 0), PolicyRule("choice", "choice", "advisory", 1)]
    wrong = bench.completion("<think>hm</think><answer>A</answer>")
    bench.sample(bench.teacher(wrong), bench.problem(), rules=rules)
    assert bench.decisions() == [("accepted", "ok")]
    joined = "verdicts JOIN candidates ON candidates.id = candidate_id"
    assert bench.rows("verifier, outcome", joined) == [("choice", "reject"), ("format", "accept")]


def test_a_cut_stream_is_neither_right_nor_wrong(bench) -> None:
    """Nobody knows how it would have ended."""
    cut = bench.completion(finish_reason="aborted", abort_reason="loop")
    bench.sample(bench.teacher(cut), bench.problem(), rules=bench.rules)
    ((decision, _),) = bench.decisions()
    assert decision == "undecided"


def test_judging_by_some_verifiers_counts_no_decision(bench) -> None:
    """A decision needs all of the policy's verdicts; the store has the others, this session does not."""
    bench.sample(bench.teacher(bench.completion()), bench.problem())
    candidates = load_candidates(bench.store, [bench.id(bench.problem())])
    progress, writer = Progress(), Writer(bench.store)

    async def story() -> None:
        async with WorkerPool(1) as pool:
            panel = Panel(default_policy(), SETTINGS, pool, writer, progress)
            await panel.verify(bench.problem(), candidates[bench.id(bench.problem())], ["length"], {})

    asyncio.run(story())
    assert not progress.decisions
