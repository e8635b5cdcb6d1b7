"""Small files that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path


def write_whole(file: Path, data: bytes) -> None:
    """Write `data` under a hidden name, then give it its own; what was there stays until then.

    Raises:
        OSError: It cannot be written; no draft is left then.
    """
    draft = file.with_name(f".{file.name}.draft")
    try:
        draft.write_bytes(data)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
