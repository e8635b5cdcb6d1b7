"""`curator curate`: the steps in their order, and the split that they come to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from curator.curating import duplicates, mix, parts, per_problem
from curator.curating.benchmarks import Benchmark, read_benchmark
from curator.curating.hashed_text import digits
from curator.curating.held_out import held_out
from curator.curating.overlap import Benchmarks
from curator.curating.recipe import Recipe
from curator.curating.source import source
from curator.curating.steps import Step, step
from curator.errors import UsageError
from curator.splits import find_split, save_split
from curator.store import split_queries as questions
from curator.store.client import Store
from curator.stored import pages
from curator.students import student_template
from schemas.identity import canonical_json, content_hash
from schemas.split import PARTS, Split, SplitDrop

NAME = re.compile(r"\w[\w.-]*")
PAGE = 4096
"""Problems whose prompts are read at once."""
EMPTY_HINTS = {
    "source": "`curator report` shows how candidates were decided; --unverified takes whatever was decided, "
    "and so does a --where that names decision",
    "decontaminate": "leave that benchmark out, or sample other problems",
}


class PartCount(NamedTuple):
    """How much is in one part of a split."""

    candidates: int
    problems: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Curated:
    """A split as `curator curate` made it."""

    store: Path
    split: Split
    parts: Mapping[str, PartCount]
    unchanged: bool
    """Whether the store held this split already, with the same members."""


@dataclass(slots=True)
class _Bench:
    """A split in the making."""

    store: Store
    name: str
    pool: pl.DataFrame = field(default_factory=pl.DataFrame)
    steps: list[Step] = field(default_factory=list)
    drops: list[SplitDrop] = field(default_factory=list)

    def take(self, kept: pl.DataFrame, done: Step) -> None:
        """Go on with what a step kept.

        Raises:
            UsageError: It kept nothing.
        """
        self.pool = kept
        self.steps.append(done)
        if kept.is_empty():
            text = f"the step {done.name} kept none of {done.dropped:,} candidates ({'; '.join(done.notes)})"
            raise UsageError(f"split {self.name} would be empty: {text}", hint=EMPTY_HINTS.get(done.name, ""))

    def leave_out(self, name: str, drops: Sequence[SplitDrop], notes: Sequence[str]) -> None:
        """Go on without some problems."""
        self.drops += drops
        kept = self.pool.filter(~pl.col("problem_id").is_in([drop.problem_id for drop in drops]))
        self.take(kept, step(name, self.pool, kept, notes))

    def problems(self) -> Iterator[tuple[str, str]]:
        """Read the ids and prompts of the pool's problems."""
        return self.prompts(self.pool["problem_id"].unique().sort())

    def prompts(self, problem_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Read ids and prompts, a page at a time."""
        for page in pages(problem_ids, PAGE):
            for row in self.store.rows(questions.PROMPTS, [page]):
                yield str(row["id"]), str(row["prompt"])

    def texts(self, candidate_ids: Sequence[str]) -> dict[str, str]:
        """Read what the teacher wrote."""
        return {str(row["id"]): str(row["text"]) for row in self.store.rows(questions.TEXTS, [list(candidate_ids)])}

    def count(self, members: pl.DataFrame) -> dict[str, PartCount]:
        """Count what is in each part."""
        joined = self.pool.join(members, on="candidate_id")
        return {part: _count(joined.filter(part=part)) for part in PARTS}


def _count(rows: pl.DataFrame) -> PartCount:
    return PartCount(rows.height, rows["problem_id"].n_unique(), int(rows["tokens"].sum()))


def curate(
    path: Path, name: str, recipe: Recipe, own_students: Mapping[str, str], *, overwrite: bool, time_limit_s: float
) -> Curated:
    """Make a split and store it.

    Args:
        path: The store's file.
        name: The split's name.
        recipe: What to do.
        own_students: The user's own student templates, by name.
        overwrite: Whether a split of that name that is otherwise made may be replaced.
        time_limit_s: Seconds that the user's condition may compute.

    Raises:
        UsageError: Nothing is left after a step, a mix cannot be met, a benchmark cannot be read, there is a split of
            that name with other rows; nothing is stored then.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot name a split", hint="use letters, digits, '.', '_' and '-'")
    template = student_template(recipe.student, own_students)
    wanted = mix.parse(recipe.mix, recipe.mix_by) if recipe.mix else None
    fields = {"prompt": recipe.benchmark_field} if recipe.benchmark_field else {}
    benchmarks = [read_benchmark(typed, fields) for typed in dict.fromkeys(recipe.decontaminate)]
    with Store.open(path, create=False) as store:
        bench = _Bench(store, name)
        held = held_out(store, recipe.test_of, name)
        bench.take(*source(store, recipe.decision, recipe.where, time_limit_s))
        if recipe.dedup:
            _dedup(bench)
        if benchmarks:
            _decontaminate(bench, benchmarks)
        if recipe.per_problem is not None:
            bench.take(*per_problem.choose(bench.pool, recipe.per_problem, recipe.select, recipe.seed, bench.texts))
        if wanted is not None:
            bench.take(*mix.mix(bench.pool, wanted, recipe.seed))
        members = _part(bench, recipe, held.problems)
        written = recipe.as_json(template, {one.name: one.fingerprint() for one in benchmarks}, held.fingerprints)
        steps = [done.as_json() for done in bench.steps]
        split = Split(name, written, steps, fingerprint(members), datetime.now(UTC))
        earlier = find_split(store, name)
        unchanged = earlier is not None and _same(earlier, split)
        if earlier is not None and not unchanged and not overwrite:
            hint = "give the new one another name, or replace it: --overwrite"
            raise UsageError(_otherwise(earlier, split), hint=hint)
        if not unchanged:
            save_split(store, split, members, bench.drops)
        return Curated(path, earlier if earlier and unchanged else split, bench.count(members), unchanged)


def fingerprint(members: pl.DataFrame) -> str:
    """Hash members and their parts, whatever their order."""
    lines = sorted(map(" ".join, members.select("candidate_id", "part").iter_rows()))
    return content_hash(["split", *lines])


def _dedup(bench: _Bench) -> None:
    """Leave out copies of a trace, then duplicates of a problem; of several the one with the most traces stays."""
    copies = bench.store.table(questions.COPIES, [bench.pool["candidate_id"].to_list()])["candidate_id"].to_pylist()
    single = bench.pool.filter(~pl.col("candidate_id").is_in(copies))
    bench.take(single, step("dedup traces", bench.pool, single, [f"{len(copies):,} say what another trace says"]))
    counts = bench.pool["problem_id"].value_counts().sort(["count", "problem_id"], descending=[True, False])
    found = duplicates.find(bench.problems()).drops(counts["problem_id"].to_list())
    drops = [
        SplitDrop(
            bench.name,
            "exact_duplicate" if one.exact else "near_duplicate",
            one.problem_id,
            one.kept,
            one.overlap,
            one.detail,
        )
        for one in found
    ]
    exact = sum(one.exact for one in found)
    notes = (f"{exact:,} exact and {len(found) - exact:,} near duplicates among {counts.height:,} problems",)
    bench.leave_out("dedup problems", drops, notes)


def _decontaminate(bench: _Bench, benchmarks: Sequence[Benchmark]) -> None:
    """Leave out problems that stand in a benchmark."""
    known = Benchmarks()
    for benchmark in benchmarks:
        known.add(benchmark.name, benchmark.rows)
    known.show(prompt for _, prompt in bench.problems())
    drops = [
        SplitDrop(bench.name, "contaminated", problem_id, match.benchmark, match.overlap, match.detail)
        for problem_id, prompt in bench.problems()
        if (match := known.match(prompt))
    ]
    found = Counter(drop.match.rpartition("#")[0] for drop in drops)
    problems = bench.pool["problem_id"].n_unique()
    notes = [note for benchmark in benchmarks for note in benchmark.notes]
    notes += [f"found in {one.name}: {found[one.name]:,} of {problems:,} problems" for one in benchmarks]
    if known.short:
        notes.append(f"too short to be found but word for word: {known.short:,}")
    bench.leave_out("decontaminate", drops, notes)


def _part(bench: _Bench, recipe: Recipe, held: Set[str]) -> pl.DataFrame:
    """Give every candidate its part; after `_dedup` no two problems are near duplicates, but of one held out before."""
    groups: Mapping[str, str] = {}
    if held or (recipe.test_fraction and not recipe.dedup):
        problem_ids = sorted({*bench.pool["problem_id"].unique(), *held})
        keys = {problem_id: digits(prompt) for problem_id, prompt in bench.prompts(problem_ids)}
        of_key = Counter(keys.values())
        shared = (problem_id for problem_id, key in keys.items() if of_key[key] > 1)
        groups = duplicates.find(bench.prompts(shared)).groups()
    members, done = parts.part(bench.pool, recipe.test_fraction, groups, recipe.seed, held)
    if recipe.test_fraction or held:
        bench.steps.append(done)
    return members


def _same(held: Split, split: Split) -> bool:
    return held.fingerprint == split.fingerprint and canonical_json(held.recipe) == canonical_json(split.recipe)


def _otherwise(held: Split, split: Split) -> str:
    made = f"there is a split {held.name!r} already, of {held.created_at:%Y-%m-%d %H:%M} UTC"
    if canonical_json(held.recipe) != canonical_json(split.recipe):
        return f"{made}, made by another recipe"
    return f"{made}; the same recipe gives other rows now, because the store's decisions have changed since"
