"""Which problems are benchmark problems: copies are found however they are spelt and cut; look-alikes are not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.curating.overlap import SHOWN, Benchmarks, Match
from curator.curating.runs import RUN, STOCK, Words

BAKERY = (
    "A bakery sells rolls in bags of 12 and buns in boxes of 8. On Monday Olga bought 5 bags and 7 boxes for the "
    "school fair, and 9 of the buns were burnt. How many rolls and buns could she still hand out?"
)
SERIES = (
    r"Let $a_n = \dfrac{n^{2}+3}{2n-1}$ for all integers $n \ge 1$. Determine $\left(a_1 + a_2\right) \cdot a_3$, and "
    r"show that the sequence has no term smaller than $\text{the limit of its differences}$."
)
ORCHARD = "果园里有苹果树36棵，梨树的棵数比苹果树的2倍少15棵，桃树比梨树多9棵。果园里三种果树一共有多少棵？"
FENCE = "王大爷用42米长的篱笆靠墙围一块长方形菜地，靠墙的一边不用篱笆，另外两条边各长11米，求这块菜地的面积。"
ROWS = [BAKERY, SERIES, ORCHARD, FENCE, "计算 12+34。"]
ENGLISH = "Solve the following problem. {} Reason step by step, and put the final answer in \\boxed{{}}."
CHINESE = "请解答下面的题目：{} 请逐步推理，并把最终答案写在 \\boxed{{}} 里。"
LONG = "Anna keeps a diary about her week at the lake. {} Her brother then asked how often it had rained since May."
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x30, 0x3A)} | {",": "，", ".": "．"})
Change = Callable[[str], str]


def plain_latex(text: str) -> str:
    r"""Write formulas in another LaTeX: `\(…\)`, `\frac`, `\geq`, no `\left`, no `\text`."""
    text = re.sub(r"\$([^$]*)\$", r"\\(\1\\)", text).replace(r"\dfrac", r"\frac").replace(r"\ge ", r"\geq ")
    return re.sub(r"\\text\{([^}]*)\}", r"\1", text).replace(r"\left", "").replace(r"\right", "").replace("^{2}", "^2")


SPELLINGS: dict[str, Change] = {
    "as it is": str,
    "spaces": lambda text: re.sub(r"([\u4e00-\u9fff])", r"\1 ", text).replace(" ", "  \n"),
    "no punctuation": lambda text: re.sub(r"[.,?!，。？](?!\d)", " ", text),
    "full-width": lambda text: text.translate(FULL_WIDTH),
    "LaTeX": plain_latex,
    "no dollars": lambda text: text.replace("$", ""),
    "capitals": lambda text: text if "\\" in text else text.upper(),
    "all of it": lambda text: plain_latex(text).translate(FULL_WIDTH).replace(" ", "   "),
}
CUTS: dict[str, Change] = {
    "whole": str,
    "first half": lambda text: text[: len(text) // 2],
    "second half": lambda text: text[len(text) // 2 :],
}
PLACES: dict[str, Change] = {
    "alone": str,
    "English": ENGLISH.format,
    "Chinese": CHINESE.format,
    "longer": LONG.format,
}


def benchmarks(*texts: str) -> Benchmarks:
    known = Benchmarks()
    known.add("exam.jsonl", [(str(number), text) for number, text in enumerate(texts, start=1)])
    return known


KNOWN = benchmarks(*ROWS)


@pytest.mark.parametrize("row", range(1, 5))
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("cut", CUTS)
def test_planted_copies_are_found(row: int, place: str, cut: str) -> None:
    """A copy is found whole or halved, alone or in a longer text, in every spelling; and the row is named."""
    for name, spell in SPELLINGS.items():
        found = KNOWN.match(PLACES[place](spell(CUTS[cut](ROWS[row - 1]))))
        assert found is not None, name
        assert found.benchmark == f"exam.jsonl#{row}"


def test_a_match_says_what_is_shared() -> None:
    """Its detail is the longest shared run, as a person reads it: Chinese without spaces, no longer than a line."""
    assert KNOWN.match(ORCHARD[:16]) == Match("exam.jsonl#3", 1.0, "果园里有苹果树36棵梨树的棵数")
    found = KNOWN.match(LONG.format(BAKERY))
    assert found is not None and found.overlap == 1.0 and len(found.detail) <= SHOWN
    assert found.detail.startswith("a bakery sells rolls in bags of 12 and buns in boxes of 8 on monday")


@pytest.mark.parametrize(
    "other",
    [
        BAKERY.replace("12", "15"),
        BAKERY.replace("5 bags", "6 bags").replace("7 boxes", "3 boxes"),
        SERIES.replace("3}{2n", "5}{2n"),
        ORCHARD.replace("36", "48").replace("15", "20"),
        FENCE.replace("42", "50"),
    ],
)
def test_other_numbers_make_another_problem(other: str) -> None:
    """A problem of the same template, with a number changed, is none of the benchmark's."""
    assert KNOWN.match(other) is None


@pytest.mark.parametrize(
    "other",
    [
        "A bakery sells rolls in bags of 12, its owner says, who wants to know which of them pay.",
        "王大爷用42米长的篱笆围了一个圆形的鸡舍。鸡舍的半径大约是多少米？",
        "请逐步推理，并把最终答案写在 \\boxed{} 里。",
        "计算 12+35。",
        "",
    ],
)
def test_stock_phrases_are_no_copies(other: str) -> None:
    """Some words in common, a bare instruction or an empty text match nothing."""
    assert KNOWN.match(other) is None


def test_a_changed_word_does_not_hide_a_copy() -> None:
    """A copy with a word exchanged is told from a template, and its overlap is less than 1."""
    found = KNOWN.match(BAKERY.replace("school", "summer"))
    assert found is not None and found.benchmark == "exam.jsonl#1" and 0.5 < found.overlap < 1.0


def test_short_rows_match_as_a_whole_only() -> None:
    """Fewer words than a run are too little to be found in another text; how many such rows there are is known."""
    assert KNOWN.match("计算：１２ + ３４") == Match("exam.jsonl#5", 1.0, "计算12 + 34")
    assert KNOWN.match("计算 12+34，再乘以 5。") is None
    assert KNOWN.short == 1


TASK = (
    "Zookeepers swap two animals a night. The cages stand in a row, each holds one animal, and no animal may move "
    "twice in one week. Find the order in which the cages must be opened. The animals are: {}."
)
ANIMALS = ["lynx, otter, ibis", "crane, bear, mole", "wolf, newt, toad", "seal, gnu, swan", "puma, hare, kiwi"]


def test_instructions_of_many_rows_are_stock() -> None:
    """What more than a few rows of a benchmark share makes no problem one of them; their own part still does."""
    known = benchmarks(*(TASK.format(animals) for animals in ANIMALS))
    assert len(ANIMALS) > STOCK
    assert known.match(TASK.format("stork, boar, moth")) is None
    assert known.match(ENGLISH.format(TASK.format(ANIMALS[2]))) is not None


def test_problems_show_what_is_stock() -> None:
    """One row of a template is enough: the problems at hand tell what they have in common, and are then no copies."""
    known = benchmarks(TASK.format("lynx, otter, ibis"))
    problems = [TASK.format(animals) for animals in ANIMALS]
    assert all(known.match(problem) for problem in problems)
    known.show(problems)
    assert [known.match(problem) is not None for problem in problems] == [True, False, False, False, False]


def test_equal_problems_are_no_template() -> None:
    """A benchmark problem that was collected many times over stays one."""
    known = benchmarks(BAKERY)
    known.show([BAKERY, *[ENGLISH.format(BAKERY)] * (STOCK + 1), *[LONG.format(CUTS["first half"](BAKERY))] * 9])
    assert known.match(LONG.format(CUTS["first half"](BAKERY))) is not None


def test_drawings_are_no_evidence() -> None:
    """The same few signs again and again, in two mazes or matrices, do not make them one problem."""
    first = "Find the shortest way through this maze, if there is one: " + "0 1 1 0 0 0 1 0 " * 9
    second = "Count the islands of the map that the harbour master drew: " + "0 1 1 0 0 0 1 0 " * 9
    assert benchmarks(first).match(second) is None
    assert benchmarks(first).match(first.replace(" ", "\n")) is not None


def test_the_closest_row_is_named() -> None:
    """Of several benchmarks with parts of a problem, the row that has most of it is named; of equal ones the first."""
    known = benchmarks("Unrelated, but long enough to have a run of words: the moon rises over the old town.")
    known.add(
        "parts/half.csv", [("7", CUTS["first half"](FENCE) + "。请问一共需要准备多少根木桩才能够把它们围起来呢？")]
    )
    known.add("parts/whole.csv", [("9", FENCE)])
    known.add("again.csv", [("1", FENCE)])
    found = known.match(CHINESE.format(FENCE))
    assert found is not None and found.benchmark == "parts/whole.csv#9"


def test_a_benchmark_may_be_added_after_a_match() -> None:
    """Rows that come later are found as well; nothing is found in no benchmark at all."""
    known = Benchmarks()
    assert known.match(BAKERY) is None
    known.add("exam.jsonl", [("1", BAKERY)])
    assert known.match(ENGLISH.format(BAKERY)) is not None


WORD = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9),
    st.integers(0, 10**4).map(str),
    st.text("的一是在不了有和人这中大为上个国我以要他", min_size=2, max_size=4),
)


@given(st.lists(WORD, min_size=6 * RUN, max_size=90, unique=True), st.sampled_from(sorted(SPELLINGS)), st.data())
def test_any_long_problem_is_found(words: list[str], spelling: str, data: st.DataObject) -> None:
    """Whatever its words, a problem of some length is found in every spelling, whole, halved and wrapped."""
    text = " ".join(words)
    cut = data.draw(st.sampled_from(sorted(CUTS)))
    place = data.draw(st.sampled_from(["alone", "English"]))
    found = benchmarks(BAKERY, text).match(PLACES[place](SPELLINGS[spelling](CUTS[cut](text))))
    assert found is not None and found.benchmark == "exam.jsonl#2"


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_dull_runs_are_those_of_few_words(words: list[str]) -> None:
    """A run is dull when it says fewer than five different words, counted run by run."""
    text = Words.of(", ".join(f"{word}{word}{word}" for word in words))
    runs = [text.words[at : at + RUN] for at in range(len(text.runs))]
    assert text.dull().tolist() == [len(set(run)) < 5 for run in runs]
