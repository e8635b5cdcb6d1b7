"""Stable identities: the same content has the same id on every machine, in every language, in every version."""

from __future__ import annotations

import hashlib
import json

PREFIX = "b2:"
"""Names the algorithm, so that a later change of it is visible instead of silently splitting ids."""


def canonical_json(value: object) -> str:
    """Write `value` as the one JSON text that equal values share.

    Keys are sorted, there is no white space, and non-ASCII text stays as it is, so Chinese hashes as UTF-8.

    Raises:
        ValueError: `value` holds NaN or an infinity, which JSON cannot say.
        TypeError: `value` holds something JSON cannot say.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def content_hash(value: object) -> str:
    """Hash the canonical JSON of `value`: `b2:` and 32 hexadecimal digits (128 bits of BLAKE2b)."""
    text = canonical_json(value).encode("utf-8", "surrogatepass")
    return PREFIX + hashlib.blake2b(text, digest_size=16).hexdigest()
