r"""Answers of several values: solutions, members of a set, both signs of `\pm`. Their order carries no meaning."""

from __future__ import annotations

import re
from itertools import product

from verifiers.equality.algebra.values import Decision, Same
from verifiers.equality.effort import spend
from verifiers.equality.errors import TooLargeError
from verifiers.equality.normalise import split_top, squeeze
from verifiers.equality.quantities.rational import rational
from verifiers.equality.quantities.units import split_unit

MOST_SIGNS = 4
"""Signs `\\pm` of one value, each of which doubles the values meant."""
MOST_ITEMS = 10_000
_COMPARISON = 50_000
"""Effort of comparing two members, at least."""

_SEPARATOR = re.compile(r"[,;]|或者?|以及|和|及|与|\\?\b(?:and|or)\b")
_NAME = re.compile(
    r"(?:\\angle ?)?\\?[A-Za-z]+(?: ?_ ?(?:\{\w+\}|\w))?'?(?: ?\([A-Za-z0-9, ]*\))?"
    r"|\\frac ?\{[A-Z]{1,2}\} ?\{[A-Z]{1,2}\}|[A-Z]{1,2} ?[:/] ?[A-Z]{1,2}|[A-Z](?: ?\\(?:cap|cup) ?[A-Z])+"
    r"|[\u4e00-\u9fff]{1,6}|\([A-Za-z](?: ?, ?[A-Za-z])+\)"
)
"""What stands in front of an equals sign and only names the value: x, f(2), BC:AB, A ∩ B, 面积."""
_OPERATION = re.compile(r"[\d+*/<>=^-]|\\(?:times|cdot|le|ge|ne|in|pm|frac|sqrt|sum|int)(?![A-Za-z])")
_LONGEST_NAME = 60
_INVERSE = re.compile(r"(?<=[A-Zf-h]) ?\^ ?\{ ?-1 ?\}")
_LABELLED = re.compile(
    r"(?P<label>[\u4e00-\u9fff]{1,8}?|[A-Z])(?: ?(?::|为|是) ?(?P<said>[^:,]+)|(?P<value>-?[\d\\].*))"
)
_EQUALS = re.compile(r"(?<![<>!\\])=")
SIGN = re.compile(r"\\pm(?![A-Za-z])")
SET = re.compile(r"\\\{(.*)\\\}", re.DOTALL)
_MEMBER = re.compile(r"^[A-Za-z](?:_\{?\w\}?)? ?\\in ?\\\{")
_EMPTY = re.compile(r"\\emptyset")
_SUBSCRIPT = re.compile(r"(?<=^[A-Za-z])_(?:\{\d\}|\d)(?= ?=)")
_ROOT = re.compile(r"^([xzt]) ?_ ?(?:\{\d\}|\d)(?= ?=)")
"""Solutions are numbered in any order; the terms of a sequence are not."""
_TUPLE = re.compile(r"\((.*)\)", re.DOTALL)
_ONE_LETTER = re.compile(r"([A-Za-z])(?:_(?:\{(\d)\}|(\d)))?")
COMMA = re.compile(r"[,;]")


def items(text: str) -> list[str]:
    r"""List the values of a text: elements of a set, members of a list, both signs of `\pm`; usually just one.

    Raises:
        TooLargeError: there are too many to be compared.
    """
    named = sides(text)
    text = named[1] if len(named) == 2 and is_name(named[0]) and SET.fullmatch(named[1]) else _MEMBER.sub(r"\\{", text)
    if (found := SET.fullmatch(text)) and not _EMPTY.fullmatch(found[1].strip()):
        text = found[1]
    if rational(split_unit(text)[0]) is not None:
        return [text]
    if labelled := _labelled(split_top(text, COMMA)):
        return labelled
    found_parts = [value for part in split_top(text, _SEPARATOR) for value in _signs(part)] or [text]
    parts = list({squeeze(part): part for part in found_parts}.values())
    if len(parts) > MOST_ITEMS:
        raise TooLargeError(f"the list has more than {MOST_ITEMS} members")
    name = sides(parts[0])[0]
    if len(parts) > 1 and is_name(name) and "=" in parts[0] and not any("=" in part for part in parts[1:]):
        return [parts[0], *(f"{name}={part}" for part in parts[1:])]  # x = 1, 2 means x = 1 or x = 2
    return _members(parts[0]) if len(parts) == 1 else parts


def _labelled(parts: list[str]) -> list[str]:
    """Write 长8米, 宽6米 and 甲是骑士, 乙是无赖 as named values; nothing when some part has no label."""
    found = [_LABELLED.fullmatch(part) for part in parts]
    labels = {one["label"] for one in found if one}
    if len(parts) < 2 or len(labels) < len(parts):
        return []
    return [f"{one['label']}={one['said'] or one['value']}" for one in found if one]


def same_items(gold: list[str], given: list[str], same: Same) -> Decision:
    """Match two unordered lists one to one; repeated members count once."""
    if len(gold) == len(given) == 1:
        return same(gold[0], given[0])
    rule = f"a list of {max(len(gold), len(given))}"
    named, bare = (any("=" in item for item in found) for found in (gold, given))
    if named != bare:
        tuples, lists = (given, gold) if named else (gold, given)
        if len(tuples) == 1 and (as_tuple := _in_order(lists)):
            return same(as_tuple, tuples[0]) if named else same(tuples[0], as_tuple)
        names = {sides(item)[0] for item in gold if not _ROOT.match(item)}
        gold, given = [right_side(item) for item in gold], [right_side(item) for item in given]
        if named and len(names) == len(gold) == len(given):  # x = 2, y = 3 is 2, 3 in this order
            return Decision(all(same(a, b).equal for a, b in zip(gold, given, strict=True)), f"{rule}, in order")
    if len(gold) != len(given):
        return Decision(False, f"{rule}: another number of values")
    if all(map(_ROOT.match, gold)):
        gold = [_ROOT.sub(r"\1", item) for item in gold]
    others = {_key(item): item for item in given}
    if not any("_" in item for item in gold):
        others = {_key(bare): bare for bare in (_SUBSCRIPT.sub("", item) for item in given)}
    open_items = [item for item in gold if others.pop(_key(item), None) is None]  # what is spelled alike is matched
    for item in open_items:
        match = next((key for key, other in others.items() if _spent(same, item, other)), None)
        if match is None:
            return Decision(False, f"{rule}: no partner for one value")
        del others[match]
    return Decision(True, rule)


def _key(item: str) -> str:
    """Spell equal rational numbers alike."""
    value = rational(item)
    return squeeze(item) if value is None else str(value)


def _spent(same: Same, gold: str, given: str) -> bool:
    spend(_COMPARISON)
    return same(gold, given).equal


def sides(text: str) -> list[str]:
    """Split at equals signs outside brackets; those of a sum's bounds stay."""
    return split_top(text, _EQUALS) or [text]


def is_name(text: str) -> bool:
    """Whether a text names a value: `x`, `f(2)`, a word in front of an equals sign."""
    if _NAME.fullmatch(text):
        return True
    bare = _INVERSE.sub("", text)  # cos A, P(A|B), AB:BC:CA: letters, but no digits and no operations
    return len(bare) <= _LONGEST_NAME and not _OPERATION.search(bare) and any(map(str.isalpha, bare))


def right_side(text: str) -> str:
    """Drop the names of a value: `x = 5` and `5 = x` are 5."""
    named = sides(text)
    if len(named) < 2:
        return text
    if is_name(named[0]):
        return named[-1]
    return named[0] if len(named) == 2 and is_name(named[1]) else text


def _members(text: str) -> list[str]:
    """Write `(x, y) = (1, 2)` as the list `x = 1, y = 2`."""
    names, *values = sides(text)
    if len(values) != 1 or not (left := _TUPLE.fullmatch(names)) or not (right := _TUPLE.fullmatch(values[0])):
        return [text]
    named, valued = split_top(left[1], COMMA), split_top(right[1], COMMA)
    same_length = len(named) == len(valued) > 1 and all(map(is_name, named))
    return [f"{name}={value}" for name, value in zip(named, valued, strict=True)] if same_length else [text]


def _in_order(named: list[str]) -> str | None:
    """Write `x = 1, y = 2` as a tuple, where the letters tell the order."""
    pairs = sorted((sides(item) for item in named), key=lambda pair: pair[0])
    keys = [_ONE_LETTER.fullmatch(squeeze(pair[0])) for pair in pairs if len(pair) == 2]
    places = [(ord(key[1]), int(key[2] or key[3] or 0)) for key in keys if key]
    if len(places) < 2 or len(places) != len(named) or sum(map(sum, places[-1:])) - sum(places[0]) != len(places) - 1:
        return None
    return "(" + ",".join(pair[1] for pair in pairs) + ")"


def _signs(text: str) -> list[str]:
    r"""Write out both signs; `\mp` is the opposite of the one `\pm` beside it."""
    pieces = SIGN.split(text)
    count = len(pieces) - 1
    if not count:
        return [text]
    if count > MOST_SIGNS:
        raise TooLargeError(f"a value has more than {MOST_SIGNS} signs \\pm")
    written = []
    for signs in product("+-", repeat=count):
        value = pieces[0] + "".join(sign + piece for sign, piece in zip(signs, pieces[1:], strict=True))
        value = value.replace(r"\mp", "-" if signs[0] == "+" else "+")
        written.append(re.sub(r"(^|[=({,]) *\+ *", r"\1", value).strip())
    return written
