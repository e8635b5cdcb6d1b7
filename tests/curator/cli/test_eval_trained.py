"""A student that was really trained, before and after: the whole way from a split to the table, on a tiny model."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

from tests.conftest import User
from tests.curator.cli.summing import summing_user

pytestmark = pytest.mark.skipif(not find_spec("trl"), reason="needs the extra train")

QUICK = ("--max-steps", 12, "--batch-size", 8, "--learning-rate", 0.01)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> User:
    """A training in `out`, whose split holds two of ten problems out."""
    user = summing_user(tmp_path_factory.mktemp("trained"))
    user.does("train", "sums", "--model", "student", "--to", "out", *QUICK)
    return user


@pytest.fixture(scope="module")
def said(trained) -> dict:
    """What `curator eval` says of it, without a word more than the model."""
    return json.loads(trained.does("eval", "--model", "out", "--max-tokens", 16, "--n", 2, "--json"))


def test_a_training_knows_all_that_is_needed(trained, said) -> None:
    """Its split and its base are taken from its record, the result lies in its folder, and both were sampled here."""
    assert (said["split"], said["problems"]) == ("sums", 2)
    assert (said["before"]["name"], said["after"]["name"]) == (f"local:{trained.folder / 'student'}", "local:out")
    assert (trained.folder / "out" / "eval" / "eval.md").is_file()
    assert [said[name]["candidates"] for name in ("before", "after")] == [4, 4]
    assert said["after"]["mean_tokens"] > 0
    assert said["notes"] == []


def test_the_loss_fell_on_what_was_held_out(said) -> None:
    """The adapter's loss is below its base's on the same tokens, and its file adds to the size."""
    before, after = (said[name]["loss"] for name in ("before", "after"))
    assert after["loss"] < before["loss"] - 0.5
    assert (before["rows"], before["tokens"]) == (2, after["tokens"])
    assert after["bytes"] > before["bytes"]


def test_vllm_needs_a_merged_model(trained) -> None:
    """The hint is the command that makes it."""
    done = trained.types("eval", "--model", "vllm:out")
    assert done.returncode == 2
    assert "vllm:out: there is an adapter, but no merged model" in done.stderr
    assert "curator train sums --model" in done.stderr
