"""Training through `python -m trainer` against plain trl with the same rows and settings: tokens per second, memory.

Both pack rows of 60 to 600 tokens into 1,024, in alternating rounds, in a process of their own; start-up is not
counted, checkpoints, curves and progress are. Fails below a ratio of 0.95: on an idle machine rounds differ by 3 %.
MODEL, STEPS and ROUNDS in the environment choose another student and length.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from schemas.training import CONFIG, DATASET, read_record, training_config

MODEL = os.environ.get("MODEL", "local")
STEPS, ROUNDS = int(os.environ.get("STEPS", "6")), int(os.environ.get("ROUNDS", "2"))
LEAST = 0.95
ROWS = 2000


class Cost(NamedTuple):
    """What a training took."""

    tokens_per_s: float
    peak_mb: float


def main() -> None:
    """Run both ways in turn, compare medians."""
    ours: list[Cost] = []
    theirs: list[Cost] = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(ROUNDS):
            folder = _prepared(Path(name) / str(number))
            theirs.append(_plain(folder))
            ours.append(_ours(folder))
            print(f"round {number + 1}: trl {theirs[-1].tokens_per_s:,.0f}, ours {ours[-1].tokens_per_s:,.0f} tokens/s")
    for title, costs in (("plain trl", theirs), ("ours", ours)):
        peak = max(cost.peak_mb for cost in costs)
        print(f"{title:10} {_median(costs):8,.0f} tokens/s, peak {peak:,.0f} MB")
    ratio = _median(ours) / _median(theirs)
    print(f"ours / plain trl: {ratio:.2f} (at least {LEAST})")
    if ratio < LEAST:
        sys.exit("FAILED")


def _prepared(folder: Path) -> Path:
    """Write a training as `curator train` does."""
    draw = random.Random(0)
    (folder / DATASET).mkdir(parents=True)
    with (folder / DATASET / "train.jsonl").open("w") as rows:
        for at in range(ROWS):
            steps = " ".join(
                f"{draw.randrange(99)} + {draw.randrange(99)} is more." for _ in range(draw.randint(5, 50))
            )
            turns = [("prompt", "user", f"Sum {at}?"), ("completion", "assistant", f"<think>\n{steps}\n</think>\n{at}")]
            rows.write(json.dumps({key: [{"role": role, "content": text}] for key, role, text in turns}) + "\n")
    manifest = {"split": "bench", "fingerprint": "b2:0", "recipe": {}, "layout": "plain"}
    (folder / DATASET / "export.json").write_text(json.dumps(manifest))
    wanted = {"model": MODEL, "max_steps": STEPS, "batch_size": 1, "packing": True, "max_length": 1024}
    (folder / CONFIG).write_text(training_config("lora", wanted).model_dump_json())
    return folder


def _plain(folder: Path) -> Cost:
    words = [sys.executable, "-m", "benchmarks.plain_trl", str(folder)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return Cost(found["tokens"] / found["seconds"], found["peak_bytes"] / 1e6)


def _ours(folder: Path) -> Cost:
    subprocess.run([sys.executable, "-m", "trainer", "sft", str(folder)], check=True, capture_output=True)
    record = read_record(folder)
    assert record is not None
    return Cost(record.metrics["tokens_per_s"], record.metrics["peak_memory_bytes"] / 1e6)


def _median(costs: list[Cost]) -> float:
    return statistics.median(cost.tokens_per_s for cost in costs)


if __name__ == "__main__":
    main()
