"""When reasoning is a wall of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.verdict import Outcome
from tests.growth import assert_linear
from verifiers.settings import ParagraphSettings, VerifierSettings

FIFTY = VerifierSettings(paragraphs=ParagraphSettings(max_tokens=50))
SHORT = "We add two and two. "
WALL_EN = "We add two and two and get four, which we then check again. " * 6
WALL_ZH = "我们把二和二加起来得到四，然后再检查一遍。" * 6


def trace(reasoning: str, answer: str = "4") -> str:
    """A trace with this reasoning."""
    return f"<think>\n{reasoning}\n</think>\n<answer>{answer}</answer>"


@pytest.mark.parametrize("wall", [WALL_EN, WALL_ZH, WALL_EN.replace(". ", ".\n"), f"1. {WALL_EN}", f"- {WALL_ZH}"])
def test_a_long_paragraph_rejects(verdict_on, wall: str) -> None:
    """In both languages, over several lines, and as an item of a list."""
    verdict = verdict_on("paragraphs", trace(f"{SHORT}\n\n{wall}\n\n{SHORT}"), settings=FIFTY)
    assert (verdict.outcome, verdict.reason) == (Outcome.REJECT, "long_paragraph")


def test_the_verdict_tells_where_it_stands_and_how_long_it_is(verdict_on) -> None:
    """Offsets count from the first character of the reasoning, as in the other verdicts."""
    verdict = verdict_on("paragraphs", trace(f"Short.\n\n{WALL_EN}"), settings=FIFTY)
    assert verdict.detail.startswith(f"about {verdict.score:.0f} tokens in one paragraph, more than 50: reasoning 8–")
    assert "'We add two and two" in verdict.detail


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join([SHORT] * 20),
        "\n \t\n".join([SHORT] * 20),
        "\n".join(f"{number}. {SHORT}" for number in range(20)),
        "\n".join(f"- {SHORT}" for _ in range(20)),
        "\n".join(f"{number}、我们把二和二加起来。" for number in range(20)),
        f"```\n{WALL_EN}\n```",
        f"$$\n{WALL_EN}\n$$",
        f"\\[{WALL_EN}\\]",
        f"\\begin{{align}}{WALL_EN}\\end{{align}}",
        "\n".join(["| two and two | four |"] * 40),
    ],
)
def test_lists_code_formulas_and_tables_are_no_prose(verdict_on, text: str) -> None:
    """What is set apart is read apart."""
    assert verdict_on("paragraphs", trace(f"{SHORT}\n{text}\n{SHORT}"), settings=FIFTY).reason == "ok"


def test_the_longest_paragraph_is_the_score_also_where_it_is_accepted(verdict_on) -> None:
    """A threshold can be chosen from SQL before anything is rejected by it."""
    short, longer = (verdict_on("paragraphs", trace(f"{SHORT}\n\n{SHORT * times}")) for times in (1, 4))
    assert (short.outcome, longer.outcome) == (Outcome.ACCEPT, Outcome.ACCEPT)
    assert 0 < short.score < longer.score


def test_only_the_reasoning_is_measured(verdict_on) -> None:
    """The answer may be as long as it likes; without reasoning there is nothing to measure."""
    assert verdict_on("paragraphs", trace(SHORT, WALL_EN), settings=FIFTY).reason == "ok"
    assert verdict_on("paragraphs", WALL_EN, settings=FIFTY).score == 0


@given(st.text(st.sampled_from("字a1.|`~$\\[]-#*< \n\t"), max_size=300), st.none() | st.text(max_size=50))
def test_any_text_gets_a_verdict(verdict_on, content: str, reasoning: str | None) -> None:
    """No text breaks the check; what is rejected is what has more tokens than the limit."""
    verdict = verdict_on("paragraphs", content, reasoning=reasoning, settings=FIFTY)
    assert (verdict.outcome is Outcome.REJECT) == (verdict.score > 50)


@pytest.mark.parametrize("piece", ["\n", " \n", "\\[", "$$", "\\begin{", "```\n", "| ", "- \n", "1.", " ", "字"])
def test_hostile_texts_take_no_longer_than_others(verdict_on, piece: str) -> None:
    """Time grows with the length and no faster, whatever the text repeats."""
    assert_linear(lambda text: verdict_on("paragraphs", trace(text)), piece, 200_000)
