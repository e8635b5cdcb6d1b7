"""How a trace is written out for a student; `schemas.trace.parse` reads every layout back unchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from curator.exporting.facts import LayoutName
from schemas.trace import THINK_CLOSE, THINK_OPEN, Trace, format_trace

Layout = Callable[[Trace], str]


def plain_answer(trace: Trace) -> str:
    """Write the reasoning in `<think>`, and the answer after it without tags, as R1 and its distillations do."""
    return f"{THINK_OPEN}\n{trace.reasoning}\n{THINK_CLOSE}\n\n{trace.answer}"


LAYOUTS: Mapping[LayoutName, Layout] = {"tags": format_trace, "plain": plain_answer}
