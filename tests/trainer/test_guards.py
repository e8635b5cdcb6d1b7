"""What a user is told of the rows before a training begins, and which rows stop it."""

from __future__ import annotations

import copy
import itertools
import json
import math
import random
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from schemas.trace import Trace, format_trace
from schemas.training import TrainingConfig
from tests.tiny import tiny_student
from trainer.errors import BadInput
from trainer.guards import PACKED_LENGTH, Guards, choose_length, inspect
from trainer.rows import IGNORED, Encoded, Row, Turn, encode

R1 = (Path(__file__).parents[1] / "cases" / "r1_distill.jinja").read_text("utf-8")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tokenizer of a tiny student."""
    return AutoTokenizer.from_pretrained(tiny_student(tmp_path_factory.mktemp("student")))


def row(text: str) -> Row:
    return Row(prompt=[Turn(role="user", content="多少？")], completion=[Turn(role="assistant", content=text)])


def trace(steps: int = 1) -> Row:
    return row(format_trace(Trace("2 个苹果加 2 个苹果是 4 个。" * steps, "4")))


def inspected(rows: Iterable[Row], tokenizer: Any, **settings: Any) -> Guards:
    config = TrainingConfig(model="m", **settings)
    pairs = ((row, encode(row, tokenizer, whole_text=config.whole_text)) for row in rows)
    return inspect(pairs, tokenizer, config, 10_000)


def sized(lengths: Iterable[int], tokenizer: Any, limit: int = 10_000, **settings: Any) -> Guards:
    """Look at rows of given lengths, which say `!` and nothing else."""
    [mark] = tokenizer("!")["input_ids"]
    pairs = ((row("!"), Encoded([mark] * length, [mark] * length)) for length in lengths)
    return inspect(pairs, tokenizer, TrainingConfig(model="m", **settings), limit)


@pytest.mark.parametrize(
    ("lengths", "wanted", "context", "packing", "chosen"),
    [
        ([100, 300], None, 2048, False, 300),
        ([100, 300], 200, 2048, False, 200),
        ([100, 300], 4096, 2048, False, 2048),
        ([100, 3000], None, 2048, False, 2048),
        ([100, 300], None, 8192, True, PACKED_LENGTH),
        ([100, 3000], None, 8192, True, 3000),
        ([100, 300], None, 512, True, 512),
        ([100, 300], 256, 8192, True, 256),
    ],
)
def test_the_longest_row_is_the_length_unless_told_otherwise(
    lengths: list[int], wanted: int | None, context: int, packing: bool, chosen: int
) -> None:
    """What was asked for, else the longest row, with packing at least 1024; never beyond the context."""
    assert choose_length(lengths, wanted, context, packing=packing) == chosen


def test_rows_and_tokens_are_counted(tokenizer: Any) -> None:
    """Tokens per epoch are those of the rows; the prompt's do not count in the loss unless asked for."""
    rows = [trace(), trace(2), trace(3)]
    encoded = [encode(row, tokenizer) for row in rows]
    found = inspected(rows, tokenizer)
    assert found.rows == 3
    assert found.tokens == sum(len(one.input_ids) for one in encoded)
    assert found.counted_tokens == sum(label != IGNORED for one in encoded for label in one.labels)
    assert inspected(rows, tokenizer, whole_text=True).counted_tokens == found.tokens


def test_rows_that_are_too_long_are_left_out_and_said(tokenizer: Any) -> None:
    """The user reads how many of how many rows, by which setting, and why; a cut row would have lost its answer."""
    lengths = [100] * 288 + [600] * 12
    found = sized(lengths, tokenizer, 512, max_length=512)
    assert (found.rows, found.left_out, found.longest, found.tokens) == (288, 12, 100, 28_800)
    [line] = [line for line in found.lines() if "left out" in line]
    assert line.startswith("12 of 300 rows are longer than --max-length 512; cut, they would lose their answer")
    [line] = [line for line in sized(lengths, tokenizer, 512).lines() if "left out" in line]
    assert "longer than the model's context of 512 tokens" in line


def test_nothing_is_said_of_rows_that_fit(tokenizer: Any) -> None:
    """Lines appear only where there is something to do."""
    said = " ".join(sized([100] * 20, tokenizer).lines())
    assert "left out" not in said
    assert "padding" not in said


def test_lengths_are_told_by_median_and_95_percent(tokenizer: Any) -> None:
    """Of a hundred rows of 1 to 100 tokens, half have up to 50 and ninety-five up to 95."""
    found = sized(range(1, 101), tokenizer)
    assert (found.shortest, found.median, found.p95, found.longest) == (1, 50, 95, 100)
    assert found.lines()[0] == "100 rows of 1 to 100 tokens, median 50, 95% up to 95"


@given(st.lists(st.integers(2, 60), min_size=1, max_size=12), st.integers(1, 14))
def test_padding_is_what_random_batches_have(tokenizer: Any, lengths: list[int], batch_size: int) -> None:
    """The share is that of all batches that can be drawn, counted one by one."""
    assume(math.comb(len(lengths), min(batch_size, len(lengths))) <= 1000)
    batches = list(itertools.combinations(lengths, min(batch_size, len(lengths))))
    computed = sum(max(batch) * len(batch) for batch in batches)
    found = sized(lengths, tokenizer, batch_size=batch_size)
    assert found.padding == pytest.approx(1 - sum(map(sum, batches)) / computed)


def test_packing_is_advised_where_it_saves_much(tokenizer: Any) -> None:
    """Many short rows beside long ones are mostly padding, which packing has none of."""
    lengths = [20] * 90 + [500] * 10
    found = sized(lengths, tokenizer, batch_size=8)
    assert found.padding > 0.5
    assert "--packing" not in "".join(found.lines())  # a few packed rows make too few steps to learn in
    assert "--packing" in replace(found, tokens=10**6).lines()[-1]
    packed = sized(lengths, tokenizer, batch_size=8, packing=True)
    assert packed.padding == 0
    assert "--packing" not in " ".join(packed.lines())


def test_labels_that_lost_the_reasoning_stop_the_training(tokenizer: Any) -> None:
    """With R1's template as it is published, the second row would be learnt without its reasoning."""
    deleting = copy.copy(tokenizer)
    deleting.chat_template = R1
    with pytest.raises(BadInput, match="row 2 would be trained on without its reasoning") as stopped:
        inspected([row("no trace"), trace()], deleting)
    assert "--chat-template FILE" in stopped.value.hint


def test_labels_that_lost_the_answer_stop_the_training(tokenizer: Any) -> None:
    """The answer must follow the reasoning; that the reasoning says the same is not enough."""
    one = trace()
    whole = encode(one, tokenizer)
    [mark] = tokenizer("!")["input_ids"]
    gone = tokenizer("4\n</answer>")["input_ids"]
    at = max(i for i in range(len(whole.labels)) if whole.labels[i : i + len(gone)] == gone)
    labels = [*whole.labels[:at], mark, *whole.labels[at + 1 :]]
    with pytest.raises(BadInput, match="without its answer"):
        inspect([(one, Encoded(whole.input_ids, labels))], tokenizer, TrainingConfig(model="m"), 1000)


def test_labels_of_another_row_are_noticed(tokenizer: Any) -> None:
    """Each row is looked for in its own labels."""
    pairs = [(trace(2), encode(trace(1), tokenizer))]
    with pytest.raises(BadInput, match="row 1"):
        inspect(pairs, tokenizer, TrainingConfig(model="m"), 1000)


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


@given(TEXTS)
def test_whatever_a_trace_says_is_found_again(tokenizer: Any, text: str) -> None:
    """No text is held against a template that keeps it: Chinese, emoji, control characters, marks of turns."""
    assert inspected([row(text)], tokenizer).checked == 1


def test_one_batch_of_rows_is_checked(tokenizer: Any) -> None:
    """As many rows as a batch has, of those that are trained on."""
    assert inspected([trace()] * 5, tokenizer, batch_size=2).checked == 2
    assert inspected([trace()] * 5, tokenizer, batch_size=8).checked == 5


def test_a_length_that_cuts_every_row_is_refused(tokenizer: Any) -> None:
    """The message names the shortest row, and what would be enough."""
    with pytest.raises(BadInput, match="--max-length 8 cuts every row: the shortest has 9 tokens") as refused:
        sized([9, 20, 12], tokenizer, 8, max_length=8)
    assert "20 tokens" in refused.value.hint


def test_no_rows_are_refused(tokenizer: Any) -> None:
    """An empty split is a fault of its own, whatever the length."""
    assert choose_length([], None, 2048, packing=False) >= 1
    with pytest.raises(BadInput, match="no rows"):
        sized([], tokenizer)


def test_a_large_split_is_read_once_and_not_kept(tokenizer: Any) -> None:
    """Memory does not grow with the rows: what is kept is how often each length occurs."""
    lengths = random.Random(0).choices(range(2, 9), k=5_000)
    tracemalloc.start()
    found = sized(iter(lengths), tokenizer)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.rows == 5_000
    assert peak < 1_000_000


def test_the_figures_are_json(tokenizer: Any) -> None:
    """`training.json` holds what was said."""
    found = sized([10, 20, 600], tokenizer, 512)
    assert json.loads(json.dumps(found.as_json()))["left_out"] == 1
