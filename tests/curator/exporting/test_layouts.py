"""How a trace is written out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.exporting.layouts import LAYOUTS
from schemas.trace import Trace, parse

TRACE = Trace("七乘八", "56")
PIECES = ("a", "是", " ", "\n", "<think>", "</think>", "<answer>", "</answer>")


def test_the_two_layouts() -> None:
    """Tags around both, or the answer plain after the reasoning."""
    assert LAYOUTS["tags"](TRACE) == "<think>\n七乘八\n</think>\n<answer>\n56\n</answer>"
    assert LAYOUTS["plain"](TRACE) == "<think>\n七乘八\n</think>\n\n56"


@pytest.mark.parametrize("layout", LAYOUTS)
@given(pieces=st.lists(st.sampled_from(PIECES)))
def test_what_is_written_is_read_back(layout: str, pieces: list[str]) -> None:
    """Whatever a teacher sends: if it is a trace, every layout of it is the same trace."""
    trace = parse("<think>why" + "".join(pieces))
    assert not isinstance(trace, Trace) or parse(LAYOUTS[layout](trace)) == trace
