r"""Where a final answer stands: box, cue, or the whole of a short text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifiers.answer import final_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"So it is $\boxed{\frac{1}{2}}$.", r"\frac{1}{2}"),
        (r"\boxed{3} was my guess, but \boxed{4} holds.", "4"),
        (r"\boxed{3} and \boxed{4}", "3, 4"),
        (r"$\boxed{3}$ 或 $\boxed{4}$", "3, 4"),
        (r"\boxed{(1,2)}, \boxed{(2,1)}", "(1,2), (2,1)"),
        (r"\boxed{\boxed{7}}", "7"),
        (r"\boxed {7}", "7"),
        (r"the set is \boxed{\{1,2\}}", r"\{1,2\}"),
        ("First 3 + 4. The final answer is 7. I hope it is correct.", "7"),
        ("The answer is 5.\nWait.\nThe answer is 6.", "6"),
        ("**Final Answer**\n\n42", "42"),
        ("9 + 3 = 12\n#### 12", "12"),
        ("经过计算，答案是 12。", "12"),
        ("【答案】12\n【解析】略", "12"),
        ("故选：C", "C"),
        ("12", "12"),
        ("We add the numbers.\n12", "12"),
        ("Therefore we obtain $x + 1$ as the result.", "x + 1"),
        (r"\boxed{1}, \boxed{2} and \boxed{3}", "1, 2, 3"),
        (r"\boxed{3}、\boxed{4}", "3, 4"),
        (r"First \boxed{3}. Later we find \boxed{4}.", "4"),
        (r"\boxed{4} and then I checked it again, all is well.", "4"),
        (r"\boxed{4} is right, not \boxed{", "4"),
        (r"The answer is 3, that is \boxed{4}", "4"),
        (r"\fbox{5}", "5"),
        (r"\boxed{\frac{\sqrt{a^{2}}}{b_{1}}}", r"\frac{\sqrt{a^{2}}}{b_{1}}"),
        (r"\boxed{\left\{ x \mid x>1 \right\}}", r"\left\{ x \mid x>1 \right\}"),
        (r"\boxed{\begin{pmatrix}1\\2\end{pmatrix}}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
        ("#### 1,200", "1,200"),
        ("#### 5\n#### 6", "6"),
        ("答案为 3/4。", "3/4"),
        ("因此，最终答案是12，因为它是偶数。", "12"),
        ("答：12米", "12米"),
        ("答案：\n\n12", "12"),
        ("The answer is: **12**", "12"),
        ("The answer is 12.5.", "12.5"),
        ("The answer is 12 because 3 times 4 is 12.", "12"),
        ("### Final answer\n12", "12"),
        ("```\n12\n```", "12"),
        ("We get **12** apples in total.", "12"),
    ],
)
def test_final_answer_is_found(text: str, answer: str) -> None:
    """The last box wins, then the last cue, then the last line."""
    assert final_answer(text) == answer


@pytest.mark.parametrize("text", ["", " \n ", r"\boxed{}", "1," * 5_000, r"\]"])
def test_no_answer_is_none(text: str) -> None:
    """Nothing, an empty box, or endless prose is no answer."""
    assert final_answer(text) is None


@given(st.text(alphabet=r"\boxed{}$ and,或#答案:是 1", max_size=80))
def test_any_text_is_searched_without_error(text: str) -> None:
    """Broken boxes and cues never raise, and what is found is not blank."""
    found = final_answer(text)
    assert found is None or found.strip()


def test_long_texts_are_searched_in_time() -> None:
    """Half a megabyte of open boxes takes no more than a linear scan each, so it ends."""
    assert final_answer("the final answer " * 30_000 + r"\boxed{8}") == "8"
