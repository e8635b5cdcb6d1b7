"""The steps together: what a split promises about its parts, checked without the code that makes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curator.curating.curate import curate
from curator.curating.recipe import Recipe, command, recipe_from
from curator.errors import UsageError
from curator.splits import load_split
from curator.store.tables import candidate_from_row
from schemas.policy import default_policy
from schemas.problem import Problem
from schemas.verdict import Outcome, Reason, Verdict
from tests.curator.curating.stock import START, stock

THINGS = ("kettle", "violin", "glacier", "tractor", "lantern", "orchard", "penguin", "compass", "harbour", "marble")
STORY = (
    "The old {thing} stood at the end of the road for {n} years, and every spring the same {thing} was painted by the "
    "children of the village; how many times was the {thing} painted before the {thing} was sold?"
)
STORY_ZH = (
    "村口那个旧的{thing}放了{n}年，每年春天村里的孩子都给{thing}刷一次漆，请问{thing}在卖掉之前一共刷过多少次漆？"
)


@pytest.fixture
def copied(stocked):
    """Twenty stories, in English and Chinese, each a second time with one word changed."""
    problems = []
    for number, thing in enumerate(THINGS):
        english = STORY.format(thing=thing, n=number + 11)
        chinese = STORY_ZH.format(thing=thing, n=number + 11)
        problems += [
            Problem(f"en-{thing}", "math", english, "1"),
            Problem(f"en-{thing}-copy", "math", english.replace("village", "town"), "1"),
            Problem(f"zh-{thing}", "math", chinese, "1", language="zh"),
            Problem(f"zh-{thing}-copy", "math", chinese.replace("村里", "镇里"), "1", language="zh"),
        ]
    stock(stocked, [(problem, "aa") for problem in problems])
    return stocked


@pytest.fixture
def make(tmp_path):
    """Curates what `stocked` holds."""
    return lambda name, **choices: curate(
        tmp_path / "s.duckdb", name, Recipe(**choices), {}, overwrite=False, time_limit_s=60
    )


def accepting(candidate_id: str) -> list[Verdict]:
    names = [rule.verifier for rule in default_policy() if rule.domain == "math"]
    said = ("1", "c", Outcome.ACCEPT, Reason.OK, "", None, None, None, 1.0, START)
    return [Verdict(candidate_id, name, *said) for name in names]


def parts(store, name: str) -> dict[str, set[str]]:
    rows = store.rows("SELECT DISTINCT problem_id, part FROM split_rows WHERE split = ?", [name])
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(str(row["problem_id"]), set()).add(str(row["part"]))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_no_problem_and_no_copy_of_it_is_in_both_parts(copied, make, seed: int) -> None:
    """Each problem is in one part, and its copy in the same, whatever is drawn."""
    make("s", test_fraction=0.4, seed=seed)
    where = parts(copied, "s")
    assert {len(found) for found in where.values()} == {1}
    assert {"train", "test"} <= set().union(*where.values())
    for thing in THINGS:
        assert where[f"en-{thing}"] == where[f"en-{thing}-copy"]
        assert where[f"zh-{thing}"] == where[f"zh-{thing}-copy"]


@pytest.mark.parametrize("dedup", [False, True])
def test_a_second_round_is_measured_on_the_first_ones_problems(copied, make, dedup: bool) -> None:
    """What the first split holds out, and every copy of it, never trains in the second; more is drawn beside it."""
    first = "problem_id LIKE '%-kettle' OR problem_id LIKE '%-violin' OR problem_id LIKE '%-glacier'"
    make("one", where=first, test_fraction=0.4)
    held = {problem_id for problem_id, on in parts(copied, "one").items() if on == {"test"}}
    kin = held | {f"{problem_id}-copy" for problem_id in held}
    curated = make("two", test_of=["one"], dedup=dedup)
    tested = {problem_id for problem_id, on in parts(copied, "two").items() if on == {"test"}}
    assert tested and tested == kin & parts(copied, "two").keys()
    assert (tested == kin) is not dedup
    assert curated.split.report[-1]["notes"][0].startswith("held out by --test-of: ")
    assert make("more", test_of=["one"], dedup=dedup, test_fraction=0.3).parts["test"].problems > len(tested)


def test_a_third_round_minds_the_first(copied, make) -> None:
    """What the second split had no traces of is held out in the third all the same."""
    make("one", where="problem_id IN ('en-kettle', 'en-violin', 'easy')", test_fraction=0.5)
    make("two", where="problem_id LIKE 'zh-%'", test_of=["one"], test_fraction=0.2)
    make("three", where="problem_id NOT LIKE '%-copy'", test_of=["two"])
    tested = [{name for name, on in parts(copied, split).items() if "test" in on} for split in ("one", "two", "three")]
    assert tested[0] and tested[2] == tested[0] | {name for name in tested[1] if not name.endswith("-copy")}


@pytest.mark.parametrize(
    ("name", "said"), [("none", "no split 'none'"), ("all", "holds no problem out"), ("two", "cannot .* from itself")]
)
def test_a_split_that_holds_nothing_out_is_refused(stocked, make, name: str, said: str) -> None:
    """There is none of that name, it is all training, or it is the one in the making."""
    make("all")
    with pytest.raises(UsageError, match=said):
        make("two", test_of=[name])


def test_dedup_keeps_one_of_each(copied, make) -> None:
    """Copies go, in both languages; what is kept is named beside what was left out."""
    curated = make("s", dedup=True, where="problem_id LIKE 'en-%' OR problem_id LIKE 'zh-%'")
    assert curated.parts["train"].problems == 2 * len(THINGS)
    drops = copied.rows("SELECT problem_id, match FROM split_drops ORDER BY 1")
    assert {str(row["problem_id"]).removesuffix("-copy") for row in drops} == {
        str(row["match"]).removesuffix("-copy") for row in drops
    }
    assert len(drops) == 2 * len(THINGS)


def test_a_trace_that_is_said_twice_is_kept_once(stocked, make) -> None:
    """Copies of a trace, as a second import of the same file brings them, are no second opinion."""
    first = stocked.rows("SELECT * FROM candidates WHERE problem_id = 'easy' ORDER BY sample_index LIMIT 1")[0]
    copy = replace(candidate_from_row(first), id="b2:again", sample_index=9)
    stocked.write([copy, *(replace(verdict, candidate_id=copy.id) for verdict in accepting(first["id"]))])
    assert make("all").parts["train"].candidates == 10
    curated = make("single", dedup=True)
    assert curated.parts["train"].candidates == 9
    assert list(curated.split.report[1]["notes"]) == ["1 say what another trace says"]


def test_a_copy_with_other_numbers_is_another_problem(stocked, make) -> None:
    """A templated set does not shrink to one row."""
    stories = [Problem(f"n{n}", "math", STORY.format(thing="kettle", n=n), "1") for n in range(11, 31)]
    stock(stocked, [(problem, "a") for problem in stories])
    curated = make("s", dedup=True, where="problem_id LIKE 'n%'")
    assert curated.parts["train"].problems == 20


def test_nothing_is_stored_of_a_split_that_would_be_empty(stocked, make) -> None:
    """The message names the step that kept nothing."""
    with pytest.raises(UsageError, match="the step source kept none of 19 candidates"):
        make("s", where="pass_rate > 1")
    with pytest.raises(UsageError, match="no split 's'"):
        load_split(stocked, "s")


def test_a_stored_recipe_gives_back_its_command(stocked, make) -> None:
    """What was typed can be typed again; what was left alone is not said."""
    make("s", where="pass_rate > 0.2", per_problem=2, select="longest", test_fraction=0.5, seed=3)
    recipe = load_split(stocked, "s").recipe
    words = "curator curate s --where 'pass_rate > 0.2' --per-problem 2 --select longest --test-fraction 0.5 --seed 3"
    assert command("s", recipe) == words
    make("u", test_of=["s"])
    assert command("u", load_split(stocked, "u").recipe) == "curator curate u --test-of s"
    assert make("u", test_of=["s"]).unchanged
    make("t", decision="any")
    assert command("t", load_split(stocked, "t").recipe) == "curator curate t --unverified"


def test_choices_that_do_not_go_together_are_refused() -> None:
    """A choice about a step that is not taken is a mistake, not a wish."""
    nothing = dict.fromkeys(("unverified", "undecided", "dedup", "decontaminate", "where", "mix", "mix_by"))
    flags = {**nothing, "select": "longest", "per_problem": None, "benchmark_field": None}
    with pytest.raises(UsageError, match="--select longest means nothing without --per-problem"):
        recipe_from(flags)
