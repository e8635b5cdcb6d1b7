"""Spares the processes of the store half a second of CPU each: pandas, imported to learn that no value is one of its.

pyarrow and duckdb both import pandas, where it is installed, before they convert the first Python value. Neither
misses it: to both it is optional.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not needed here", name=fullname)
        return None


def forbid_pandas() -> None:
    """Let nobody in this process find pandas, unless somebody has it already."""
    sys.meta_path.insert(0, _NoPandas())


@contextmanager
def without_pandas() -> Iterator[None]:
    """Let nobody find pandas while the block runs; who looked for it then may never look again, as pyarrow does."""
    forbid_pandas()
    try:
        yield
    finally:
        del sys.meta_path[0]
