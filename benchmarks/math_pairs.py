"""How many pairs of gold and candidate a CPU second judges: ours against plain math-verify, on the same pairs.

    python -m benchmarks.math_pairs [FILE] [--problems N] [--differences N]

FILE holds problems as JSONL (.gz): `id`, `domain`, `language`, `prompt`, `answer`; the starter problems where there is
none. Eight candidates of each are made of the gold (`benchmarks.math_candidates`). Ours is all of the verifier `math`,
from the raw completion on. Theirs is what the README of math-verify shows: `verify(parse(gold), parse(completion))`
with its default settings, the gold parsed once per problem. Both judge slices of the problems in turn, in this process,
each pair once; what is imported, and what the grammars build on their first texts, is left out. Verdicts that differ
are counted by who is right. Fails below 20 times.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from math_verify import parse, verify

from benchmarks.math_candidates import STARTER, Made, candidates, math_problems
from schemas.candidate import Candidate
from schemas.problem import Problem
from schemas.verdict import Outcome
from verifiers.math import Math
from verifiers.settings import VerifierSettings

PROBLEMS, SLICE, SEED = 625, 25, 20260
WANTED = 20
"""Times as many pairs per CPU second as math-verify."""
WARM_UP = ("1", "2.5", r"\frac{1}{2}", r"2\sqrt{3}+\pi", "(1,2]", "x^2+1=0", r"\begin{pmatrix}1\\2\end{pmatrix}", "a,b")


class Judged(NamedTuple):
    """One pair and whom it satisfied; what is undecided satisfied nobody."""

    made: Made
    ours: bool
    theirs: bool


def main() -> None:
    """Judge slice by slice, print speeds and differences."""
    options = _options()
    logging.getLogger("math_verify").setLevel(logging.CRITICAL)
    problems = math_problems(options.file, options.problems, SEED)
    _warm_up()
    judged, ours_s, theirs_s = list[Judged](), 0.0, 0.0
    for begin in range(0, len(problems), SLICE):
        made = [one for problem in problems[begin : begin + SLICE] for one in candidates(problem, SEED)]
        ours, spent = _timed(judge_ours, made)
        ours_s += spent
        theirs, spent = _timed(judge_theirs, made)
        theirs_s += spent
        judged += map(Judged, made, ours, theirs)
    characters = sum(len(one.made.candidate.content) for one in judged) // len(judged)
    print(f"{len(judged):,} pairs of {len(problems)} problems, {characters:,} characters each on average")
    print(f"ours         {len(judged) / ours_s:8,.0f} pairs per CPU second ({ours_s:.1f} s)")
    print(f"math-verify  {len(judged) / theirs_s:8,.0f} pairs per CPU second ({theirs_s:.1f} s)")
    print(f"ratio        {theirs_s / ours_s:8.1f} (at least {WANTED}); load {os.getloadavg()[0]:.1f}")
    _print_verdicts(judged, options.differences)
    if theirs_s < WANTED * ours_s:
        sys.exit("FAILED")


def judge_ours(made: Sequence[Made]) -> list[bool]:
    """Accept with the verifier `math`, as a worker does."""
    math, settings = Math(), VerifierSettings()
    return [math.check(one.problem, one.candidate, settings).outcome is Outcome.ACCEPT for one in made]


def judge_theirs(made: Sequence[Made]) -> list[bool]:
    """Accept with math-verify; a bare gold is given as the LaTeX that it is."""
    accepted = []
    for gold, group in groupby(made, key=lambda one: one.problem.answer or ""):
        parsed = parse(gold if "$" in gold else f"${gold}$")
        accepted += [bool(verify(parsed, parse(one.candidate.content))) for one in group]
    return accepted


def _timed(judge: Callable[[Sequence[Made]], list[bool]], made: Sequence[Made]) -> tuple[list[bool], float]:
    began = time.process_time()
    accepted = judge(made)
    return accepted, time.process_time() - began


def _warm_up() -> None:
    made = [
        Made(Problem("warm", "math", "?", text), _boxed(other), text == other) for text in WARM_UP for other in WARM_UP
    ]
    judge_ours(made)
    judge_theirs(made)


def _boxed(answer: str) -> Candidate:
    content = f"<think>\nLet me see.\n</think>\n<answer>\n$\\boxed{{{answer}}}$\n</answer>"
    return Candidate("warm", "run", "warm", 0, None, content, "inline", "stop", "m")


def _print_verdicts(judged: Sequence[Judged], wanted: int) -> None:
    cells = Counter((one.made.right, one.ours, one.theirs) for one in judged)
    print("\nmade          both right  ours alone  theirs alone  neither")
    for right in (True, False):
        both, alone = cells[right, right, right], cells[right, right, not right]
        other, none = cells[right, not right, right], cells[right, not right, not right]
        print(f"{'right' if right else 'wrong':12} {both:11,} {alone:11,} {other:13,} {none:8,}")
    misses = [one for one in judged if one.ours != one.made.right]
    others = [one for one in judged if one.ours == one.made.right != one.theirs]
    for one in [*misses, *others][:wanted]:
        who = "neither" if one.ours == one.theirs else "theirs alone" if one in misses else "ours alone"
        answer = one.made.candidate.content[-80:].removesuffix("\n</answer>")
        print(f"{who} | made {'right' if one.made.right else 'wrong'} | {one.made.problem.answer!r} | {answer!r}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=STARTER, help="problems, JSONL or JSONL.gz")
    parser.add_argument("--problems", type=int, default=PROBLEMS, help="how many of them, drawn by a fixed seed")
    parser.add_argument("--differences", type=int, default=0, help="print so many pairs that ours or theirs got wrong")
    return parser.parse_args()


if __name__ == "__main__":
    main()
