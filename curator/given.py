"""The problems or traces that a command was given: read to their end once, before anything is done with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from curator.config import ProblemsSection
from curator.errors import UsageError
from curator.reading.problems import ReadOptions, ReadSummary, problems, scan
from curator.reading.rows import Source
from curator.reading.sources import open_source
from schemas.problem import Problem

SHOWN_FAULTS = 5


@dataclass(frozen=True, slots=True)
class Given:
    """Problems that can be used, every row of them."""

    stream: Iterator[Problem]
    count: int
    chosen: Sequence[str]
    """What was chosen of a dataset for the user."""
    notes: Sequence[str]
    """What the reader decided on its own."""


def given_problems(section: ProblemsSection, path: Path, *, limit: int | None = None, skip_bad: bool) -> Given:
    """Read what is at `path` to its end, or to `limit` problems.

    Raises:
        UsageError: It cannot be read, is empty, or has faulty rows and `skip_bad` is not set.
    """
    options = ReadOptions(section.fields, section.id_prefix, limit=limit, skip_bad=skip_bad)
    source, chosen = open_source(path, section.choice)
    summary = scan(source, options)
    refuse_empty(source, summary)
    return Given(problems(source, options), summary.problems, chosen, reader_notes(summary))


def refuse_empty(path: Source, summary: ReadSummary) -> None:
    """Stop at a file without rows: whoever names a file expects something from it."""
    if not summary.rows:
        raise UsageError(f"{path} holds no rows", hint="one row per problem or trace: JSONL (.gz), CSV or Parquet")


def reader_notes(summary: ReadSummary, *, several_per_problem: bool = False) -> list[str]:
    """Say what the reader decided on its own; traces may name one problem in many rows."""
    notes = [f"rows read as {summary.shape}"] if summary.shape else []
    if summary.inferred:
        domains = ", ".join(f"{domain} {count:,}" for domain, count in summary.inferred.most_common())
        notes.append(f"domain taken from the rows' shape: {domains} (--field domain=COLUMN sets it)")
    if summary.duplicates and not several_per_problem:
        notes.append(f"{summary.duplicates:,} duplicate problems left out")
    if summary.skipped:
        shown = "".join(f"\n  line {fault.line}: {fault.text}" for fault in summary.skipped[:SHOWN_FAULTS])
        more = "\n  …" if summary.skipped_rows > SHOWN_FAULTS else ""
        notes.append(f"{summary.skipped_rows:,} faulty rows skipped:{shown}{more}")
    if summary.hint:
        notes.append(summary.hint)
    return notes
