r"""Candidates for golds of mathematics, as a reasoning model writes them, each with whether it is right.

Who is right how often follows `benchmarks.r1_mix`. Half of the right answers are spelled as the gold is; the others as
models spell them too: thousands, `\dfrac`, `\left(`, exact decimals, a unit, `x =`, full-width digits. Wrong answers
lie near the gold, a digit, a sign or a factor away, and come back among the candidates of one problem, as they do.

Not covered: answers whose equality takes a proof; `tests/verifiers/equality` has those.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import r1_mix
from benchmarks.r1_text import pieces
from schemas.candidate import Candidate
from schemas.problem import Problem

STARTER = Path(__file__).parents[1] / "curator/data/starter.jsonl"
PER_PROBLEM = 8
FEWEST_TOKENS, MOST_TOKENS = 600, 2_000
"""Of one reasoning, formulas aside: 2,000 to 8,000 characters in English."""
CLOSING = 10
"""Sentences between the reasoning and the answer."""
FORMULAS = 0.5
"""Formulas per sentence: one in 200 characters, between the real traces of R1 and those of its distilled models."""
AS_THE_GOLD = 0.5
"""Share of the right answers that are spelled as the gold is."""

_INTEGER = re.compile(r"-?\d+")
_FRACTION = re.compile(r"(-?)(?:\\[dt]?frac\{(\d+)\}\{(\d+)\}|(\d+)/(\d+))")
_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_FORMULAS = (
    "\\( {0}x + {1} = {2} \\)",
    "$n = {0} \\times {1}$",
    "\\[\n\\frac{{{0}}}{{{1}}} = {2}\n\\]",
    "\\( \\sqrt{{{0}}} < {1} \\)",
    "$$S = \\sum_{{k=1}}^{{{0}}} k = {1}$$",
    "\\( a_{{{0}}} = {1} \\)",
    "\\( {0} \\equiv {1} \\pmod{{{2}}} \\)",
)
_ENDS = {
    "en": (
        "**Final Answer**\n\\[\n\\boxed{%s}\n\\]",
        "Therefore, the answer is $\\boxed{%s}$.",
        "So the final result is \\(\\boxed{%s}\\).",
        "Thus we get\n\n$$\\boxed{%s}$$",
        "\\boxed{%s}",
    ),
    "zh": (
        "因此，最终答案为 $\\boxed{%s}$。",
        "**答案**\n\\[\n\\boxed{%s}\n\\]",
        "综上所述，所求为\\(\\boxed{%s}\\)。",
        "\\boxed{%s}",
    ),
}


class Made(NamedTuple):
    """A candidate, and what it was made to be."""

    problem: Problem
    candidate: Candidate
    right: bool


def math_problems(path: Path, count: int, seed: int) -> list[Problem]:
    """Draw `count` problems from a JSONL file, plain or gzipped: of mathematics, with a gold, in English or Chinese."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        read = [_problem(row) for row in map(json.loads, lines)]
    known = [problem for problem in read if problem.domain == "math" and problem.answer and problem.language in _ENDS]
    return random.Random(seed).sample(known, min(count, len(known)))


def candidates(problem: Problem, seed: int) -> Iterator[Made]:
    """Make the candidates of one problem: the same ones for the same seed."""
    chance = random.Random(f"{seed}/{problem.id}")
    (difficulty,) = chance.choices(r1_mix.DIFFICULTIES, [each.share for each in r1_mix.DIFFICULTIES])
    gold = bare(problem.answer or "")
    rights, wrongs = spellings(gold, problem.language), [wrong(gold, chance) for _ in range(3)]
    for index in range(PER_PROBLEM):
        is_right = chance.random() < difficulty.right
        right = gold if chance.random() < AS_THE_GOLD else chance.choice(rights)
        answer = right if is_right else chance.choices(wrongs, [3, 2, 1])[0]
        mixed = r1_mix.Problem(problem.id, 0, difficulty, "zh" if problem.language == "zh" else "en", 0)
        content = _trace(mixed, index, answer, chance)
        candidate = Candidate(f"{problem.id}/{index}", "run", problem.id, index, None, content, "inline", "stop", "m")
        yield Made(problem, candidate, is_right)


def bare(gold: str) -> str:
    """Take off the dollars and the full stop around a gold."""
    return re.sub(r"(?<!\\)\$", "", re.sub(r"\s*[.。]$", "", gold.strip())).strip()


def spellings(gold: str, language: str) -> list[str]:
    """List what else means the gold, as models write it; the gold alone where nothing is known to."""
    plain = _THOUSANDS.sub("", gold)
    if _INTEGER.fullmatch(plain):
        return _of_integer(int(plain), language)
    if found := _FRACTION.fullmatch(gold):
        return _of_fraction(found)
    if re.fullmatch(r"-?\d+\.\d+", gold):
        value = Fraction(gold)
        sign = "-" if value < 0 else ""
        return [gold + "0", rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}", f"x = {gold}"]
    return [
        gold.replace(r"\frac", r"\dfrac"),
        re.sub(r"\\left(?![a-z])|\\right(?![a-z])", "", gold) if r"\left" in gold else _stretched(gold),
        gold.replace(", ", ","),
        gold + " ",
    ]


def wrong(gold: str, chance: random.Random) -> str:
    """Make a wrong answer near the gold."""
    numbers = list(_NUMBER.finditer(gold))
    if not numbers:
        return chance.choice(["12", r"\frac{3}{7}", "k + 5"])
    found = chance.choice(numbers)
    changed = _near(found.group(), chance)
    if _INTEGER.fullmatch(gold) and int(gold) and chance.random() < 0.2:
        return str(-int(gold))
    return gold[: found.start()] + changed + gold[found.end() :]


def _problem(row: dict[str, Any]) -> Problem:
    prompt, gold = row.get("prompt", row.get("problem", "")), row.get("answer", row.get("gold"))
    return Problem(row["id"], row["domain"], prompt, gold, language=row.get("language", row.get("lang", "en")))


def _of_integer(value: int, language: str) -> list[str]:
    said = [f"{value}", f"{value}.0", f"x = {value}", f"\\text{{{value}}}", rf"{value}\text{{ units}}"]
    if abs(value) >= 1_000:
        said += [f"{value:,}", f"{value:,}".replace(",", "{,}"), f"{value:,}".replace(",", r"\,")]
    return [*said, f"{value}个", str(value).translate(_FULL_WIDTH)] if language == "zh" else said


def _of_fraction(found: re.Match[str]) -> list[str]:
    sign, top, bottom = found[1], found[2] or found[4], found[3] or found[5]
    said = [rf"{sign}\frac{{{top}}}{{{bottom}}}", rf"{sign}\dfrac{{{top}}}{{{bottom}}}", f"{sign}{top}/{bottom}"]
    scaled = Fraction(int(top), int(bottom)) * 10_000
    if scaled.denominator == 1:
        said.append(sign + f"{int(scaled) // 10_000}.{int(scaled) % 10_000:04}".rstrip("0").rstrip("."))
    return [*said, rf"x = {said[0]}"]


def _stretched(gold: str) -> str:
    r"""Write `\left` and `\right` before a gold's only round brackets."""
    if gold.count("(") == 1 == gold.count(")"):
        return gold.replace("(", r"\left(").replace(")", r"\right)")
    return gold


def _near(number: str, chance: random.Random) -> str:
    if "." in number:
        return number[:-1] + str((int(number[-1]) + chance.randrange(1, 10)) % 10)
    value = int(number)
    return str(chance.choice([value + 1, value + chance.randrange(2, 12), value * 10 or 7, abs(value - 1) or 3]))


def _trace(mixed: r1_mix.Problem, index: int, answer: str, chance: random.Random) -> str:
    tokens = chance.randrange(FEWEST_TOKENS, MOST_TOKENS)
    opening, *said, _ = (piece.text for piece in pieces(mixed, r1_mix.Draw("ordinary", True, tokens), index))
    sentences = [_with_formula(sentence, chance) for sentence in said]
    reasoning = opening + "".join(sentences)
    closing = "".join(sentences[-CLOSING:])
    return f"{reasoning}\n</think>\n<answer>\n{closing}\n\n{chance.choice(_ENDS[mixed.language]) % answer}\n</answer>"


def _with_formula(sentence: str, chance: random.Random) -> str:
    if chance.random() > FORMULAS:
        return sentence
    return f"{sentence}{chance.choice(_FORMULAS).format(*chance.sample(range(2, 1_000), 3))} "
