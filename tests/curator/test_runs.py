"""Which runs a command is about, and what a new policy changes, in a person's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from curator.errors import UsageError
from curator.runs import policy_changes, select_runs, stored_rules
from curator.store.tables import RunPolicy
from curator.verify_plan import verify_plan
from schemas.candidate import Run
from schemas.policy import PolicyRule
from schemas.problem import DOMAINS

OLD = [PolicyRule(domain, "length", "required", 0) for domain in DOMAINS]


def _run(bench, name: str, day: int) -> Run:
    return Run(f"{bench.run} {name}", "t", "m", None, "", datetime(2026, 1, day, tzinfo=UTC))


def test_runs_come_oldest_first_and_by_name(bench) -> None:
    """Whatever order they were asked for in."""
    second, first = _run(bench, "b", 3), _run(bench, "a", 2)
    bench.store.write([second, first])
    assert [name for name in select_runs(bench.store, []) if name.startswith(bench.run)] == [first.id, second.id]
    assert select_runs(bench.store, [second.id, first.id]) == [first.id, second.id]


def test_an_unknown_run_gets_the_ones_there_are(bench) -> None:
    """The nearest name is proposed."""
    bench.store.write([_run(bench, "weekly", 1)])
    with pytest.raises(UsageError, match=f"did you mean '{bench.run} weekly'") as err:
        select_runs(bench.store, [f"{bench.run} weakly"])
    assert err.value.hint.startswith("runs: ")


def test_the_policy_of_each_run_is_read(bench) -> None:
    """A run without rules has an empty policy."""
    bench.store.write([RunPolicy(bench.run, rule) for rule in OLD])
    assert stored_rules(bench.store, [bench.run, "none"]) == {bench.run: frozenset(OLD), "none": frozenset()}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (OLD, {}),
        ([], {"length": "length removed"}),
        ([*OLD[1:], PolicyRule("math", "length", "advisory", 0)], {"length": "length now advisory in math"}),
        ([*OLD, PolicyRule("code", "language", "required", 1)], {"language": "language added (required) in code"}),
        (OLD[2:], {"length": "length removed in math, code"}),
    ],
)
def test_what_a_policy_changes_is_said_per_verifier(new, said) -> None:
    """Added, removed, or of another weight, and where, unless it is everywhere."""
    assert policy_changes(OLD, new) == said


def test_runs_that_change_alike_share_a_note() -> None:
    """A hundred runs do not say the same a hundred times."""
    stored = {f"run-{number}": frozenset(OLD) for number in range(5)}
    assert verify_plan([], stored, {}, []).notes() == ["policy of 5 runs: length removed"]
    reordered = [PolicyRule(rule.domain, rule.verifier, rule.requirement, 7) for rule in OLD]
    two = {name: stored[name] for name in ("run-0", "run-1")}
    assert verify_plan(reordered, two, {}, []).notes() == [
        "policy of runs run-0, run-1: another order of the verifiers"
    ]
