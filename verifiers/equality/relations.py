r"""Statements that relate things: `AB \parallel CD`, `\sin 3 < \sin 1`, `x \equiv 3 \pmod 5`, `\exists x \ldots`."""

from __future__ import annotations

import re

from verifiers.equality.algebra.values import Decision, Same
from verifiers.equality.normalise import squeeze

_ORDER = re.compile(r"(\\(?:le|ge|ne)(?![A-Za-z])|[<>=])")
_TURNED = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}
_BETWEEN = re.compile(r"(.+?) ?\\(parallel|perp|cong|sim|subseteq|subset|notin|in)(?![A-Za-z]) ?(.+)")
_SYMMETRIC = frozenset({"parallel", "perp", "cong", "sim"})
_SEGMENT = re.compile(r"[A-Z]{2}")
_CONGRUENCE = re.compile(r"(.+?)\\equiv ?(-?\d+) ?[,(]? ?\\?(?:pmod|bmod|mod) ?\{? ?(\d{1,9}) ?\}? ?\)?")
_QUANTIFIED = re.compile(r"\\(exists|forall)(?![A-Za-z]) ?(.+?) ?[,:] ?(.+)")


def same_relation(gold: str, given: str, same: Same) -> Decision | None:
    """Compare two statements of one kind; None where they are none, or where that does not tell."""
    for compare in (_same_congruence, _same_quantified, _same_between, _same_order):
        told = compare(gold, given, same)
        if told is not None:
            return told
    return None


def _same_congruence(gold: str, given: str, _: Same) -> Decision | None:
    """The residue may be any of its class."""
    left, right = _CONGRUENCE.fullmatch(gold), _CONGRUENCE.fullmatch(given)
    if not left or not right:
        return None
    comparable = squeeze(left[1]) == squeeze(right[1]) and int(left[3]) == int(right[3]) > 0
    return Decision(comparable and (int(left[2]) - int(right[2])) % int(left[3]) == 0, "a congruence")


def _same_quantified(gold: str, given: str, same: Same) -> Decision | None:
    left, right = _QUANTIFIED.fullmatch(gold), _QUANTIFIED.fullmatch(given)
    if not left or not right:
        return None
    if left[1] != right[1] or squeeze(left[2]) != squeeze(right[2]):
        return Decision(False, "other quantifiers")
    if squeeze(left[3]) == squeeze(right[3]):
        return Decision(True, "quantified statements")
    return same_relation(left[3], right[3], same)


def _same_between(gold: str, given: str, _: Same) -> Decision | None:
    """Parallel, perpendicular, congruent and similar hold both ways; a segment has no direction."""
    left, right = _BETWEEN.fullmatch(gold), _BETWEEN.fullmatch(given)
    if not left or not right:
        return None
    names, others = ([_segment(found[1]), _segment(found[3])] for found in (left, right))
    turned = left[2] in _SYMMETRIC and names == others[::-1]
    return Decision(left[2] == right[2] and (names == others or turned), f"a relation: {left[2]}")


def _segment(text: str) -> str:
    name = squeeze(text)
    return "".join(sorted(name)) if _SEGMENT.fullmatch(name) else name


def _same_order(gold: str, given: str, same: Same) -> Decision | None:
    """Compare chains side by side, read from the smaller end; what does not match may still mean the same."""
    left, right = _ORDER.split(gold), _ORDER.split(given)
    if len(left) < 3 or len(left) != len(right) or not _TURNED.keys() & set(left):
        return None
    left, right = _rising(left), _rising(right)
    if left[1::2] != right[1::2]:
        return None
    if all(same(a.strip(), b.strip()).equal for a, b in zip(left[::2], right[::2], strict=True)):
        return Decision(True, "a chain of relations")
    spelled = ([squeeze(side) for side in chain[::2]] for chain in (left, right))
    return Decision(False, "a chain in another order") if len({frozenset(chain) for chain in spelled}) == 1 else None


def _rising(chain: list[str]) -> list[str]:
    first = next(sign for sign in chain[1::2] if sign in _TURNED)
    return [_TURNED.get(part, part) for part in reversed(chain)] if first in {">", r"\ge"} else chain
