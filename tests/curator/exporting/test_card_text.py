"""Whatever others wrote stands in a card as text: a CommonMark renderer finds no markup but ours."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from curator.curating.recipe import Recipe
from curator.escape import one_line
from curator.exporting.markdown import fenced, prose, shown
from schemas.candidate import Run, SamplingParameters

_BENCH = runpy.run_path(str(Path(__file__).with_name("card_bench.py")))
FACTS, START = _BENCH["FACTS"], _BENCH["START"]
TRICKS = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "http://evil.example and www.evil.example and a@evil.example",
    "[ref]: http://evil.example",
    "a | b | c",
    "`` ` ``` code",
    "\\` \\| \\",
    "---\ntitle: mine\n---",
    "\n\n# heading\n\n- item\n\n1. one\n\n> quote\n\n===",
    "```\n~~~\n</code>",
    "&lt;b&gt; &#60;i&#62; **bold** _em_ ~~gone~~ $x$ :smile: @user #1",
    "\x1b[31mred\x07 \u202eevil\u202c \u2028line \x00",
    "{{ 7 * 7 }} {% raw %} [red]rich[/red]",
]
OURS = {"text", "code_inline", "softbreak", "strong_open", "strong_close", "image", "inline", "fence"}
MARKDOWN = MarkdownIt("commonmark").enable("table")
TEXT = st.text() | st.text("`|\\ *_<>[]()!#&;-=~:/.wW@a1\n", max_size=40) | st.sampled_from(TRICKS)


def _seen(markdown):
    """Render one line; return its text and the kinds of tokens in it."""
    (inline,) = [token for token in MARKDOWN.parse(markdown) if token.type == "inline"]
    kinds = {child.type for child in inline.children}
    return "".join(child.content for child in inline.children), kinds


@given(TEXT.filter(str.strip))
def test_a_name_is_read_as_what_it_says(text):
    """Any text comes out of the renderer as it went in, on one line, and as code only."""
    seen, kinds = _seen(f"x {shown(text)} y")
    assert kinds <= {"text", "code_inline"}
    assert seen == f"x {one_line(text.strip(), 200)} y"


@given(TEXT.filter(str.strip), TEXT.filter(str.strip))
def test_a_name_stays_in_its_cell(one, other):
    """Two names in a table's row are two cells, whatever is in them."""
    tokens = MARKDOWN.parse(f"| a | b |\n|---|---|\n| {shown(one)} | {shown(other)} |\n")
    cells = ["".join(c.content for c in token.children) for token in tokens if token.type == "inline"]
    assert cells == ["a", "b", one_line(one.strip(), 200), one_line(other.strip(), 200)]


@given(TEXT)
def test_a_sentence_is_words_or_code(text):
    """A note that holds more than ordinary words becomes code as a whole; nothing in it is an address to click."""
    seen, kinds = _seen(f"x {prose(text)} y")
    assert kinds <= {"text", "code_inline"}
    assert seen.split() == ["x", *one_line(text, 400).split(), "y"]
    if "code_inline" not in kinds:
        assert not any(mark in seen for mark in ("://", "www.", "@"))


@pytest.mark.parametrize("note", ["math ran short: 1,200 rows, all taken", "at most 2 a problem (shortest); 0.5% cut"])
def test_our_own_sentences_stay_words(note):
    """What the steps usually say reads as prose."""
    assert prose(note) == note


@given(TEXT)
def test_a_block_holds_all_of_its_text(text):
    """No text ends its own block."""
    first, *rest = MARKDOWN.parse(f"{fenced(text)}\n\nafter")
    assert first.type == "fence"
    assert [token.content for token in rest if token.type == "inline"] == ["after"]


@pytest.mark.parametrize("trick", TRICKS)
def test_a_card_of_hostile_data_holds_no_markup_of_theirs(shared_store, tmp_path, request, trick):
    """Model, run, source, licence, language, domain, problem, trace, template and notes may say what they like."""
    bench = _BENCH["CardBench"](shared_store[0], tmp_path, request.node.name)
    run = Run(f"{bench.name} {trick}", trick, trick, SamplingParameters(stop=(trick,)), trick, START)
    bench.run(run)
    bench.problem("one", prompt=f"{bench.name} {trick}", source=trick, language=trick, meta={"license": trick})
    bench.trace("one", f"<think>{trick}</think><answer>{trick}</answer>", model=trick, run_id=run.id)
    facts = replace(FACTS, left_out={trick: 1})
    recipe = Recipe(where=trick, decontaminate=(trick,))
    step = {"name": trick, "candidates": 1, "dropped": 0, "problems": 1, "notes": [trick]}
    card = bench.card(facts, recipe, [step], [("contaminated", f"{trick}#1")], template=f"{trick}{{prompt}}")

    assert card.inline <= OURS
    assert card.images == ["lengths.svg"]
    assert card.head["license"] == "other"
    assert set(card.head) - {"license_name"} == {
        "pretty_name", "license", "task_categories", "size_categories", "tags", "configs",
    }  # fmt: skip
    assert card.sections == SECTIONS
    assert not any(ord(char) < ord(" ") and char != "\n" for char in card.text)
    assert "\u202e" not in card.text
    assert "://" not in "".join(card.plain)


SECTIONS = [
    "How to load",
    "Sources and licences",
    "Languages and domains",
    "Teachers",
    "Verification",
    "Token lengths",
    "Duplicates and contamination",
    "Curation",
    "One trace",
    "Limits",
    "How to reproduce",
]
