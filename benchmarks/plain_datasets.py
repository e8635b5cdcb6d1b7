"""The baseline of `benchmarks.publish`: the same steps with `datasets` alone.

Run as `python -m benchmarks.plain_datasets FROM TO`. Filters name the columns that they read, which is the fast way.
"""

from __future__ import annotations

import random
import sys
from collections import Counter

import datasets

MOST, TEST_FRACTION = 2, 0.1


def main() -> None:
    """Accepted rows, two a problem, train and test by problem, as chat messages."""
    rows = datasets.load_from_disk(sys.argv[1])
    rows = rows.filter(lambda accepted: accepted, input_columns="accepted")
    seen: Counter[str] = Counter()

    def first_ones(problem_id: str) -> bool:
        seen[problem_id] += 1
        return seen[problem_id] <= MOST

    rows = rows.filter(first_ones, input_columns="problem_id")
    problems = sorted(set(rows["problem_id"]))
    held = set(random.Random(0).sample(problems, round(len(problems) * TEST_FRACTION)))
    rows = rows.map(_messages, remove_columns=["accepted", "content"])
    parts = {
        "train": rows.filter(lambda problem_id: problem_id not in held, input_columns="problem_id"),
        "test": rows.filter(lambda problem_id: problem_id in held, input_columns="problem_id"),
    }
    datasets.DatasetDict(parts).save_to_disk(sys.argv[2])


def _messages(row: dict[str, str]) -> dict[str, object]:
    turns = [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["content"]}]
    return {"messages": turns}


if __name__ == "__main__":
    main()
