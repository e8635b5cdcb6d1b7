"""What the rows of each format look like: one function each, from a unit of traces to rows.

Sources: the conversational types of trl ("Dataset formats and types"), the `alpaca` and `sharegpt` formats of
LLaMA-Factory (data/README.md), and the columns of open-r1/OpenR1-Math-220k.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from curator.exporting.rows import Row, Unit
from schemas.policy import ANSWERING

Shaped = list[dict[str, Any]]
"""Rows of one unit, as they are written."""


def messages(unit: Unit, _: Counter[str]) -> Shaped:
    """Write a conversation of two turns."""
    return [{"messages": [_user(row), _assistant(row)]} for row in unit]


def prompt_completion(unit: Unit, _: Counter[str]) -> Shaped:
    """Write the turns apart, so that trl trains on the second alone."""
    return [{"prompt": [_user(row)], "completion": [_assistant(row)]} for row in unit]


def sharegpt(unit: Unit, _: Counter[str]) -> Shaped:
    """Write a conversation in ShareGPT's words."""
    return [
        {"conversations": [{"from": "human", "value": row.prompt}, {"from": "gpt", "value": row.completion}]}
        for row in unit
    ]


def alpaca(unit: Unit, _: Counter[str]) -> Shaped:
    """Write an instruction without further input, and its output."""
    return [{"instruction": row.prompt, "input": "", "output": row.completion} for row in unit]


def table(unit: Unit, _: Counter[str]) -> Shaped:
    """Write the conversation beside what is known of it."""
    return [
        {
            "id": row.id,
            "problem_id": row.problem_id,
            "problem": row.problem,
            "answer": row.answer,
            "domain": row.domain,
            "language": row.language,
            "source": row.source,
            "messages": [_user(row), _assistant(row)],
            "model": row.model,
            "run": row.run,
            "completion_tokens": row.completion_tokens,
            "pass_rate": row.pass_rate,
            "decision": row.decision,
        }
        for row in unit
    ]


def openr1(unit: Unit, _: Counter[str]) -> Shaped:
    """Write one row per problem in OpenR1-Math-220k's columns; what is not known is null.

    `messages` holds the first accepted trace, else the first. `correctness_math_verify` is what the verifier `math`
    said, `correctness_count` the number of accepted traces.
    """
    first = next((row for row in unit if row.decision == "accepted"), unit[0])
    meta = json.loads(first.meta)
    texts = {name: _text(meta.get(name)) for name in ("solution", "problem_type", "question_type")}
    return [
        {
            "problem": first.problem,
            "answer": first.answer,
            **texts,
            "source": first.source,
            "uuid": first.problem_id,
            "is_reasoning_complete": [True for _ in unit],  # of others no well-formed trace is left
            "generations": [row.completion for row in unit],
            "correctness_math_verify": [{"accept": True, "reject": False}.get(row.math or "") for row in unit],
            "correctness_llama": None,
            "finish_reasons": [row.finish_reason for row in unit],
            "correctness_count": sum(row.decision == "accepted" for row in unit),
            "messages": [_user(first), _assistant(first)],
        }
    ]


def dpo(unit: Unit, left_out: Counter[str]) -> Shaped:
    """Pair a problem's k-th accepted trace of the split with the k-th that its answer verifier rejected.

    No trace is in two pairs. Problems with only one kind, and accepted traces beyond the rejected ones, are counted.
    """
    chosen = [row for row in unit if row.member and row.decision == "accepted"]
    rejected = [row for row in unit if row.decision == "rejected" and row.decided_by in ANSWERING]
    if not chosen or not rejected:
        left_out["problems_without_rejected" if chosen else "problems_without_accepted"] += 1
        return []
    left_out["accepted_without_partner"] += max(0, len(chosen) - len(rejected))
    return [
        {"prompt": [_user(good)], "chosen": [_assistant(good)], "rejected": [_assistant(bad)]}
        for good, bad in zip(chosen, rejected, strict=False)
    ]


def _user(row: Row) -> dict[str, str]:
    return {"role": "user", "content": row.prompt}


def _assistant(row: Row) -> dict[str, str]:
    return {"role": "assistant", "content": row.completion}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
