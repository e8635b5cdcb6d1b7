"""What the head of a card says about licences."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.exporting.licenses import HUB, front_matter


def test_nothing_known_is_nothing_said():
    """A card claims no licence that the data does not name."""
    assert front_matter([None]) == {}
    assert front_matter(["", None]) == {}


@pytest.mark.parametrize(
    ("spelt", "known"),
    [("MIT", "mit"), ("Apache 2.0", "apache-2.0"), ("CC-BY-4.0", "cc-by-4.0"), ("cc_by_nc_sa 4.0", "cc-by-nc-sa-4.0")],
)
def test_a_licence_that_the_hub_knows_gets_its_name(spelt, known):
    """Case, spaces and underscores do not matter."""
    assert front_matter([spelt]) == {"license": known}


@pytest.mark.parametrize("spelt", ["CC-BY", "Apache", "MIT or GPL", "GPL-3.0-only", "MIT\n---\nlicense: other"])
def test_what_is_not_surely_the_same_stays_the_data_s_own(spelt):
    """A licence without its version, or with more words, is no licence of the hub's list."""
    found = front_matter([spelt])
    assert found["license"] == "other"
    assert re.fullmatch(r"[a-z0-9.-]+", found["license_name"])


def test_several_licences_are_listed_and_gaps_told():
    """Problems without a licence keep the others from speaking for all of the data."""
    assert front_matter([None, "MIT", "mit", "CC-BY-4.0"]) == {"license": ["mit", "cc-by-4.0", "unknown"]}
    own = front_matter(["House rules", "Other rules"])
    assert own == {"license": "other", "license_name": "several"}


@given(st.lists(st.none() | st.text() | st.sampled_from(sorted(HUB))))
def test_only_the_hub_s_identifiers_are_used(licenses):
    """Whatever the data says, the head stays valid."""
    found = front_matter(licenses).get("license", [])
    assert {*([found] if isinstance(found, str) else found)} <= HUB | {"other", "unknown"}
