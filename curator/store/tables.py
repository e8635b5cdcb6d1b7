"""How records become rows: one Arrow schema per table, and the record's fields in it.

Times are stored as UTC without zone, because DuckDB's zones need an extension that the wheel does not carry.
Mappings and sampling parameters are stored as JSON text. Text that is no valid Unicode (a teacher may send half a
surrogate pair) cannot be stored: U+FFFD takes the place of what is broken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from curator.store.spared import spared
from schemas.candidate import Attempt, Candidate, Run
from schemas.flip import Flip
from schemas.identity import canonical_json
from schemas.judge_reply import JudgeReply
from schemas.policy import PolicyRule
from schemas.problem import Problem
from schemas.review import Review
from schemas.sampling_plan import SamplingPlan, Stop
from schemas.split import Split, SplitDrop
from schemas.verdict import Verdict

with spared("pandas"):
    pa.array([None])


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """One rule of a run's policy. The rules of a run in one batch replace all that the run had before."""

    run_id: str
    rule: PolicyRule


Record = (
    Problem
    | Run
    | RunPolicy
    | SamplingPlan
    | Stop
    | Candidate
    | Attempt
    | Verdict
    | JudgeReply
    | Review
    | Flip
    | Split
    | SplitDrop
)

_AS_IT_IS = (str, int, float, datetime)  # Arrow turns a time with a zone into UTC
_TEXT, _COUNT, _REAL, _FLAG, _TIME = pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us")

TABLES: Mapping[type, str] = {
    Problem: "problems",
    Run: "runs",
    RunPolicy: "policies",
    SamplingPlan: "sampling_plans",
    Stop: "stops",
    Candidate: "candidates",
    Attempt: "attempts",
    Verdict: "verdicts",
    JudgeReply: "judge_replies",
    Review: "reviews",
    Flip: "flips",
    Split: "splits",
    SplitDrop: "split_drops",
}

COMPUTED: Mapping[type, tuple[str, ...]] = {Problem: ("content_hash",), Verdict: ("id",)}
"""Columns that a record computes."""

SCHEMAS: Mapping[str, pa.Schema] = {
    "problems": pa.schema(
        dict.fromkeys(("id", "content_hash", "domain", "prompt", "answer", "tests"), _TEXT)
        | {"answer_tolerance": _REAL}
        | dict.fromkeys(("language", "verifier", "source", "meta"), _TEXT)
    ),
    "runs": pa.schema(
        dict.fromkeys(("id", "teacher", "model", "sampling", "template"), _TEXT)
        | {"created_at": _TIME, "purpose": _TEXT}
    ),
    "policies": pa.schema(dict.fromkeys(("run_id", "domain", "verifier", "requirement"), _TEXT) | {"position": _COUNT}),
    "sampling_plans": pa.schema(
        {"run_id": _TEXT, "max_n": _COUNT, "until": _COUNT, "give_up_below": _REAL, "enough_above": _REAL}
        | {"budget_tokens": _COUNT, "created_at": _TIME}
    ),
    "stops": pa.schema({"run_id": _TEXT, "problem_id": _TEXT, "reason": _TEXT, "until": _COUNT, "created_at": _TIME}),
    "candidates": pa.schema(
        dict.fromkeys(("id", "run_id", "problem_id"), _TEXT)
        | {"sample_index": _COUNT}
        | dict.fromkeys(("reasoning", "content", "reasoning_field", "finish_reason", "model", "abort_reason"), _TEXT)
        | dict.fromkeys(("prompt_tokens", "completion_tokens"), _COUNT)
        | {"tokens_estimated": _FLAG, "prompt_tokens_estimated": _FLAG, "endpoint": _TEXT, "seed": _COUNT}
        | {"elapsed_s": _REAL, "ttft_s": _REAL, "created_at": _TIME}
    ),
    "attempts": pa.schema(
        dict.fromkeys(("candidate_id", "run_id", "problem_id"), _TEXT)
        | {"sample_index": _COUNT, "reason": _TEXT, "tries": _COUNT, "last_error": _TEXT, "created_at": _TIME}
    ),
    "verdicts": pa.schema(
        dict.fromkeys(("id", "candidate_id", "verifier", "version", "config_hash", "outcome", "reason"), _TEXT)
        | dict.fromkeys(("detail", "extracted", "expected"), _TEXT)
        | {"score": _REAL, "elapsed_ms": _REAL, "created_at": _TIME}
    ),
    "judge_replies": pa.schema(
        dict.fromkeys(("id", "candidate_id", "model", "reply", "finish_reason"), _TEXT)
        | {"prompt_tokens": _COUNT, "completion_tokens": _COUNT, "tokens_estimated": _FLAG}
        | {"elapsed_s": _REAL, "created_at": _TIME}
    ),
    "reviews": pa.schema(dict.fromkeys(("candidate_id", "reviewer", "outcome", "note"), _TEXT) | {"created_at": _TIME}),
    "flips": pa.schema(
        dict.fromkeys(("candidate_id", "problem_id", "run_id", "old_decision", "old_reason"), _TEXT)
        | dict.fromkeys(("decision", "reason", "decided_by"), _TEXT)
        | {"created_at": _TIME}
    ),
    "splits": pa.schema(dict.fromkeys(("name", "recipe", "report", "fingerprint"), _TEXT) | {"created_at": _TIME}),
    "split_members": pa.schema(dict.fromkeys(("split", "candidate_id", "part"), _TEXT)),
    "split_drops": pa.schema(
        dict.fromkeys(("split", "reason", "problem_id", "match"), _TEXT) | {"overlap": _REAL, "detail": _TEXT}
    ),
}


def to_tables(records: Sequence[Record]) -> dict[str, pa.Table]:
    """Sort records into one Arrow table per store table; tables without records are left out."""
    kinds: dict[type, list[Any]] = {}
    for record in records:
        kinds.setdefault(type(record), []).append(record)
    return {TABLES[kind]: _table(_columns(kind, found), SCHEMAS[TABLES[kind]]) for kind, found in kinds.items()}


def problem_from_row(row: Mapping[str, Any]) -> Problem:
    """Read a row of `problems` back; columns of other tables are ignored."""
    values = {f.name: row[f.name] for f in fields(Problem)}
    tests = values["tests"]
    return Problem(**values | {"tests": tests and json.loads(tests), "meta": json.loads(values["meta"])})


def candidate_from_row(row: Mapping[str, Any]) -> Candidate:
    """Read a row of `candidates` back; columns of other tables are ignored."""
    return Candidate(**_with_zone({f.name: row[f.name] for f in fields(Candidate)}))


def _columns(kind: type, records: Sequence[Any]) -> dict[str, list[Any]]:
    """Take records of one kind apart, a list per column."""
    if kind is RunPolicy:
        rules = _columns(PolicyRule, [record.rule for record in records])
        return {"run_id": [record.run_id for record in records], **rules}
    names = [*(f.name for f in fields(kind)), *COMPUTED.get(kind, ())]
    return {name: [_value(getattr(record, name)) for record in records] for name in names}


def _value(value: object) -> object:
    if value is None or isinstance(value, _AS_IT_IS):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return canonical_json(asdict(value))
    return canonical_json(value)


def _table(columns: dict[str, list[Any]], schema: pa.Schema) -> pa.Table:
    try:
        return pa.Table.from_pydict(columns, schema=schema)
    except UnicodeEncodeError:
        clean = {name: [_unicode(v) if isinstance(v, str) else v for v in column] for name, column in columns.items()}
        return pa.Table.from_pydict(clean, schema=schema)


def _unicode(text: str) -> str:
    """Join surrogate pairs, and put U+FFFD in place of halves."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _with_zone(values: dict[str, Any]) -> dict[str, Any]:
    created = values["created_at"]
    return values | {"created_at": created and created.replace(tzinfo=UTC)}
