"""Verdicts of two seconds each do not hold sampling up: the teacher is kept as busy as with verdicts of a millisecond.

Samples as many candidates of code problems, whose programs sleep for two seconds, as of math problems, from a teacher
with the same latencies, and compares the time from its first request to its last reply. Both commands are interrupted
then: to judge the rest would take many minutes, and the same command does it. Fails above 1.03.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.fake_teacher import TRACE, running

PROBLEMS, N, CONCURRENCY, ROUNDS = 250, 4, 32, 3
LATENCY_S = (0.3, 0.7)
MOST = 1.03
ASLEEP = "import time\ntime.sleep(2)\nprint(4)"
SLOW_TRACE = (
    "<think>\n",
    "adding up ",
    "step by step",
    "\n</think>\n",
    f"<answer>\n```python\n{ASLEEP}\n```\n",
    "</answer>",
)
CURATOR = str(Path(sys.executable).with_name("curator"))


class Sampled(NamedTuple):
    """One run, as its teacher and its store saw it."""

    makespan_s: float
    judged: int
    """Candidates that were decided when it was interrupted, right after the last reply."""


def main() -> None:
    """Measure both, alternating, and compare the best of each: what else the machine does only adds."""
    fast, slow = [], []
    for round_ in range(ROUNDS):
        fast.append(_sample(slow=False))
        slow.append(_sample(slow=True))
        owed = PROBLEMS * N - slow[-1].judged
        spans = f"{fast[-1].makespan_s:.2f} s with fast verdicts, {slow[-1].makespan_s:.2f} s with slow ones"
        print(f"round {round_ + 1}: {PROBLEMS * N} replies took {spans}, of which {owed} were still owed")
    ratio = min(one.makespan_s for one in slow) / min(one.makespan_s for one in fast)
    print(f"slow / fast: {ratio:.3f} (at most {MOST})")
    if ratio > MOST:
        sys.exit("FAILED")


def _sample(*, slow: bool) -> Sampled:
    """Sample until the teacher has answered everything, then interrupt."""
    with tempfile.TemporaryDirectory() as folder, running(LATENCY_S, SLOW_TRACE if slow else TRACE) as teacher:
        problems, store = Path(folder) / "problems.jsonl", Path(folder) / "slow.duckdb"
        rows = [_problem(number, slow=slow) for number in range(PROBLEMS)]
        problems.write_text("".join(json.dumps(row) + "\n" for row in rows))
        command = [CURATOR, "sample", str(problems), "--teacher", f"openai:fake@{teacher.url}", "--store", str(store)]
        command += ["--n", str(N), "--concurrency", str(CONCURRENCY), "--json"]
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while run.poll() is None and teacher.answered < PROBLEMS * N:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate()
        assert teacher.answered == PROBLEMS * N, said
        return Sampled(teacher.ended - teacher.began, _judged(store))


def _problem(number: int, *, slow: bool) -> dict[str, Any]:
    if not slow:
        return {"domain": "math", "prompt": f"What is {number} + 4 - {number}?", "answer": "4"}
    tests = {"type": "stdin", "cases": [{"input": "", "output": "4"}]}
    return {"domain": "code", "prompt": f"Write a program that prints {number} + 4 - {number}.", "tests": tests}


def _judged(store: Path) -> int:
    query = "SELECT count(*) AS judged FROM decisions WHERE reason <> 'not_judged'"
    command = [CURATOR, "sql", query, "--store", str(store), "--format", "json"]
    (row,) = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return int(row["judged"])


if __name__ == "__main__":
    main()
