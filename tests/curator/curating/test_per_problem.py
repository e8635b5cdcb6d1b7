"""A few traces of each problem: which ones, and that nothing but the seed decides among equals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.curating.per_problem import PAGE, Select, choose
from curator.curating.steps import POOL

Texts = Callable[[Sequence[str]], Mapping[str, str]]


def pool_of(*traces: tuple[str, str, int]) -> pl.DataFrame:
    """A pool of (candidate, problem, tokens)."""
    rows = [(name, problem, "math", "en", None, tokens) for name, problem, tokens in traces]
    return pl.DataFrame(rows, schema=dict(POOL), orient="row")


def ids(pool: pl.DataFrame) -> list[str]:
    return pool["candidate_id"].to_list()


def unread(names: Sequence[str]) -> Mapping[str, str]:
    raise AssertionError(f"asked for {names}")


def reader(**texts: str) -> Texts:
    return lambda names: {name: texts[name] for name in names}


LENGTHS = pool_of(("a", "p", 30), ("x", "q", 5), ("b", "p", 10), ("c", "p", 20), ("d", "p", 40), ("y", "q", 7))


@pytest.mark.parametrize(("select", "kept"), [("shortest", ["x", "b", "c", "y"]), ("longest", ["a", "x", "d", "y"])])
def test_by_length(select: Select, kept: list[str]) -> None:
    """Each problem keeps its own shortest or longest, in the order in which they were."""
    chosen, step = choose(LENGTHS, 2, select, 0, unread)
    assert ids(chosen) == kept
    assert (step.candidates, step.dropped, step.problems) == (4, 2, 2)
    assert step.notes == (f"1 of 2 problems had more than 2; kept of these: the {select} by completion tokens",)


@pytest.mark.parametrize("select", ["random", "shortest", "longest"])
def test_equals_are_drawn(select: Select) -> None:
    """Over a hundred seeds each of three equals is kept about as often."""
    equals = pool_of(("a", "p", 9), ("b", "p", 9), ("c", "p", 9))
    kept = [ids(choose(equals, 1, select, seed, unread)[0])[0] for seed in range(100)]
    assert all(kept.count(name) > 15 for name in "abc")


SUMS = {"a": "first add two and three", "b": "First, add two and three!", "c": "count five fingers on one hand"}
FAR = {"a": "先把两个数加起来", "b": "先把两个数加起来。", "c": "画一条线数一数有几格"}


@pytest.mark.parametrize("texts", [SUMS, FAR])
def test_diverse_takes_another_way(texts: dict[str, str]) -> None:
    """Of two traces alike and one unlike, in English and in Chinese, the unlike one is always among two."""
    pool = pool_of(*((name, "p", 9) for name in texts))
    kept = [ids(choose(pool, 2, "diverse", seed, reader(**texts))[0]) for seed in range(20)]
    assert all("c" in names for names in kept)
    assert {"".join(names) for names in kept} == {"ac", "bc"}


def test_diverse_looks_at_all_that_are_kept() -> None:
    """The third is unlike both others, not only unlike the last one."""
    texts = {
        "a": "one two three four",
        "b": "five six seven eight",
        "c": "one two three eight",
        "d": "five six seven one",
    }
    pool = pool_of(*((name, "p", 9) for name in [*texts, "e"]))
    texts["e"] = "nine ten eleven twelve"
    for seed in range(20):
        assert "e" in ids(choose(pool, 3, "diverse", seed, reader(**texts))[0])


def test_diverse_goes_by_shares() -> None:
    """A short trace of new words is further away than a long one that says the same and more."""
    texts = {"a": "one two three four five six", "b": "one two three four five six seven eight nine", "c": "go on now"}
    pool = pool_of(*((name, "p", 9) for name in texts))
    for seed in range(20):
        assert "c" in ids(choose(pool, 2, "diverse", seed, reader(**texts))[0])


def test_an_empty_trace_is_the_last_choice() -> None:
    """What says nothing is not different from the others."""
    texts = {"a": "one two three four", "b": "one two three five", "c": ""}
    pool = pool_of(*((name, "p", 9) for name in texts))
    kept = [set(ids(choose(pool, 2, "diverse", seed, reader(**texts))[0])) for seed in range(20)]
    assert all(names == {"a", "b"} for names in kept if "c" not in names)
    assert any("c" not in names for names in kept)


def test_diverse_begins_where_random_does() -> None:
    """One of each problem is the same by both, so `diverse` favours no length."""
    texts = {name: f"{name} says something of its own" for name in ids(LENGTHS)}
    for seed in range(10):
        diverse, _ = choose(LENGTHS, 1, "diverse", seed, reader(**texts))
        assert ids(diverse) == ids(choose(LENGTHS, 1, "random", seed, unread)[0])


def test_texts_come_in_pages() -> None:
    """Only problems with too many are read: in stored order, each trace once, never many at a time."""
    names = [(f"c{at}", f"p{at % 150}", 1) for at in range(900)]
    pool = pool_of(*names, ("alone", "q", 1), ("two", "q", 1))
    asked: list[list[str]] = []

    def texts(wanted: Sequence[str]) -> Mapping[str, str]:
        asked.append(list(wanted))
        return {name: f"the trace called {name}" for name in wanted}

    chosen, _ = choose(pool, 2, "diverse", 0, texts)
    assert chosen.height == 302
    assert sorted(name for page in asked for name in page) == sorted(name for name, _, _ in names)
    assert max(map(len, asked)) <= PAGE
    assert {name for name, problem, _ in names if problem == "p0"} <= set(asked[0])


POOLS = st.lists(st.tuples(st.sampled_from("pqrs"), st.integers(1, 3)), max_size=25).map(
    lambda rows: pool_of(*((f"c{at}", problem, tokens) for at, (problem, tokens) in enumerate(rows)))
)


@settings(deadline=None)
@given(POOLS, st.integers(1, 4), st.sampled_from(["random", "shortest", "longest", "diverse"]), st.integers(0, 9))
def test_the_choice_is_the_seeds(pool: pl.DataFrame, most: int, select: Select, seed: int) -> None:
    """Every problem keeps as many as it may, in order; shuffled rows give the same choice."""

    def texts(names: Sequence[str]) -> Mapping[str, str]:
        return {name: f"so {int(name[1:]) % 5} is what we get" for name in names}

    chosen, step = choose(pool, most, select, seed, texts)
    counts = pool["problem_id"].value_counts().with_columns(pl.col("count").clip(upper_bound=most))
    assert chosen["problem_id"].value_counts().sort("problem_id").equals(counts.sort("problem_id"))
    assert ids(chosen) == [name for name in ids(pool) if name in set(ids(chosen))]
    assert step.candidates + step.dropped == pool.height
    shuffled, _ = choose(pool.sample(fraction=1, shuffle=True, seed=seed), most, select, seed, texts)
    assert sorted(ids(shuffled)) == sorted(ids(chosen))
