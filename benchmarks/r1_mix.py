"""A mix of problems, and what a teacher like R1 makes of them: who is right how often, and how long it takes.

Drawn so that fixed n reproduces what is published of R1 on mixed mathematics; `benchmarks.tokens` prints both:

- Open R1 (OpenR1-Math-220k: dataset card, and update #2 of February 2025) asked R1 twice about 400,000 problems of
  NuminaMath 1.5; 220,000 got a right answer, which is 55 %. Three quarters of its answers needed less than 8k tokens.
- DeepSeek-R1's report: pass@1 is 97.3 % on MATH-500 (here: easy) and 79.8 % on AIME 2024 (medium).
- Wang et al., arXiv:2501.18585: over o1-like models wrong answers are 225 % longer than right ones. Most of that is
  that harder problems are both; within one difficulty the draws use a half more.

Not published, and so assumed: how the rest is split into hard and out of reach (golds that are wrong among them), the
spread of lengths, and what the comparison asks for, 5 % loops and 10 % of traces past the length that is wanted, alike
in every difficulty. What is saved depends on it, computed from the draws of 2,000 problems, as shares of fixed n and of
sampling until one is right: 0.46 and 0.71 as it stands; 0.49 and 0.75 where 16,384 tokens are wanted; 0.53 and 0.81
where all lengths are 1.6 times as long as well, for then little is over-long by much.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["ordinary", "loop", "overlong"]

WANTED_TOKENS = 8_192
"""The longest trace that the dataset is to hold."""
ASKED_TOKENS = 32_768
"""The longest completion that the teacher is asked for, as R1's authors did."""
LOOPS, OVERLONG = 0.05, 0.10
"""Shares of all completions."""
SPREAD, WRONG_IS_LONGER = 0.6, 1.5
"""Standard deviation of the logarithm of a length, and how much longer a wrong answer of one difficulty is."""
OVERRUN = 0.45
"""Mean of the logarithm by which the over-long are too long."""
GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Problems that are alike."""

    name: str
    share: float
    """Of all problems."""
    right: float
    """Probability that a completion that is neither a loop nor over-long is right."""
    median_tokens: float
    """Of one that is right."""


DIFFICULTIES = (
    Difficulty("easy", 0.28, 0.97, 1_800),
    Difficulty("medium", 0.22, 0.80, 3_500),
    Difficulty("hard", 0.15, 0.35, 4_500),
    Difficulty("out of reach", 0.35, 0.0, 3_500),
)


class Problem(NamedTuple):
    """One problem of the mix; its text holds its name."""

    name: str
    number: int
    """Among those of its difficulty."""
    difficulty: Difficulty
    language: Literal["en", "zh"]
    answer: int

    @property
    def prompt(self) -> str:
        """The text, by which the teacher knows it again."""
        if self.language == "zh":
            return f"求满足下列条件的最小正整数，条件见题目 [{self.name}]。"
        return f"Find the least positive integer with the properties of problem [{self.name}]."


class Draw(NamedTuple):
    """One completion."""

    kind: Kind
    right: bool
    tokens: int
    """How long it is; of a loop, where it begins."""


def mix(count: int) -> list[Problem]:
    """Make about `count` problems, every third in Chinese, difficulties one after the other."""
    problems = []
    for at, difficulty in enumerate(DIFFICULTIES):
        for number in range(round(count * difficulty.share)):
            answer = random.Random(f"{at}-{number}").randrange(100, 1000)
            language: Literal["en", "zh"] = "zh" if number % 3 == 2 else "en"
            problems.append(Problem(f"{at}-{number}", number, difficulty, language, answer))
    return problems


def draw(problem: Problem, index: int) -> Draw:
    """Draw the completion that comes `index`-th for a problem: the same one, whoever asks."""
    chance = random.Random(f"{problem.name}/{index}")
    right = chance.random() < problem.difficulty.right
    kind = (
        (problem.number + index * 977) * GOLDEN % 1
    )  # spread evenly, so that a small mix has the shares of a large one
    median = problem.difficulty.median_tokens * (1 if right else WRONG_IS_LONGER)
    tokens = median * math.exp(chance.gauss(0, SPREAD))
    if kind < LOOPS:
        return Draw("loop", False, round(min(tokens, WANTED_TOKENS) / 2))
    if kind < LOOPS + OVERLONG:
        beyond = WANTED_TOKENS * math.exp(0.1 + chance.expovariate(1 / OVERRUN))
        return Draw("overlong", right, round(min(beyond, ASKED_TOKENS)))
    return Draw("ordinary", right, round(min(tokens, 0.98 * WANTED_TOKENS)))
