"""A mix as somebody types it, and what comes of it: shares kept, the scarce part named, nothing cut in vain."""

from __future__ import annotations

from collections import Counter
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.curating.mix import EXAMPLE, LISTED, By, Mix, mix, parse
from curator.curating.steps import POOL
from curator.errors import UsageError


def pool_of(*parts: tuple[str | None, int], tokens: int = 1) -> pl.DataFrame:
    """A pool of so many rows of each source, mingled."""
    rows = [
        (f"{source}{at}", f"p{at % 3}", "math", "en", source, tokens) for source, many in parts for at in range(many)
    ]
    Random(0).shuffle(rows)
    return pl.DataFrame(rows, schema=dict(POOL), orient="row")


def counts(pool: pl.DataFrame) -> Counter[str]:
    return Counter(pool["source"])


def test_a_mix_is_typed() -> None:
    """One kind, a ratio for each value."""
    wanted = parse("domain:math=600, domain:code=200", "rows")
    assert wanted == Mix("domain", {"math": 600, "code": 200}, "rows")
    assert [float(share) for share in wanted.shares().values()] == [0.75, 0.25]


@pytest.mark.parametrize("source", ["openai/gsm8k", "hf:x=y", "data/第一批.jsonl", "a b", "reasoning-gym:sums:20"])
def test_a_value_may_hold_signs(source: str) -> None:
    """Names of sources are taken as they are; the number follows the last `=`."""
    assert parse(f"source:{source}=0.5,source:other=0.5", "rows").ratios == {source: 0.5, "other": 0.5}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "begins with one of domain:, source:, language:"),
        ("math=1", "begins with one of"),
        ("topic:math=1", "--mix topic:math=1: a part begins with one of"),
        ("domain:math=1,", "begins with one of"),
        ("domain:math", "KIND:VALUE=NUMBER"),
        ("domain:=1", "KIND:VALUE=NUMBER"),
        ("domain:math=", "'' is no number"),
        ("domain:math=60%", "'60%' is no number"),
        ("domain:math=0", "more than 0"),
        ("domain:math=-1", "more than 0"),
        ("domain:math=nan", "more than 0"),
        ("domain:math=inf", "more than 0"),
        ("domain:math=1,domain:math=2", "domain:math is there twice"),
        ("domain:math=1,language:zh=2", "one kind, not of domain and language"),
    ],
)
def test_what_cannot_be_read_is_named(typed: str, why: str) -> None:
    """The message says what is wrong, the hint how it is written."""
    with pytest.raises(UsageError) as caught:
        parse(typed, "rows")
    assert why in caught.value.message and EXAMPLE in caught.value.hint


def test_the_scarce_part_is_named() -> None:
    """All of it is taken, the others are cut to it, and the step says so."""
    mixed, step = mix(pool_of(("a", 120), ("b", 500), ("c", 41)), parse("source:a=6,source:b=2,source:c=2", "rows"), 0)
    assert counts(mixed) == {"a": 120, "b": 40, "c": 40}
    assert (step.candidates, step.dropped) == (200, 461)
    assert step.notes == (
        "a: 120 rows, 60.0% (wanted 60.0%)",
        "b: 40 rows, 20.0% (wanted 20.0%)",
        "c: 40 rows, 20.0% (wanted 20.0%)",
        "a ran short: 120 of its 120 rows are taken; the others were cut to keep the shares",
    )


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("source:a=0.8,source:b=0.9", {"a": 3, "b": 4}),
        ("source:a=1,source:b=1.5", {"a": 3, "b": 5}),
        ("source:a=4,source:b=1", {"a": 3, "b": 1}),
        ("source:a=9,source:b=1", {"a": 3, "b": 0}),
    ],
)
def test_a_share_may_fall_between_rows(typed: str, rows: dict[str, int]) -> None:
    """Whole rows come as near to the shares as they can, which for a small share may be none."""
    mixed, step = mix(pool_of(("a", 3), ("b", 9)), parse(typed, "rows"), 0)
    assert counts(mixed) == Counter(rows)
    assert step.notes[1].startswith(f"b: {rows['b']} rows")


def test_rounding_up_asks_for_no_row_that_is_not_there() -> None:
    """Rounding may give the scarce part a row too many; then the others are not rounded up either."""
    pool = pool_of(("a", 1), ("b", 20), ("c", 2), ("d", 1), ("e", 2), ("f", 19), ("g", 1))
    typed = ",".join(f"source:{name}={9 if name in 'be' else 1}" for name in "abcdefg")
    assert counts(mix(pool, parse(typed, "rows"), 0)[0]) == {"a": 1, "b": 2, "e": 2}


def test_nothing_runs_short_when_all_fits() -> None:
    """A pool in the wanted shares stays whole."""
    pool = pool_of(("a", 60), ("b", 20))
    mixed, step = mix(pool, parse("source:a=0.75,source:b=0.25", "rows"), 0)
    assert mixed.equals(pool) and len(step.notes) == 2


def test_rows_of_no_part_are_counted() -> None:
    """What the mix does not name is dropped, also what has no source."""
    mixed, step = mix(pool_of(("a", 5), ("b", 3), (None, 2)), parse("source:a=1", "rows"), 0)
    assert counts(mixed) == {"a": 5}
    assert step.notes[-1] == "rows of no part, dropped: b 3, without one 2"


def test_by_tokens_rows_weigh_what_they_hold() -> None:
    """Few long rows are as much as many short ones; the last row that would be too much stays out."""
    pool = pl.concat([pool_of(("long", 4), tokens=1000), pool_of(("short", 50), tokens=90)])
    mixed, step = mix(pool, parse("source:long=1,source:short=1", "tokens"), 0)
    assert counts(mixed) == {"long": 4, "short": 44}
    assert step.notes[1:] == (
        "short: 44 rows of 3,960 tokens, 49.7% (wanted 50.0%)",
        "long ran short: 4 of its 4 rows of 4,000 tokens are taken; the others were cut to keep the shares",
    )


def test_a_part_that_is_not_there() -> None:
    """A mix that cannot be met says which part is missing, and what there is."""
    with pytest.raises(UsageError) as caught:
        mix(pool_of(("gsm8k", 5), (None, 2)), parse("source:gsm8k=1,source:gsm8=1", "rows"), 0)
    assert caught.value.message == "--mix source:gsm8: there are no rows of it (did you mean 'gsm8k'?)"
    assert caught.value.hint == "rows by source: gsm8k 5, without one 2"


def test_a_long_list_is_cut() -> None:
    """A hint stays readable over many sources, and over none."""
    many = pool_of(*((f"s{at}", 30 - at) for at in range(LISTED + 5)))
    for pool, end in ((many, "s9 21, 5 more"), (many.clear(), "rows by source: none")):
        with pytest.raises(UsageError) as caught:
            mix(pool, parse("source:nowhere=1", "rows"), 0)
        assert caught.value.hint.endswith(end)


def test_rows_without_tokens_are_no_part() -> None:
    """By tokens, rows that hold none cannot make up a share."""
    with pytest.raises(UsageError, match="source:a: there are no tokens of it"):
        mix(pool_of(("a", 5), tokens=0), parse("source:a=1", "tokens"), 0)


ROWS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 50)), min_size=1, max_size=60)
RATIOS = st.fixed_dictionaries({name: st.floats(0.01, 100) for name in "abc"})


@settings(deadline=None)
@given(ROWS, RATIOS, st.sampled_from(["rows", "tokens"]), st.integers(0, 9))
def test_shares_are_kept(rows: list[tuple[str, int]], ratios: dict[str, float], by: By, seed: int) -> None:
    """No part is off by a whole row, none could be larger, and the order of the rows decides nothing."""
    named = [(f"c{at}", "p", "math", "en", source, tokens) for at, (source, tokens) in enumerate(rows)]
    pool = pl.DataFrame(named, schema=dict(POOL), orient="row")
    wanted = Mix("source", {name: ratio for name, ratio in ratios.items() if name in set(pool["source"])}, by)
    if not wanted.ratios:
        return
    mixed, _ = mix(pool, wanted, seed)
    count = Counter(pool["source"])
    weights = dict(pool.group_by("source").agg(pl.col("tokens").sum()).iter_rows()) if by == "tokens" else count
    heaviest = max(tokens for _, tokens in rows) if by == "tokens" else 1
    most = int(min(weights[name] / share for name, share in wanted.shares().items()))
    got = Counter[str]()
    for source, tokens in mixed.select("source", "tokens").iter_rows():
        got[source] += tokens if by == "tokens" else 1
    for name, share in wanted.shares().items():
        assert most * share - heaviest < got[name] < (most + 1) * share + 1
        assert by == "tokens" or abs(got[name] - got.total() * share) < 1
    assert mixed["candidate_id"].to_list() == [
        name for name in pool["candidate_id"] if name in set(mixed["candidate_id"])
    ]
    again, _ = mix(pool.reverse(), wanted, seed)
    assert again.reverse().equals(mixed)
