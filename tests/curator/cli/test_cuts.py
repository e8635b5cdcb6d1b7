"""A user's teacher runs in circles: the streams are cut, and everything that follows knows that they were."""

from __future__ import annotations

import json

LOOP = "<think>" + "Wait, let me check that again, the farmer has too many. " * 200
SUMS = [{"id": "sum", "domain": "math", "prompt": "What is 2+2?", "answer": "4"}]


def test_a_loop_is_cut_and_stays_undecided(user) -> None:
    """It is told in the summary, kept as far as it came with its tokens estimated, and judged again to the same end."""
    user.writes("script.jsonl", [{"replies": [{"content": LOOP, "tokens": 2800}]}])
    user.writes("sums.jsonl", SUMS)
    out = user.does("sample", "sums.jsonl", "--n", 2, "--teacher", "scripted:script.jsonl")
    assert "cut_loop" in out
    assert "curator review" not in out
    user.does("verify", "sums.jsonl")
    assert user.asks(
        "SELECT decision, reason, finish_reason, tokens_estimated AND completion_tokens < 600 AS spared, count(*) AS n "
        "FROM decisions JOIN candidates ON id = candidate_id GROUP BY ALL"
    ) == [{"decision": "undecided", "reason": "cut_loop", "finish_reason": "aborted", "spared": True, "n": 2}]


def test_without_cutting_the_same_loop_is_rejected(user) -> None:
    """What is cut would have been lost anyway."""
    user.writes("script.jsonl", [{"replies": [LOOP]}])
    user.writes("sums.jsonl", SUMS)
    command = ("sample", "sums.jsonl", "--n", 1, "--teacher", "scripted:script.jsonl", "--json", "--no-cut")
    report = json.loads(user.does(*command))
    assert [(row["decision"], row["reason"]) for row in report["reasons"]] == [("rejected", "unclosed_think")]
