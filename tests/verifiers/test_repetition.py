"""Which texts run in circles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Verdict
from tests.growth import assert_linear
from verifiers.repetition import find_loop, repeated_share
from verifiers.run import verify_one
from verifiers.settings import RepetitionSettings, VerifierSettings

EASY = RepetitionSettings(times=3, characters=10)


def judged(reasoning: str, answer: str = "42", settings: RepetitionSettings | None = None) -> Verdict:
    """The verdict on a trace."""
    content = f"<think>\n{reasoning}\n</think>\n<answer>\n{answer}\n</answer>"
    given_ = Candidate("c", "r", "p", 0, None, content, "inline", "stop", "m")
    chosen = VerifierSettings(repetition=settings or RepetitionSettings())
    return verify_one("repetition", Problem("p", "math", "?", "42"), given_, chosen)


@pytest.mark.parametrize(
    "phrase",
    [
        "Wait, let me check this again. ",
        "等一下，让我再检查一遍。",
        "Wait, 让我 check again。",
        "So we multiply 6 by 7.\n\n",
        "系统",
        "= -1 + 2 ",
        "ですから、もう一度計算します。",
        "Проверим ещё раз. ",
    ],
)
@pytest.mark.parametrize("tail", ["", "Therefore the answer is 42."])
def test_a_phrase_said_over_and_over_is_a_loop(phrase: str, tail: str) -> None:
    """At the end of a text or within it, in any language; numbers belong to the phrase."""
    verdict = judged("First we look at what is given here. " + phrase * 150 + tail)
    assert (verdict.outcome, verdict.reason) == ("reject", "repetition")
    assert verdict.score is not None
    assert verdict.score > 0.8


@pytest.mark.parametrize("phrase", ["8 ", "8, ", "- 1 + 2 "])
def test_numbers_that_go_on_for_ever_in_a_line_are_a_loop(phrase: str) -> None:
    """They say nothing, and the line never ends."""
    assert judged("The sequence begins like this: " + phrase * 400).reason == "repetition"


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"Case n={n}: we check whether {n}*{n} is less than {n}+{n}, which it is not.\n" for n in range(2, 90)),
        "".join(f"当 n={n} 时，代入得到 {n * n + 1}，不符合条件，继续。\n" for n in range(90)),
        "| a | b |\n|---|---|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(200)),
        "0 0 0 0 0 0 0 0\n" * 60,
        "1/7 = 0." + "142857" * 90 + "…",
        "-" * 900 + "\n" + "=" * 900 + "\n" + "." * 900,
        "".join(f"x{n} = a[{n}] * b[{n}] + c[{n}]\n" for n in range(150)),
        "Wait, no. " * 4 + "No, no, no, no, no. Ha ha ha ha ha ha ha. 对对对对对，不不不不不。",
        "The sum of 3 and 4 is 7, so times 6 it is 42. " * 2 + "Checked twice, and both agree.",
    ],
)
def test_what_is_merely_regular_is_no_loop(text: str) -> None:
    """Enumerations, tables, grids, decimals, lines of signs, code, a few sighs, and a second look."""
    assert judged(text).outcome == "accept"


ENGLISH = (
    "The farmer sells some of the eggs at the market and keeps those that are left, so we first have to find out how "
    "many there were before breakfast, and only then may we ask about the price, which nobody has told us yet. Let x "
    "be that number; what he earns in a week is then seven times what he earns in a day, unless the hens rest."
)
CHINESE = "农夫把一部分鸡蛋拿到市场上去卖，剩下的留给自己吃，所以我们先要弄清楚早饭以前一共有多少个，然后才能谈价钱"


@pytest.mark.parametrize("period", [1, 2, 3, 5, 8, 13, 21, 34, 55])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_loop_is_found_where_it_begins(language: str, period: int) -> None:
    """Whatever its period, in words or Chinese characters, and also cut in mid-pass or followed by other text."""
    words = ENGLISH.split() if language == "en" else CHINESE
    phrase = "".join(f"{word} " if language == "en" else word for word in words[-period:])
    before = "It was a quiet day. " if language == "en" else "那是平静的一天。"
    passes = max(3.5, 300 / len(phrase) if language == "en" else 100 / len(phrase))
    looping = (phrase * (int(passes) + 1))[: int(passes * len(phrase))]
    for after in ("", "\nNo: let me think." if language == "en" else "\n不对，再想想。"):
        loop = find_loop(before + looping + after)
        assert loop is not None
        assert abs(loop.start - len(before)) <= 2 * len(phrase)
        assert abs(loop.period - len(phrase)) <= 1


def test_long_passages_need_fewer_passes() -> None:
    """Two passes of a long argument are a loop, four of a line; twice the same line is a check."""
    line = "That is not a multiple of four, so let us try the next larger one and see what that brings us. "
    argument = "".join(f"step {word} follows from the one before it, and " for word in "abcdefghijklm") + "so on. "
    assert judged("Hm. " + argument * 2).reason == "repetition"
    assert judged("Hm. " + line * 4).reason == "repetition"
    assert judged("Hm. " + line * 2 + "Done.").outcome == "accept"


@pytest.mark.parametrize("text", ["ha" * 500, "7" * 5000, "!" * 4000, "0 1 " * 2000, "|---" * 1200])
def test_a_word_or_sign_that_never_ends_is_a_loop(text: str) -> None:
    """Digits and signs run on longer than any grid or border before they are one."""
    assert judged("Let me see: " + text).reason == "repetition"


def test_mostly_repeated_text_is_rejected_without_any_loop() -> None:
    """Passages that come back in another order are found by their share."""
    passages = [
        f"We try idea {name} first, and look at each of the numbers in turn, then add what is left over to the total, "
        f"but with {name} the total comes out too small again and so we have to give it up. "
        for name in ("red", "blue", "green")
    ]
    order = (0, 1, 2, 0, 2, 1, 0, 1, 2, 1, 0, 2)
    verdict = judged("".join(passages[number] for number in order))
    assert (verdict.outcome, verdict.reason) == ("reject", "repetition")
    assert "repeats what it said before" in verdict.detail


def test_steps_that_differ_by_their_number_are_found_by_their_share() -> None:
    """Also where no pass is quite like the one before."""
    step = "让我们再试一次，把前两个数相加，再减去第三个数，得到的结果还是太小，因此这个方法也不行，只能放弃它。"
    assert "repeats what it said before" in judged("".join(f"第{n}步：{step}" for n in range(30))).detail


def test_an_answer_may_list_what_is_alike() -> None:
    """Moves of a puzzle come again in the same order, because they must."""
    moves = "".join(
        f"Move disk {(n & -n).bit_length()} from peg {(n & n - 1) % 3 + 1} to peg {((n | n - 1) + 1) % 3 + 1}\n"
        for n in range(1, 128)
    )
    assert repeated_share(moves).share > 0.6
    assert judged("Seven disks take 127 moves.", answer=moves).outcome == "accept"


def test_the_verdict_says_what_is_repeated_and_from_where() -> None:
    """The phrase, how often, and offsets into the text that is named."""
    verdict = judged("Let me see.", answer="The end. " + "again and so it goes " * 20 + "!")
    assert verdict.detail == "'again and so it goes' is said 20 times in a row, answer 9–428"
    assert verdict.extracted == "again and so it goes"


def test_a_loop_tells_start_period_and_times() -> None:
    """Offsets are characters; a last pass may be incomplete."""
    text = "abc " + "one two three " * 4 + "one two and out"
    loop = find_loop(text, EASY)
    assert loop is not None
    assert (loop.start, loop.period) == (4, 14)
    assert text[loop.start : loop.end] == "one two three " * 4 + "one two"
    assert loop.times == pytest.approx(14 / 3)


def test_the_longest_loop_counts() -> None:
    """A short one before and after it changes nothing."""
    text = "tick tock " * 5 + "now " + "round and round we go " * 9 + "then " + "bim bam " * 4
    loop = find_loop(text, EASY)
    assert loop is not None
    assert text[loop.start :].startswith("round and round")


def test_settings_say_how_much_is_too_much() -> None:
    """Each bound by itself keeps a loop from being one."""
    text = "and so it goes " * 8
    bounds = {EASY: "reject", RepetitionSettings(12, 60): "accept", RepetitionSettings(3, 100): "accept"}
    for settings, outcome in bounds.items():
        assert judged(text, settings=settings).outcome == outcome, settings


def test_the_score_is_there_for_every_trace() -> None:
    """Nothing said is nothing repeated, and a first occurrence is no repetition."""
    assert judged("Short.").score == 0.0
    assert judged("", answer="").score == 0.0
    assert repeated_share("").share == 0.0
    sentence = (
        "these are thirty words or so, of which each comes a second time right after the first, " + "as it was " * 3
    )
    assert repeated_share(sentence * 2).share == pytest.approx(0.5, abs=0.01)
    assert repeated_share("! " + sentence * 2).start == len(sentence) + 2


@given(st.text("ab 我。1\n", max_size=40), st.text("cd 你，2", min_size=3, max_size=12), st.integers(4, 9))
def test_a_loop_lies_within_its_text_and_holds_what_it_says(before: str, phrase: str, times: int) -> None:
    """Whatever stands around it, a loop's words repeat with its period."""
    text = before + phrase * times
    loop = find_loop(text, RepetitionSettings(times=2, characters=4))
    if loop:
        assert 0 <= loop.start < loop.end <= len(text)
        assert 0 < loop.period <= loop.end - loop.start
        assert loop.times >= 2


@given(
    st.lists(st.sampled_from(["一", "two", "2", "(x)", "é", "=="]), min_size=1, max_size=9, unique=True),
    st.lists(st.sampled_from([" ", "\n", " \n\n ", "\u3000"]), min_size=9, max_size=9),
    st.integers(12, 40),
)
def test_white_space_makes_no_difference_but_to_the_places(phrase: list[str], gaps: list[str], times: int) -> None:
    """A loop begins and ends where its words do in the text as it stands, whatever stands between them."""
    spaced = "".join(word + gap for word, gap in zip(phrase, gaps, strict=False))
    loop = find_loop(f"before: {spaced * times}", RepetitionSettings(times=2, characters=1))
    if loop:
        said = (spaced * times).rstrip()
        assert (loop.start, loop.end, loop.period) == (8, 8 + len(said), len(spaced))


@pytest.mark.parametrize("piece", ["的a", ".", "a ", "ab 的", "x=", "ba ba ab "])
def test_long_texts_take_linear_time(piece: str) -> None:
    """Time grows with the length and no faster, whatever a trace holds."""
    assert_linear(lambda text: (find_loop(text), repeated_share(text)), piece, 100_000)
