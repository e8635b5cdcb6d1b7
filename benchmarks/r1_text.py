"""Reasoning of a wanted length, sentence by sentence: no two alike but in a loop, and an answer at its end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle, islice
from typing import NamedTuple

from benchmarks.r1_mix import Draw, Problem
from schemas.tokens import estimate_tokens

PARAGRAPH = 6
"""Sentences."""
LOOP = 4
"""Sentences of a loop."""

_ENGLISH = (
    """Let me|Perhaps I should|Now I want to|It may help to|First I could|At this point I can|To be safe I will|Maybe it
    is better to|Before going on I ought to|A simpler way might be to|With that in mind I can|Going back, I need to""",
    """check|compare|rewrite|estimate|simplify|factor|bound|expand|count|test|reduce|reconsider|verify|rearrange|split""",
    """the remainder|the left side|every divisor|the smaller case|this product|the last digit|both residues|the next
    multiple|the sum of digits|that inequality|the greatest factor|the known value|the parity|the whole expression""",
    """since {} divides {}|because {} is larger than {}|when {} and {} are given|and then subtract {} from {}|modulo {}
    as well as {}|where {} was found instead of {}|using {} together with {}|before trying {} or even {}|although {}
    leaves {} over|so that {} follows from {}|which turns {} into {}|in case {} exceeds {}""",
)
_CHINESE = (
    "先|接着|然后|现在|为了稳妥，我|不妨|回过头来|另一方面，我可以|这里需要|按照这个思路|再|也许应该",
    "检查|比较|改写|估计|化简|分解|展开|数一数|验证|重新考虑|整理|计算|确定|排除",
    "余数|等式左边|每个因数|较小的情形|这个乘积|末位数字|两个剩余|下一个倍数|各位数字之和|这个不等式|最大因数|已知的值|奇偶性|整个式子",
    """，因为{}能整除{}|，由于{}大于{}|，此时给出了{}和{}|，再从{}中减去{}|，分别对{}和{}取余|，得到的是{}而不是{}|，同时利用{}与{}|，
    之前还试过{}或{}|，虽然{}除后余{}|，于是由{}推出{}|，这样{}就变成{}|，以防{}超过{}""",
)


class Piece(NamedTuple):
    """What a server sends at once."""

    text: str
    tokens: int


def pieces(problem: Problem, drawn: Draw, index: int) -> Iterator[Piece]:
    """Write a completion; a loop has no end."""
    chance = random.Random(f"{problem.name}/{index} text")
    yield _piece("<think>\n")
    written = 0
    for sentence in _sentences(chance, problem.language):
        if written >= drawn.tokens:
            break
        yield sentence
        written += sentence.tokens
    if drawn.kind == "loop":
        yield from cycle(list(islice(_sentences(chance, problem.language), LOOP)))
    answer = problem.answer if drawn.right else problem.answer + chance.randrange(1, 100)
    yield _piece(f"\n</think>\n<answer>{answer}</answer>")


def _sentences(chance: random.Random, language: str) -> Iterator[Piece]:
    chinese = language == "zh"
    words = [
        [word.strip() for word in " ".join(part.split()).split("|")] for part in (_CHINESE if chinese else _ENGLISH)
    ]
    number = 0
    while True:
        number += 1
        tail = chance.choice(words[3]).format(chance.randrange(10, 10_000), chance.randrange(10, 10_000))
        said = [*(chance.choice(part) for part in words[:3]), tail]
        text = "".join(said) + "。" if chinese else " ".join(said) + "."
        yield _piece(text + ("\n\n" if number % PARAGRAPH == 0 else "" if chinese else " "))


def _piece(text: str) -> Piece:
    return Piece(text, estimate_tokens(text))
