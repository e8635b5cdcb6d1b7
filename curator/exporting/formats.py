"""The formats of `curator export`: which traces make a row, in what files rows go, and what lies beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from curator.exporting import shapes
from curator.exporting.facts import ExportFacts, FormatName
from curator.exporting.files import Lines, PartFiles, Shards
from curator.exporting.llama_factory import describe_alpaca, describe_sharegpt
from curator.exporting.rows import Unit
from curator.exporting.saved import describe_saved, open_saved
from curator.store import export_queries as questions
from curator.store.client import Store
from schemas.policy import ANSWERING
from schemas.split import Part, Split

_TEXT = pa.string()
_TURNS = pa.list_(pa.struct({"role": _TEXT, "content": _TEXT}))

TABLE: pa.Schema = pa.schema(
    dict.fromkeys(("id", "problem_id", "problem", "answer", "domain", "language", "source"), _TEXT)
    | {"messages": _TURNS, "model": _TEXT, "run": _TEXT, "completion_tokens": pa.int64(), "pass_rate": pa.float64()}
    | {"decision": _TEXT}
)
"""Columns of `hf` and `parquet`."""
OPENR1: pa.Schema = pa.schema(
    dict.fromkeys(("problem", "solution", "answer", "problem_type", "question_type", "source", "uuid"), _TEXT)
    | {"is_reasoning_complete": pa.list_(pa.bool_()), "generations": pa.list_(_TEXT)}
    | dict.fromkeys(("correctness_math_verify", "correctness_llama"), pa.list_(pa.bool_()))
    | {"finish_reasons": pa.list_(_TEXT), "correctness_count": pa.int64(), "messages": _TURNS}
)
"""Columns of open-r1/OpenR1-Math-220k."""

_LOAD_DATASET = "datasets.load_dataset({folder})"
_LLAMA_FACTORY = "llamafactory-cli train … --dataset_dir {folder} --dataset {name}"


@dataclass(frozen=True, slots=True)
class Format:
    """One format."""

    shape: Callable[[Unit, Counter[str]], shapes.Shaped]
    """Makes rows of a unit; counts what it leaves out."""
    open: Callable[[Path, Part], PartFiles]
    """Opens the files of one part in a folder."""
    files: str
    """Glob of a part's files, with `{part}`."""
    load: str
    """What loads the export, with `{folder}` and `{name}` of the split."""
    unit: Literal["trace", "problem", "pairs"] = "trace"
    """What becomes rows together: one trace, the traces of a problem, or those and the rejected ones beside them."""
    describe: Callable[[Path, Split, ExportFacts], None] | None = None
    """Writes what the format needs beside its rows, after them."""


def members(store: Store, split: Split, chosen: Format) -> pa.Table:
    """Ask which candidates make up the export, unit by unit; texts come later."""
    if chosen.unit == "pairs":
        return store.table(questions.RIVALS, [split.name, split.name, sorted(ANSWERING)])
    return store.table(questions.MEMBERS, [chosen.unit == "problem", split.name])


def _lines(folder: Path, part: Part) -> PartFiles:
    return Lines(folder / f"{part}.jsonl")


def _parquet(schema: pa.Schema) -> Callable[[Path, Part], PartFiles]:
    return lambda folder, part: Shards(folder / part, schema, "parquet")


FORMATS: Mapping[FormatName, Format] = {
    "hf": Format(
        shapes.table,
        lambda folder, part: open_saved(folder, part, TABLE),
        "{part}/*.arrow",
        "datasets.load_from_disk({folder})",
        describe=lambda folder, split, facts: describe_saved(folder, split, facts, TABLE),
    ),
    "messages": Format(shapes.messages, _lines, "{part}.jsonl", _LOAD_DATASET),
    "prompt-completion": Format(shapes.prompt_completion, _lines, "{part}.jsonl", _LOAD_DATASET),
    "sharegpt": Format(shapes.sharegpt, _lines, "{part}.jsonl", _LLAMA_FACTORY, describe=describe_sharegpt),
    "alpaca": Format(shapes.alpaca, _lines, "{part}.jsonl", _LLAMA_FACTORY, describe=describe_alpaca),
    "openr1": Format(shapes.openr1, _parquet(OPENR1), "{part}-*.parquet", _LOAD_DATASET, "problem"),
    "dpo": Format(shapes.dpo, _lines, "{part}.jsonl", _LOAD_DATASET, "pairs"),
    "parquet": Format(shapes.table, _parquet(TABLE), "{part}-*.parquet", _LOAD_DATASET),
}
