"""Which problems are held out for testing: whole problems, whole groups of near duplicates, every domain its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

import polars as pl

from curator.curating.quotas import apportion
from curator.curating.steps import Step, draw, step
from curator.errors import UsageError
from schemas.split import PARTS

TOLERANCE = 0.1
"""A test part that is further off, of what was wanted, is remarked on."""


class _Unit(NamedTuple):
    """Problems that stay together."""

    name: str
    domain: str
    problems: int
    held: bool
    """Whether it is in the test part whatever is drawn."""


def part(
    pool: pl.DataFrame, fraction: float, groups: Mapping[str, str], seed: int, held: Set[str] = frozenset()
) -> tuple[pl.DataFrame, Step]:
    """Divide `pool` into train and test; rows keep their order.

    All traces of a problem, and all problems of a group, are on one side. The test part is to have `fraction` of the
    problems, and of each domain's problems, as near as whole problems allow. Problems and groups are drawn by the
    seed; a group that is too big for what its domain still lacks is passed over, so big groups tend to train.
    When problems are added, few of the old ones change sides: 0.3 % of 2,000 that grew by a tenth, 0.6 % of 2,000 that
    doubled. Problems that are `held` count towards the fraction, and may exceed it. Not covered: a problem whose group
    is new, or has a new name, is drawn anew.

    Args:
        pool: Columns of `POOL`.
        fraction: Share of the test part, 0 for none, less than 1.
        groups: By problem id, the name of its group of near duplicates; other problems stand alone.
        seed: Another seed, another division.
        held: Problems that must not train, nor any of their groups; those that are not in the pool count for nothing.

    Returns:
        Columns `candidate_id` and `part`, and the step, which drops nothing.

    Raises:
        UsageError: The fraction is none, or there is only one problem or group.
    """
    if not 0 <= fraction < 1:
        raise UsageError(f"--test-fraction {fraction:g}: not from 0 to less than 1", hint="0.1 holds out a tenth")
    units = _units(pool, groups, seed, held)
    if fraction and len(units) < 2:
        raise UsageError(
            f"--test-fraction {fraction:g}: {_cannot(units)}",
            hint="add problems, or make the split without a test part",
        )
    test = _held_out(units, fraction) if fraction else [unit for unit in units if unit.held]
    names = {unit.name for unit in test}
    train_name, test_name = PARTS
    parts = [test_name if groups.get(name, name) in names else train_name for name in pool["problem_id"]]
    divided = pool.select("candidate_id", pl.Series("part", parts, pl.String))
    notes = _notes(units, test, fraction, parts.count(test_name))
    if held:
        notes.insert(0, _note_held(pool, units, held))
    return divided, step("train and test", pool, pool, notes)


def _units(pool: pl.DataFrame, groups: Mapping[str, str], seed: int, held: Set[str]) -> list[_Unit]:
    """Put together what stays together, in drawn order; a group counts in the first of its domains by name."""
    sizes: Counter[str] = Counter()
    domains: dict[str, str] = {}
    for problem, domain in pool.select("problem_id", "domain").unique("problem_id").iter_rows():
        name = groups.get(problem, problem)
        sizes[name] += 1
        domains[name] = min(domain, domains.get(name, domain))
    drawn = sorted(sizes, key=lambda name: (draw(seed, "parts", name), name))
    kept_out = {groups.get(problem, problem) for problem in held}
    return [_Unit(name, domains[name], sizes[name], name in kept_out) for name in drawn]


def _cannot(units: Sequence[_Unit]) -> str:
    if not units:
        return "there is no problem to divide"
    one = "one problem" if units[0].problems == 1 else f"one group of {units[0].problems:,} near duplicates"
    return f"{one} cannot be divided"


def _held_out(units: Sequence[_Unit], fraction: float) -> list[_Unit]:
    """Choose the test part: what is held, then domain by domain, then whatever still fits; at least one unit."""
    domains = _by_domain(units)
    problems = domains.total()
    wanted = min(max(round(fraction * problems), 1), problems - 1)
    test = [unit for unit in units if unit.held]
    there = _by_domain(test)
    lacking = Counter(apportion(wanted, domains)) - there
    room = wanted - there.total()
    for domain, quota in (apportion(room, lacking) if room > 0 else {}).items():
        test += _fill([unit for unit in units if unit.domain == domain and not unit.held], quota)
    chosen = set(test)
    test += _fill([unit for unit in units if unit not in chosen], wanted - _by_domain(test).total())
    return test or [min(units, key=lambda unit: unit.problems)]


def _fill(units: Iterable[_Unit], room: int) -> list[_Unit]:
    """Take units in turn; those that do not fit any more are passed over."""
    taken = []
    for unit in units:
        if unit.problems <= room:
            taken.append(unit)
            room -= unit.problems
    return taken


def _by_domain(units: Iterable[_Unit]) -> Counter[str]:
    """Count problems."""
    counts: Counter[str] = Counter()
    for unit in units:
        counts[unit.domain] += unit.problems
    return counts


def _notes(units: Sequence[_Unit], test: Sequence[_Unit], fraction: float, rows: int) -> list[str]:
    if not test:
        return ["all in train"]
    all_of, held = _by_domain(units), _by_domain(test)
    share = held.total() / all_of.total()
    listed = ", ".join(f"{domain} {number:,}" for domain, number in sorted(held.items()))
    notes = [f"test: {held.total():,} of {all_of.total():,} problems ({share:.1%}), {rows:,} rows: {listed}"]
    if len(test) == len(units):
        notes.append("nothing is left to train on")
    if abs(share - fraction) > TOLERANCE * fraction and not (share > fraction and any(unit.held for unit in test)):
        notes.append(f"{fraction:.1%} was asked for, but problems and groups of near duplicates stay whole")
    if without := sorted(all_of.keys() - held.keys()):
        notes.append(f"no test problem of: {', '.join(f'{name} {all_of[name]:,}' for name in without)}")
    if grouped := [unit for unit in units if unit.problems > 1]:
        together = sum(unit.problems for unit in grouped)
        notes.append(f"kept together: {len(grouped):,} groups of near duplicates, {together:,} problems")
    return notes


def _note_held(pool: pl.DataFrame, units: Sequence[_Unit], held: Set[str]) -> str:
    both = sum(unit.problems for unit in units if unit.held)
    if not both:
        return f"held out by --test-of: none of its {len(held):,} problems has a trace here"
    here = len(held & {*pool["problem_id"]})
    return f"held out by --test-of: {here:,} of its {len(held):,} problems, {both - here:,} near duplicates of them"
