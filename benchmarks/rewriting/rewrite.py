r"""Other spellings of a gold, each known to mean the same, or something else, by how it was made.

No verifier is asked: everything is built from the parts of the gold by rules that are sound alone, and what the parts
do not settle is not made. By the rules that the verifier promises: lists are unordered and tuples are not, equations
hold up to a factor, a unit may be missing, p % is p/100, an approximation is wrong, and so is what leaves a choice.

Not covered: rewrites of what `benchmarks.rewriting.parts` calls opaque, but for frames and answers that are vague.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from benchmarks.rewriting.formulas import (
    other_based,
    other_equation,
    other_expression,
    same_based,
    same_equation,
    same_expression,
)
from benchmarks.rewriting.groups import ELSE, Group, other_group, other_interval, same_group, same_interval
from benchmarks.rewriting.numbers import other_number, same_number
from benchmarks.rewriting.parts import Based, Equation, Expression, Interval, Letter, Listed, Number, Parts, Word, parts
from benchmarks.rewriting.spelling import tidy

FRAMES = {
    "bare": "{}",
    "formula": "${}$",
    "box": "Adding both, we find $\\boxed{{{}}}$.",
    "display box": "**Final Answer**\n\n\\[\n\\boxed{{{}}}\n\\]",
    "cue": "The answer is ${}$.",
    "Chinese cue": "所以答案是：${}$。",
    "Chinese box": "综上所述，最终答案为 $\\boxed{{{}}}$。",
    "box corrected": "At first I had $\\boxed{{12345}}$, but that was a slip. So it is $\\boxed{{{}}}$.",
}
_FULL_WIDTH = {code: code + 0xFEE0 for code in map(ord, "0123456789+-=(),.:%<>/")}


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a model may have written after its reasoning."""

    name: str
    answer: str
    right: bool


def rewrites(gold: str, *, percent: bool, turn: int) -> list[Rewrite]:
    """Make every rewrite of a gold, the gold as it is first, and no text twice; none where `ELSE` stands in it.

    Args:
        gold: As it stands in the data set.
        percent: Whether the problem speaks of percentages, so that a bare number may mean them.
        turn: Chooses the frame that each value stands in, so that values and frames meet in all ways.
    """
    if ELSE in gold:
        return []
    text, found = tidy(gold), parts(gold)
    inner = re.sub(r"(?<!\\)%", r"\\%", text)
    same = chain([("as it is", gold)], _spelled(text, inner, found), _framed(_same(found, text, percent), turn))
    vague = _framed(_vague(inner, found), turn)
    other = chain(_overridden(inner), _framed(_other(found, text, percent), turn), vague)
    made: dict[str, Rewrite] = {}
    for right, named in ((True, same), (False, other)):
        for name, answer in named:
            made.setdefault(answer, Rewrite(name, answer, right))
    return list(made.values())


def _spelled(text: str, inner: str, found: Parts) -> Iterator[tuple[str, str]]:
    """Yield the gold in every frame, in full-width signs, and member by member in boxes."""
    yield from ((name, frame.format(inner)) for name, frame in FRAMES.items())
    yield "full width", re.sub(r"(?<!\\)[^\\]", lambda sign: sign[0].translate(_FULL_WIDTH), text)
    if isinstance(found, Listed):
        yield "boxes", " and ".join(f"$\\boxed{{{item}}}$" for item in found.items)


def _framed(values: Iterable[tuple[str, str]], turn: int) -> Iterator[tuple[str, str]]:
    frames = list(FRAMES.values())
    for at, (name, value) in enumerate(values):
        yield name, frames[(turn + at) % len(frames)].format(value)


def _overridden(text: str) -> Iterator[tuple[str, str]]:
    yield "box overridden", f"It is $\\boxed{{{text}}}$. No, that was a slip: $\\boxed{{{ELSE}}}$."


def _vague(text: str, found: Parts) -> Iterator[tuple[str, str]]:
    """Yield what is wrong whatever the gold is."""
    yield "something else", ELSE
    yield "hedged", f"{text} \\text{{ or }} {ELSE}"
    yield "hedged in Chinese", f"{text}或{ELSE}"
    yield "negated", f"\\text{{not }} {text}"
    yield "nothing", ""
    if isinstance(found, Number | Expression):
        yield "at least", f"\\text{{at least }} {text}"


def _same(found: Parts, text: str, percent: bool) -> Iterator[tuple[str, str]]:
    match found:
        case Number():
            yield from same_number(found, percent=percent)
        case Based():
            yield from same_based(found)
        case Expression():
            yield from same_expression(text)
        case Equation():
            yield from same_equation(found)
        case Interval():
            yield from same_interval(found)
        case Letter(word) | Word(word):
            yield from (("letters", each) for each in (word, f"\\text{{{word}}}", f"\\mathrm{{{word}}}"))
        case _ if isinstance(found, Group):
            yield from same_group(found)


def _other(found: Parts, text: str, percent: bool) -> Iterator[tuple[str, str]]:
    match found:
        case Number():
            yield from other_number(found, percent=percent)
        case Based():
            yield from other_based(found)
        case Expression():
            yield from other_expression(text)
        case Equation():
            yield from other_equation(found)
        case Interval():
            yield from other_interval(found)
        case Letter(letter):
            yield from (("other letter", each) for each in "ABCDE" if each != letter)
            yield "two letters", f"{letter}, {'A' if letter != 'A' else 'B'}"
        case Word(word):
            yield from (("other word", each) for each in ("Ludmilla", "prime") if each != word)
        case _ if isinstance(found, Group):
            yield from other_group(found)
