"""What a split is asked to be: stored with it, so that the same recipe makes the same split again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from curator.curating.mix import By
from curator.curating.per_problem import Select
from curator.curating.source import Decision
from curator.errors import UsageError


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every choice of one `curator curate`; None and empty leave a step out."""

    decision: Decision = "accepted"
    where: str | None = None
    dedup: bool = False
    decontaminate: Sequence[str] = ()
    """Benchmark files, as they were typed."""
    benchmark_field: str | None = None
    """Their column with the problem; None finds it by its usual names."""
    per_problem: int | None = None
    select: Select = "random"
    mix: str | None = None
    mix_by: By = "rows"
    test_of: Sequence[str] = ()
    """Splits whose held-out problems are held out here too."""
    test_fraction: float = 0.0
    seed: int = 0
    student: str = "bare"
    """Name of the student's prompt template."""

    def as_json(self, template: str, benchmarks: Mapping[str, str], splits: Mapping[str, str]) -> dict[str, Any]:
        """Write the recipe down, with what its names stood for when it was used.

        Args:
            template: The student's template itself.
            benchmarks: Fingerprint of what was read, by benchmark.
            splits: Fingerprints of the splits of `test_of`.
        """
        written = asdict(self) | {
            "decontaminate": [{"name": name, "fingerprint": benchmarks[name]} for name in self.decontaminate],
            "test_of": [{"name": name, "fingerprint": splits[name]} for name in self.test_of],
        }
        if not self.test_of:  # as recipes were written before there was such a choice: they stay equal
            del written["test_of"]
        return written | {"student": {"name": self.student, "template": template}}


def recipe_from(flags: Mapping[str, Any]) -> Recipe:
    """Read the flags of `curator curate`.

    Raises:
        UsageError: Two of them do not go together.
    """
    if flags["unverified"] and flags["undecided"]:
        raise UsageError(
            "--unverified and --undecided cannot both be given", hint="--unverified takes the undecided too"
        )
    for one, needed in (("select", "per_problem"), ("mix_by", "mix"), ("benchmark_field", "decontaminate")):
        if flags[one] and not flags[needed]:
            raise UsageError(f"{_flag(one)} {flags[one]} means nothing without {_flag(needed)}")
    decision: Decision = "any" if flags["unverified"] else "undecided" if flags["undecided"] else "accepted"
    names = [field.name for field in fields(Recipe) if field.name != "decision"]
    given = {name: flags[name] for name in names if flags[name] is not None}
    return Recipe(decision=decision, **given)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


OPTIONS = ("where", "benchmark_field", "per_problem", "select", "mix", "mix_by", "test_fraction", "seed")
"""Choices that one value says."""
DECISION_FLAGS: Mapping[Decision, list[str]] = {
    "accepted": [],
    "undecided": ["--undecided"],
    "any": ["--unverified"],
}


def command(split: str, recipe: Mapping[str, Any]) -> str:
    """Return the command that makes the split again from its stored recipe."""
    usual = asdict(Recipe())
    words = ["curator", "curate", split, *DECISION_FLAGS[recipe["decision"]]]
    words += ["--dedup"] * recipe["dedup"]
    for benchmark in recipe["decontaminate"]:
        words += ["--decontaminate", benchmark["name"]]
    for earlier in recipe.get("test_of", ()):
        words += ["--test-of", earlier["name"]]
    for name in OPTIONS:
        if recipe[name] != usual[name]:
            words += [_flag(name), str(recipe[name])]
    if recipe["student"]["name"] != usual["student"]:
        words += ["--student", recipe["student"]["name"]]
    return shlex.join(words)
