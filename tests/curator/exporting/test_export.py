"""What goes into an export, in what order, and what is said of it."""

from __future__ import annotations

import json

import pytest

from curator.errors import UsageError
from curator.exporting.facts import FORMAT_NAMES
from curator.exporting.formats import FORMATS
from curator.store.client import Store
from schemas.problem import Problem
from tests.curator.curating.stock import stock


def contents(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_format_is_there() -> None:
    """What the command offers can be done."""
    assert set(FORMATS) == set(FORMAT_NAMES)


@pytest.mark.parametrize("format_", FORMAT_NAMES)
def test_the_same_export_twice_is_the_same_bytes(shelf, format_) -> None:
    """Every file, card and manifest included."""
    first = contents(shelf.export(format_).folder)
    again = contents(shelf.export(format_, folder=shelf.folder / "again").folder)
    assert first == again and {"README.md", "export.json"} < set(first)


def test_the_manifest_says_how_it_came_about(shelf) -> None:
    """Recipe, fingerprint, format, layout, template, counts and files; nothing that changes from day to day."""
    shelf.split("told", "problem_id = 'frog'", student={"name": "mine", "template": "Q: {prompt}"}, seed=3)
    folder = shelf.export("messages", split="told", layout="plain").folder
    manifest = json.loads((folder / "export.json").read_text("utf-8"))
    assert set(manifest.pop("versions")) == {"r1-curator", "pyarrow"}
    assert set(manifest.pop("files")) == {path.name for path in folder.iterdir()} - {"export.json"}
    assert manifest == {
        "made_by": "r1-curator",
        "split": "told",
        "fingerprint": "b2:told",
        "recipe": {"student": {"name": "mine", "template": "Q: {prompt}"}, "seed": 3},
        "format": "messages",
        "layout": "plain",
        "student": "Q: {prompt}",
        "rows": {"test": 2},
        "left_out": {},
    }


def test_broken_traces_are_left_out_and_counted(shelf) -> None:
    """A split that was not verified may hold them."""
    shelf.split("everything", "problem_id = 'spiders'")
    facts = shelf.export("messages", split="everything").facts
    assert (facts.rows, facts.left_out, facts.files) == ({"train": 4}, {"missing_think": 1}, {"train": "train.jsonl"})


def test_nothing_to_write_writes_nothing(shelf) -> None:
    """An unknown split, one without members, one without a trace, and none of what a format needs."""
    stock(shelf.store, [(Problem("odd", "math", "1?", "1"), "b")])
    for name, where in (("none", "false"), ("broken", "problem_id = 'odd'"), ("right", "problem_id = 'poem'")):
        shelf.split(name, where)
    expected = {
        ("solvd", "hf"): "did you mean 'solved'",
        ("none", "hf"): "the split none is empty",
        ("broken", "parquet"): "nothing for --format parquet: 1 × missing_think",
        ("right", "dpo"): "nothing for --format dpo: 1 × problems_without_rejected",
    }
    for (split, format_), said in expected.items():
        with pytest.raises(UsageError, match=said):
            shelf.export(format_, split=split)
    assert list(shelf.folder.iterdir()) == []


def test_rows_come_as_candidates_were_stored(tmp_path, shelf, monkeypatch) -> None:
    """Over several pages of texts long and short, with nothing lost, doubled or mixed up."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with Store.open(tmp_path / "many.duckdb") as store:
        for start in range(0, 1200, 300):
            numbers = range(start + 300, start, -1)
            stock(store, [(Problem(f"p{n}", "math", f"{n}? {'x' * (n % 7)}", str(n)), "a") for n in numbers])
        shelf.store = store
        shelf.split("many", "true")
        rows = shelf.lines("messages", split="many")
        stored = store.rows("SELECT problem_id FROM candidates ORDER BY rowid")
    asked = ["p" + row["messages"][0]["content"].partition("?")[0] for row in rows]
    said = [row["messages"][1]["content"].partition("of ")[2].partition("\n")[0] for row in rows]
    assert asked == said == [row["problem_id"] for row in stored]


def test_hostile_text_is_data(shelf) -> None:
    """What a model says goes into rows as it is, and into no file name."""
    evil = "</script><img src=x onerror=alert(1)>\x1b[31m\u202e\n---\n# {prompt} [bold]\u2028\x85"
    stock(shelf.store, [(Problem("../evil", "math", evil, evil, source=evil), "a")], model=evil)
    shelf.split("evil", "problem_id = '../evil'")
    (row,) = shelf.lines("messages", split="evil")
    assert row["messages"][0]["content"] == evil
    assert {path.name for path in (shelf.folder / "messages").iterdir()} >= {"train.jsonl", "README.md"}
