"""A candidate's name: the same after a crash, different wherever the text could differ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.candidate import Message, SamplingParameters, imported_id, sampled_id, seed_of

MESSAGES: list[Message] = [{"role": "user", "content": "1+1=？"}]
SAMPLING = SamplingParameters()


def test_same_question_same_id() -> None:
    """Asking again under the same run names the same candidate, so a resume owes nothing twice."""
    copied: list[Message] = [{"content": "1+1=？", "role": "user"}]
    assert sampled_id("run", MESSAGES, "m", SAMPLING, 0) == sampled_id("run", copied, "m", replace(SAMPLING), 0)


@pytest.mark.parametrize(
    "other",
    [
        sampled_id("other", MESSAGES, "m", SAMPLING, 0),
        sampled_id("run", [*MESSAGES, *MESSAGES], "m", SAMPLING, 0),
        sampled_id("run", MESSAGES, "n", SAMPLING, 0),
        sampled_id("run", MESSAGES, "m", replace(SAMPLING, temperature=0.7), 0),
        sampled_id("run", MESSAGES, "m", replace(SAMPLING, stop=("</answer>",)), 0),
        sampled_id("run", MESSAGES, "m", SAMPLING, 1),
    ],
)
def test_whatever_shapes_the_text_shapes_the_id(other: str) -> None:
    """Run, messages, model, parameters and index each make another candidate."""
    assert other != sampled_id("run", MESSAGES, "m", SAMPLING, 0)


def test_equal_imported_texts_are_told_apart() -> None:
    """Two equal completions of one problem are two candidates."""
    assert imported_id("r", "p", None, "c", 0) != imported_id("r", "p", None, "c", 1)


def test_missing_reasoning_is_not_empty_reasoning() -> None:
    """No reasoning field and an empty one are different completions."""
    assert imported_id("r", "p", None, "c", 0) != imported_id("r", "p", "", "c", 0)


@given(st.integers(0, 10_000))
def test_seed_fits_every_teacher(index: int) -> None:
    """Seeds are stable and fit 31 bits."""
    name = sampled_id("run", MESSAGES, "m", SAMPLING, index)
    assert 0 <= seed_of(name) < 2**31
    assert seed_of(name) == seed_of(name)


def test_seeds_differ_between_samples() -> None:
    """Samples of one problem do not repeat each other."""
    assert len({seed_of(sampled_id("run", MESSAGES, "m", SAMPLING, index)) for index in range(200)}) == 200
