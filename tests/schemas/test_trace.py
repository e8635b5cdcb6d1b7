"""Every shape in which teachers send reasoning and answer, and what is no trace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.trace import Trace, TraceFault, format_trace, parse
from schemas.verdict import Reason

TAGS = ("<think>", "</think>", "<answer>", "</answer>")
PIECES = st.lists(st.sampled_from([*TAGS, " ", "\n", "因此", "so", "\\boxed{4}"]), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("content", "reasoning"),
    [
        ("<think>two and two</think><answer>4</answer>", None),
        ("<think>\ntwo and two\n</think>\n\n<answer>\n4\n</answer>", None),
        ("two and two</think><answer>4</answer>", None),
        ("two and two</think>4", None),
        ("<answer>4</answer>", "two and two"),
        ("4", "two and two\n"),
        ("<think>two and two</think>So: <answer>4</answer> That is all.", None),
        ("<think>two and two</think>4</answer>", None),
    ],
)
def test_every_teacher_is_read_alike(content: str, reasoning: str | None) -> None:
    """Inline, without opening tag or in a field of its own: the same reasoning and answer come out."""
    assert parse(content, reasoning) == Trace("two and two", "4")


@pytest.mark.parametrize(
    ("content", "reasoning", "reason"),
    [
        ("The answer is 4.", None, Reason.MISSING_THINK),
        ("<think>two and \\boxed{4}", None, Reason.UNCLOSED_THINK),
        ("<think>two and \\boxed{4}", "", Reason.UNCLOSED_THINK),
        ("<think></think>4", None, Reason.EMPTY_THINK),
        ("4", "  ", Reason.EMPTY_THINK),
        ("<think>two and two</think>", None, Reason.EMPTY_ANSWER),
        ("<think>two and two</think><answer> </answer>", None, Reason.EMPTY_ANSWER),
        ("", "two and two", Reason.EMPTY_ANSWER),
        ("", None, Reason.EMPTY_ANSWER),
        ("<think>two and two</think><answer>4", None, Reason.UNCLOSED_ANSWER),
    ],
)
def test_each_fault_has_its_own_reason(content: str, reasoning: str | None, reason: Reason) -> None:
    """What is missing is named, so that a user can count it."""
    fault = parse(content, reasoning)
    assert isinstance(fault, TraceFault)
    assert fault.reason is reason


def test_unclosed_reasoning_holds_no_answer() -> None:
    """A box inside reasoning that never ends is a thought, not an answer."""
    fault = parse("<think>perhaps \\boxed{4}?")
    assert isinstance(fault, TraceFault)
    assert fault.answer is None


def test_answer_is_read_even_where_reasoning_is_missing() -> None:
    """The answer verifiers can still judge a completion that the format verifier rejects."""
    fault = parse("所以答案是 <answer>4</answer>")
    assert isinstance(fault, TraceFault)
    assert (fault.reasoning, fault.answer) == (None, "4")


@pytest.mark.parametrize(
    ("content", "reasoning", "place"),
    [
        ("<think>t</think><answer>3</answer> no: <answer>4</answer>", None, "<answer> after </answer>, at content 39"),
        ("<think>a</think>1<think>b</think>4", None, "<think> after </think>, at content 17"),
        ("<think>a</think>4\n\nNext problem. <think>b", None, "<think> after </think>, at content 33"),
        ("<think>a <think>b</think>4", None, "<think> after <think>, at content 9"),
        ("<think>a</think></think>4", None, "</think> after </think>, at content 16"),
        ("<think>so <answer>3</answer></think>4", None, "</think> after </answer>, at content 28"),
        ("<think>`</think>` ends it</think>4", None, "</think> after </think>, at content 25"),
        ("<think>a</think><answer>4</answer></answer>", None, "</answer> after </answer>, at content 34"),
        ("<answer>4</answer>", "I write </think> here", "</think> stands within the reasoning, at reasoning 8"),
        ("Sure: <think>a</think>4", None, "<think> after other text, at content 6"),
    ],
)
def test_tags_stand_once_and_in_order(content: str, reasoning: str | None, place: str) -> None:
    """A model that nests tags, or goes on with another problem, wrote no single trace; the first such tag is told."""
    fault = parse(content, reasoning)
    assert isinstance(fault, TraceFault)
    assert (fault.reason, fault.detail) == (Reason.MISPLACED_TAGS, place)


def test_answer_of_a_repeated_block_is_the_last_one() -> None:
    """Verifiers of answers read a tangle of tags as they always did: what is wrong with it is told by format."""
    fault = parse("<think>I close with </think> later</think><answer>3</answer><answer>4</answer>")
    assert isinstance(fault, TraceFault)
    assert (fault.reasoning, fault.answer) == ("I close with </think> later", "4")


@given(PIECES, st.none() | PIECES)
def test_any_text_is_read_without_error(content: str, reasoning: str | None) -> None:
    """No tangle of tags raises, no trace holds a tag, and every trace is written and read back unchanged."""
    trace = parse(content, reasoning)
    if isinstance(trace, Trace):
        assert not any(tag in trace.reasoning + trace.answer for tag in TAGS)
        assert parse(format_trace(trace)) == trace


@given(st.text(min_size=1), st.text(min_size=1))
def test_written_traces_are_read_back(reasoning: str, answer: str) -> None:
    """`parse(format_trace(t)) == t` for any two texts without tags."""
    trace = Trace(reasoning.strip(), answer.strip())
    if trace.reasoning and trace.answer and not any(tag in reasoning + answer for tag in TAGS):
        assert parse(format_trace(trace)) == trace
