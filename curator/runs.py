"""Which stored runs a command is about, by which rules they decide, and what other rules would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curator.errors import UsageError, did_you_mean
from curator.store import queries
from curator.store.client import Store
from schemas.policy import PolicyRule
from schemas.problem import DOMAINS

LISTED = 20
"""Most runs that an error lists."""


def select_runs(store: Store, wanted: Sequence[str]) -> list[str]:
    """Return the runs called `wanted`, or all of them, the oldest first.

    Raises:
        UsageError: There is no run of that name; the hint lists those there are.
    """
    known = [str(row["id"]) for row in store.rows(queries.ALL_RUNS)]
    for name in wanted:
        if name not in known:
            more = f", … and {len(known) - LISTED:,} more" if len(known) > LISTED else ""
            listed = f"runs: {', '.join(known[-LISTED:])}{more}" if known else "the store holds no runs yet"
            raise UsageError(f"there is no run {name!r} in the store{did_you_mean(name, known)}", hint=listed)
    return [name for name in known if name in wanted] if wanted else known


def stored_rules(store: Store, runs: Sequence[str]) -> dict[str, frozenset[PolicyRule]]:
    """Read the policy of each run."""
    rules: dict[str, set[PolicyRule]] = {run: set() for run in runs}
    for row in store.rows(queries.POLICIES_OF_RUNS, [list(runs)]):
        rules[str(row["run_id"])].add(_rule(row))
    return {run: frozenset(found) for run, found in rules.items()}


def policy_changes(old: Iterable[PolicyRule], new: Iterable[PolicyRule]) -> dict[str, str]:
    """Say per verifier what changes from one policy to another; empty when nothing or only the order does."""
    before, after = _requirements(old), _requirements(new)
    changes: dict[str, str] = {}
    for verifier in sorted({*before, *after}):
        domains: dict[str, list[str]] = {}
        for domain in DOMAINS:
            was, will = before.get(verifier, {}).get(domain), after.get(verifier, {}).get(domain)
            if was != will:
                text = "removed" if will is None else f"added ({will})" if was is None else f"now {will}"
                domains.setdefault(text, []).append(domain)
        if domains:
            changes[verifier] = " and ".join(_where(text, found, verifier) for text, found in domains.items())
    return changes


def _requirements(rules: Iterable[PolicyRule]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for rule in rules:
        found.setdefault(rule.verifier, {})[rule.domain] = rule.requirement
    return found


def _where(text: str, domains: Sequence[str], verifier: str) -> str:
    return f"{verifier} {text}" + ("" if len(domains) == len(DOMAINS) else f" in {', '.join(domains)}")


def _rule(row: Mapping[str, Any]) -> PolicyRule:
    return PolicyRule(row["domain"], row["verifier"], row["requirement"], row["position"])
