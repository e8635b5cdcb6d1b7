"""What each format writes, field by field, by the documents of those who read it."""

from __future__ import annotations

import json

import pyarrow.parquet as pq

from curator.exporting.formats import OPENR1, TABLE
from schemas.problem import Problem
from tests.curator.curating.stock import stock

ASKED = {"role": "user", "content": "How many legs have 7 spiders?"}
FIRST = {"role": "assistant", "content": "<think>\nway 0 of spiders\n</think>\n<answer>\n0\n</answer>"}


def test_messages_are_a_conversation(shelf) -> None:
    """User and assistant, as chat templates take them; the test part has a file of its own."""
    train = shelf.lines("messages")
    assert train[0] == {"messages": [ASKED, FIRST]}
    assert [row["messages"][1]["content"].split("\n")[1] for row in train] == [
        "way 0 of spiders",
        "way 2 of spiders",
        "way 0 of poem",
    ]
    (test,) = shelf.lines("messages", "test", overwrite=True)
    assert test["messages"][0]["content"] == "一只青蛙有几条腿？"


def test_text_is_written_as_it_is_read(shelf) -> None:
    """Chinese stands in the file as such, in UTF-8, one row per line."""
    text = (shelf.export("messages").folder / "test.jsonl").read_bytes()
    assert "一只青蛙有几条腿？".encode() in text and text.count(b"\n") == 1


def test_prompt_and_completion_are_apart(shelf) -> None:
    """The conversational prompt-completion of trl: the loss is on the completion alone."""
    assert shelf.lines("prompt-completion")[0] == {"prompt": [ASKED], "completion": [FIRST]}


def test_plain_answers(shelf) -> None:
    """The other layout has no answer tags."""
    row = shelf.lines("prompt-completion", layout="plain")[0]
    assert row["completion"][0]["content"] == "<think>\nway 0 of spiders\n</think>\n\n0"


def test_the_students_template_asks(shelf) -> None:
    """The recipe's template puts the problem; braces in a problem stay as they are."""
    shelf.split("boxed", "problem_id = 'poem'", student={"name": "mine", "template": "题目：{prompt} \\boxed{}"})
    (row,) = shelf.lines("messages", split="boxed")
    assert row["messages"][0]["content"] == "题目：Write a line about rain. \\boxed{}"


def test_sharegpt_and_its_entry(shelf) -> None:
    """LLaMA-Factory: `conversations` of from and value, human first; the entry names the columns and tags."""
    (row, *_) = shelf.lines("sharegpt")
    human, gpt = {"from": "human", "value": ASKED["content"]}, {"from": "gpt", "value": FIRST["content"]}
    assert row == {"conversations": [human, gpt]}
    entries = json.loads((shelf.folder / "sharegpt" / "dataset_info.json").read_text("utf-8"))
    assert entries["solved"] == {
        "file_name": "train.jsonl",
        "formatting": "sharegpt",
        "columns": {"messages": "conversations"},
        "tags": {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"},
    }
    assert entries["solved_test"] == {**entries["solved"], "file_name": "test.jsonl"}


def test_alpaca_and_its_entry(shelf) -> None:
    """LLaMA-Factory: instruction, empty input, output; prompt, query and response are those columns."""
    (row, *_) = shelf.lines("alpaca")
    assert row == {"instruction": ASKED["content"], "input": "", "output": FIRST["content"]}
    entries = json.loads((shelf.folder / "alpaca" / "dataset_info.json").read_text("utf-8"))
    assert list(entries) == ["solved", "solved_test"]
    assert entries["solved"] == {
        "file_name": "train.jsonl",
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output"},
    }


def test_dpo_pairs_right_with_wrong(shelf) -> None:
    """The k-th accepted with the k-th that the answer verifier rejected; a broken trace is nobody's rival."""
    exported = shelf.export("dpo")
    (first, second) = shelf.lines("dpo", overwrite=True)
    assert first["prompt"] == [ASKED] and first["chosen"] == [FIRST]
    said = [(row["chosen"][0]["content"][8:13], row["rejected"][0]["content"][8:13]) for row in (first, second)]
    assert said == [("way 0", "way 1"), ("way 2", "way 4")]
    assert exported.facts.rows == {"train": 2, "test": 1}
    assert exported.facts.left_out == {"problems_without_rejected": 1}


def test_dpo_counts_what_finds_no_partner(shelf) -> None:
    """More right than wrong answers, and problems that a split has only wrong ones of."""
    stock(shelf.store, [(Problem("easy", "math", "1+1?", "2"), "aaar"), (Problem("hard", "math", "9⁹?", "1"), "rr")])
    shelf.split("more", "problem_id IN ('easy', 'hard')")
    facts = shelf.export("dpo", split="more").facts
    assert facts.rows == {"train": 1}
    assert facts.left_out == {"accepted_without_partner": 2, "problems_without_accepted": 1}


def test_openr1_has_a_row_per_problem(shelf) -> None:
    """OpenR1-Math-220k's columns in its order and types; what is not known is null."""
    table = pq.read_table(shelf.export("openr1").folder / "train-00000-of-00001.parquet")
    spiders, poem = table.to_pylist()
    assert table.schema.names == OPENR1.names and poem["correctness_math_verify"] == [None]
    assert spiders == {
        "problem": ASKED["content"],
        "solution": "7 · 8",
        "answer": "56",
        "problem_type": None,
        "question_type": None,
        "source": "farm",
        "uuid": "spiders",
        "is_reasoning_complete": [True, True],
        "generations": [FIRST["content"], FIRST["content"].replace("0", "2")],
        "correctness_math_verify": [True, True],
        "correctness_llama": None,
        "finish_reasons": ["stop", "stop"],
        "correctness_count": 2,
        "messages": [ASKED, FIRST],
    }


def test_openr1_tells_right_from_wrong(shelf) -> None:
    """A split with rejected traces: `messages` is an accepted one, wherever it stands."""
    shelf.split("judged", "problem_id = 'frog'")
    table = pq.read_table(shelf.export("openr1", split="judged").folder / "test-00000-of-00001.parquet")
    (row,) = table.to_pylist()
    assert (row["correctness_math_verify"], row["correctness_count"]) == ([False, True], 1)
    assert row["messages"][1]["content"] == row["generations"][1]


def test_parquet_has_what_is_known(shelf) -> None:
    """One row per trace, beside its problem, model, run, tokens and the problem's pass rate."""
    table = pq.read_table(shelf.export("parquet").folder / "train-00000-of-00001.parquet")
    row = table.to_pylist()[1]
    assert table.schema.equals(TABLE) and row.pop("id").startswith("b2:")
    assert row.pop("messages")[0] == ASKED
    assert row == {
        "problem_id": "spiders",
        "problem": ASKED["content"],
        "answer": "56",
        "domain": "math",
        "language": "en",
        "source": "farm",
        "model": "teacher-7b",
        "run": "r",
        "completion_tokens": 12,
        "pass_rate": 0.4,
        "decision": "accepted",
    }
