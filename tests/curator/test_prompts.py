"""From a problem to messages: shipped templates, the user's changes to them, and their identity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import UsageError
from curator.prompts import load_templates
from schemas.problem import DOMAINS, Problem
from schemas.trace import Trace, parse

SHIPPED = load_templates()


def problem(prompt: str = "What is 2 + 3?", **fields) -> Problem:
    return Problem(**({"id": "p", "domain": "math", "prompt": prompt} | fields))


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_domain_asks_for_a_trace_in_both_languages(domain, language) -> None:
    """One user turn, no system turn, the marks named, and Chinese problems asked in Chinese."""
    (turn,) = SHIPPED.messages(problem(domain=domain, language=language), few_shot=False)
    assert turn["role"] == "user"
    assert all(mark in turn["content"] for mark in ("<think>", "</think>", "<answer>", "</answer>"))
    assert ("推理" in turn["content"] or "思考" in turn["content"]) == (language == "zh")


@given(st.text())
def test_the_problem_reaches_the_teacher_unchanged(text) -> None:
    """Braces, format fields and tags in a problem are only text."""
    for few_shot in (False, True):
        last = SHIPPED.messages(problem(text), few_shot=few_shot)[-1]
        assert text in last["content"]
        assert SHIPPED.messages(problem("@"), few_shot=few_shot)[-1]["content"].replace("@", text) == last["content"]


def test_braces_and_the_slot_itself_are_safe_in_a_problem() -> None:
    """A problem about `{prompt}` or LaTeX sets is not expanded a second time."""
    tricky = r"Simplify \frac{1}{2}, {0}, {prompt} and {{x}}."
    (turn,) = SHIPPED.messages(problem(tricky), few_shot=False)
    assert turn["content"].count(tricky) == 1


def test_a_language_without_templates_is_asked_in_english() -> None:
    """French problems get the English instructions."""
    assert SHIPPED.messages(problem(language="fr"), few_shot=True) == SHIPPED.messages(problem(), few_shot=True)


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_worked_examples_are_well_formed_traces(domain, language) -> None:
    """Few-shot turns alternate, and each assistant turn is what we ask the teacher for."""
    *earlier, last = SHIPPED.messages(problem(domain=domain, language=language), few_shot=True)
    assert [turn["role"] for turn in earlier] == ["user", "assistant"] * (len(earlier) // 2)
    assert earlier
    assert all(isinstance(parse(turn["content"]), Trace) for turn in earlier[1::2])
    assert [last] == SHIPPED.messages(problem(domain=domain, language=language), few_shot=False)


def test_a_user_replaces_what_he_names_and_keeps_the_rest() -> None:
    """`[prompts.math.en] system` leaves the shipped user turn alone; other templates stay."""
    changed = load_templates({"math": {"en": {"system": "Be brief."}}})
    system, *rest = changed.messages(problem(), few_shot=False)
    assert system == {"role": "system", "content": "Be brief."}
    assert rest == SHIPPED.messages(problem(), few_shot=False)
    assert changed.messages(problem(language="zh"), few_shot=True) == SHIPPED.messages(
        problem(language="zh"), few_shot=True
    )


def test_a_user_brings_examples_and_a_language_of_his_own() -> None:
    """A new language takes from English what it does not say."""
    examples = [{"prompt": "1 + 1 ?", "reasoning": "Un et un font deux.", "answer": "2"}]
    changed = load_templates({"math": {"fr": {"few_shot": examples}}})
    asked, answered, last = changed.messages(problem("2 + 3 ?", language="fr"), few_shot=True)
    assert "1 + 1 ?" in asked["content"]
    assert parse(answered["content"]) == Trace("Un et un font deux.", "2")
    assert last == SHIPPED.messages(problem("2 + 3 ?"), few_shot=True)[-1]


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"maths": {"en": {"user": "{prompt}"}}}, "prompts.maths"),
        ({"math": {"english": {"user": "{prompt}"}}}, "prompts.math.english"),
        ({"math": {"en": {"usr": "{prompt}"}}}, "prompts.math.en.usr"),
        ({"math": {"en": {"user": "Solve it."}}}, "{prompt}"),
        ({"math": {"en": {"few_shot": [{"prompt": "1?", "reasoning": " ", "answer": "1"}]}}}, "few_shot.0.reasoning"),
        ({"math": {"en": "Solve {prompt}"}}, "prompts.math.en"),
        ({"math": "Solve {prompt}"}, "prompts.math"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(overrides, named) -> None:
    """Unknown keys and unusable values are usage errors that name the key as typed."""
    with pytest.raises(UsageError, match="prompts") as caught:
        load_templates(overrides)
    assert named in caught.value.message


def test_all_faults_are_named_at_once() -> None:
    """Two mistakes in the TOML need one run to be found, not two."""
    with pytest.raises(UsageError) as caught:
        load_templates({"math": {"en": {"usr": "x"}}, "logic": {"zh": {"system": 3}}})
    assert "prompts.math.en.usr" in caught.value.message
    assert "prompts.logic.zh.system" in caught.value.message


def test_the_fingerprint_follows_what_the_teacher_sees() -> None:
    """Examples count only where they are sent, so changing them keeps a zero-shot run the same run."""
    examples = [{"prompt": "1 + 1?", "reasoning": "One and one.", "answer": "2"}]
    changed = load_templates({"math": {"en": {"few_shot": examples}}})
    assert changed.fingerprint(few_shot=False) == SHIPPED.fingerprint(few_shot=False)
    assert changed.fingerprint(few_shot=True) != SHIPPED.fingerprint(few_shot=True)
    assert SHIPPED.fingerprint(few_shot=True) != SHIPPED.fingerprint(few_shot=False)
    assert load_templates({}).fingerprint(few_shot=True) == SHIPPED.fingerprint(few_shot=True)
