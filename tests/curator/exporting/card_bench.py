"""A store that holds one split, and its card as a renderer reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from curator.curating.recipe import Recipe
from curator.exporting.card import write_card
from curator.exporting.card_figures import figures
from curator.exporting.facts import ExportFacts
from curator.splits import load_split, save_split
from curator.store.client import Store
from curator.store.tables import Record, RunPolicy
from schemas.candidate import Candidate, Run, SamplingParameters
from schemas.identity import content_hash
from schemas.policy import PolicyRule
from schemas.problem import Problem
from schemas.split import DropReason, Part, Split, SplitDrop
from schemas.verdict import Outcome, Reason, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = "<think>two and three</think><answer>5</answer>"
RULE = PolicyRule("math", "math", "required", 0)
CELL = 3
"""Depth of what is deeper than paragraphs and items of lists: cells of tables."""
FACTS = ExportFacts("messages", "tags", {"train": 1}, {}, {"train": "train.jsonl"})


class Card:
    """A card as a CommonMark renderer with tables sees it."""

    def __init__(self, text: str) -> None:
        self.text = text
        before, head, body = text.split("---\n", 2)
        assert not before
        self.head: dict[str, Any] = yaml.safe_load(head)
        self.tokens = MarkdownIt("commonmark").enable("table").parse(body)
        self.words = "\n".join("".join(_texts(token)) for token in self.tokens)

    def table(self, first: str) -> dict[str, list[str]]:
        """Return the rows of the table whose first column is called `first`, by their first cell."""
        found = next(rows for rows in self._tables() if rows[0][0] == first)
        return {row[0]: row[1:] for row in found[1:]}

    def _tables(self) -> list[list[list[str]]]:
        tables: list[list[list[str]]] = []
        for token in self.tokens:
            if token.type == "table_open":
                tables.append([])
            elif token.type == "tr_open":
                tables[-1].append([])
            elif token.type == "inline" and token.level > CELL:
                tables[-1][-1].append("".join(_texts(token)))
        return tables

    @property
    def inline(self) -> set[str]:
        """Every kind of markup within lines that the renderer found."""
        return {child.type for token in self.tokens for child in token.children or ()}

    @property
    def plain(self) -> list[str]:
        """What stands outside of code: renderers look for addresses in it."""
        return [child.content for token in self.tokens for child in token.children or () if child.type == "text"]

    @property
    def images(self) -> list[object]:
        """Where images come from."""
        inner = [child for token in self.tokens for child in token.children or ()]
        return [child.attrs["src"] for child in inner if child.type == "image"]

    @property
    def sections(self) -> list[str]:
        """The second-level headings."""
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        return [inline.content for before, inline in pairs if before.type == "heading_open" and before.tag == "h2"]

    @property
    def blocks(self) -> list[str]:
        """The texts of the fenced blocks."""
        return [token.content for token in self.tokens if token.type == "fence"]


class CardBench:
    """One split and one run of a store, both called `name`, made of what a story writes."""

    def __init__(self, store: Store, folder: Path, name: str) -> None:
        self.store, self.folder, self.name = store, folder, name
        self.members: list[tuple[str, Part]] = []
        self.stored = 0
        self.records: list[Record] = []
        self.run(Run(name, "vllm", "teacher-7b", SamplingParameters(0.6, 0.95, 4096), "b2:prompts", START))

    def run(self, run: Run) -> None:
        self.records += [run, RunPolicy(run.id, RULE)]

    def problem(self, name: str, **fields: Any) -> None:
        values = {
            "domain": "math",
            "prompt": f"{self.name}: what is {name}?",
            "answer": "5",
            "meta": {"license": "MIT"},
        }
        self.records.append(Problem(f"{self.name} {name}", **{**values, "meta": {"license": "MIT"}, **fields}))

    def trace(self, problem: str, content: str = GOOD, part: Part | None = "train", **fields: Any) -> None:
        """Store one trace, and take it into a part of the split unless `part` is None; `reject` is why it failed."""
        reject = fields.pop("reject", None)
        values = {"run_id": self.name, "reasoning": None, "reasoning_field": "inline", "finish_reason": "stop"}
        values |= {"problem_id": f"{self.name} {problem}", "model": "teacher-7b", "completion_tokens": 100} | fields
        self.stored += 1
        name = content_hash([self.name, self.stored])
        outcome, reason = (Outcome.REJECT, reject) if reject else (Outcome.ACCEPT, Reason.OK)
        verdict = Verdict(name, "math", "7", "b2:c", outcome, reason, "", None, None, None, 1.0, START)
        self.records += [Candidate(name, sample_index=self.stored, content=content, **values), verdict]
        if part is not None:
            self.members.append((name, part))

    def card(
        self,
        facts: ExportFacts = FACTS,
        recipe: Recipe | None = None,
        report: Sequence[Mapping[str, Any]] = (),
        drops: Sequence[tuple[DropReason, str]] = (),
        template: str = "{prompt}",
    ) -> Card:
        """Save the split, write its card into the folder, and read it."""
        self.store.write(self.records)
        wanted = recipe or Recipe()
        written = wanted.as_json(template, dict.fromkeys(wanted.decontaminate, "b2:bench"), {})
        left = [SplitDrop(self.name, reason, f"p{n}", match, 1.0, "") for n, (reason, match) in enumerate(drops)]
        frame = pl.DataFrame(self.members, schema=["candidate_id", "part"], orient="row")
        save_split(self.store, Split(self.name, written, report, "b2:members", START), frame, left)
        split = load_split(self.store, self.name)
        write_card(self.store, split, self.folder, facts, figures(self.store, split))
        return Card((self.folder / "README.md").read_text("utf-8"))


def _texts(token: Token) -> list[str]:
    if token.type == "fence":
        return [token.content]
    return [child.content for child in token.children or () if child.type in {"text", "code_inline"}]
