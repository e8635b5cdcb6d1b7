"""Licences as datasets name them, and as the hub does: mapped only where the two surely mean the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

OTHER, UNKNOWN = "other", "unknown"
NAME_WIDTH = 60
HUB = frozenset({
    "afl-3.0", "agpl-3.0", "apache-2.0", "artistic-2.0", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear",
    "bsl-1.0", "c-uda", "cc", "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-2.0",
    "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0",
    "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cdla-permissive-1.0", "cdla-permissive-2.0",
    "cdla-sharing-1.0", "ecl-2.0", "epl-1.0", "epl-2.0", "etalab-2.0", "eupl-1.1", "eupl-1.2", "gfdl", "gpl",
    "gpl-2.0", "gpl-3.0", "isc", "lgpl", "lgpl-2.1", "lgpl-3.0", "lgpl-lr", "mit", "mpl-2.0", "ms-pl", "ncsa", "odbl",
    "odc-by", "ofl-1.1", "osl-3.0", "pddl", "postgresql", "unlicense", "wtfpl", "zlib",
})  # fmt: skip
"""Identifiers that the hub's dataset cards know (huggingface.co/docs/hub/repositories-licenses)."""


def front_matter(licenses: Iterable[str | None]) -> dict[str, str | list[str]]:
    """Return what the head of a card says about licences: nothing when none is recorded.

    Args:
        licenses: Each that the data names, the most frequent first; None stands for problems that name none.
    """
    named = sorted(licenses, key=lambda name: not name)
    if not any(named):
        return {}
    ids = list(dict.fromkeys(_identifier(name) for name in named))
    others = list(dict.fromkeys(_slug(name) for name in named if name and _identifier(name) == OTHER))
    found: dict[str, str | list[str]] = {"license": ids[0] if len(ids) == 1 else ids}
    return found | ({"license_name": others[0] if len(others) == 1 else "several"} if others else {})


def _identifier(name: str | None) -> str:
    if not name:
        return UNKNOWN
    spelt = re.sub(r"[\s_-]+", "-", name.strip().lower())
    return spelt if spelt in HUB else OTHER


def _slug(name: str) -> str:
    """Write a licence's own name in the characters that the hub allows."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower())[:NAME_WIDTH].strip("-.") or "unnamed"
