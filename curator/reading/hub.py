"""Datasets of the Hugging Face hub: `hf:OWNER/NAME`, read by the `datasets` package (extra `hf`).

A dataset is downloaded once, whole, into the cache of `datasets` (`HF_HOME`), and read from there: again, later and
without a network. Only record batches are in memory.

Not covered: streaming without a download, other revisions than the newest, datasets whose files a script makes.
"""

from __future__ import annotations

import importlib
import os
import re
import socket
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from curator.errors import UsageError
from curator.reading.rows import Fault, Row, Table
from curator.reading.sources import DEFAULT_SPLIT, DEFAULT_SUBSET, HUB, Choice, Opened, choose

_NAME = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)?")
_PROBE_S = 5.0
"""Seconds until a hub that does not answer counts as unreachable."""


def open_hub(name: str, choice: Choice) -> Opened:
    """Fetch a dataset, unless the cache has it, and choose subset and split.

    Raises:
        UsageError: `datasets` is not installed; there is no such dataset, it needs a login, or the hub cannot be
            reached; there is no such subset or split, or several and none is chosen.
    """
    if not _NAME.fullmatch(name):
        hint = "A folder on this disk is named without hf:."
        raise UsageError(f"{HUB}{name}: expected {HUB}OWNER/NAME", hint=hint)
    library = _library(name)
    place = f"hf://datasets/{name}"  # in this form never a folder of the working directory
    subset = choice.subset
    note: str | None = f"{name}: the hub cannot be reached; read from the cache"
    try:
        if not library.config.HF_HUB_OFFLINE:
            subsets = {one: one for one in library.get_dataset_config_names(place)}
            subset, note = choose("subset", choice.subset, subsets, name, DEFAULT_SUBSET)
        splits = library.load_dataset(place, subset)
    except (library.exceptions.DatasetsError, OSError, ValueError, RuntimeError) as error:
        raise _explained(name, error) from error
    split, split_note = choose("split", choice.split, splits, name, DEFAULT_SPLIT)
    notes = tuple(one for one in (note, split_note) if one)
    return Opened(Table(f"{HUB}{name}", lambda: _rows(split), origin=name), notes)


def _library(name: str) -> Any:
    """Import `datasets`, quietly; offline when the hub cannot be reached, as its own retries take half a minute."""
    if "datasets" not in sys.modules and not _reachable():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read on import
    try:
        library = importlib.import_module("datasets")
    except ImportError as error:
        hint = "pip install 'r1-curator[hf]'; a folder with the dataset's files needs no package"
        raise UsageError(f"{HUB}{name}: the package datasets is not installed", hint=hint) from error
    for one in (library.logging, importlib.import_module("huggingface_hub").logging):
        one.set_verbosity_error()
    if not sys.stderr.isatty():
        library.disable_progress_bars()
    return library


def _reachable() -> bool:
    """Tell whether the hub's server accepts connections; behind a proxy that is left to be seen."""
    place = urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co")
    if place.scheme in getproxies() or not place.hostname:
        return True
    try:
        port = place.port or (80 if place.scheme == "http" else 443)
        socket.create_connection((place.hostname, port), timeout=_PROBE_S).close()
    except OSError:
        return False
    return True


def _explained(name: str, error: Exception) -> UsageError:
    """Say in plain words why a dataset could not be had."""
    text = str(error)
    page = f"https://huggingface.co/datasets/{name}"
    if "gated" in text:
        hint = f"Accept its terms on {page}, then log in: hf auth login (or set HF_TOKEN)."
        return UsageError(f"{HUB}{name}: the dataset is gated, and needs a login", hint=hint)
    if isinstance(error, ConnectionError):
        hint = "With a network, try again; a folder with the dataset's files can be read as it is."
        return UsageError(f"{HUB}{name}: the hub cannot be reached, and the cache does not have the dataset", hint=hint)
    if type(error).__name__ == "DatasetNotFoundError":
        hint = f"See {page}; a private dataset needs a login: hf auth login (or set HF_TOKEN)."
        return UsageError(f"{HUB}{name}: there is no such dataset on the hub, or it is private", hint=hint)
    reason = text.strip().partition("\n")[0][:300] or type(error).__name__
    return UsageError(f"{HUB}{name}: cannot be read: {reason}")


def _rows(split: Any) -> Iterator[Row | Fault]:
    from curator.reading.batches import BATCH, batch_rows  # noqa: PLC0415 - loads pyarrow

    classes = {column: list(kind.names) for column, kind in split.features.items() if hasattr(kind, "names")}
    tables = split.with_format("arrow").iter(BATCH)
    return batch_rows((batch for table in tables for batch in table.to_batches()), classes)
