"""A user publishes a split and reads its card as those will who find it on the hub."""

from __future__ import annotations

import runpy
import shlex
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from curator.curating.recipe import Recipe
from schemas.candidate import Run
from schemas.verdict import Reason

_BENCH = runpy.run_path(str(Path(__file__).with_name("card_bench.py")))
FACTS, GOOD = _BENCH["FACTS"], _BENCH["GOOD"]
BOTH = replace(FACTS, rows={"train": 2, "test": 1}, files={"train": "train.jsonl", "test": "test.jsonl"})
IMPORTED = Run("elsewhere", "import", "", None, "", datetime(2026, 1, 2, tzinfo=UTC))


@pytest.fixture
def bench(shared_store, tmp_path, request):
    """A run and a split of their own in the shared store, and the folder of an export."""
    store, _ = shared_store
    return _BENCH["CardBench"](store, tmp_path, request.node.name)


@pytest.fixture
def small(bench):
    """A split of three traces of two problems."""
    bench.problem("one")
    bench.problem("two", language="zh", meta={"licence": "Apache-2.0"}, source="cn/k12")
    bench.trace("one")
    bench.trace("one", completion_tokens=300)
    bench.trace("two", part="test", completion_tokens=5000)
    return bench


def test_the_head_says_what_the_hub_asks_and_what_the_data_says(small):
    """Languages and licences are the data's own; the files of each part are named."""
    head = small.card(BOTH).head
    assert head.pop("tags")[0] == "r1-curator"
    parts = [{"split": "train", "path": "train.jsonl"}, {"split": "test", "path": "test.jsonl"}]
    assert head == {
        "pretty_name": small.name,
        "language": ["en", "zh"],
        "license": ["mit", "apache-2.0"],
        "task_categories": ["text-generation"],
        "size_categories": ["n<1K"],
        "configs": [{"config_name": "default", "data_files": parts}],
    }


def test_a_saved_folder_is_loaded_otherwise(small):
    """The hub cannot load what `save_to_disk` writes: no config is claimed, and the card says what can."""
    card = small.card(replace(FACTS, format="hf"))
    assert "configs" not in card.head
    assert "load_from_disk" in card.blocks[0]


def test_rows_are_those_of_the_export_and_of_the_split(small):
    """An export may have fewer rows than its split has traces; both are told, and what was left out."""
    card = small.card(replace(BOTH, rows={"train": 1, "test": 1}, left_out={"empty_answer": 1}))
    assert card.table("part")["train"] == ["1", "2", "1", "train.jsonl"]
    assert "Left out of this export: 1 × empty_answer" in card.words


def test_a_licence_that_nobody_recorded_is_not_invented(bench):
    """Without a licence in the data the head has no such key, and the text says for how many problems."""
    bench.problem("one", meta={})
    bench.trace("one")
    card = bench.card()
    assert "license" not in card.head
    assert card.table("source") == {"not recorded": ["not recorded", "1", "1"]}
    assert "not recorded for 1 of 1 problems" in card.words


def test_each_source_stands_with_its_licence(small):
    """A source has its problems, traces and licence as the data spells it."""
    assert small.card().table("source")["cn/k12"] == ["Apache-2.0", "1", "1"]


def test_a_sampled_run_shows_how_the_teacher_was_asked(small):
    """Temperature, top_p, the token budget and the hash of the prompts stand beside the model."""
    asked, run, problems, traces = small.card().table("model")["teacher-7b"]
    assert asked == "teacher vllm, temperature 0.6, top_p 0.95, at most 4,096 tokens, prompts b2:prompts"
    assert (run, problems, traces) == (small.name, "2", "3")


def test_imported_traces_name_their_own_models(bench):
    """Nothing is claimed about how traces were sampled that came from elsewhere."""
    bench.run(IMPORTED)
    bench.problem("one")
    bench.trace("one", run_id="elsewhere", model="deepseek-r1")
    asked, *_ = bench.card().table("model")["deepseek-r1"]
    assert asked == "imported: sampling and prompts are not recorded"


def test_the_funnel_is_that_of_the_whole_run(small):
    """Candidates that did not come into the split are counted with the reason for which they did not."""
    small.trace("two", part=None, reject=Reason.WRONG_ANSWER)
    table = small.card().table("decision")
    assert table["accepted"] == ["ok", "policy", "3", "75.0%", "3"]
    assert table["rejected"] == ["wrong_answer", "math", "1", "25.0%", "0"]


def test_pass_rates_are_those_of_the_problems(small):
    """A problem solved once in two tries counts as up to a half; verifiers stand with their version."""
    small.trace("two", part=None, reject=Reason.WRONG_ANSWER)
    card = small.card()
    assert card.table("accepted") == {"up to a half": ["1", "50.0%"], "all": ["1", "50.0%"]}
    assert card.table("verifier") == {"math": ["7", "3", "0", "0"]}


def test_traces_that_were_not_accepted_are_announced_first(bench):
    """A reader of an unverified export learns it before anything else."""
    bench.problem("one")
    bench.trace("one", reject=Reason.WRONG_ANSWER)
    card = bench.card(recipe=Recipe(decision="any"))
    assert "1 of these traces are rejected" in card.words.partition("How to load")[0]


def test_lengths_are_told_per_part_and_drawn(small):
    """Quantiles are lengths that occur; the plot is an image that any viewer can read."""
    card = small.card(BOTH)
    assert card.table("part") and "![" in card.text
    assert "| `train` | 2 | 100 | 100 | 100 | 100 | 300 | 300 | 300 | 300 | 200 | 400 |" in card.text
    drawing = ET.parse(small.folder / "lengths.svg").getroot()
    assert "3 traces" in drawing[0].text
    assert sum(one.get("class") == "bar" for one in drawing) == 3


def test_lengths_that_were_estimated_or_are_unknown_are_told_apart(bench):
    """A count of tokens that is not the teacher's own is not passed off as one."""
    bench.problem("one")
    bench.trace("one", tokens_estimated=True)
    bench.trace("one", completion_tokens=None)
    words = bench.card().words
    assert "for 1 traces estimated from the text" in words
    assert "length of 1 traces is not recorded" in words


def test_without_any_length_there_is_no_plot(bench):
    """A store of traces without lengths still gets a card; it points at no missing image."""
    bench.problem("one")
    bench.trace("one", completion_tokens=None)
    assert "![" not in bench.card().text
    assert not (bench.folder / "lengths.svg").exists()


def test_what_was_not_checked_is_not_called_clean(small):
    """Zero found is said only of a step that was run."""
    table = small.card().table("what")
    assert table == {name: ["not checked"] for name in ("exact duplicates", "near duplicates", "in a benchmark")}
    table = small.card(recipe=Recipe(dedup=True)).table("what")
    assert table["near duplicates"] == ["0"]
    assert table["in a benchmark"] == ["not checked"]


def test_every_benchmark_is_named_with_what_it_took(small):
    """A benchmark that matched nothing is named too: it was compared."""
    recipe = Recipe(dedup=True, decontaminate=("aime#24.jsonl", "clean.jsonl"))
    drops = [("contaminated", "aime#24.jsonl#3"), ("contaminated", "aime#24.jsonl#9"), ("exact_duplicate", "one")]
    card = small.card(recipe=recipe, drops=drops)
    assert card.table("what") == {"exact duplicates": ["1"], "near duplicates": ["0"], "in a benchmark": ["2"]}
    assert card.table("benchmark compared") == {"aime#24.jsonl": ["2", "b2:bench"], "clean.jsonl": ["0", "b2:bench"]}


def test_each_step_says_what_it_dropped(small):
    """The report of `curator curate` stands in the card."""
    step = {"name": "per-problem", "candidates": 3, "dropped": 1_200, "problems": 2, "notes": ["at most 2, shortest"]}
    assert small.card(report=[step]).table("step") == {"per-problem": ["3", "1,200", "2", "at most 2, shortest"]}


def test_one_trace_stands_in_the_layout_of_the_export(small):
    """The example looks as the rows do; the student's template is shown as it was recorded."""
    blocks = small.card(replace(FACTS, layout="plain"), template="Q: {prompt}").blocks
    assert "Q: {prompt}\n" in blocks
    assert "<think>\ntwo and three\n</think>\n\n5\n" in blocks


def test_a_long_trace_is_cut_in_its_middle(bench):
    """The example stays short, and its answer stays in it."""
    bench.problem("one")
    bench.trace("one", f"<think>{'step by step. ' * 5_000}</think><answer>5</answer>")
    card = bench.card()
    (block,) = [block for block in card.blocks if block.startswith("<think>")]
    assert len(block) < 1_700
    assert "characters …]" in block and block.endswith("<answer>\n5\n</answer>\n")


def test_the_commands_make_it_again(small):
    """What the card says to type is what was typed."""
    commands = small.card(recipe=Recipe(where="pass_rate < 0.5", seed=3)).blocks[-2].splitlines()
    assert shlex.split(commands[0]) == ["curator", "curate", small.name, "--where", "pass_rate < 0.5", "--seed", "3"]
    assert commands[1] == f"curator export {small.name} --format messages --layout tags --to DIR"


def test_many_sources_are_cut_and_counted(bench):
    """A table stays readable; what it does not list is counted."""
    for number in range(53):
        bench.problem(f"p{number}", source=f"source-{number}")
        bench.trace(f"p{number}")
    card = bench.card()
    assert len(card.table("source")) == 50
    assert "… and 3 more sources." in card.words


def test_two_exports_give_the_same_bytes(small):
    """Nothing in a card hangs on when or where it was written."""
    first = [small.card(BOTH).text, (small.folder / "lengths.svg").read_bytes()]
    assert [small.card(BOTH).text, (small.folder / "lengths.svg").read_bytes()] == first
