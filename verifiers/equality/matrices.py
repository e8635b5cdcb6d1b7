"""Matrices and determinants."""

from __future__ import annotations

import re

from verifiers.equality.algebra.expression import Expression, call, multiply
from verifiers.equality.algebra.values import Decision, Same, read_once, same_value
from verifiers.equality.errors import UnreadableError

_MATRIX = re.compile(
    r"(?P<factor>.*?)(?P<bracket>[(\[|]?) ?\\begin ?\{(?:(?P<kind>[pbBvV]?)matrix|array)\}"
    r"(?: ?\{[lcr| ]*\})?(?P<cells>.*?)"
    r"\\end ?\{(?:[pbBvV]?matrix|array)\} ?[)\]|]?(?P<turned> ?\^ ?\{?(?:T|\\top|\\mathsf ?\{T\})\}?)?",
    re.DOTALL,
)


def same_matrix(gold: str, given: str, same: Same) -> Decision | None:
    """Compare matrices entry by entry, determinants by value; None where neither text is one."""
    left, right = _MATRIX.fullmatch(gold.strip()), _MATRIX.fullmatch(given.strip())
    if not left and not right:
        return None
    if any(r"\begin" in text for text, found in ((gold, left), (given, right)) if not found):
        return None  # a matrix and more
    if (left and _is_determinant(left)) or (right and _is_determinant(right)):
        return _same_determinant(left or gold, right or given)
    if not left or not right:
        return Decision(False, "a matrix and no matrix")
    rows, others = _rows(left), _rows(right)
    rule = f"a matrix of {len(rows)} rows"
    if list(map(len, rows)) != list(map(len, others)):
        return Decision(False, f"{rule}: another shape")
    cells = ((a, b) for row, other in zip(rows, others, strict=True) for a, b in zip(row, other, strict=True))
    return Decision(all(same(a, b).equal for a, b in cells), rule)


def _same_determinant(gold: re.Match[str] | str, given: re.Match[str] | str) -> Decision | None:
    """Compare values of which one or both are determinants; None where a matrix is no square or cannot be read."""
    if any(isinstance(side, re.Match) and not _is_determinant(side) for side in (gold, given)):
        return Decision(False, "a matrix and no matrix")
    try:
        left, right = (read_once(side) if isinstance(side, str) else _determinant(side) for side in (gold, given))
    except UnreadableError:
        return None
    return same_value(left, right, None)


def _determinant(found: re.Match[str]) -> Expression:
    factor = found["factor"].strip().removesuffix("det").removesuffix("\\").strip()
    rows = [[read_once(cell) for cell in row] for row in _rows(found, with_factor=False)]
    if any(len(row) != len(rows) for row in rows):
        raise UnreadableError("answer")
    value = call("det", *(cell for row in rows for cell in row))
    return multiply(read_once(factor), value) if factor else value


def _is_determinant(found: re.Match[str]) -> bool:
    return found["kind"] == "v" or found["bracket"] == "|" or found["factor"].strip().endswith("det")


def _rows(found: re.Match[str], *, with_factor: bool = True) -> list[list[str]]:
    """List the entries of a matrix, its factor multiplied in, turned over its diagonal where it is transposed."""
    rows = [[cell.strip() for cell in row.split("&")] for row in re.split(r"\\\\", found["cells"]) if row.strip()]
    factor = found["factor"].strip().removesuffix(r"\cdot").strip()
    if factor and with_factor:
        rows = [[rf"({'-1' if factor == '-' else factor})\cdot({cell})" for cell in row] for row in rows]
    return [list(column) for column in zip(*rows, strict=False)] if found["turned"] else rows
