"""`curator export`: a split becomes a folder of one format, with a card and a manifest, and may go to the hub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from curator.errors import UsageError
from curator.exporting.card import write_card
from curator.exporting.card_figures import figures
from curator.exporting.facts import ExportFacts, FormatName, LayoutName
from curator.exporting.files import PartFiles, write_json
from curator.exporting.formats import FORMATS, Format, members
from curator.exporting.layouts import LAYOUTS
from curator.exporting.rows import Unit, pages, student_of
from curator.exporting.shapes import Shaped
from curator.exporting.target import MADE_BY, MANIFEST, new_folder, refuse
from curator.splits import load_split
from curator.store.client import Store
from schemas.split import PARTS, Part, Split


@dataclass(frozen=True, slots=True)
class Exported:
    """An export that was written."""

    split: Split
    folder: Path
    facts: ExportFacts


def export(
    store: Store, name: str, folder: Path, format_: FormatName, layout: LayoutName, *, overwrite: bool
) -> Exported:
    """Write a split into a new folder; of all traces only some 80 bytes each are in memory at once.

    The same split, store and version give the same bytes.

    Raises:
        UsageError: There is no such split, nothing to write, or the folder is in the way.
        CuratorError: The folder cannot be written.
    """
    refuse(folder, overwrite=overwrite)
    split = load_split(store, name)
    with new_folder(folder, overwrite=overwrite) as draft:
        facts = write_export(store, split, draft, format_, layout)
    return Exported(split, folder, facts)


def write_export(store: Store, split: Split, folder: Path, format_: FormatName, layout: LayoutName) -> ExportFacts:
    """Write rows, what lies beside them, the card, and last the manifest, which names all of them.

    Raises:
        UsageError: Nothing is to be written.
        OSError: The folder cannot be written to.
    """
    chosen, left_out = FORMATS[format_], Counter[str]()
    found = members(store, split, chosen)
    if not found.num_rows:
        raise UsageError(f"the split {split.name} is empty", hint=f"curator curate {split.name} makes it anew")
    with ThreadPoolExecutor(1) as aside:
        asked = aside.submit(figures, store, split)
        rows = _write_rows(chosen, folder, pages(store, split, found, LAYOUTS[layout], left_out), left_out)
    left_out = +left_out
    if not rows:
        reasons = ", ".join(f"{number:,} × {reason}" for reason, number in left_out.items())
        raise UsageError(f"the split {split.name} has nothing for --format {format_}: {reasons}")
    files = {part: chosen.files.format(part=part) for part in rows}
    facts = ExportFacts(format_, layout, rows, dict(sorted(left_out.items())), files)
    if chosen.describe:
        chosen.describe(folder, split, facts)
    write_card(store, split, folder, facts, asked.result())
    write_json(folder / MANIFEST, _manifest(split, folder, facts))
    return facts


def _write_rows(chosen: Format, folder: Path, units: Iterator[list[Unit]], left_out: Counter[str]) -> dict[Part, int]:
    """Write the rows of all units; return how many each part has. One page is written while the next is shaped."""
    files: dict[Part, PartFiles] = {}
    rows = Counter[Part]()
    try:
        with ThreadPoolExecutor(1) as writer:
            written = writer.submit(lambda: None)
            for page in units:
                shaped = {part: _shape(chosen, page, part, left_out) for part in PARTS}
                written.result()
                for part in filter(shaped.get, PARTS):
                    files[part] = files.get(part) or chosen.open(folder, part)
                    rows[part] += len(shaped[part])
                written = writer.submit(_write, files, shaped)
            written.result()
    finally:
        for one in files.values():
            one.close()
    return {part: rows[part] for part in PARTS if rows[part]}


def _shape(chosen: Format, page: list[Unit], part: Part, left_out: Counter[str]) -> Shaped:
    return [row for unit in page if unit and unit[0].part == part for row in chosen.shape(unit, left_out)]


def _write(files: Mapping[Part, PartFiles], shaped: Mapping[Part, Shaped]) -> None:
    for part, rows in shaped.items():
        if rows:
            files[part].write(rows)


def _manifest(split: Split, folder: Path, facts: ExportFacts) -> Mapping[str, Any]:
    """Say what was exported, by what, and which files it consists of; no times, so that it is the same each time."""
    return {
        "made_by": MADE_BY,
        "versions": {name: metadata.version(name) for name in (MADE_BY, "pyarrow")},
        "split": split.name,
        "fingerprint": split.fingerprint,
        "recipe": split.recipe,
        "format": facts.format,
        "layout": facts.layout,
        "student": student_of(split),
        "rows": facts.rows,
        "left_out": facts.left_out,
        "files": sorted(path.name for path in folder.iterdir()),
    }
