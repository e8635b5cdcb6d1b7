"""`hf` and `parquet` load in what they are for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from curator.exporting.files import Shards
from curator.exporting.formats import TABLE

pytestmark = pytest.mark.skipif(not find_spec("datasets"), reason="needs the extra hf")

LOAD = """
import json, sys
import datasets
found = getattr(datasets, sys.argv[1])(sys.argv[2])
told = {part: {"rows": one.to_list(), "features": one.features.to_dict()} for part, one in found.items()}
print(json.dumps(told))
"""


def loaded(how: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Load with the real library in a new process, its cache in a folder of this story."""
    env = {**os.environ, "HF_HOME": str(folder.parent / "home"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD, how, folder], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_load_from_disk_gives_train_and_test(shelf) -> None:
    """Typed columns, and the rows of both parts in order."""
    found = loaded("load_from_disk", shelf.export("hf").folder)
    assert [row["problem_id"] for row in found["train"]["rows"]] == ["spiders", "spiders", "poem"]
    (frog,) = found["test"]["rows"]
    assert frog["messages"][0] == {"role": "user", "content": "一只青蛙有几条腿？"} and frog["pass_rate"] == 0.5
    features = found["train"]["features"]
    assert features["completion_tokens"]["dtype"] == "int64" and features["pass_rate"]["dtype"] == "float64"
    assert features["messages"]["feature"]["role"]["dtype"] == "string"


def test_a_part_alone(shelf) -> None:
    """A split without a test part is a DatasetDict with train alone."""
    shelf.split("plain", "problem_id = 'poem'")
    assert list(loaded("load_from_disk", shelf.export("hf", split="plain").folder)) == ["train"]


def test_the_library_describes_itself_so(shelf, tmp_path) -> None:
    """The folder differs in nothing but the fingerprint from what `save_to_disk` makes of the same rows."""
    folder = shelf.export("hf").folder
    code = "import datasets, sys; datasets.load_from_disk(sys.argv[1]).save_to_disk(sys.argv[2])"
    subprocess.run([sys.executable, "-c", code, folder, tmp_path / "theirs"], check=True, capture_output=True)
    for name in ("dataset_dict.json", "train/dataset_info.json", "train/state.json", "test/state.json"):
        ours, theirs = (json.loads((one / name).read_text("utf-8")) for one in (folder, tmp_path / "theirs"))
        assert ours.pop("_fingerprint", "").isalnum() == theirs.pop("_fingerprint", "").isalnum()
        assert ours == theirs


@pytest.mark.parametrize("format_", ["parquet", "openr1", "messages", "alpaca", "dpo"])
def test_load_dataset_reads_the_folder(shelf, format_) -> None:
    """Both parts are found, and no other file of the folder is taken for rows."""
    exported = shelf.export(format_)
    found = loaded("load_dataset", exported.folder)
    assert {part: len(one["rows"]) for part, one in found.items()} == exported.facts.rows


def test_shards_are_cut_and_numbered(tmp_path) -> None:
    """A part of several gigabytes becomes files of which none is larger than the limit."""
    shards = Shards(tmp_path / "train", TABLE, "parquet", shard_bytes=3000)
    for number in range(5):
        shards.write([{"id": str(number), "problem": "x" * 1000}])
    shards.close()
    names = [path.name for path in sorted(tmp_path.iterdir())]
    assert names == [f"train-0000{number}-of-00003.parquet" for number in range(3)]


def test_without_the_package(shelf) -> None:
    """`hf` needs `datasets`; the message says how to get it, and what does without."""
    code = "import sys; sys.modules['datasets'] = None; from curator.cli.main import main; main()"
    words = ["export", "solved", "--format", "hf", "--to", shelf.folder / "hf", "--store", shelf.file]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "the package datasets is not installed" in done.stderr
    assert "pip install 'r1-curator[hf]'" in done.stderr and list(shelf.folder.iterdir()) == []
