"""One spelling: what is dress goes, what is meaning stays, and what is normal stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth import assert_linear
from verifiers.equality.normalise import normalise, squeeze

ONE = [
    ("１２．５％", "12.5%"),
    (r"\left( \dfrac{1}{2} \right)", r"( \frac{1}{2} )"),
    (r"\text{答案：} 5。", "5"),
    ("x≤3", r"x\le 3"),
    ("x²", "x^{2}"),
    (r"\boldsymbol{\color{blue}{36}}", "36"),
    (r"\begin{cases}x=1\\y=2\end{cases}", "x=1, y=2"),
    ("2根号5", r"2\sqrt{5}"),
    ("二分之根号三", r"\frac{1\sqrt{3}}{2}"),
    ("36°30′", r"\frac{73}{2}^\circ"),
    ("±3", r"\pm 3"),
    (r"0.49} \mathrm{~m", "0.49 m"),
    (r"2\sqrt{3} \approx 3.46", r"2\sqrt{3}"),
    (r"x=2k\pi,\ k\in\mathbb{Z}", r"x=2k\pi"),
    ("5...", r"5\ldots"),
    ("2 to 5", "2:5"),
    (r"\$60", r"\$60"),
]


@pytest.mark.parametrize(("text", "normal"), ONE)
def test_dress_goes(text: str, normal: str) -> None:
    """Full-width signs, LaTeX commands, words of an answer and Chinese formulas have one spelling."""
    assert squeeze(normalise(text)) == squeeze(normal)


@pytest.mark.parametrize(
    ("one", "other"), [("5'", "5''"), ("1 1111", "11111"), ("$60", "60"), ("y'", "y"), ("5...", "5")]
)
def test_meaning_stays(one: str, other: str) -> None:
    """Primes, gaps between numbers, currencies and an unfinished number are no dress."""
    assert squeeze(normalise(one)) != squeeze(normalise(other))


_SIGNS = r"""\ { } $ ( ) [ ] = answer 答案 ： ** \frac \text{ \left \right . , 5 x ^ _ ≤ ° √ 和 或 ²
< > ! % \% \, \\ " ' ` | ~
根号 分之 三 正负 \begin{cases} \end{cases} & to - – : l： \circ \approx ≈ … ... \mathbb{Z} k\in"""
PIECES = st.sampled_from([" ", *_SIGNS.split()])


@given(st.one_of(st.text(max_size=20), st.lists(PIECES, max_size=9).map("".join)))
@settings(max_examples=400, deadline=None)
def test_what_is_normal_stays(text: str) -> None:
    """Normalising twice is normalising once, for any text."""
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    "piece", ["二", "1", ".", "{", "\\text{a", "1 ", "$", "和", ",", "½", "x=", r"\frac{1}{2}", "a'", "° 1"]
)
def test_rewriting_takes_time_in_proportion(piece: str) -> None:
    """Whatever is said again and again."""
    assert_linear(normalise, piece, 16_000)
