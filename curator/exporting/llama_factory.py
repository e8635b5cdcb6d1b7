"""LLaMA-Factory's `dataset_info.json`: which file holds which dataset, and what its columns are called.

Source: the README of its folder `data`. Every default is written out, so that the file says what is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curator.exporting.facts import ExportFacts
from curator.exporting.files import write_json
from schemas.split import Part, Split

ALPACA: Mapping[str, Any] = {
    "formatting": "alpaca",
    "columns": {"prompt": "instruction", "query": "input", "response": "output"},
}
SHAREGPT: Mapping[str, Any] = {
    "formatting": "sharegpt",
    "columns": {"messages": "conversations"},
    "tags": {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"},
}


def describe_alpaca(folder: Path, split: Split, facts: ExportFacts) -> None:
    """Write the entries of an export in the format `alpaca`."""
    _write(folder, split, facts, ALPACA)


def describe_sharegpt(folder: Path, split: Split, facts: ExportFacts) -> None:
    """Write the entries of an export in the format `sharegpt`."""
    _write(folder, split, facts, SHAREGPT)


def _write(folder: Path, split: Split, facts: ExportFacts, entry: Mapping[str, Any]) -> None:
    names: Mapping[Part, str] = {"train": split.name, "test": f"{split.name}_test"}
    write_json(
        folder / "dataset_info.json", {names[part]: {"file_name": facts.files[part], **entry} for part in facts.rows}
    )
