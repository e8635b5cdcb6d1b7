from __future__ import annotations

from pathlib import Path

import pytest

from curator.errors import UsageError
from curator.reading.columns import Columns

NAMES = ("id", "prompt", "answer", "meta")
FILE = Path("p.jsonl")


def test_own_names_need_no_mapping() -> None:
    """A column that has our name is our field; what the row lacks is left out, and null is not lacking."""
    columns = Columns({}, NAMES)
    assert columns.pick({"prompt": "p", "answer": None, "level": 3}) == {"prompt": "p", "answer": None}
    assert columns.rest({"prompt": "p", "answer": None, "level": 3}) == {"level": 3}


def test_paths_reach_into_objects_and_lists() -> None:
    """A dotted column goes down by name and by position, from the end too."""
    row = {"messages": [{"content": "ask"}, {"content": "tell"}], "extra": {"answer": 7}}
    fields = {"prompt": "messages.0.content", "answer": "extra.answer", "id": "messages.-1.content"}
    assert Columns(fields, NAMES).pick(row) == {"prompt": "ask", "answer": 7, "id": "tell"}
    assert Columns({"prompt": "messages.2.content", "answer": "extra.answer.0"}, NAMES).pick(row) == {}


def test_a_column_with_a_dot_in_its_name() -> None:
    """A column of exactly that name goes before a path."""
    assert Columns({"answer": "a.b"}, NAMES).pick({"a.b": 1, "a": {"b": 2}}) == {"answer": 1}


def test_fields_may_swap_columns() -> None:
    """A column that is mapped to one field does not also fill the field of its own name."""
    assert Columns({"prompt": "answer"}, NAMES).pick({"prompt": "p", "answer": "a"}) == {"prompt": "a"}
    swapped = Columns({"prompt": "answer", "answer": "prompt"}, NAMES)
    assert swapped.pick({"prompt": "p", "answer": "a"}) == {"prompt": "a", "answer": "p"}


def test_what_is_left_after_a_path() -> None:
    """A path leaves its column in the rest, unless its text is too bulky to be kept twice."""
    row = {"extra": {"answer": 7, "level": 2}}
    assert Columns({"answer": "extra.answer"}, NAMES).rest(row) == row
    assert Columns({"answer": "extra.answer"}, NAMES, bulky=["answer"]).rest(row) == {}


def test_unknown_field_lists_ours() -> None:
    """Mapping a field that is not ours names those that are, and a swapped pair is recognised."""
    with pytest.raises(UsageError, match="--field gold=answer: there is no field 'gold'") as caught:
        Columns({"gold": "answer"}, NAMES)
    assert caught.value.hint == "Did you mean --field answer=gold? Fields: id, prompt, answer, meta."


def test_mapping_to_a_column_that_no_row_has() -> None:
    """A typing error in a mapping is told with the columns that exist and the likely one."""
    columns = Columns({"prompt": "problm"}, NAMES)
    columns.pick({"problem": "p", "label": 1})
    with pytest.raises(UsageError, match=r"no row has a column 'problm'.*columns: problem, label") as caught:
        columns.check(FILE, ["prompt"])
    assert caught.value.hint == "Probably: --field prompt=problem --field answer=label"


@pytest.mark.parametrize(("column", "proposed"), [("Question", True), ("题目", True), ("text", False)])
def test_missing_field_is_proposed_never_assumed(column: str, proposed: bool) -> None:
    """A likely column is proposed in either language; an unlikely one is left to the user."""
    columns = Columns({}, NAMES)
    assert columns.pick({column: "p"}) == {}
    with pytest.raises(UsageError, match="no row has a prompt") as caught:
        columns.check(FILE, ["prompt"])
    assert (f"--field prompt={column}" in caught.value.hint) is proposed
    assert "--field prompt=" in caught.value.hint


@pytest.mark.parametrize("column", ["uuid", "task_id", "unique_id", "qid", "编号"])
def test_an_id_is_proposed_beside_what_is_missing(column: str) -> None:
    """A likely id comes with the other proposals; where nothing else is proposed it would help nobody."""
    columns = Columns({}, NAMES)
    columns.pick({column: 1, "problem": "p"})
    assert columns.proposal() == f"Probably: --field prompt=problem --field id={column}"
    alone = Columns({}, NAMES)
    alone.pick({column: 1, "prompt": "p"})
    assert alone.proposal() == ""


def test_a_hundred_columns_do_not_fill_the_screen() -> None:
    """Of many columns the first are listed and the others counted."""
    columns = Columns({}, NAMES)
    columns.pick({f"c{number}": 0 for number in range(100)})
    with pytest.raises(UsageError, match="c28, c29 and 70 more"):
        columns.check(FILE, ["prompt"])


def test_nothing_read_is_nothing_to_complain_of() -> None:
    """Without any row there is no telling which columns it would have."""
    Columns({"prompt": "problem"}, NAMES).check(FILE, ["prompt"])
