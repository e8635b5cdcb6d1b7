"""An export goes to the Hugging Face hub, in the form that `datasets.load_dataset` reads there.

Not covered: uploads that go on where they broke off, and branches other than the main one.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import httpx2

from curator.errors import CuratorError, UsageError
from curator.exporting.export import Exported, write_export
from curator.exporting.target import draft_beside
from curator.store.client import Store
from schemas.split import PARTS

FLAG = "--push-to-hub"
STALE = [f"{part}{end}" for part in PARTS for end in (".jsonl", "-?????-of-?????.parquet")]
"""Files of an earlier export that must not stay beside the new ones, where `load_dataset` would read them too."""

_WHY = {401: "the hub does not accept the token", 403: "the token may not write there"}


def check_name(repo: str) -> None:
    """Stop before the work when it could not be uploaded.

    Raises:
        UsageError: `huggingface_hub` is not installed, or this is no name of a dataset.
    """
    library = _library(repo)
    try:
        library.utils.validate_repo_id(repo)
    except library.errors.HFValidationError as error:
        raise UsageError(f"{FLAG} {repo}: expected OWNER/NAME") from error


def push(store: Store, exported: Exported, repo: str, *, private: bool) -> str:
    """Upload an export; `hf` goes up as Parquet, which is written for it and then removed.

    Args:
        store: The store.
        exported: The export; it stays as it is.
        repo: OWNER/NAME of the dataset, which is made when there is none.
        private: Whether only the owner may see a dataset that is made; else as the hub does by default.

    Returns:
        The address of the dataset.

    Raises:
        UsageError: There is no token, or the hub refuses it.
        CuratorError: The hub cannot be reached, or fails.
    """
    library = _library(repo)
    again = f"the export in {exported.folder} is done; the same command with --overwrite tries again"
    if not library.get_token():
        raise UsageError(f"{FLAG} {repo}: there is no token", hint=f"hf auth login, or set HF_TOKEN; {again}")
    try:
        if exported.facts.format != "hf":
            return _upload(library, exported.folder, repo, private=private)
        with draft_beside(exported.folder.absolute()) as draft:
            write_export(store, exported.split, draft, "parquet", exported.facts.layout)
            return _upload(library, draft, repo, private=private)
    except library.errors.HfHubHTTPError as error:
        status = error.response.status_code
        why = _WHY.get(status, f"the hub answered {status}")
        raise (UsageError if status in _WHY else CuratorError)(f"{FLAG} {repo}: {why}", hint=again) from error
    except (OSError, httpx2.HTTPError) as error:
        raise CuratorError(f"{FLAG} {repo}: the upload failed: {error}", hint=again) from error


def _upload(library: Any, folder: Path, repo: str, *, private: bool) -> str:
    hub = library.HfApi()
    address = hub.create_repo(repo, repo_type="dataset", private=private or None, exist_ok=True)
    message = "Upload by r1-curator"
    hub.upload_folder(
        repo_id=repo, folder_path=folder, repo_type="dataset", commit_message=message, delete_patterns=STALE
    )
    return str(address)


def _library(repo: str) -> Any:
    """Import `huggingface_hub`, quiet where nobody watches."""
    try:
        library = importlib.import_module("huggingface_hub")
    except ImportError as error:
        hint = "pip install 'r1-curator[hf]'"
        raise UsageError(f"{FLAG} {repo}: the package huggingface_hub is not installed", hint=hint) from error
    library.logging.set_verbosity_error()
    if not sys.stderr.isatty():
        library.utils.disable_progress_bars()
    return library
