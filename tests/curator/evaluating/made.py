"""Trainings, columns and evaluations as a story needs them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curator.evaluating.examples import Example, Said
from curator.evaluating.figures import measured
from curator.evaluating.loss import Unmeasured
from curator.evaluating.result import Column, Evaluation
from curator.evaluating.task import Task
from curator.progress import Progress
from schemas.candidate import Run, SamplingParameters
from schemas.problem import Problem
from schemas.split import Split
from schemas.training import ADAPTER, MERGED, RECORD, LossReport, TrainingConfig, TrainingRecord

TIME = datetime(2026, 1, 1, tzinfo=UTC)
SAMPLING = SamplingParameters(temperature=0.7, top_p=0.95, max_tokens=64)
LOSS = LossReport(loss=1.5, tokens=100, characters=300, rows=4, left_out=0, parameters=134_515_008, bytes=269_030_000)
NOWHERE = Unmeasured("its weights are behind a server")


def model(folder: Path, weights: str = "w") -> Path:
    """Write what looks like a model's folder."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_text(weights)
    return folder


def trained(folder: Path, *, merged: bool = True, **fields: Any) -> TrainingRecord:
    """Write what a finished training leaves: its record, an adapter and perhaps a merged model."""
    values = {"config": TrainingConfig(model="base"), "base_folder": str(folder.parent / "base"), "split": "s"}
    values |= {"fingerprint": "b2:s", "recipe": {}, "layout": "tags", "rows": 8, "learning_rate": 1e-3}
    values |= {"parameters": 100, "trainable_parameters": 10, "steps": 3, "device": "cpu", "dtype": "float32"}
    values |= {"weights": "b2:" + "a" * 32, "versions": {}, "guards": {}, "metrics": {}, "created_at": TIME}
    record = TrainingRecord(**values | fields)
    (folder / ADAPTER).mkdir(parents=True)
    adapter = json.dumps({"base_model_name_or_path": record.base_folder})
    (folder / ADAPTER / "adapter_config.json").write_text(adapter)
    if merged:
        model(folder / MERGED)
    (folder / RECORD).write_text(record.model_dump_json())
    return record


def outcome(problem: str | None, letters: str, **fields: Any) -> dict[str, Any]:
    """Write a row of `eval_queries.OUTCOMES`: a(ccepted), r(ejected), u(ndecided) per candidate."""
    accepted, rejected, undecided = (letters.count(letter) for letter in "aru")
    decision = {"a": "accepted", "r": "rejected", "u": "undecided"}[letters[0]] if letters else None
    values = {"candidates": len(letters), "accepted": accepted, "rejected": rejected, "undecided": undecided}
    values |= {"answer_accepted": accepted, "answer_rejected": rejected}
    values |= {"format_accepted": len(letters), "format_rejected": 0, "truncated": 0, "counted": len(letters)}
    tokens, seconds = 10 * len(letters), 0.5 * len(letters)
    values |= {"completion_tokens": tokens, "timed_tokens": tokens, "timed_s": seconds, "median_s": 0.5}
    values |= {"first_id": letters and f"b2:{problem}", "first_decision": decision, "first_reason": "wrong_answer"}
    return {"problem_id": problem, **values, **fields}


def column(name: str, *letters: str, loss: LossReport | Unmeasured = LOSS, k: int = 2, failed: int = 0) -> Column:
    """Make one model's part of an evaluation of problems p0, p1, …"""
    rows = [outcome(f"p{number}", said) for number, said in enumerate(letters)]
    run = Run(f"eval-s-{name}", "local", f"{name}@1234", SAMPLING, "b2:t", TIME, purpose="evaluation")
    session = Progress(sampled=sum(map(len, letters)), failed=failed, last_failure="it \x1b[31mbroke")
    figures = measured([*rows, outcome(None, "".join(letters))], k)
    return Column(f"local:{name}", run, figures, loss, session, 4, rows)


def evaluation(after: Column, before: Column | None = None, folder: Path = Path("out"), **fields: Any) -> Evaluation:
    """Put columns together, with one example."""
    problems = [Problem(row["problem_id"], "math", "1+1?", "2") for row in after.outcomes]
    task = Task(Split("s", {}, [], "b2:s", TIME), problems, after.figures.k, SAMPLING, ())
    said = [Said(f"b2:{one.run.id}", f"said by {one.run.id}", "accepted", "ok") for one in (before, after) if one]
    values = {"examples": [Example("p0", "1+1?", "2", said)], "notes": []} | fields
    return Evaluation(task, Path("curator.duckdb"), folder, before, after, **values)
