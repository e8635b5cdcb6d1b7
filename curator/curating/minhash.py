"""Which sets may be much alike: MinHash in bands, an index that proposes and never decides.

Sketches are datasketch's; its own index has no bound, so that thousands of copies of one text cost their square.
Source of the bands: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3. Sets that share 70 % are
proposed with a chance of 99.98 %, 50 % with one of 87 %, 30 % with one of 23 %. The draws are fixed: the same sets give
the same proposals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BANDS, ROWS = 32, 4
REACH = 32
"""Sets that a bucket holds; where more are alike, those that came first stand for them."""
COMPARED = 16
"""Sets that are proposed for one: those that share most buckets with it."""

Hashes = NDArray[np.uint64]
Buckets = NDArray[np.int64]
_ODD = np.uint64(0x9E3779B97F4A7C15)
_FOLD = np.uint64(29)


def mix(state: Hashes, more: Hashes) -> Hashes:
    """Hash two arrays into one, place by place."""
    mixed = (state ^ more) * _ODD
    return mixed ^ (mixed >> _FOLD)


def buckets(sets: Sequence[Hashes], kinds: Sequence[int]) -> Buckets:
    """Put sets that may be alike into one bucket.

    Args:
        sets: Hashes of 64 bits, each set not empty.
        kinds: A number of 64 bits for each set; sets of two kinds never share a bucket.

    Returns:
        Shape (sets, `BANDS`): the number of each set's bucket in each band, -1 where it would be alone.
    """
    from datasketch import MinHash  # noqa: PLC0415 - takes half a second

    empty = MinHash(BANDS * ROWS, seed=1, hashfunc=int)  # what comes is hashed already
    sketches = np.zeros((len(sets), BANDS, ROWS), np.uint64)
    of_kind = Counter(kinds)
    for at, (hashes, kind) in enumerate(zip(sets, kinds, strict=True)):
        if of_kind[kind] > 1:
            sketch = empty.copy()
            sketch.update_batch((hashes >> np.uint64(32)).tolist())
            sketches[at] = sketch.hashvalues.reshape(BANDS, ROWS)
    keys = mix(np.fromiter(kinds, np.uint64, len(sets))[:, None], np.arange(BANDS, dtype=np.uint64))
    for row in range(ROWS):
        keys = mix(keys, sketches[:, :, row])
    _, numbers, counts = np.unique(keys, return_inverse=True, return_counts=True)
    numbers = numbers.reshape(keys.shape)
    return np.where(counts[numbers] > 1, numbers, -1)


class Index:
    """The sets that were added so far, to be proposed to others."""

    def __init__(self, numbered: Buckets) -> None:
        self._buckets = numbered
        self._held: dict[int, list[int]] = {}

    def add(self, one: int) -> None:
        """Enter a set by its row in the buckets."""
        for bucket in self._shared(one):
            held = self._held.setdefault(bucket, [])
            if len(held) < REACH:
                held.append(one)

    def like(self, one: int) -> list[int]:
        """Propose at most `COMPARED` sets that may be like this one, the likeliest first."""
        times = Counter(other for bucket in self._shared(one) for other in self._held.get(bucket, ()))
        return [other for other, _ in times.most_common(COMPARED)]

    def _shared(self, one: int) -> list[int]:
        row = self._buckets[one]
        shared: list[int] = row[row >= 0].tolist()
        return shared
