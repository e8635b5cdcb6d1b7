"""How the student is asked."""

from __future__ import annotations

import pytest

from curator.errors import UsageError
from curator.students import DEFAULT_STUDENT, student_prompt, student_template


def test_the_bare_problem_is_the_default() -> None:
    """Nothing of the teacher's prompt reaches the student; braces of a problem stay as they are."""
    template = student_template(DEFAULT_STUDENT, {})
    assert student_prompt(template, r"Solve \frac{x}{2} = {prompt}.") == r"Solve \frac{x}{2} = {prompt}."


@pytest.mark.parametrize(("name", "asked"), [("boxed", "final answer within \\boxed{}"), ("boxed_zh", "\\boxed{} 里")])
def test_a_shipped_template_asks_for_a_box(name: str, asked: str) -> None:
    """In English and in Chinese."""
    prompt = student_prompt(student_template(name, {}), "2+2?")
    assert prompt.startswith("2+2?")
    assert asked in prompt


def test_ones_own_template_goes_before_a_shipped_one() -> None:
    """`[students]` of the TOML may replace or add."""
    assert student_template("bare", {"bare": "Q: {prompt}"}) == "Q: {prompt}"


def test_an_unknown_name_or_a_template_without_a_slot_is_refused() -> None:
    """The hint lists what there is."""
    with pytest.raises(UsageError, match="did you mean 'boxed'") as caught:
        student_template("boxes", {"mine": "{prompt}"})
    assert "mine" in caught.value.hint
    with pytest.raises(UsageError, match=r"it must contain \{prompt\}"):
        student_template("mine", {"mine": "Answer:"})
