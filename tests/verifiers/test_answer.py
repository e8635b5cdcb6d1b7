r"""Where a final answer stands: box, cue, sentence, or a short text as a whole, as `tests/cases/answers.tsv` lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import assert_linear
from verifiers.answer import final_answer

TABLE = Path(__file__).parents[1] / "cases" / "answers.tsv"
ROWS = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("# ")]
PIECES = st.lists(
    st.sampled_from(
        [
            "\\boxed{", "\\boxed 5", "}", "{", "$", "\\[", "\\]", "**", "and", "或", ", ", "answer is ", "答案", "是",
            "####", "|", "Wait, ", "不对", "not ", "12", "3/4", "cm", "个", "So ", "there are ", " is ", "所以", ". ",
            "。", "\n", "- ", "(1) ", "x = ", "<|im_end|>", "half of ", "(since ", "\\begin{pmatrix}", "\\end{pmatrix}",
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip


def _text(cell: str) -> str:
    return cell.replace("⏎", "\n").replace("\\|", "|")


@pytest.mark.parametrize(("text", "answer", "why"), ROWS, ids=[f"{row[2]}-{row[0][:30]}" for row in ROWS])
def test_final_answer_is_found(text: str, answer: str, why: str) -> None:
    """The last box wins, then the last cue, then the last sentence; what leaves it open is left as it is."""
    assert final_answer(_text(text)) == (None if answer == "none" else answer), why


@pytest.mark.parametrize("text", ["", " \n ", "1," * 5_000, r"\]", "```\n```", "<|im_end|>"])
def test_no_answer_is_none(text: str) -> None:
    """Nothing, signs alone, or endless prose is no answer."""
    assert final_answer(text) is None


@pytest.mark.parametrize("answer", ["12", r"\frac{1}{2}", "x^2 + 1", "(1, 2)", "B", "5 cm", "3/4", "-7", "[0, 1)"])
@pytest.mark.parametrize(
    "frame",
    [
        "{}", r"$\boxed{{{}}}$", "The answer is {}.", "**Answer:** {}", "### Final Answer\n\n{}", "#### {}", "答案：{}",
        "因此答案是 {}。", "【答案】{}\n【解析】略", "The final answer is ${}$. I hope it is correct.",
        "So the result is ${}$.", "所以结果为 {} 。",
    ],
)  # fmt: skip
def test_every_frame_gives_what_it_holds(frame: str, answer: str) -> None:
    """Who changes the frame changes no answer; delimiters may stay."""
    found = final_answer("Some reasoning comes first.\n" + frame.format(answer))
    assert found is not None
    assert found.strip("$ ") == answer


@given(PIECES | st.text(max_size=60))
def test_any_text_is_searched_without_error(text: str) -> None:
    """Broken boxes, cues and sentences never raise, and what is found is not blank."""
    found = final_answer(text)
    assert found is None or found.strip()


@given(PIECES)
def test_what_stands_before_a_box_does_not_matter(text: str) -> None:
    """A box at the end says the answer, whatever was said before it in other sentences."""
    before = text.replace("\\begin{pmatrix}", "").replace("{", "").replace("<|im_end|>", "")
    assert final_answer(f"{before}\n\nIn the end it follows.\n\\boxed{{77}}") == "77"


@pytest.mark.parametrize(
    "piece",
    [
        "\\boxed{", "\\boxed 5", "\\boxed{1}, ", "\\boxed{\\boxed{", "{", "the answer is ", "answer (",
        "answer to ", "答案", "#### ", "the answer is wrong. Wait, ", "$", "\\[", "\\begin{a}", "**", "x = 1\n",
        "- a\n", "(1) 2\n", "so ", "，所以", "12 ", "1 and ", ". A", "<|im_end|>", "\n", " ", "(since ", "not ",
        "1,", "| ",
    ],
)  # fmt: skip
def test_hostile_texts_take_no_longer_than_others(piece: str) -> None:
    """Time grows with the length and no faster, whatever the text repeats."""
    assert_linear(final_answer, piece, 200_000)
    assert_linear(final_answer, piece, 2_000)
