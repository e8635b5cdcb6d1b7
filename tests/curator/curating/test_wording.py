"""What two people write for one problem reads the same; what is another problem does not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.curating.wording import tokens
from tests.growth import assert_linear

FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})

ALIKE = [
    (r"\frac12", r"$\dfrac{1}{2}$"),
    (r"\tfrac 1 2", "½"),
    ("x²+1", r"\( x ^ {2} + 1 \)"),
    ("x<=5", r"\[ x \leqslant 5 \]"),
    ("x ≥ 5", r"$$x\geq5$$"),
    ("x != 0", r"x \neq 0"),
    ("3 * 4", r"3 \times 4"),
    ("3·4", r"3\cdot4"),
    (r"90^{\circ}", "90°"),
    (r"\pi r^2", "πr²"),
    (r"\sqrt2", "√2"),
    (r"f^{\prime}(x)", "f′(x)"),
    (r"1{,}000", "1,000"),
    (r"1\,000 m", "1000m"),
    ("1,234,567", "１２３４５６７"),
    (r"50\%", "50%"),
    (r"5\,\mathrm{cm}", "5 cm"),
    (r"\operatorname{lcm}(a, b)", "lcm(a,b)"),
    (r"\left(\frac{x}{2}\right)", r"(\frac x2)"),
    ("x − 1", "x-1"),
    ("$A B C$", "ABC"),
    ("*very* **big** `x`", "very big x"),
    ("a &lt; b&nbsp;and c", "a<b and c"),
    ("Janet’s well-known ducks", "JANET'S “WELL KNOWN” DUCKS!"),
    ("小明 有 ３ 个苹果。", "小明有3个苹果"),
    (r"已知 $x^{2}=4$ ,求 $x$", "已知x^2=4，求x"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_two_spellings_of_one_text_have_the_same_words(one, other):
    """LaTeX or Unicode, Markdown or plain, spaced or not: the words are the same."""
    assert tokens(one) == tokens(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2×(3+4)", "(2×3)+4"),
        ("2(3+4)-5", "2(3+4-5)"),
        ("f(2)", "f'(2)"),
        ("5! = x", "5 = x"),
        ("x - 1", "x + 1"),
        ("x_1 < 3.5", "x_1 < 35"),
        ("কি", "কা"),
        ("🍎+🍎=4", "🍐+🍐=4"),
    ],
)
def test_what_means_something_else_has_other_words(one, other):
    """Brackets that group, primes, factorials, signs, vowel signs and pictures are not punctuation."""
    assert tokens(one) != tokens(other)


def test_each_script_has_words_of_its_own_kind():
    """Chinese, Japanese and Korean are cut into characters, other scripts into words, formulas into signs."""
    assert tokens("小明有35元") == ["小", "明", "有", "35", "元"]
    assert tokens("ラーメン・한국") == ["ラ", "ー", "メ", "ン", "한", "국"]
    assert tokens("Утки Дженет несут 3.5 яйца") == ["утки", "дженет", "несут", "3.5", "яйца"]
    assert tokens(r"Let \vec{a}+2\pi \le x.") == ["let", "\\vec", "a", "+", "2", "π", "≤", "x"]


TEXTS = st.lists(
    st.sampled_from(["Tom", "has", "apples", "and", "buys", "小", "明", "买", "个"]) | st.integers(0, 99).map(str),
    min_size=1,
).map(" ".join)


@given(TEXTS, st.sampled_from([str.upper, lambda text: text.translate(FULL_WIDTH), lambda text: f"**{text}**?!"]))
def test_case_width_and_emphasis_never_matter(text, spelt):
    """Whatever the text: shouted, in full-width characters, or in bold with punctuation."""
    assert tokens(spelt(text)) == tokens(text)


@given(st.text())
def test_any_text_is_read_and_no_word_holds_what_a_terminal_obeys(text):
    """No escape, no line end, nothing that turns the direction of writing; and every word can be encoded."""
    for char in "".join(tokens(text)):
        assert unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}


@pytest.mark.parametrize("unit", ["(", "\\", "( ", "1,", "a'", "a ", "\\frac 1", "\\begin{", "&", "ﷺ", "- ", "*"])
def test_hostile_text_takes_no_longer_than_other_text(unit):
    """What repeats the beginning of a pattern is read in linear time."""
    assert_linear(tokens, unit, 200_000)
