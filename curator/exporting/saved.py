"""The folder that `datasets.load_from_disk` reads: Arrow shards, and the JSON files by which it finds its way.

Source: what `Dataset.save_to_disk` of datasets 5.2 writes. The columns are described by the installed `datasets`
itself, because its versions word them differently.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pyarrow as pa

from curator.errors import UsageError
from curator.exporting.facts import ExportFacts
from curator.exporting.files import Shards, write_json
from schemas.identity import content_hash
from schemas.split import Part, Split


def open_saved(folder: Path, part: Part, schema: pa.Schema) -> Shards:
    """Open the shards of one part.

    Raises:
        UsageError: `datasets` is not installed.
    """
    return Shards(folder / part / "data", _features(schema).arrow_schema, "arrow")


def describe_saved(folder: Path, split: Split, facts: ExportFacts, schema: pa.Schema) -> None:
    """Say which parts there are, and of each which files, which columns and a fingerprint for caches."""
    write_json(folder / "dataset_dict.json", {"splits": list(facts.rows)})
    blank = dict.fromkeys(("citation", "description", "homepage", "license"), "")
    for part in facts.rows:
        shards = sorted(path.name for path in (folder / part).glob("*.arrow"))
        identity = content_hash([split.fingerprint, part, facts.layout, facts.rows[part]])
        write_json(folder / part / "dataset_info.json", {**blank, "features": _features(schema).to_dict()})
        state: dict[str, Any] = {
            "_data_files": [{"filename": name} for name in shards],
            "_fingerprint": identity.rpartition(":")[2][:16],
            "_format_columns": None,
            "_format_kwargs": {},
            "_format_type": None,
            "_output_all_columns": False,
            "_split": part,
        }
        write_json(folder / part / "state.json", state)


def _features(schema: pa.Schema) -> Any:
    try:
        library = importlib.import_module("datasets")
    except ImportError as error:
        hint = "pip install 'r1-curator[hf]'; --format parquet needs no package, and load_dataset reads it"
        raise UsageError("--format hf: the package datasets is not installed", hint=hint) from error
    return library.Features.from_arrow_schema(schema)
