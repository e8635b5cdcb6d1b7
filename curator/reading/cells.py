"""What one column of a foreign row holds: text, or JSON that may have been written as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.reading.duplicates import RowFault
from curator.reading.rows import json_value, kind_of


def text(row: Mapping[str, Any], column: str) -> str:
    """Return a column's text; a row without it, or with null, has the empty text.

    Raises:
        RowFault: it holds something else.
    """
    value = row.get(column)
    if not isinstance(value, str | None):
        raise RowFault(f"{column} must be text, not {kind_of(value)}")
    return value or ""


def data(row: Mapping[str, Any], column: str) -> Any:
    """Return a column's JSON data, whether it came as data or as the text of it; blank text is null.

    Raises:
        RowFault: the text is no JSON.
    """
    value = row.get(column)
    if not isinstance(value, str):
        return value
    try:
        return json_value(value) if value.strip() else None
    except ValueError as error:
        raise RowFault(f"{column} is not JSON: {str(error).partition(';')[0]}") from error


def fenced(code: str) -> str:
    """Show code as a block, which reads alike in every language."""
    return f"```python\n{code.strip()}\n```"
