"""When reasoning about something else holds blocks of code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.verdict import Outcome
from tests.growth import assert_linear
from verifiers.settings import CodeblockSettings, VerifierSettings


def trace(reasoning: str, answer: str = "4") -> str:
    """A trace with this reasoning."""
    return f"<think>\n{reasoning}\n</think>\n<answer>{answer}</answer>"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("```python\nprint(2 + 2)\n```", 1),
        ("~~~\nprint(2 + 2)\n~~~", 1),
        ("  ```js title='x'\nf()\n  ```", 1),
        ("让我算一下：```python\nprint(4)\n```", 1),
        ("````\n```\ninner\n```\n````", 1),
        ("```\n| a | table |\n```", 1),
        ("```python\nprint(2 + 2)", 1),
        ("```\na\n```\nthen\n~~~\nb\n~~~", 2),
        ("```\na = 1```\nthen", 1),
    ],
)
def test_every_fence_is_a_block(verdict_on, text: str, blocks: int) -> None:
    """Of either mark, after other text of its line, around what is no program, and never closed."""
    verdict = verdict_on("codeblocks", trace(f"We see.\n{text}"))
    assert (verdict.reason, verdict.score) == ("code_block", blocks)


@pytest.mark.parametrize(
    "text",
    ["`x = 4`", "``a ` b``", "```x = 4``` in one line", "    x = 4", "a ~~struck~~ word", "the mark ``` alone is"],
)
def test_inline_code_is_no_block(verdict_on, text: str) -> None:
    """A name or a value within a sentence is still prose."""
    verdict = verdict_on("codeblocks", trace(text))
    assert (verdict.outcome, verdict.score) == (Outcome.ACCEPT, 0)


def test_the_verdict_tells_where_the_first_block_stands(verdict_on) -> None:
    """Offsets count from the first character of the reasoning."""
    closed = verdict_on("codeblocks", trace("We see.\n\n```\n4\n```\nso\n```\n5\n```"))
    assert closed.detail == "2 fenced blocks, more than 0: the first at reasoning 9–18"
    left_open = verdict_on("codeblocks", trace("We see.\n\n```\n4"))
    assert left_open.detail == "1 fenced block, more than 0: the first at reasoning 9–14, never closed"


def test_code_problems_may_hold_code(verdict_on) -> None:
    """A policy may ask for this verifier in every domain; the number is stored there too."""
    verdict = verdict_on("codeblocks", trace("```\n4\n```"), domain="code")
    assert (verdict.outcome, verdict.score) == (Outcome.ACCEPT, 1)


def test_the_limit_can_be_raised_and_the_answer_is_free(verdict_on) -> None:
    """`max_blocks` are still allowed; only the reasoning counts."""
    two = trace("```\n4\n```\nand\n```\n5\n```", "```\n6\n```")
    limits = {most: VerifierSettings(codeblocks=CodeblockSettings(max_blocks=most)) for most in (1, 2)}
    assert verdict_on("codeblocks", two, settings=limits[1]).reason == "code_block"
    assert verdict_on("codeblocks", two, settings=limits[2]).reason == "ok"


@given(st.text(st.sampled_from("字a`~ \n<"), max_size=300), st.none() | st.text(max_size=50))
def test_any_text_gets_a_verdict(verdict_on, content: str, reasoning: str | None) -> None:
    """No text breaks the check; what is rejected is what holds a block."""
    verdict = verdict_on("codeblocks", content, reasoning=reasoning)
    assert (verdict.outcome is Outcome.REJECT) == (verdict.score > 0)


@pytest.mark.parametrize("piece", ["`", "~", "```\n", "```x\n", "~~~\n````\n", "``` ", "\n", "x```\n"])
def test_hostile_texts_take_no_longer_than_others(verdict_on, piece: str) -> None:
    """Time grows with the length and no faster, whatever the text repeats."""
    assert_linear(lambda text: verdict_on("codeblocks", trace(text)), piece, 200_000)
