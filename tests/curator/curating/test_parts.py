"""Train and test: nothing of a problem, nor of its near duplicates, is in both; every domain has its share."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.curating.parts import part
from curator.curating.steps import POOL
from curator.errors import UsageError


def pool_of(traces: int = 2, **domains: int) -> pl.DataFrame:
    """A pool of so many problems of each domain, each with `traces` candidates that are far apart."""
    problems = [(f"{domain}{at}", domain) for domain, many in domains.items() for at in range(many)]
    rows = [(f"{name}/{k}", name, domain, "en", None, 1) for k in range(traces) for name, domain in problems]
    return pl.DataFrame(rows, schema=dict(POOL), orient="row")


def sides(divided: pl.DataFrame) -> dict[str, set[str]]:
    """Look up the sides that each problem is on."""
    found: dict[str, set[str]] = {}
    for candidate, side in divided.iter_rows():
        found.setdefault(candidate.partition("/")[0], set()).add(side)
    return found


def held_out(divided: pl.DataFrame) -> list[str]:
    return sorted(name for name, on in sides(divided).items() if on == {"test"})


def test_a_tenth_is_held_out() -> None:
    """So many problems of each domain, with all their traces; every row has its part, in order."""
    pool = pool_of(math=60, code=30, logic=10)
    divided, step = part(pool, 0.1, {}, 0)
    assert divided.columns == ["candidate_id", "part"]
    assert divided["candidate_id"].equals(pool["candidate_id"])
    assert Counter(name.rstrip("0123456789") for name in held_out(divided)) == {"math": 6, "code": 3, "logic": 1}
    assert (step.candidates, step.dropped, step.problems) == (200, 0, 100)
    assert step.notes == ("test: 10 of 100 problems (10.0%), 20 rows: code 3, logic 1, math 6",)


def test_near_duplicates_stay_together() -> None:
    """A group is on one side as a whole, over domains too."""
    pool = pool_of(math=20, code=20)
    groups = {f"{domain}{at}": f"group {at // 2}" for domain in ("math", "code") for at in range(10)}
    for seed in range(20):
        divided, step = part(pool, 0.3, groups, seed)
        on = sides(divided)
        assert len(held_out(divided)) == 12
        assert all(len({*on[f"math{at}"], *on[f"math{at + 1}"], *on[f"code{at}"]}) == 1 for at in range(0, 10, 2))
    assert step.notes[-1] == "kept together: 5 groups of near duplicates, 20 problems"


def test_a_group_that_is_too_big_is_passed_over() -> None:
    """Half of the problems are one group: the tenth comes from the others."""
    for seed in range(20):
        divided, _ = part(pool_of(math=20), 0.1, {f"math{at}": "big" for at in range(10)}, seed)
        assert len(held_out(divided)) == 2


def test_a_domain_of_one_group_is_made_up_for() -> None:
    """What a domain cannot give without breaking a group, the others give."""
    pool = pool_of(math=10, code=30)
    divided, step = part(pool, 0.1, {f"math{at}": "big" for at in range(10)}, 0)
    assert [name[:4] for name in held_out(divided)] == ["code"] * 4
    assert step.notes[1] == "no test problem of: math 10"


def test_what_cannot_be_met_is_said() -> None:
    """Two groups of five have no tenth: one of them is the test part, and the note says why."""
    divided, step = part(pool_of(math=10), 0.1, {f"math{at}": f"group {at % 2}" for at in range(10)}, 0)
    assert len(held_out(divided)) == 5
    assert step.notes[1] == "10.0% was asked for, but problems and groups of near duplicates stay whole"


def test_a_domain_too_small_is_said() -> None:
    """A domain of two problems has no tenth to spare."""
    divided, step = part(pool_of(math=98, code=2), 0.1, {}, 0)
    assert not any(name.startswith("code") for name in held_out(divided))
    assert step.notes[1] == "no test problem of: code 2"


@pytest.mark.parametrize(("fraction", "problems"), [(0.0, 0), (0.01, 1), (0.5, 2), (0.99, 2)])
def test_both_parts_have_a_problem(fraction: float, problems: int) -> None:
    """However small or large the fraction, one problem is tested and one is trained on; none only for 0."""
    divided, step = part(pool_of(math=3), fraction, {}, 0)
    assert len(held_out(divided)) == problems
    assert (step.notes == ("all in train",)) is (fraction == 0)


@pytest.mark.parametrize(
    ("pool", "groups", "why"),
    [
        (pool_of(), {}, "there is no problem to divide"),
        (pool_of(math=1), {}, "one problem cannot be divided"),
        (pool_of(math=2), {"math0": "g", "math1": "g"}, "one group of 2 near duplicates cannot be divided"),
    ],
)
def test_one_thing_cannot_be_divided(pool: pl.DataFrame, groups: dict[str, str], why: str) -> None:
    """A test part needs something to be left for training."""
    with pytest.raises(UsageError, match=why):
        part(pool, 0.1, groups, 0)
    assert part(pool, 0, groups, 0)[0].height == pool.height


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 10, float("nan")])
def test_a_fraction_is_less_than_one(fraction: float) -> None:
    """Ten per cent is 0.1."""
    with pytest.raises(UsageError, match="not from 0 to less than 1"):
        part(pool_of(math=9), fraction, {}, 0)


def test_a_pool_that_grows_moves_few() -> None:
    """Of 1,000 problems, a tenth more moves less than 2 % to the other side; another seed moves many."""
    old, grown = pool_of(1, math=700, code=300), pool_of(1, math=780, code=320)
    before = set(held_out(part(old, 0.1, {}, 1)[0]))
    after = {name for name in held_out(part(grown, 0.1, {}, 1)[0]) if f"{name}/0" in set(old["candidate_id"])}
    assert len(before ^ after) < 20
    assert len(before ^ set(held_out(part(old, 0.1, {}, 2)[0]))) > 100


def test_what_is_held_is_tested_and_the_rest_trains() -> None:
    """Without a fraction nothing else is held out; problems without traces are only counted."""
    divided, step = part(pool_of(math=8, code=2), 0.0, {}, 0, {"math3", "code0", "gone"})
    assert held_out(divided) == ["code0", "math3"]
    assert step.notes == (
        "held out by --test-of: 2 of its 3 problems, 0 near duplicates of them",
        "test: 2 of 10 problems (20.0%), 4 rows: code 1, math 1",
    )


def test_what_is_like_something_held_is_tested_too() -> None:
    """Even where the held problem itself has no trace, its near duplicate does not train."""
    divided, step = part(pool_of(math=8), 0.0, {"gone": "g", "math5": "g"}, 0, {"gone"})
    assert held_out(divided) == ["math5"]
    assert step.notes[0] == "held out by --test-of: 0 of its 1 problems, 1 near duplicates of them"


@pytest.mark.parametrize(("fraction", "problems", "code"), [(0.05, 5, 0), (0.1, 10, 4), (0.2, 20, 8)])
def test_a_fraction_is_filled_up_beside_what_is_held(fraction: float, problems: int, code: int) -> None:
    """What is held counts; more is drawn only until the fraction is reached, where domains lack most."""
    held = {f"math{at}" for at in range(5)}
    divided, step = part(pool_of(math=60, code=40), fraction, {}, 0, held)
    found = held_out(divided)
    assert held <= set(found) and len(found) == problems
    assert sum(name.startswith("code") for name in found) == code
    assert not any("was asked for" in note for note in step.notes)


def test_more_than_the_fraction_may_be_held() -> None:
    """Half of the problems are held, a tenth is asked for: nothing is drawn, and nobody is told of groups."""
    held = {f"math{at}" for at in range(10)}
    divided, step = part(pool_of(math=20), 0.1, {}, 0, held)
    assert set(held_out(divided)) == held
    assert len(step.notes) == 2


def test_nothing_held_here_and_nothing_left_are_said() -> None:
    """A pool without any held problem trains whole; one of held problems alone trains nothing."""
    assert part(pool_of(math=3), 0.0, {}, 0, {"gone"})[1].notes == (
        "held out by --test-of: none of its 1 problems has a trace here",
        "all in train",
    )
    assert part(pool_of(math=2), 0.0, {}, 0, {"math0", "math1"})[1].notes[2] == "nothing is left to train on"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("mcl"), st.integers(0, 6)), min_size=2, max_size=40),
    st.floats(0.01, 0.99),
    st.integers(0, 9),
    st.sets(st.integers(0, 40), max_size=10),
)
def test_groups_are_never_divided(
    problems: list[tuple[str, int]], fraction: float, seed: int, numbers: set[int]
) -> None:
    """Whatever the groups, none is on two sides, what is held is tested, and row order decides nothing."""
    rows = [(f"p{at}/0", f"p{at}", domain, "en", None, 1) for at, (domain, _) in enumerate(problems)]
    pool = pl.DataFrame(rows, schema=dict(POOL), orient="row")
    groups = {f"p{at}": f"g{group}" for at, (_, group) in enumerate(problems) if group}
    if len({groups.get(name, name) for name in pool["problem_id"]}) < 2:
        return
    held = {f"p{number}" for number in numbers}
    divided, _ = part(pool, fraction, groups, seed, held)
    on = sides(divided)
    assert all(on[name] == {"test"} for name in held & on.keys())
    assert {side for found in on.values() for side in found} == {"train", "test"} or held
    together: dict[str, set[str]] = {}
    for name, found in on.items():
        together.setdefault(groups.get(name, name), set()).update(found)
    assert all(len(found) == 1 for found in together.values())
    assert part(pool.reverse(), fraction, groups, seed, held)[0].reverse().equals(divided)
