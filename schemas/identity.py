"""Stable identities: the same content has the same id on every machine, in every language, in every version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

PREFIX = "b2:"
"""Names the algorithm, so that a later change of it is visible instead of silently splitting ids."""

_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical_json(value: object) -> str:
    """Write `value` as the one JSON text that equal values share.

    Keys are sorted, there is no white space, and non-ASCII text stays as it is, so Chinese hashes as UTF-8.

    Raises:
        ValueError: `value` holds NaN or an infinity, which JSON cannot say.
        TypeError: `value` holds something JSON cannot say.
    """
    return _ENCODER.encode(value)


def content_hash(value: object) -> str:
    """Hash the canonical JSON of `value`: `b2:` and 32 hexadecimal digits (128 bits of BLAKE2b)."""
    text = canonical_json(value).encode("utf-8", "surrogatepass")
    return PREFIX + hashlib.blake2b(text, digest_size=16).hexdigest()


def content_hashes(start: list[object]) -> Callable[[int], str]:
    """Return what hashes `[*start, number]`, as `content_hash` does; `start` is read and hashed only once."""
    begun = hashlib.blake2b(canonical_json(start)[:-1].encode("utf-8", "surrogatepass"), digest_size=16)

    def with_number(number: int) -> str:
        whole = begun.copy()
        whole.update(b",%d]" % number)
        return PREFIX + whole.hexdigest()

    return with_number
