"""Ids that stay the same on every machine and in every language."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identity import PREFIX, canonical_json, content_hash

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_canonical_json_says_the_same(value: object) -> None:
    """What is hashed reads back as what was given."""
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    """Equal objects have one id however they were built."""
    assert content_hash(value) == content_hash(dict(reversed(value.items())))


def test_chinese_hashes_as_itself() -> None:
    """Non-ASCII text is not escaped, so other programs can compute the same hash from UTF-8."""
    assert canonical_json({"题": "三又二分之一"}) == '{"题":"三又二分之一"}'


def test_hash_names_its_algorithm() -> None:
    """An id is a prefix and 32 hexadecimal digits, stable from release to release."""
    assert content_hash(["problem", "1+1"]) == "b2:44f0bb6411d637e9fad5b71a8f865557"


def test_broken_surrogates_have_an_id() -> None:
    """Text that is no valid UTF-8 can arrive from a teacher; it must not stop a run."""
    assert content_hash("\ud800").startswith(PREFIX)


@pytest.mark.parametrize(("value", "error"), [(float("nan"), ValueError), (float("inf"), ValueError), ({1}, TypeError)])
def test_what_json_cannot_say_has_no_id(value: object, error: type[Exception]) -> None:
    """NaN would be unequal to itself, so nothing is named after it."""
    with pytest.raises(error):
        content_hash(value)
