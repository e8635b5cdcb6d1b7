"""The dataset card of an export: README.md with its YAML head, and lengths.svg, both from the store alone.

No value reaches the Markdown but through `curator.exporting.markdown`: the environment does it to all of them. Two
exports of one split give the same bytes; the only time in a card is that of its split.

Not covered: what a teacher's terms allow, and whether what the data says of its licence is true.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.curating.recipe import Recipe, command
from curator.exporting import licenses, markdown
from curator.exporting.card_figures import Figures
from curator.exporting.card_lengths import QUANTILES, histogram
from curator.exporting.facts import ExportFacts
from curator.exporting.layouts import LAYOUTS
from curator.prompts import SLOT
from curator.store import card_queries as questions
from curator.store.client import Store
from schemas.split import Split
from schemas.trace import Trace, parse

if TYPE_CHECKING:
    from jinja2 import Environment

CARD, PLOT = "README.md", "lengths.svg"
TAGS = ("r1-curator", "reasoning", "distillation", "rejection-sampling", "synthetic")
EXAMPLE_WIDTH = 1500
"""Most characters of the example's problem, and of its completion."""

_TEMPLATES = Path(__file__).parents[1] / "templates"
_ISO_639 = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Example:
    """One row, for a person to look at."""

    problem: str
    completion: str
    cut: bool


def write_card(store: Store, split: Split, folder: Path, facts: ExportFacts, found: Figures) -> None:
    """Write README.md and lengths.svg for an export of `split`, which has at least one trace, into `folder`.

    Args:
        store: The store, for one example.
        split: The split.
        folder: Where the card goes.
        facts: What was exported.
        found: The split's figures.

    Raises:
        OSError: The folder cannot be written to.
    """
    asked = {**Recipe().as_json(SLOT, {}, {}), **split.recipe}
    if found.lengths.every:
        plot = _drawing().get_template("lengths.svg.j2")
        traces = sum(one.traces for one in found.lengths.every)
        (folder / PLOT).write_text(plot.render(plot=histogram(found.lengths.every), traces=traces), "utf-8")
    text = (
        _writing()
        .get_template("card.md.j2")
        .render(
            head=markdown.Markdown(_head(split, facts, found)),
            split=split,
            facts=facts,
            figures=found,
            quantiles=QUANTILES,
            asked=asked,
            benchmarks={one["name"]: one["fingerprint"] for one in asked["decontaminate"]},
            example=_example(store, split, facts),
            version=metadata.version("r1-curator"),
            commands=_commands(split.name, asked, facts),
            recipe=json.dumps(split.recipe, ensure_ascii=False, indent=2),
        )
    )
    (folder / CARD).write_text(text, "utf-8")


def _writing() -> Environment:
    """Make templates for Markdown: whatever is put into one is shown as text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only a card needs it

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,  # noqa: S701 - `finalize` does it, for Markdown
        finalize=markdown.shown,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    for name in ("fenced", "known", "listed", "prose", "share"):
        environment.filters[name] = getattr(markdown, name)
    return environment


def _drawing() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only a card needs it

    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)


def _head(split: Split, facts: ExportFacts, found: Figures) -> str:
    """Write the YAML head that the hub reads."""
    import yaml  # noqa: PLC0415 - only a card needs it

    named = [str(row["name"]) for row in found.languages.rows]
    head: dict[str, Any] = {
        "pretty_name": split.name,
        "language": [name for name in named if _ISO_639.fullmatch(name)],
        **licenses.front_matter(row["license"] for row in found.licenses.rows),
        "task_categories": ["text-generation"],
        "size_categories": [_size(sum(facts.rows.values()))],
        "tags": list(TAGS),
        "configs": _configs(facts),
    }
    written = yaml.safe_dump({k: v for k, v in head.items() if v}, allow_unicode=True, sort_keys=False, width=10_000)
    return str(written).rstrip("\n")


def _configs(facts: ExportFacts) -> list[dict[str, Any]]:
    """Tell the hub which files are which part; a folder of `save_to_disk` it cannot load."""
    if facts.format == "hf":
        return []
    return [{"config_name": "default", "data_files": [{"split": p, "path": files} for p, files in facts.files.items()]}]


def _size(rows: int) -> str:
    """Name the hub's size category."""
    bounds = [("1K", 10**3), ("10K", 10**4), ("100K", 10**5), ("1M", 10**6), ("10M", 10**7), ("100M", 10**8)]
    lower = ""
    for name, bound in bounds:
        if rows < bound:
            return f"{lower}<n<{name}" if lower else f"n<{name}"
        lower = name
    return f"n>{lower}"


def _commands(name: str, asked: Mapping[str, Any], facts: ExportFacts) -> str:
    export = ["curator", "export", name, "--format", facts.format, "--layout", facts.layout, "--to", "DIR"]
    return f"{command(name, asked)}\n{shlex.join(export)}"


def _example(store: Store, split: Split, facts: ExportFacts) -> Example | None:
    for row in store.rows(questions.EXAMPLE, [split.name]):
        content, reasoning = str(row["content"]), row["reasoning"]
        trace = parse(content, None if reasoning is None else str(reasoning))
        if isinstance(trace, Trace):
            text = LAYOUTS[facts.layout](trace)
            return Example(_cut(str(row["prompt"])), _cut(text), cut=len(text) > EXAMPLE_WIDTH)
    return None


def _cut(text: str) -> str:
    """Cut the middle out of a long text: its beginning and its end tell most."""
    if len(text) <= EXAMPLE_WIDTH:
        return text
    end = EXAMPLE_WIDTH // 3
    cut = f"[… {len(text) - EXAMPLE_WIDTH:,} characters …]"
    return f"{text[: EXAMPLE_WIDTH - end].rstrip()}\n\n{cut}\n\n{text[-end:].lstrip()}"
