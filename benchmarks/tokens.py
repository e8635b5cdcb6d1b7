"""Fewest teacher tokens per solved problem: fixed n, sampling until one is accepted, and that with streams cut.

`curator sample` runs once with each plan, against a simulated R1 (`benchmarks.r1_mix` says from which figures) whose
k-th completion of a problem is the same for all of them. Tokens are those that the teacher generated, by its own
count, until its client left. Fails where cutting costs a problem that the others solve, needs more than half of the
tokens that fixed n needs for a solved problem, or more than 0.8 of those that sampling until one is accepted needs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.r1_mix import ASKED_TOKENS, DIFFICULTIES, WANTED_TOKENS, Draw, Problem, draw, mix
from benchmarks.r1_teacher import running

COUNT, N, CONCURRENCY = 240, 4, 48
OF_FIXED, OF_UNTIL = 0.5, 0.8
LIMIT_S = 600
"""Of one run, which takes about a minute."""
CURATOR = str(Path(sys.executable).with_name("curator"))
FIXED, UNTIL, OURS, BUDGET = "fixed n", "until 1", "until 1, cut", "with a budget"


class Result(NamedTuple):
    """What one plan came to, by problem."""

    tokens: Mapping[str, int]
    """As the teacher counts them."""
    accepted: Mapping[str, int]

    def solved(self) -> set[str]:
        """Problems with an accepted candidate."""
        return {name for name, number in self.accepted.items() if number}

    def of(self, names: set[str]) -> tuple[int, int, int]:
        """Tokens, accepted candidates and solved problems among `names`."""
        tokens = sum(self.tokens[name] for name in names)
        return tokens, sum(self.accepted[name] for name in names), len(self.solved() & names)

    @property
    def each(self) -> float:
        """Tokens per solved problem."""
        return sum(self.tokens.values()) / max(1, len(self.solved()))


def main() -> None:
    """Run every plan, print what each came to, and compare."""
    problems = mix(COUNT)
    print(_published(problems), flush=True)
    until = ["--until", "1", "--max-n", str(N)]
    results = {
        FIXED: _run(problems, ["--n", str(N), "--no-cut"]),
        UNTIL: _run(problems, [*until, "--no-cut"]),
        OURS: _run(problems, until),
    }
    most = sum(results[OURS].tokens.values()) * 3 // 4
    results[BUDGET] = _run(problems, [*until, "--budget-tokens", str(most)])
    for difficulty in DIFFICULTIES:
        _table(difficulty.name, {one.name for one in problems if one.difficulty is difficulty}, results)
    _table("all", {one.name for one in problems}, results)
    print(f"the budget of the last: {most:,} tokens, three quarters of what the one before generated")
    fixed, by_until, ours = (results[name] for name in (FIXED, UNTIL, OURS))
    lost = (fixed.solved() | by_until.solved()) - ours.solved()
    print(f"problems that cutting lost: {len(lost)}")
    print(f"tokens per solved problem: {ours.each / fixed.each:.3f} of fixed n (at most {OF_FIXED}), ", end="")
    print(f"{ours.each / by_until.each:.3f} of until 1 (at most {OF_UNTIL})")
    if lost or ours.each > OF_FIXED * fixed.each or ours.each > OF_UNTIL * by_until.each:
        sys.exit("FAILED")


def _run(problems: list[Problem], plan: list[str]) -> Result:
    """Sample the mix with one plan, from a fresh teacher into a fresh store."""
    with tempfile.TemporaryDirectory() as folder, running(COUNT) as teacher:
        path, store, config = (Path(folder) / name for name in ("p.jsonl", "s.duckdb", "curator.toml"))
        rows = [
            {
                "id": one.name,
                "domain": "math",
                "language": one.language,
                "prompt": one.prompt,
                "answer": str(one.answer),
            }
            for one in problems
        ]
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        config.write_text(f"[verifiers.length.math]\nmax_tokens = {WANTED_TOKENS}\n")
        command = [CURATOR, "sample", str(path), "--teacher", f"vllm:r1@{teacher.url}", "--json", *plan]
        command += ["--max-tokens", str(ASKED_TOKENS), "--concurrency", str(CONCURRENCY)]
        command += ["--store", str(store), "--config", str(config)]
        subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_S)
        return Result(teacher.generated(), _accepted(store))


def _accepted(store: Path) -> Counter[str]:
    query = "SELECT problem_id, count(*) AS accepted FROM accepted GROUP BY 1"
    command = [CURATOR, "sql", query, "--store", str(store), "--format", "json"]
    rows = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Counter({row["problem_id"]: row["accepted"] for row in rows})


def _table(name: str, names: set[str], results: Mapping[str, Result]) -> None:
    print(f"\n{name}: {len(names)} problems")
    print(f"  {'':14}{'tokens':>12}{'accepted':>10}{'solved':>8}{'per accepted':>14}{'per solved':>12}")
    for plan, result in results.items():
        tokens, accepted, solved = result.of(names)
        each = [f"{tokens / number:,.0f}" if number else "–" for number in (accepted, solved)]
        print(f"  {plan:14}{tokens:12,}{accepted:10,}{solved:8,}{each[0]:>14}{each[1]:>12}")


def _published(problems: list[Problem]) -> str:
    """Set what fixed n of this mix would show beside what is published."""
    draws = [[draw(one, index) for index in range(N)] for one in problems]
    of_two = sum(any(_good(drawn) for drawn in some[:2]) for some in draws) / len(problems)
    lengths = sorted(_length(drawn) for some in draws for drawn in some)
    by_right = {
        right: [_length(one) for some in draws for one in some if _good(one) is right] for right in (True, False)
    }
    longer = sum(by_right[False]) / len(by_right[False]) / (sum(by_right[True]) / len(by_right[True]))
    return (
        f"the mix: {of_two:.0%} of problems solved by one of two (published: 55%), three quarters of completions below "
        f"{lengths[len(lengths) * 3 // 4]:,} tokens (8k), wrong ones {longer - 1:.0%} longer (225%)"
    )


def _good(drawn: Draw) -> bool:
    return drawn.right and drawn.kind == "ordinary"


def _length(drawn: Draw) -> int:
    return ASKED_TOKENS if drawn.kind == "loop" else drawn.tokens


if __name__ == "__main__":
    main()
