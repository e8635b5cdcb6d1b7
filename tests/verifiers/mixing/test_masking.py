"""What is taken for code, formula or identifier, and what stays language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import assert_linear
from verifiers.mixing.masking import MASK, mask


def left(text: str) -> str:
    """What is language, single-spaced."""
    return " ".join(mask(text).text.replace(MASK, " ").split())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("先看：\n```python\nfor word in words:\n    print(word)\n```\n再看", "先看： 再看"),
        ("用 `sorted by key` 排序", "用 排序"),
        ("so $a_b \\text{ and } c$ holds", "so holds"),
        ("故 \\(x\\) 与 \\[\\sum_i i\\] 成立", "故 与 成立"),
        ("即\n\\begin{align*}\nx &= 1 \\quad \\text{if } y\n\\end{align*}\n得证", "即 得证"),
        ("答案是 \\boxed{\\text{two}}。", "答案是 。"),
        ("见 https://example.org/a?b=c#d，或写信到 me@example.org。", "见 ，或写信到 。"),
        ("运行 /usr/bin/env 和 src/main.py --verbose -n", "运行 和"),
        ("变量 left_max、dp2、maxProfit 和 top-k", "变量 、 、 和"),
        ("速度 60 km/h，math.floor(x)，index = 3", "速度 60 ， (x)， = 3"),
        ("写成：\ndef f(n):\n    return g(n) + 1;\n完", "写成： 完"),
        ("<b>注意</b>", "注意"),
    ],
)
def test_code_and_formulas_are_no_language(text: str, language: str) -> None:
    """Whatever stands around them stays as it was."""
    assert left(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5, and the other one costs about $6 in all",
        "一共 $5 元，另一个 $6 元",
        "the end of one $, so we multiply both sides of it, and here begins $ another",
        "a stray ` mark and\nanother ` mark",
        "for example, consider the case (this one):",
        "left open \\[ and never closed",
    ],
)
def test_prose_between_two_signs_stays(text: str) -> None:
    """Prices and stray marks do not swallow the sentence between them."""
    assert mask(text).text == text


def test_an_open_fence_ends_with_its_paragraph() -> None:
    """A trace that was cut inside code does not lose what another paragraph says."""
    assert left("看\n```python\nx = 1\n\n因为它是对的") == "看 因为它是对的"


def test_names_are_those_of_the_code() -> None:
    """Words of code, calls and assignments may be names elsewhere; those of addresses and hyphenations are not."""
    found = mask("`total` 与 first(x)，set size = 3，见 https://example.org/other 与 step-by-step").names
    assert {"total", "first", "size"} <= found
    assert not {"other", "step", "by", "https"} & found


@given(
    st.lists(
        st.sampled_from(["the", "Hence,", "API", "I", "end.", "12", "(so)", "等一下，", "—", "naïve"]), max_size=6
    ),
    st.sampled_from(["https://a.b/c", "me@b.org", "top-k", "km/h", "~/usr/b", "--all", "a.b", "x1", "dp_2", "fooBar"]),
)
def test_code_is_found_behind_any_prose(prose: list[str], code: str) -> None:
    """Words before and after a piece of code, however many, neither hide it nor are masked with it."""
    before = "".join(word + " " for word in prose)
    assert mask(f"{before}{code} {before}").text == f"{before}{MASK * len(code)} {before}"


@given(st.text(alphabet=st.sampled_from("`$\\[](){}~ab的 \n=/._-@<>12begin"), max_size=200))
def test_offsets_are_kept(text: str) -> None:
    """A masked text is as long as it was, and what is not masked stands where it stood."""
    masked = mask(text).text
    assert len(masked) == len(text)
    assert all(new in (MASK, old) for new, old in zip(masked, text, strict=True))


@pytest.mark.parametrize(
    "piece", ["\\[", "$a ", "```\n", "....", "a/", "for (\n", "\\begin{a}", "<a ", "a@", "--", "aB", "1 . "]
)
def test_hostile_marks_take_linear_time(piece: str) -> None:
    """A text of nothing but openers is masked in a time that grows with its length and no faster."""
    assert_linear(mask, piece, 200_000)
