"""Functions and sequences given case by case: the same values under the same conditions, in any order."""

from __future__ import annotations

import re

from verifiers.equality.algebra.values import Decision, Same
from verifiers.equality.errors import UnreadableError
from verifiers.equality.normalise import squeeze
from verifiers.equality.sets.real_sets import same_set

_CASES = re.compile(
    r"(?P<name>[^=]{0,20}=)? ?(?:\\\{)? ?\\begin ?\{(?:cases|array)\}(?: ?\{[lcr| ]*\})?(?P<rows>.*?)\\end ?\{\w+\}\.?",
    re.DOTALL,
)
_WORDS = re.compile(r"\b(?:if|when|for|where)\b|当|时|若")
_REST = re.compile(r"(?:otherwise|else|其他|其它|其余)")


def same_cases(gold: str, given: str, same: Same) -> Decision | None:
    """Compare two definitions by cases; None where one of the texts is none.

    Raises:
        UnreadableError: the conditions differ in their text, and not for certain in their meaning.
    """
    left, right = _cases(gold), _cases(given)
    if left is None or right is None:
        return None
    rule = f"{len(left)} cases"
    if len(left) != len(right):
        raise UnreadableError("gold")  # cases may be parted in many ways
    open_cases = list(right)
    for value, condition in left:
        match = next((case for case in open_cases if _same_condition(condition, case[1])), None)
        if match is None:
            raise UnreadableError("gold")
        if not same(value, match[0]).equal:
            return Decision(False, rule)
        open_cases.remove(match)
    return Decision(True, rule)


def _cases(text: str) -> list[tuple[str, str]] | None:
    found = _CASES.fullmatch(text.strip())
    rows = [row for row in found["rows"].split(r"\\") if row.strip(" ,.;")] if found else []
    parted = [row.split("&") if "&" in row else row.rsplit(",", 1) for row in rows]
    if len(parted) < 2 or any(len(row) != 2 for row in parted):
        return None
    return [(value.strip(" ,;"), _WORDS.sub("", condition).strip(" ,;.")) for value, condition in parted]


def _same_condition(gold: str, given: str) -> bool:
    if _REST.fullmatch(gold) or _REST.fullmatch(given):
        return bool(_REST.fullmatch(gold) and _REST.fullmatch(given))
    return squeeze(gold) == squeeze(given) or bool(same_set(gold, given))
