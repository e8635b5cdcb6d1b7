"""How many tokens a completion may have, by whose count."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from schemas.problem import DOMAINS, Domain
from schemas.verdict import Outcome
from verifiers.settings import LengthBounds, LengthSettings, VerifierSettings

NARROW = VerifierSettings(length=LengthSettings(math=LengthBounds(min_tokens=50, max_tokens=200)))


@pytest.mark.parametrize(
    ("tokens", "reason"), [(49, "too_short"), (50, "ok"), (200, "ok"), (201, "too_long"), (0, "too_short")]
)
def test_both_bounds_reject_and_are_allowed_themselves(verdict_on, tokens: int, reason: str) -> None:
    """The teacher's count decides, and is the score of every verdict."""
    verdict = verdict_on("length", "x", settings=NARROW, completion_tokens=tokens)
    assert (verdict.reason, verdict.score) == (reason, float(tokens))


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_domain_has_its_own_bounds(verdict_on, domain: Domain) -> None:
    """Another domain's bounds are never used."""
    bounds = {other: LengthBounds(1, 9) for other in DOMAINS} | {domain: LengthBounds(10, 20)}
    settings = VerifierSettings(length=LengthSettings(**bounds))
    reasons = [
        verdict_on("length", "x", domain=domain, settings=settings, completion_tokens=tokens).reason
        for tokens in (9, 10, 20, 21)
    ]
    assert reasons == ["too_short", "ok", "ok", "too_long"]


def test_by_default_only_the_empty_and_the_endless_are_rejected(verdict_on) -> None:
    """R1's own limit is the most, one token the least."""
    reasons = [verdict_on("length", "x", completion_tokens=tokens).reason for tokens in (0, 1, 32_768, 32_769)]
    assert reasons == ["too_short", "ok", "ok", "too_long"]


def test_an_estimated_count_is_said_to_be_one(verdict_on) -> None:
    """A Chinese completion without usage still has a length; nobody takes it for the teacher's."""
    verdict = verdict_on("length", "四" * 500, reasoning="四" * 500)
    assert (verdict.outcome, verdict.detail) == (Outcome.ACCEPT, "740 tokens, estimated from the text")
    long = verdict_on("length", "四" * 1000, settings=NARROW)
    assert long.detail == "740 tokens, estimated from the text; the most is 200"
    estimated = verdict_on("length", "x", completion_tokens=7, tokens_estimated=True, settings=NARROW)
    assert estimated.detail == "7 tokens, estimated from the text; the least is 50"


def test_the_teachers_count_is_not_called_an_estimate(verdict_on) -> None:
    """The detail names the bound that was broken."""
    verdict = verdict_on("length", "x", settings=NARROW, completion_tokens=201)
    assert verdict.detail == "201 tokens; the most is 200"


def test_bounds_are_a_table_per_domain(verdict_on) -> None:
    """`[verifiers.length.math]` is what a user writes; what it leaves out, and the other domains, keep the default."""
    settings = TypeAdapter(VerifierSettings).validate_python({"length": {"math": {"max_tokens": 9}}})
    assert settings.length == LengthSettings(math=LengthBounds(1, 9))
    assert verdict_on("length", "x", settings=settings, completion_tokens=10).reason == "too_long"
