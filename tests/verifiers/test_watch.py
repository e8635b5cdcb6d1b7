"""Which streams are lost before they end, and that only those are said to be."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason
from tests.growth import assert_linear
from verifiers.registry import VERIFIERS
from verifiers.settings import LengthBounds, LengthSettings, VerifierSettings
from verifiers.watch import BLOCK, WATCHED, Doom, Watch

SHORT = VerifierSettings(length=LengthSettings(math=LengthBounds(max_tokens=600)))
ENGLISH = Problem("en", "math", "How many apples does the farmer have left at the end of week {7}?", "42")
CHINESE = Problem("zh", "math", "到第七周结束的时候，农夫还剩下多少个苹果？", "42", language="zh")
BY = {Reason.CUT_LOOP: "repetition", Reason.CUT_LANGUAGE: "language", Reason.CUT_BUDGET: "length"}
"""Whose verdict a doom is about; of the others it is that of `format`."""


def english(count: int, seed: int = 1) -> str:
    """Reasoning of `count` sentences that go on and on, and not in a circle."""
    draw = random.Random(seed)
    who, what = ("farmer", "seller", "neighbour", "daughter"), ("sells", "keeps", "counts", "gives away", "finds")
    return "".join(
        f"{draw.choice(('So', 'Then', 'Wait,', 'But', 'Hence'))} the {draw.choice(who)} {draw.choice(what)} "
        f"{draw.randrange(99)} of {draw.randrange(999)} apples, and that leaves $x_{{{draw.randrange(9)}}} = "
        f"\\frac{{{draw.randrange(99)}}}{{{draw.randrange(99)}}}$ in the {draw.choice(('box', 'cart', 'barn'))}.\n"
        for _ in range(count)
    )


def chinese(count: int, seed: int = 1) -> str:
    """The same in Chinese, formulas and a term or two in English included."""
    draw = random.Random(seed)
    who, what = ("农夫", "邻居", "女儿", "商人"), ("卖掉", "留下", "数出", "送走", "找到")
    return "".join(
        f"{draw.choice(('所以', '然后', '等等', '不过', '于是'))}，{draw.choice(who)}{draw.choice(what)}了"
        f"{draw.randrange(999)}个苹果中的{draw.randrange(99)}个，用 Python 计算得 $x_{{{draw.randrange(9)}}} = "
        f"\\frac{{{draw.randrange(99)}}}{{{draw.randrange(99)}}}$，还在{draw.choice(('箱子', '车', '谷仓'))}里。\n"
        for _ in range(count)
    )


def watched(
    text: str,
    problem: Problem = ENGLISH,
    settings: VerifierSettings | None = None,
    size: int = 4,
    verifiers: frozenset[str] = WATCHED,
) -> Doom | None:
    """What a watch says first of a text that comes in pieces of `size` characters."""
    watch = Watch(problem, settings or VerifierSettings(), verifiers)
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    return next((doom for piece in pieces if (doom := watch.feed(piece))), None)


def verdict(doom: Doom, text: str, problem: Problem, settings: VerifierSettings | None = None) -> Outcome:
    """What the verifier that a doom is about says of a whole text."""
    whole = Candidate("c", "r", "p", 0, None, text, "inline", "stop", "m")
    return VERIFIERS[BY.get(doom.cut, "format")].check(problem, whole, settings or VerifierSettings()).outcome


LOOPS = {
    "en": "Wait, let me check that again, the farmer has too many. ",
    "zh": "等等，让我再检查一遍，农夫的苹果太多了。",
}
LOST = {
    "a loop": (ENGLISH, f"<think>{english(20)}", LOOPS["en"] * 200, "repetition", 1_500),
    "a Chinese loop": (CHINESE, f"<think>{chinese(40)}", LOOPS["zh"] * 200, "repetition", 1_500),
    "one character": (CHINESE, f"<think>{chinese(40)}", "系" * 3000, "repetition", 1_500),
    "a long loop": (ENGLISH, f"<think>{english(20)}", english(25, seed=2) * 5, "repetition", 6_500),
    "a looping answer": (ENGLISH, f"<think>{english(9)}</think>", "The answer is: 42. " * 300, "repetition", 1_500),
    "English to Chinese": (ENGLISH, f"<think>{english(20)}", chinese(200, seed=3), "mixed_language", 2_500),
    "Chinese to English": (CHINESE, f"<think>{chinese(60)}", english(200, seed=3), "mixed_language", 2_500),
    "English to French": (
        ENGLISH,
        english(20),
        "".join(
            f"Ensuite, le fermier vend {n} pommes qui sont dans la caisse et il donne le reste.\n" for n in range(99)
        ),
        "mixed_language",
        2_500,
    ),
    "the next problem": (
        ENGLISH,
        f"<think>{english(9)}</think><answer>42</answer>",
        f"\n<think>{english(99, seed=4)}",
        "misplaced_tags",
        600,
    ),
    "an answer within": (ENGLISH, f"<think>{english(9)}", f"<answer>4</answer>{english(99)}", "misplaced_tags", 2_500),
    "no reasoning": (ENGLISH, "<answer>", english(99), "missing_think", 600),
    "a template": (
        ENGLISH,
        f"<think>{english(9)}",
        f"<|im_end|>\n<|im_start|>user\n{english(99)}",
        "leaked_template",
        600,
    ),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_stream_is_noticed_soon(name: str) -> None:
    """Within the stated number of characters, and the verdicts agree: on what there was, and when it goes on."""
    problem, before, lost, reason, within = LOST[name]
    doom = watched(before + lost, problem)
    assert doom is not None
    assert doom.reason == reason
    assert len(before) < doom.at <= len(before) + within
    told = [(before + lost)[: doom.at], before + lost, f"{before}{lost}</think><answer>42</answer>"]
    assert {verdict(doom, text, problem) for text in told} == {"reject"}


def test_a_stream_is_too_long_when_it_is_half_again_as_long_as_allowed() -> None:
    """Estimated from the text, so that the teacher's own count cannot save it; a little too long is left alone."""
    doom = watched(f"<think>{english(120)}", settings=SHORT)
    assert doom is not None
    assert doom.reason == "too_long"
    assert verdict(doom, f"<think>{english(120)}", ENGLISH, SHORT) == "reject"
    assert watched(f"<think>{english(18)}", settings=SHORT) is None


def test_a_count_of_tokens_is_believed_sooner_than_an_estimate() -> None:
    """What a server has counted can only grow; a twentieth is left all the same."""
    watch = Watch(ENGLISH, SHORT)
    watch.feed(english(1))
    assert watch.tokens(630) is None
    assert watch.tokens(631) == Doom(
        Reason.CUT_BUDGET, Reason.TOO_LONG, "631 tokens, and not at its end; the most is 600", len(english(1))
    )


def test_nobody_cuts_for_a_verdict_that_does_not_count() -> None:
    """Whatever is lost for one verifier goes on for all the others."""
    for problem, before, lost, *_ in LOST.values():
        doom = watched(before + lost, problem)
        assert doom is not None
        others = WATCHED - {BY.get(doom.cut, "format")}
        again = watched(before + lost, problem, verifiers=others)
        assert again is None or again.cut is not doom.cut
    assert Watch(ENGLISH, SHORT, {"format"}).tokens(10**9) is None


def test_reasoning_in_its_own_field_is_watched_too() -> None:
    """Loops in it, and tags that a field never holds."""
    for lost, reason in ((LOOPS["en"] * 40, "repetition"), (f"</think><think>{english(20)}", "misplaced_tags")):
        watch = Watch(ENGLISH, VerifierSettings())
        dooms = [watch.feed(piece, reasoning=True) for piece in (english(12) + lost).split(" ")]
        assert next(doom for doom in dooms if doom).reason == reason


CLEAN = {
    "English": (ENGLISH, f"<think>\n{english(300)}</think>\n<answer>\n42\n</answer>"),
    "Chinese": (CHINESE, f"<think>\n{chinese(300)}</think>\n<answer>\n42\n</answer>"),
    "no opening tag": (ENGLISH, f"{english(100)}</think>\n\\boxed{{42}}"),
    "an enumeration": (
        ENGLISH,
        "".join(f"Case {n}: then {n} * {n + 1} = {n * n + n}, too small.\n" for n in range(400)),
    ),
    "a grid": (ENGLISH, f"{english(9)}</think>" + "0 0 0 0 0 0 0 0\n" * 60),
    "a fence": (
        ENGLISH,
        "<think>```\n" + "".join(f"print('农夫还剩下{n}个苹果在箱子里')\n" for n in range(99)) + "```\n",
    ),
    "a long fence": (
        ENGLISH,
        f"<think>{english(9)}\n```\n" + "".join(f"print('农夫还剩下{n}个苹果在箱子里')\n" for n in range(999)),
    ),
    "after the answer": (ENGLISH, f"{english(9)}</think><answer>42</answer>" + "So it is 42. " * 200),
    "a short loop": (ENGLISH, f"<think>{english(9)}{LOOPS['en'] * 5}{english(60)}"),
    "a spoken token": (ENGLISH, f"<think>{english(3)} The template ends in `<|im_end|>`. {english(60)}"),
    "formulas": (
        CHINESE,
        "<think>" + "".join(f"\\[ \\text{{of the}} x_{n} \\frac{{{n}}}{{{n * n}}} \\]\n" for n in range(200)),
    ),
    "asked for": (replace(ENGLISH, prompt="Translate into Chinese: apples"), f"{english(5)}{chinese(99)}"),
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_stream_that_may_still_be_right_goes_on(name: str) -> None:
    """However long it is, and whatever of it looks odd at first sight."""
    problem, text = CLEAN[name]
    assert watched(text, problem) is None


@given(st.sampled_from(sorted(LOST)), st.lists(st.integers(1, 3000), min_size=1, max_size=30))
def test_the_pieces_make_no_difference(name: str, sizes: list[int]) -> None:
    """However a text is cut into pieces, the same doom is told at the same character."""
    problem, before, lost, *_ = LOST[name]
    text, watch, first = (before + lost)[:9000], Watch(problem, VerifierSettings()), None
    while text and first is None:
        sizes = sizes[1:] + sizes[:1]
        first, text = watch.feed(text[: sizes[0]]), text[sizes[0] :]
    assert first == watched((before + lost)[:9000], problem)


TAGS = st.sampled_from(
    ["<think>", "</think>", "<answer>", "</answer>", "<|im_end|>", "`", "``", "x", " 42\n", english(1), english(6)]
)


@given(st.lists(TAGS, max_size=8), st.lists(TAGS, max_size=8))
def test_no_continuation_saves_what_format_gave_up(before: list[str], after: list[str]) -> None:
    """What is said to be beyond repair is rejected by the verdict, whatever follows."""
    text = "".join(before)
    text += english(9)[: -len(text) % BLOCK]
    doom = watched(text)
    if doom and doom.cut is Reason.CUT_FORMAT:
        assert verdict(doom, text + "".join(after), ENGLISH) == "reject"


@given(st.text(max_size=40), st.booleans())
def test_any_text_can_be_watched(text: str, reasoning: bool) -> None:
    """Lone surrogates, control characters, bidirectional marks: nothing is raised."""
    watch = Watch(replace(CHINESE, language="xx"), VerifierSettings())
    for _ in range(60):
        watch.feed(text, reasoning=reasoning)


@pytest.mark.parametrize("piece", ["a", "ab" * 255 + "c", "<think>", "`|>", "的", "0 ", "\\[", "the of 的的的的的的 "])
def test_a_watch_takes_little_time_whatever_comes(piece: str) -> None:
    """A hundred thousand characters that raise suspicion at every look: time grows with them and little faster."""

    def watched(text: str) -> None:
        watch = Watch(ENGLISH, VerifierSettings())
        for at in range(0, len(text), 50):
            if watch.feed(text[at : at + 50]):
                break

    assert_linear(watched, piece, 100_000)
