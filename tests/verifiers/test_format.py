r"""What a whole trace is, and what no student should learn to write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.verdict import Outcome
from tests.growth import assert_linear

PIECES = st.lists(
    st.sampled_from(
        [
            "<think>", "</think>", "<answer>", "</answer>", "\\boxed{", "}", "{", "4", "5", "(a)", "x =", "```", "`",
            "\n", "</s>", "<|im_end|>", "####", " and ", "二", ". ", "$",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip


def trace(answer: str, reasoning: str = "two and two") -> str:
    """A trace without an answer block."""
    return f"<think>{reasoning}</think>{answer}"


def test_a_whole_trace_is_accepted(verdict_on) -> None:
    """Reasoning and answer are all that format asks for, whether the answer is right or not."""
    assert verdict_on("format", trace("<answer>5</answer>")).outcome is Outcome.ACCEPT
    assert verdict_on("format", "4", reasoning="two and two", reasoning_field="thinking").outcome is Outcome.ACCEPT


def test_the_token_limit_is_blamed_first(verdict_on) -> None:
    """A truncated completion is `truncated`, not `unclosed_think`."""
    assert verdict_on("format", "<think>two and", finish_reason="length").reason == "truncated"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("4", "missing_think"),
        ("<think>two and", "unclosed_think"),
        ("<think> </think>4", "empty_think"),
        ("<think>two and two</think>\n", "empty_answer"),
        ("<think>二加二</think><answer></answer>", "empty_answer"),
        ("<think>two and two</think><answer>4", "unclosed_answer"),
        ("", "empty_answer"),
        ("<think>a</think><answer>4</answer>\n<think>b</think><answer>5</answer>", "misplaced_tags"),
    ],
)
def test_faults_are_told_as_the_grammar_tells_them(verdict_on, content: str, reason: str) -> None:
    """A person counts faults by what is missing or too many."""
    verdict = verdict_on("format", content)
    assert (verdict.outcome, verdict.reason) == (Outcome.REJECT, reason)


@pytest.mark.parametrize(
    "token",
    [
        "<|im_end|>", "<|im_start|>user", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|end|>",
        "<|tool_call|>", "<|reserved_special_token_7|>",
        "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜tool▁calls▁begin｜>", "[INST]", "[/INST]", "<<SYS>>", "</s>",
        "<start_of_turn>", "<end_of_turn>", "<bos>", "<eos>", "<pad>", "<unk>", "<tool_call>",
    ],
)  # fmt: skip
def test_leaked_template_tokens_reject(verdict_on, token: str) -> None:
    """A token of the teacher's template in the text would teach the student to write it; its place is told."""
    verdict = verdict_on("format", trace(f"It is 4.{token}"))
    assert verdict.reason == "leaked_template"
    assert f"{token.removesuffix('user')} at answer 8" in verdict.detail
    assert verdict_on("format", trace("4", f"so {token} 4")).reason == "leaked_template"
    assert verdict_on("format", trace("4", f"```\nnever closed\n{token}")).reason == "leaked_template"


@pytest.mark.parametrize(
    "text",
    [
        "In code it is `<|im_end|>`.", "```\n<|im_end|>\n```", "a <s>bad</s> good idea", "|x|<|y|>0", "list[int]",
        "<|x|>", "[1, 2]", "x <| f |> g", "<b>4</b>", "the average <s> of s",
    ],
)  # fmt: skip
def test_code_and_signs_are_no_leak(verdict_on, text: str) -> None:
    """What is quoted as code, or only looks alike, stays what it is."""
    assert verdict_on("format", trace(text, text)).reason == "ok"


def test_a_token_of_the_problem_is_no_leak(verdict_on) -> None:
    """Who is asked about a token may name it; another one is still leaked."""
    asked = {"prompt": "What does </s> mean?"}
    assert verdict_on("format", trace("</s> ends a text."), **asked).reason == "ok"
    assert verdict_on("format", trace("</s> ends a text.<|im_end|>"), **asked).reason == "leaked_template"


@pytest.mark.parametrize(
    "answer",
    [
        r"First guess: $\boxed{40}$. Checking, that is wrong: it is $\boxed{42}$.",
        "**Final Answer**\n\\boxed{Door 2}\n\nNo, it is the other one.\n\n**Final Answer**\n\\boxed{Door 3}",
        r"所以答案是\boxed{3}。不对，应该是\boxed{4}。",
        "So \\boxed{5} and \\boxed{6}.\n\nWait, one is wrong.\n\n\\boxed{5} and \\boxed{7}",
        "(a) $\\boxed{1}$\n\n(b) $\\boxed{2}$\n\nBut for part (a) we must take $\\boxed{3}$. That is all.",
    ],
)
def test_several_answers_to_one_question_reject(verdict_on, answer: str) -> None:
    """A student that learns to answer twice is never right."""
    verdict = verdict_on("format", trace(answer))
    assert verdict.reason == "several_boxes"
    assert verdict_on("format", trace(f"<answer>{answer}</answer>")).reason == "several_boxes"


def test_boxes_that_differ_are_quoted_with_their_places(verdict_on) -> None:
    """Offsets count from the answer text's first character."""
    verdict = verdict_on("format", trace("\\boxed{40}. That is wrong. \\boxed{42}"))
    assert verdict.detail == "boxes that differ: '40' at answer 0 and '42' at answer 27"


@pytest.mark.parametrize(
    "answer",
    [
        r"Therefore \boxed{840}. **Final Answer**" + "\n" + r"\boxed{840}",
        r"It is \boxed{0.5}. That is, \boxed{\frac12}.",
        r"It is \boxed{840}. With its unit: \boxed{840\text{ cm}}.",
        r"\boxed{5} or \boxed{6}",
        "\\boxed{A is a knave}\n\n\\boxed{B is a knave}",
        r"$$\boxed{(98, 2)} \quad \text{and} \quad \boxed{(99, 503)}$$",
        r"有\boxed{3}个红球，\boxed{4}个蓝球。",
        "**Part (a)**\n\nIt is so. $\\boxed{1}$\n\n**Part (b)**\n\nAnd so. $\\boxed{2}$",
        "**Part (a)** It is so. $\\boxed{1}$\n\n**Part (b)** And so. $\\boxed{2}$\n\n**Final Answer** $\\boxed{1, 2}$",
        "（1）面积是 $\\boxed{3}$。\n（2）周长是 $\\boxed{8}$。",
        "第一问：共 \\boxed{3} 个。\n第二问：共 \\boxed{8} 个。",
        "1. Silica: it works at \\boxed{1950}.\n2. Pyrex: it works at \\boxed{1200}.",
        "$x = \\boxed{3}$. Put it in.\n\nThen $y = \\boxed{4}$.",
        "\\boxed{\\boxed{42}}",
    ],
)
def test_lists_parts_and_repeated_answers_are_one_answer(verdict_on, answer: str) -> None:
    """Boxes that differ may answer different questions; the same answer may be said twice."""
    assert verdict_on("format", trace(answer)).reason == "ok"


def test_boxes_of_the_reasoning_are_thoughts(verdict_on) -> None:
    """Trying several answers is what reasoning is for."""
    assert verdict_on("format", trace("\\boxed{4}", "\\boxed{3}? No. Maybe \\boxed{5}? No.")).reason == "ok"


@pytest.mark.parametrize(
    "rest",
    [
        r"So it is $\boxed{6}$. <answer>5</answer>",
        r"<answer>The answer is 5.</answer> $\boxed{6}$",
        "<answer>5</answer>\n#### 6",
        "It is \\boxed{5}.\n#### 6",
        r"所以是\boxed{六}。<answer>\boxed{5}</answer>",
        r"<answer>The answer is 5. \boxed{6}</answer>",
        r"<answer>\boxed{6} 答案是5。</answer>",
    ],
)
def test_an_answer_block_and_the_box_beside_it_must_agree(verdict_on, rest: str) -> None:
    """Two numbers, one answer: one of them is wrong."""
    verdict = verdict_on("format", trace(rest))
    assert (verdict.reason, "5" in verdict.detail) == ("contradicted_box", True)


@pytest.mark.parametrize(
    "rest",
    [
        r"So $\boxed{\frac{1}{2}}$. <answer>0.5</answer>",
        r"<answer>The answer is $2 + 3 =$ \boxed{5}</answer>",
        r"<answer>(a) The answer is 3. (b) So $\boxed{5}$</answer>",
        r"So $\boxed{\frac{1}{3}}$. <answer>0.333</answer>",
        r"So $\boxed{50\%}$. <answer>50</answer>",
        r"So $\boxed{x + 1}$. <answer>5</answer>",
        r"There are $\boxed{3}$ ways of four: $\boxed{12}$. <answer>12</answer>",
        r"So $\boxed{6}$. <answer>(a) 5 and (b) 6</answer>",
        "<answer>5</answer>\n#### Remarks",
        "<answer>5</answer>\n#### 1\nThe first step.",
    ],
)
def test_what_is_not_certainly_different_is_no_contradiction(verdict_on, rest: str) -> None:
    """A rounded number, another unit or a text cannot be told from the same answer."""
    assert verdict_on("format", trace(rest)).reason == "ok"


@given(PIECES, st.none() | PIECES)
def test_any_text_gets_a_verdict(verdict_on, content: str, reasoning: str | None) -> None:
    """No tangle of tags, boxes and fences breaks the check."""
    assert verdict_on("format", content, reasoning=reasoning).outcome in (Outcome.ACCEPT, Outcome.REJECT)


@pytest.mark.parametrize(
    "piece", ["\\boxed{", "\\boxed{1}. ", "{", "<s>", "`", "```\n", "<|", "(a) ", "\\boxed{1} x = "]
)
def test_hostile_texts_take_no_longer_than_others(verdict_on, piece: str) -> None:
    """Time grows with the length and no faster, whatever the text repeats."""
    assert_linear(lambda text: verdict_on("format", trace(text)), piece, 200_000)
