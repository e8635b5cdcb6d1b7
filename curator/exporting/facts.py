"""What may be asked of an export, and what it came to, as its card and its report tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from schemas.split import Part

FormatName = Literal["hf", "messages", "prompt-completion", "sharegpt", "alpaca", "openr1", "dpo", "parquet"]
LayoutName = Literal["tags", "plain"]
FORMAT_NAMES: tuple[FormatName, ...] = get_args(FormatName)
LAYOUT_NAMES: tuple[LayoutName, ...] = get_args(LayoutName)


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What was written into the folder, and what was not."""

    format: FormatName
    layout: LayoutName
    rows: Mapping[Part, int]
    """Rows written per part; a part without rows is absent."""
    left_out: Mapping[str, int]
    """What the split has and the export has not: traces per `schemas.verdict.Reason` for which they are no traces,
    and what `curator.exporting.shapes` counts."""
    files: Mapping[Part, str]
    """Per part a glob below the folder that finds its files, as the `configs` of a dataset card name them."""
