"""A store and a `datasets` folder that hold the same synthetic candidates: four a problem, some 8 kB each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import datasets
import pyarrow as pa

from curator.store.client import Store
from curator.store.tables import SCHEMAS, Record, RunPolicy
from schemas.candidate import Run, SamplingParameters
from schemas.identity import content_hash
from schemas.policy import default_policy
from schemas.problem import problem_hash

PER_PROBLEM, BATCH, CHARACTERS = 4, 500, 8_000
VERIFIERS = ("format", "math", "language", "length", "repetition")
START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = [f"{a}{b}{c}" for a in ("ba", "co", "di", "fu") for b in ("len", "mar", "nis", "ro") for c in "aeiou"]
CHARACTERS_ZH = "一个数加减乘除等于多少先算再把两边同时得到所以答案是苹果小明小红书本速度时间面积"


class Row(NamedTuple):
    """One candidate with its problem."""

    id: str
    problem_id: str
    language: str
    prompt: str
    answer: str
    content: str
    accepted: bool


def rows(candidates: int) -> Iterator[Row]:
    """Make candidates, seeded; a third is in Chinese and three in five are accepted."""
    rng = random.Random(7)
    for number in range(candidates // PER_PROBLEM):
        language = "zh" if number % 3 == 0 else "en"
        answer = str(rng.randrange(10**6))
        prompt = f"{_prose(rng, language, 300)} {number}?"
        for sample in range(PER_PROBLEM):
            content = f"<think>\n{_prose(rng, language, CHARACTERS)}\n</think>\n<answer>{answer}</answer>"
            name = content_hash([number, sample])
            yield Row(name, f"p{number:06}", language, prompt, answer, content, rng.random() < 0.6)


def _prose(rng: random.Random, language: str, characters: int) -> str:
    if language == "zh":
        return "".join(rng.choices(CHARACTERS_ZH, k=characters // 3))  # three bytes each
    return " ".join(rng.choices(WORDS, k=characters // 7))


def fill(path: Path, folder: Path, candidates: int) -> None:
    """Write the store at `path` and the same rows as a `datasets` folder."""
    datasets.disable_progress_bars()
    _fill_store(path, candidates)
    made = datasets.Dataset.from_generator(
        lambda: (row._asdict() for row in rows(candidates)), cache_dir=str(folder.parent / "cache")
    )
    made.save_to_disk(folder)


def _fill_store(path: Path, candidates: int) -> None:
    run = Run("bench", "openai", "teacher-7b", SamplingParameters(), "b2:0", START)
    with Store.open(path) as store:
        rules: list[Record] = [RunPolicy(run.id, rule) for rule in default_policy()]
        store.write([run, *rules])
        made = rows(candidates)
        while batch := list(islice(made, BATCH * PER_PROBLEM)):
            store.write_tables({"problems": _problems(batch), "candidates": _candidates(batch)})
            store.write_tables({"verdicts": _verdicts(batch)})


def _problems(batch: list[Row]) -> pa.Table:
    found = list({row.problem_id: row for row in batch}.values())
    made = [
        {
            "id": row.problem_id, "content_hash": problem_hash("math", row.prompt, row.answer, None, None),
            "domain": "math", "prompt": row.prompt, "answer": row.answer, "language": row.language,
            "source": "synthetic", "meta": "{}",
        }
        for row in found
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=SCHEMAS["problems"])


def _candidates(batch: list[Row]) -> pa.Table:
    made = [
        {
            "id": row.id, "run_id": "bench", "problem_id": row.problem_id, "sample_index": place % PER_PROBLEM,
            "content": row.content, "reasoning_field": "inline", "finish_reason": "stop", "model": "teacher-7b",
            "completion_tokens": len(row.content) // 4, "tokens_estimated": False,
            "created_at": START.replace(tzinfo=None),
        }
        for place, row in enumerate(batch)
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=SCHEMAS["candidates"])


def _verdicts(batch: list[Row]) -> pa.Table:
    made = []
    for verifier in VERIFIERS:
        for row in batch:
            right = row.accepted or verifier != "math"
            made.append(
                {
                    "id": f"{row.id}{verifier}", "candidate_id": row.id, "verifier": verifier, "version": "1",
                    "config_hash": "c", "outcome": "accept" if right else "reject",
                    "reason": "ok" if right else "wrong_answer", "detail": "", "elapsed_ms": 1.0,
                    "created_at": (START + timedelta(seconds=1)).replace(tzinfo=None),
                }
            )  # fmt: skip
    return pa.Table.from_pylist(made, schema=SCHEMAS["verdicts"])
