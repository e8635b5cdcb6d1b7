"""What a user may type for problems: a file, a folder with a dataset; the hub and the gym have tests of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.cli.options import settings_from
from curator.config import load_settings
from curator.errors import UsageError
from curator.reading.problems import ReadOptions, problems, scan
from curator.reading.rows import BadRows, Row, Table
from curator.reading.sources import Choice, choose, is_path, open_source
from curator.reading.traces import scan_traces
from schemas.problem import Problem

PLAIN = ReadOptions()


def write(path: Path, *rows: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def stream(path: Path, table: pa.Table) -> None:
    """Write an Arrow stream file as `save_to_disk` does, with what it says of its one shard."""
    path.mkdir(parents=True)
    with pa.OSFile(str(path / "data-00000-of-00001.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:
        out.write_table(table)
    (path / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}))


def found(typed: Path | str, split: str | None = None, subset: str | None = None) -> list[Problem]:
    return list(problems(open_source(typed, Choice(split, subset)).source, PLAIN))


def prompts(typed: Path | str, split: str | None = None, subset: str | None = None) -> list[str]:
    return [problem.prompt for problem in found(typed, split, subset)]


def refusal(typed: Path | str, split: str | None = None, subset: str | None = None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        open_source(typed, Choice(split, subset))
    return caught.value


def test_a_file_is_a_file(tmp_path: Path) -> None:
    """A path stays the path that was typed; it has no splits, and neither has one that does not exist."""
    write(tmp_path / "p.jsonl", {"prompt": "p"})
    assert open_source(tmp_path / "p.jsonl") == (tmp_path / "p.jsonl", ())
    assert refusal(tmp_path / "p.jsonl", split="test").message.endswith("is a file, which has no splits")
    assert "no such file or folder" in refusal(tmp_path / "none", subset="main").message


def test_only_paths_are_relative_to_a_folder() -> None:
    """What is fetched or made is not looked for beside curator.toml."""
    assert is_path("data/p.jsonl") and not is_path("hf:a/b") and not is_path(Path("reasoning-gym:chain_sum:5"))


def test_data_files_as_on_the_hub(tmp_path: Path) -> None:
    """Shards of one split are read in order and as one; train is taken of several splits, and that is told."""
    for number, prompt in enumerate("abc"):
        write(tmp_path / f"data/train-0000{number}-of-00003.parquet", {"prompt": prompt})
    write(tmp_path / "data/test-00000-of-00001.parquet", {"prompt": "z"})
    (tmp_path / "README.md").write_text("# Letters")
    assert prompts(tmp_path) == ["a", "b", "c"] and prompts(tmp_path, split="test") == ["z"]
    name = tmp_path.name
    assert open_source(tmp_path).notes == (f"{name}: split train taken; --split takes another: test",)
    assert refusal(tmp_path, split="tset").message == f"--split tset: {name} has splits test, train"
    assert refusal(tmp_path, split="tset").hint == "Did you mean --split test?"


@pytest.mark.parametrize(
    ("files", "splits"),
    [
        (["one.jsonl", "two.jsonl"], ["train"]),
        (["train.jsonl", "dev.jsonl", "my_test_set.jsonl"], ["test", "train", "validation"]),
        (["training/1.jsonl", "eval/1.jsonl", "eval/2.jsonl"], ["test", "train"]),
        (["data/train_sft-00000-of-00001.parquet", "data/test_sft-00000-of-00001.parquet"], ["test_sft", "train_sft"]),
        (["contest.jsonl", "latest.jsonl"], ["train"]),
        ([".cache/test.jsonl", "__pycache__/test.jsonl", "p.csv.bak", "p.jsonl"], ["train"]),
    ],
)
def test_splits_by_file_names(tmp_path: Path, files: list[str], splits: list[str]) -> None:
    """Names tell splits by whole words; without any word all files are one split."""
    for file in files:
        write(tmp_path / file, {"prompt": "p"})
    listed = refusal(tmp_path, split="?").message.partition("has splits ")[2]
    assert sorted(listed.split(", ")) == splits


def test_subsets_are_folders(tmp_path: Path) -> None:
    """Of several subsets one must be chosen; a subset may have splits of its own."""
    write(tmp_path / "main/train-00000-of-00001.parquet", {"prompt": "m"})
    write(tmp_path / "socratic/train.jsonl", {"prompt": "s"})
    write(tmp_path / "socratic/test.jsonl", {"prompt": "t"})
    assert refusal(tmp_path).message == f"{tmp_path.name} has several subsets: main, socratic"
    assert refusal(tmp_path).hint == "Choose one: --subset main"
    assert prompts(tmp_path, subset="main") == ["m"] and prompts(tmp_path, "test", "socratic") == ["t"]


def test_splits_that_nobody_can_choose_among() -> None:
    """Several splits without train are listed, the first thirty of them."""
    with pytest.raises(UsageError, match=r"d has several splits: s0, .*, s29 and 2 more") as caught:
        choose("split", None, {f"s{number}": number for number in range(32)}, "d", "train")
    assert caught.value.hint == "Choose one: --split s0"


def test_a_saved_dataset(tmp_path: Path) -> None:
    """A Dataset and a DatasetDict of `save_to_disk` are read without its package; numbered classes get their names."""
    label = {"names": ["A", "B"], "_type": "ClassLabel"}
    described = {"huggingface": json.dumps({"info": {"features": {"answer": label}}})}
    table = pa.table({"prompt": ["A. no B. yes", "A. 1 B. 2"], "answer": [1, 5]}).replace_schema_metadata(described)
    stream(tmp_path / "one", table)
    stream(tmp_path / "both" / "train", table.slice(1))
    stream(tmp_path / "both" / "test", table.slice(0, 1))
    (tmp_path / "both" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert [problem.answer for problem in found(tmp_path / "one")] == ["B", "5"]
    assert prompts(tmp_path / "both") == ["A. 1 B. 2"] and prompts(tmp_path / "both", "test") == ["A. no B. yes"]


SAVE = """
import sys, datetime, datasets
rows = {"prompt": [f"p{n}" for n in range(600)], "answer": [n % 2 for n in range(600)],
        "seen": [datetime.datetime(2026, 11, 2)] * 600, "turns": [[{"role": "user", "content": "hi"}]] * 600}
kinds = datasets.Features({"prompt": datasets.Value("string"), "answer": datasets.ClassLabel(names=["no", "yes"]),
    "seen": datasets.Value("timestamp[s]"), "turns": [dict.fromkeys(("role", "content"), datasets.Value("string"))]})
whole = datasets.Dataset.from_dict(rows, features=kinds)
whole.shuffle(seed=1).save_to_disk(sys.argv[1], num_shards=2)
whole.to_parquet(sys.argv[2])
"""


@pytest.mark.skipif(not find_spec("datasets"), reason="needs the extra hf")
def test_what_the_package_itself_saves(tmp_path: Path) -> None:
    """Shuffled, in two shards, with classes, times and nested columns: the same rows as its Parquet export."""
    command = [sys.executable, "-c", SAVE, str(tmp_path / "saved"), str(tmp_path / "p.parquet")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    saved, exported = found(tmp_path / "saved"), found(tmp_path / "p.parquet")
    assert saved != exported and sorted(saved, key=lambda p: p.id) == sorted(exported, key=lambda p: p.id)
    first = exported[1]
    assert (first.prompt, first.answer, first.source) == ("p1", "yes", None)
    assert first.meta == {"seen": "2026-11-02 00:00:00", "turns": [{"role": "user", "content": "hi"}]}


def test_faults_are_numbered_through(tmp_path: Path) -> None:
    """A faulty row of a folder is named with the folder and its number in the split; of one file, with its line."""
    write(tmp_path / "set/a.jsonl", {"prompt": "a"}, {"prompt": "b"})
    write(tmp_path / "set/b.jsonl", {"prompt": ""}, {"prompt": "c", "completion": "x"})
    with pytest.raises(BadRows, match="set:3: prompt is empty"):
        scan(open_source(tmp_path / "set").source, PLAIN)
    assert scan(open_source(tmp_path / "set").source, ReadOptions(skip_bad=True)).problems == 3
    with pytest.raises(BadRows, match="set:1: no completion"):
        scan_traces(open_source(tmp_path / "set").source, PLAIN)
    (tmp_path / "one").mkdir()
    (tmp_path / "one/p.jsonl").write_text('\n\n{"prompt": ""}\n')
    with pytest.raises(BadRows, match="one:3: prompt is empty"):
        scan(open_source(tmp_path / "one").source, PLAIN)


def test_folders_that_hold_no_dataset(tmp_path: Path) -> None:
    """An empty folder, and one that is damaged, are told in words."""
    assert "the folder holds no dataset" in refusal(tmp_path).message
    (tmp_path / "state.json").write_text("{}")
    assert "cannot be read as save_to_disk writes it" in refusal(tmp_path).message
    (tmp_path / "state.json").write_text('{"_data_files": [{"filename": "x.arrow"}]}')
    (tmp_path / "x.arrow").write_bytes(b"no arrow")
    with pytest.raises(UsageError, match=r"x\.arrow: not an Arrow file"):
        scan(open_source(tmp_path).source, PLAIN)


def test_rows_without_a_source_get_the_dataset_s_name() -> None:
    """A dataset with a name of its own is the source of its problems, unless a row says another."""
    table = Table("hf:a/b", lambda: iter([Row(1, {"prompt": "p"}), Row(2, {"prompt": "q", "source": "s"})]), "a/b")
    assert [problem.source for problem in problems(table, PLAIN)] == ["a/b", "s"]


def test_what_curator_toml_says_of_its_own_problems(tmp_path: Path) -> None:
    """A path is relative to the file, a hub name is not; its split does not hold for problems that are typed."""
    config = tmp_path / "curator.toml"
    config.write_text('[problems]\npath = "hf:a/b"\nsplit = "test"\n')
    assert str(load_settings(config).problems.path) == "hf:a/b"
    assert settings_from({"config": config, "subset": "main"}).problems.choice == Choice("test", "main")
    assert settings_from({"config": config}, Path("p.jsonl")).problems.choice == Choice()
    config.write_text('[problems]\npath = "data"\n')
    assert load_settings(config).problems.path == tmp_path / "data"


@pytest.mark.parametrize(
    ("row", "gold", "kept"),
    [
        ({"answer": "6 * 7 = 42\n#### 42"}, "42", "6 * 7 = 42\n#### 42"),
        ({"answer": "先算 6 × 7。\n#### 1,200\n"}, "1,200", "先算 6 × 7。\n#### 1,200\n"),
        ({"answer": "#### 42\nand more"}, "#### 42\nand more", None),
        ({"answer": "####"}, "####", None),
        ({"answer": "f = 1\n#### note", "tests": {"cases": [1]}}, "f = 1\n#### note", None),
    ],
)
def test_worked_answers(tmp_path: Path, row: dict[str, Any], gold: str, kept: str | None) -> None:
    """What the last line of a GSM8K answer marks is the gold, and the whole is kept; no other text is cut."""
    write(tmp_path / "p.jsonl", {"prompt": "p", **row})
    (problem,) = found(tmp_path / "p.jsonl")
    assert (problem.answer, problem.meta.get("worked_answer")) == (gold, kept)
