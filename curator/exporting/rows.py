"""A split's traces, streamed in the order in which candidates were stored: one page of texts is in memory at a time.

The prompt is the bare problem under the student's template; what the teacher was asked, few-shot turns and all, never
gets here. A candidate whose text is no well-formed trace is left out and counted.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa

from curator.exporting.layouts import Layout
from curator.prompts import SLOT
from curator.store import export_queries as questions
from curator.store.client import Store
from curator.students import student_prompt
from schemas.split import Part, Split
from schemas.trace import TraceFault, parse

PAGE_BYTES = 16 << 20
"""Roughly the most text of one page, unless one unit is larger."""
AHEAD = 2
"""Pages that are read side by side, since unpacking the texts is what takes the time."""
FIRST_PAGE = 256
"""Rows of the first pages, which tell how long the texts are."""
PAGE_ROWS = 2048
"""Most rows of a page, as long texts may follow short ones."""


@dataclass(frozen=True, slots=True)
class Row:
    """One trace, ready to be laid out in any format."""

    part: Part
    member: bool
    """Whether the split has it; False only for what `RIVALS` adds."""
    id: str
    problem_id: str
    problem: str
    answer: str | None
    domain: str
    language: str
    source: str | None
    meta: str
    """The rest of the problem's row, as JSON."""
    prompt: str
    """What the student is asked."""
    completion: str
    """What the student is to say."""
    model: str
    run: str
    completion_tokens: int | None
    finish_reason: str
    pass_rate: float | None
    """Of the problem: accepted / (accepted + rejected), None while all are undecided."""
    decision: str
    decided_by: str
    math: str | None
    """Outcome of the verifier `math`; None when it did not judge."""


Unit = list[Row]
"""What becomes rows together: one trace, or those of one problem."""


def student_of(split: Split) -> str:
    """Return the student's template that the split was made for; the bare problem when its recipe names none."""
    return str(split.recipe.get("student", {}).get("template", SLOT))


def pages(
    store: Store, split: Split, members: pa.Table, layout: Layout, left_out: Counter[str]
) -> Iterator[list[Unit]]:
    """Yield the units of `members`, a page at a time; the next page is read meanwhile.

    Args:
        store: The store.
        split: The split, which names the student's template.
        members: The answer to `MEMBERS` or `RIVALS`.
        layout: How traces are written.
        left_out: Counts the members that are no well-formed traces, per reason.
    """
    template = student_of(split)

    def unit(found: Mapping[int, Mapping[str, Any]], several: Iterator[Mapping[str, Any]]) -> Unit:
        rows = (_row(member, found[member["place"]], template, layout, left_out) for member in several)
        return [row for row in rows if row]

    for page, texts in _texts(store, members):
        found = {row["place"]: row for row in texts.to_pylist()}
        yield [unit(found, several) for _, several in groupby(page.to_pylist(), key=itemgetter("unit"))]


def _texts(store: Store, members: pa.Table) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield slices of `members`, which cut no unit, with their texts; `AHEAD` more are asked for while one is used."""
    units = members["unit"].combine_chunks()

    def ask(start: int, end: int) -> tuple[pa.Table, pa.Table]:
        page = members.slice(start, end - start)
        places = [page["place"].to_pylist(), page["problem_place"].unique().to_pylist()]
        return page, store.table(questions.TEXTS, places)

    with ThreadPoolExecutor(AHEAD) as readers:
        start, count = 0, FIRST_PAGE
        coming: deque[Future[tuple[pa.Table, pa.Table]]] = deque()
        while start < len(units) or coming:
            while start < len(units) and len(coming) < AHEAD:
                end = _whole(units, start + count)
                coming.append(readers.submit(ask, start, end))
                start = end
            page, texts = coming.popleft().result()
            count = min(PAGE_ROWS, max(1, PAGE_BYTES * page.num_rows // texts.nbytes))
            yield page, texts


def _whole(units: pa.Array, end: int) -> int:
    """Return the first place from `end` on where a unit ends."""
    while end < len(units) and units[end] == units[end - 1]:
        end += 1
    return min(end, len(units))


def _row(
    member: Mapping[str, Any], text: Mapping[str, Any], template: str, layout: Layout, left_out: Counter[str]
) -> Row | None:
    trace = parse(text["content"], text["reasoning"])
    if isinstance(trace, TraceFault):
        left_out[trace.reason] += member["member"]
        return None
    return Row(
        part=member["part"],
        member=member["member"],
        id=text["id"],
        problem_id=text["problem_id"],
        problem=text["prompt"],
        answer=text["answer"],
        domain=text["domain"],
        language=text["language"],
        source=text["source"],
        meta=text["meta"],
        prompt=student_prompt(template, text["prompt"]),
        completion=layout(trace),
        model=text["model"],
        run=text["run_id"],
        completion_tokens=text["completion_tokens"],
        finish_reason=text["finish_reason"],
        pass_rate=member["pass_rate"],
        decision=member["decision"],
        decided_by=member["decided_by"],
        math=member["math"],
    )
