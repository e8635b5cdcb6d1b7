from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.reading.inference import answer_text, infer_domain, infer_language, language_code


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (" 3/4 ", " 3/4 "),
        (27, "27"),
        (27.0, "27.0"),
        (1e-7, "0.0000001"),
        (1e21, "1000000000000000000000"),
        (10**30, "1" + "0" * 30),
        (True, "true"),
        (["甲"], "甲"),
        ([[2.5]], "2.5"),
        (["x=1", "x=二"], '["x=1","x=二"]'),
        ([], ""),
    ],
)
def test_answers_become_one_text(value: Any, text: str | None) -> None:
    """Numbers are written in digits, a list of one is its element, other lists are JSON, text stays as it is."""
    assert answer_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(number: float) -> None:
    """Writing a number out loses nothing of it."""
    text = answer_text(number)
    assert text is not None and float(text) == number and "e" not in text


@given(st.lists(st.text() | st.integers() | st.booleans(), min_size=2))
def test_lists_keep_their_values(value: list[Any]) -> None:
    """The text of a list is the JSON of that list."""
    assert json.loads(answer_text(value) or "") == value


LATIN = "Which is prime?\nA. 4\nB. 5\nC. 6\nD. 8"
CHINESE = "下列哪个是质数？\nA、4\nB、5\nC、6\nD、8"
FULL_WIDTH = "下列哪个是质数？（Ａ）4（Ｂ）5（Ｃ）6（Ｄ）8"
AMC = r"What is it? $\textbf{(A)}\ 1\qquad\textbf{(B)}\ 2\qquad\textbf{(C)}\ 3$"


@pytest.mark.parametrize("prompt", [LATIN, CHINESE, FULL_WIDTH, AMC])
@pytest.mark.parametrize("answer", ["B", "(B)", "Ｂ", "AC", "A, C", "A、C", "A and B"])
def test_option_letters_of_the_prompt_are_choice(prompt: str, answer: str) -> None:
    """One or several letters that the prompt offers, in either width, make a choice problem."""
    assert infer_domain(prompt, answer, has_tests=False) == "choice"


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [(LATIN, "5"), (LATIN, "F"), (LATIN, "Because"), ("Name the set of all points.", "A"), ("A. B. C?", None)],
)
def test_letters_without_options_are_no_choice(prompt: str, answer: str | None) -> None:
    """A letter that is not on offer, and any other answer, is math; no answer at all is general."""
    assert infer_domain(prompt, answer, has_tests=False) == ("general" if answer is None else "math")


def test_tests_make_code() -> None:
    """Tests outrank whatever the answer looks like."""
    assert infer_domain(LATIN, "B", has_tests=True) == "code"


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("What is 2 + 2?", "en"),
        ("2 + 2 = ?", "en"),
        ("二加二等于几？", "zh"),
        (r"已知 $\sin \alpha = \frac{3}{5}$，求 $$\cos \alpha \text{ of the angle}$$", "zh"),
        ("用 Python 写一个函数 reverse。\n```python\ndef reverse(text):\n    return text\n```", "zh"),
        ("What does the character 水 mean in this sentence?", "en"),
        ("次の方程式を解いてください。", "ja"),
        ("다음 방정식을 푸시오.", "ko"),
        ("", "en"),
    ],
)
def test_language_by_script(prompt: str, language: str) -> None:
    """The prose decides: neither formulas and code nor one quoted word make a prompt another language's."""
    assert infer_language(prompt) == language


@pytest.mark.parametrize(
    ("given_name", "code"),
    [
        *[("zh-CN", "zh"), ("zh_Hant", "zh"), ("Chinese", "zh"), ("中文", "zh"), ("cn", "zh")],
        *[("en", "en"), ("ENGLISH", "en"), ("en-US", "en"), (" fr ", "fr"), ("Korean", "ko")],
        *[("klingon", None), ("e", None)],
    ],
)
def test_language_names(given_name: str, code: str | None) -> None:
    """Languages are taken as people write them, and never guessed from an unknown name."""
    assert language_code(given_name) == code
