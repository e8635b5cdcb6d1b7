"""A folder that holds a dataset: saved with `save_to_disk`, or data files laid out as on the Hugging Face hub.

Subsets are folders, splits are told by the files' names (`train-00000-of-00003.parquet`, `test.jsonl`,
`validation/part1.csv`); files that name no split are `train`. Nothing but pyarrow is needed.

Source: the file name patterns of the hub's documentation, "Structure your repository".

Not covered: `configs` in the README of a dataset, loading scripts, and formats that `curator.reading.rows` does not
read; of a dataset that was saved by a version of `datasets` before 2.0 the chosen indices.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from curator.errors import UsageError
from curator.reading.rows import Fault, Row, Table, reader, rows
from curator.reading.sources import DEFAULT_SPLIT, DEFAULT_SUBSET, Choice, Opened, choose

_STATE, _SPLITS = "state.json", "dataset_dict.json"
_SHARD = re.compile(r"([\w.]+?)-\d{5}-of-\d{5}\b")
_KEYWORDS = {
    "train": re.compile(r"(?:^|[\W_\d])train(?:ing)?(?:[\W_\d]|$)"),
    "validation": re.compile(r"(?:^|[\W_\d])(?:validation|valid|dev|val)(?:[\W_\d]|$)"),
    "test": re.compile(r"(?:^|[\W_\d])(?:test(?:ing)?|eval(?:uation)?)(?:[\W_\d]|$)"),
}

Splits = dict[str, list[Path]]


def open_folder(folder: Path, choice: Choice) -> Opened:
    """Find the data files of one split of one subset.

    Raises:
        UsageError: the folder holds no dataset, or not the split or subset; or several, and none is chosen.
    """
    name = folder.resolve().name
    subsets = _saved(folder) or _laid_out(folder)
    if not subsets:
        text = f"{folder}: the folder holds no dataset"
        raise UsageError(text, hint="Data files that are read: .jsonl, .jsonl.gz, .csv, .parquet, or save_to_disk's.")
    splits, subset_note = choose("subset", choice.subset, subsets, name, DEFAULT_SUBSET)
    files, split_note = choose("split", choice.split, splits, name, DEFAULT_SPLIT)
    notes = tuple(note for note in (subset_note, split_note) if note)
    return Opened(Table(name, lambda: _chained(files)), notes)


def _chained(files: Sequence[Path]) -> Iterator[Row | Fault]:
    """Stream the rows of all files; those of several are numbered through."""
    if len(files) == 1:
        yield from rows(files[0])
        return
    for number, row in enumerate((row for file in files for row in rows(file)), start=1):
        yield replace(row, line=number)


def _saved(folder: Path) -> dict[str, Splits]:
    """Find what `save_to_disk` of a Dataset or a DatasetDict wrote."""
    if (folder / _SPLITS).is_file():
        names = _json(folder / _SPLITS, "splits")
        return {DEFAULT_SUBSET: {str(name): _shards(folder / str(name)) for name in names}}
    if (folder / _STATE).is_file():
        return {DEFAULT_SUBSET: {DEFAULT_SPLIT: _shards(folder)}}
    return {}


def _shards(folder: Path) -> list[Path]:
    try:
        return [folder / shard["filename"] for shard in _json(folder / _STATE, "_data_files")]
    except (TypeError, KeyError) as error:
        raise _unreadable(folder / _STATE) from error


def _json(file: Path, key: str) -> list[Any]:
    try:
        found = json.loads(file.read_text("utf-8"))[key]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _unreadable(file) from error
    if not isinstance(found, list):
        raise _unreadable(file)
    return found


def _unreadable(file: Path) -> UsageError:
    return UsageError(f"{file}: cannot be read as save_to_disk writes it", hint="Save the dataset anew.")


def _laid_out(folder: Path) -> dict[str, Splits]:
    """Sort data files by subset and split."""
    subsets: dict[str, Splits] = {}
    for file in sorted(folder.rglob("*")):
        place = file.relative_to(folder)
        if reader(file) and file.is_file() and not any(part.startswith((".", "__")) for part in place.parts):
            subset, split = _place(place)
            subsets.setdefault(subset, {}).setdefault(split, []).append(file)
    return subsets


def _place(file: Path) -> tuple[str, str]:
    """Tell subset and split by a file's name and folders."""
    shard = _SHARD.match(file.name)
    folders = [(folder, _keyword(folder)) for folder in file.parts[:-1] if folder != "data"]
    subset = "/".join(folder for folder, split in folders if split is None) or DEFAULT_SUBSET
    told = next((split for _, split in reversed(folders) if split), None)
    return subset, shard[1] if shard else _keyword(file.name.partition(".")[0]) or told or DEFAULT_SPLIT


def _keyword(name: str) -> str | None:
    return next((split for split, pattern in _KEYWORDS.items() if pattern.search(name.lower())), None)
