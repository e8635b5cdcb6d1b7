"""Spares the processes of the store half a second of CPU each: libraries that are imported and never used.

pyarrow and duckdb both import pandas, where it is installed, before they convert the first Python value, only to learn
that it is none of its; and pyarrow imports numpy. To both libraries these are optional, and they do not miss them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Spared(MetaPathFinder):
    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self._names:
            raise ModuleNotFoundError(f"{fullname} is spared here", name=fullname)
        return None


def spare(*names: str) -> None:
    """Let nobody in this process import libraries of these names that are not imported yet."""
    sys.meta_path.insert(0, _Spared(names))


@contextmanager
def spared(*names: str) -> Iterator[None]:
    """Do so while the block runs: who looks for a library only once, as pyarrow does for pandas, never finds it."""
    spare(*names)
    try:
        yield
    finally:
        del sys.meta_path[0]
